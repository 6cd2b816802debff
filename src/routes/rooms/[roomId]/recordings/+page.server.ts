import { listRecordings } from '#lib/recordings/server/index.ts';
import { seeRoom } from '#lib/rooms/server/index.ts';
import { loading } from '#lib/server/load.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, params, depends }) =>
	loading(locals.locale, async () => {
		depends('room:recordings');
		const [room, recordings] = await Promise.all([seeRoom(locals.ctx, params), listRecordings(locals.ctx, params)]);
		return { room, recordings };
	});
