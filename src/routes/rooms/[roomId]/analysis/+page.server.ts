import { analyseRoom, listSessions } from '#lib/analysis/server/index.ts';
import { readCaptions } from '#lib/captions/server/index.ts';
import { loading } from '#lib/server/load.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, params, url, depends }) => {
	depends('room:analysis');
	return loading(locals.locale, async () => {
		const asked = (name: string) => url.searchParams.get(name) ?? undefined;
		const question = { ...params, sessionId: asked('session'), from: asked('from'), to: asked('to'), ties: asked('ties') };
		const [analysis, sessions] = await Promise.all([analyseRoom(locals.ctx, question), listSessions(locals.ctx, params)]);
		const sessionId = analysis.session?.id;
		const notes = sessionId ? await readCaptions(locals.ctx, { ...params, sessionId }) : null;
		return { analysis, sessions, notes };
	});
};
