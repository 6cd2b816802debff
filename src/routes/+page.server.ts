import { tablesOf } from '#lib/documents/server/index.ts';
import { progressOfRooms } from '#lib/projects/server/index.ts';
import { loading } from '#lib/server/load.ts';
import { myRooms } from '#lib/rooms/server/index.ts';
import { mySpaces, regionToFoundIn } from '#lib/spaces/server/index.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, depends }) =>
	loading(locals.locale, async () => {
		depends('space:rooms');
		const [spaces, rooms, foundIn] = await Promise.all([mySpaces(locals.ctx), myRooms(locals.ctx), regionToFoundIn(locals.ctx)]);
		return {
			spaces,
			rooms,
			foundIn,
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
