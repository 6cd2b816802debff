import { listDocuments } from '#lib/documents/server/index.ts';
import { noProgress } from '#lib/projects/model.ts';
import { progressOfRooms } from '#lib/projects/server/index.ts';
import { isAppError } from '#lib/server/errors.ts';
import { loading } from '#lib/server/load.ts';
import { seeRoom } from '#lib/rooms/server/index.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, params, depends }) =>
	loading(locals.locale, async () => {
		depends('space:room');
		const [room, documents] = await Promise.all([
			seeRoom(locals.ctx, params),
			// Whoever is kept out of the session sees the door, and nothing that lies in the room.
			listDocuments(locals.ctx, params).catch((error: unknown) => {
				if (isAppError(error) && error.key === 'rooms.keptOut') return [];
				throw error;
			})
		]);
		const progress = await progressOfRooms(locals.ctx, [room.id]);
		return { room, documents, progress: progress[room.id] ?? noProgress };
	});
