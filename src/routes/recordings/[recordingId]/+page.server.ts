import { seeRecording } from '#lib/recordings/server/index.ts';
import { loading } from '#lib/server/load.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, params, depends }) =>
	loading(locals.locale, async () => {
		depends('recording');
		return { recording: await seeRecording(locals.ctx, params) };
	});
