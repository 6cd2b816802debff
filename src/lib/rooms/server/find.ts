import { and, eq, isNull } from 'drizzle-orm';
import type { RoomId } from '#lib/ids.ts';
import type { Placed } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { rooms } from './table.ts';

export type RoomRow = typeof rooms.$inferSelect;

/** A room by its id, as far as row-level security shows it. */
export async function findRoom(ctx: Context, roomId: RoomId): Promise<RoomRow> {
	const [room] = await ctx.db
		.select()
		.from(rooms)
		.where(and(eq(rooms.id, roomId), isNull(rooms.closedAt)));
	if (!room) throw new NotFound();
	return room;
}

/** A room, and all that lies in it, as the policy sees it. */
export const placeOf = (room: Pick<RoomRow, 'kind' | 'spacePath'>): Placed => ({ kind: room.kind, path: room.spacePath });
