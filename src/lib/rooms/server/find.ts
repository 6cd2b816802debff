import { and, eq, inArray, isNull, ne } from 'drizzle-orm';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { may } from '#lib/server/authorize.ts';
import type { Placed } from '#lib/server/authorize.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, NotFound } from '#lib/server/errors.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import { groupMembers, participants, rooms } from './table.ts';

export type RoomRow = typeof rooms.$inferSelect;

interface Options {
	/** Also for whoever waits before the door or was sent out, as to show that this is so. */
	readonly outside?: boolean;
	/** Also a group that the actor is not in, by whoever looks at that himself. */
	readonly anyGroup?: boolean;
}

/**
 * A room by its id, as far as row-level security shows it. Whoever is kept out of the session that goes on is
 * refused here, and with the room everything that lies in it.
 */
export async function findRoom(
	ctx: Context,
	roomId: RoomId,
	{ outside = false, anyGroup = false }: Options = {}
): Promise<RoomRow> {
	const [room] = await ctx.db
		.select()
		.from(rooms)
		.where(and(eq(rooms.id, roomId), isNull(rooms.closedAt)));
	if (!room) throw new NotFound();
	// A group that is not one's own is not there.
	if (room.parentId && ctx.actor && !ctx.system && !anyGroup && !(await isInGroup(ctx, room, ctx.actor.personId)))
		throw new NotFound();
	if (ctx.actor && !ctx.system && !outside && (await isKeptOut(ctx, room, ctx.actor.personId)))
		throw new Forbidden('rooms.keptOut');
	return room;
}

async function isInGroup(ctx: Context, room: RoomRow, personId: PersonId): Promise<boolean> {
	if (may(ctx, 'room.lead', placeOf(room))) return true;
	const [member] = await ctx.db
		.select({ groupId: groupMembers.groupId })
		.from(groupMembers)
		.where(and(eq(groupMembers.groupId, room.id), eq(groupMembers.personId, personId)));
	return member !== undefined;
}

/** Out of a session, or of the one that the room is a part of. */
export async function isKeptOut(ctx: Context, { id, parentId }: RoomRow, personId: PersonId): Promise<boolean> {
	const [kept] = await ctx.db
		.select({ admission: participants.admission })
		.from(participants)
		.where(
			and(
				inArray(participants.roomId, parentId ? [id, parentId] : [id]),
				eq(participants.personId, personId),
				ne(participants.admission, 'in')
			)
		)
		.limit(1);
	return kept !== undefined;
}

/** Of these people, who is kept out of which room now: `<room> <person>`. */
export async function keptOutOf(services: Services, personIds: readonly PersonId[]): Promise<ReadonlySet<string>> {
	if (personIds.length === 0) return new Set();
	const rows = await query(systemContext(services), (ctx) =>
		ctx.db
			.select({ roomId: participants.roomId, personId: participants.personId })
			.from(participants)
			.where(and(inArray(participants.personId, [...personIds]), ne(participants.admission, 'in')))
	);
	return new Set(rows.map(({ roomId, personId }) => `${roomId} ${personId}`));
}

/** Of these people, who is in which group: `<group> <person>`. */
export async function groupsOf(services: Services, personIds: readonly PersonId[]): Promise<ReadonlySet<string>> {
	if (personIds.length === 0) return new Set();
	const rows = await query(systemContext(services), (ctx) =>
		ctx.db
			.select()
			.from(groupMembers)
			.where(inArray(groupMembers.personId, [...personIds]))
	);
	return new Set(rows.map(({ groupId, personId }) => `${groupId} ${personId}`));
}

/** A room, and all that lies in it, as the policy sees it. */
export const placeOf = (room: Pick<RoomRow, 'kind' | 'spacePath'>): Placed => ({ kind: room.kind, path: room.spacePath });
