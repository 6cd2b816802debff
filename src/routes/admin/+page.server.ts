import { listPeople } from '#lib/roster/server/index.ts';
import { loading } from '#lib/server/load.ts';
import { listUnder } from '#lib/spaces/server/index.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, parent, url }) =>
	loading(locals.locale, async () => {
		const { school } = await parent();
		const search = url.searchParams.get('search') ?? '';
		const after = url.searchParams.get('after') ?? undefined;
		if (!school) return { search, after, people: [], next: null, spaces: [] };
		const classes = await listUnder(locals.ctx, { spaceId: school.id });
		const spaces = [
			{ id: school.id, name: school.name, kind: 'school' as const },
			...classes.filter(({ kind }) => kind === 'class')
		];
		return { search, after, ...(await listPeople(locals.ctx, { schoolId: school.id, search, after })), spaces };
	});
