import { listDocuments } from '#lib/documents/server/index.ts';
import { noProgress } from '#lib/projects/model.ts';
import { progressOfRooms } from '#lib/projects/server/index.ts';
import { loading } from '#lib/server/load.ts';
import { seeRoom } from '#lib/rooms/server/index.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, params, depends }) =>
	loading(locals.locale, async () => {
		depends('space:room');
		const [room, documents] = await Promise.all([seeRoom(locals.ctx, params), listDocuments(locals.ctx, params)]);
		const progress = await progressOfRooms(locals.ctx, [room.id]);
		return { room, documents, progress: progress[room.id] ?? noProgress };
	});
