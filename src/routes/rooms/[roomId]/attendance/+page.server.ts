import { listSessions } from '#lib/analysis/server/index.ts';
import { seeAttendance } from '#lib/attendance/server/index.ts';
import { loading } from '#lib/server/load.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, params, url, depends }) => {
	depends('room:attendance');
	return loading(locals.locale, async () => {
		const sessionId = url.searchParams.get('session') ?? undefined;
		const [sheet, sessions] = await Promise.all([
			seeAttendance(locals.ctx, { ...params, sessionId }),
			listSessions(locals.ctx, params)
		]);
		return { sheet, sessions };
	});
};
