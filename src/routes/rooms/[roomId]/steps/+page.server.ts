import { listSessions } from '#lib/analysis/server/index.ts';
import { seeReport } from '#lib/runsheets/server/index.ts';
import { loading } from '#lib/server/load.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, params, url, depends }) => {
	depends('room:steps');
	return loading(locals.locale, async () => {
		const sessionId = url.searchParams.get('session') ?? undefined;
		const [report, sessions] = await Promise.all([
			seeReport(locals.ctx, { ...params, sessionId }),
			listSessions(locals.ctx, params)
		]);
		return { report, sessions };
	});
};
