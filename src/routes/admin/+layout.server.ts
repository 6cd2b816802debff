import { mySchools } from '#lib/roster/server/index.ts';
import { loading } from '#lib/server/load.ts';
import { mySpaces } from '#lib/spaces/server/index.ts';
import type { LayoutServerLoad } from './$types';

/** The schools one looks after; `?school=` names the one that the page is about. */
export const load: LayoutServerLoad = ({ locals, url }) =>
	loading(locals.locale, async () => {
		const schools = await mySchools(locals.ctx);
		const school = schools.find(({ id }) => id === url.searchParams.get('school')) ?? schools[0] ?? null;
		const region = (await mySpaces(locals.ctx)).find(({ kind }) => kind === 'region') ?? null;
		return { schools, school, region: region && { id: region.id, name: region.name } };
	});
