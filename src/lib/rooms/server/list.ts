import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { SpaceId } from '#lib/ids.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import { spaces } from '#lib/spaces/server/table.ts';
import type { Inside } from '../model.ts';
import { findRoom, placeOf } from './find.ts';
import { insideOf } from './inside.ts';
import { presentRoom } from './present.ts';
import type { RoomView } from './present.ts';
import { rooms } from './table.ts';

export type RoomCard = RoomView & { inside: Inside[] };

async function cards(ctx: Context, spaceIds: readonly SpaceId[]): Promise<RoomCard[]> {
	if (spaceIds.length === 0) return [];
	const rows = await ctx.db
		.select({ room: rooms, space: { id: spaces.id, name: spaces.name, kind: spaces.kind } })
		.from(rooms)
		.innerJoin(spaces, eq(spaces.id, rooms.spaceId))
		.where(and(inArray(rooms.spaceId, [...spaceIds]), isNull(rooms.closedAt), isNull(rooms.parentId)))
		.orderBy(asc(rooms.position), asc(rooms.createdAt));
	const seen = rows.filter(({ room }) => may(ctx, 'room.see', placeOf(room)));
	const inside = await insideOf(
		ctx,
		seen.map(({ room }) => room.id)
	);
	return seen.map(({ room, space }) => ({
		...presentRoom(ctx, room, space),
		inside: inside.filter(({ roomId }) => roomId === room.id).map(({ roomId: _, ...person }) => person)
	}));
}

/** The rooms of a space that the asker may see, with who is inside. */
export async function listRooms(ctx: Context, input: { spaceId: string }): Promise<RoomCard[]> {
	const spaceId = idOf('space').parse(input.spaceId);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'space.see', await findSpace(ctx, spaceId));
		return cards(ctx, [spaceId]);
	});
}

/** The rooms of all the spaces one is a member of in the present capacity. */
export async function myRooms(ctx: Context): Promise<RoomCard[]> {
	const actor = requireActor(ctx);
	return query(ctx, (ctx) => cards(ctx, [...new Set(actor.memberships.map(({ spaceId }) => spaceId as SpaceId))]));
}

/** One room that the asker may see, with who is inside. */
export async function seeRoom(ctx: Context, input: { roomId: string }): Promise<RoomCard> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId, { outside: true });
		authorize(ctx, 'room.see', placeOf(room));
		const space = await findSpace(ctx, room.spaceId);
		const inside = await insideOf(ctx, [roomId]);
		return { ...presentRoom(ctx, room, space), inside: inside.map(({ roomId: _, ...person }) => person) };
	});
}
