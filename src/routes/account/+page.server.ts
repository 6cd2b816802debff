import { listSignIns, seeMyself } from '#lib/people/server/index.ts';
import { loading } from '#lib/server/load.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals }) =>
	loading(locals.locale, async () => ({ myself: await seeMyself(locals.ctx), signIns: await listSignIns(locals.ctx) }));
