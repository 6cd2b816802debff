import { tablesOf } from '#lib/documents/server/index.ts';
import { progressOfRooms } from '#lib/projects/server/index.ts';
import { keptIn } from '#lib/recordings/server/index.ts';
import { isAppError } from '#lib/server/errors.ts';
import { loading } from '#lib/server/load.ts';
import { listRooms, roomsIn } from '#lib/rooms/server/index.ts';
import { listMembers, listUnder, seeSpace } from '#lib/spaces/server/index.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, params, depends }) =>
	loading(locals.locale, async () => {
		depends('space:rooms');
		const [space, rooms, under] = await Promise.all([
			seeSpace(locals.ctx, params),
			listRooms(locals.ctx, params),
			listUnder(locals.ctx, params)
		]);
		// Only for those who look after a school or a region.
		const keeping = await keptIn(locals.ctx, params).then(
			(days) => ({ days }),
			(error: unknown) => {
				if (isAppError(error) && error.status < 500) return null;
				throw error;
			}
		);
		const members = space.can.seeMembers ? await listMembers(locals.ctx, params) : null;
		return {
			space,
			rooms,
			under,
			members,
			keeping,
			kinds: roomsIn[space.kind],
			progress: await progressOfRooms(
				locals.ctx,
				rooms.map(({ id }) => id)
			),
			tables: await tablesOf(
				locals.ctx,
				rooms.map(({ id }) => id)
			)
		};
	});
