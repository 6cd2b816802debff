import { seeWays } from '#lib/check/server/index.ts';
import { loading } from '#lib/server/load.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals }) => loading(locals.locale, async () => ({ ways: await seeWays(locals.ctx) }));
