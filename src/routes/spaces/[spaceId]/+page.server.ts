import { tablesOf } from '#lib/documents/server/index.ts';
import { progressOfRooms } from '#lib/projects/server/index.ts';
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
		const members = space.can.seeMembers ? await listMembers(locals.ctx, params) : null;
		return {
			space,
			rooms,
			under,
			members,
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
