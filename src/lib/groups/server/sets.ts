import { and, eq, isNull } from 'drizzle-orm';
import type { Id, RoomId } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { groupSets, rooms } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';

export type GroupSetRow = typeof groupSets.$inferSelect;

/** A set of groups of this room, locked until the transaction ends. */
export async function findSet(ctx: Context, roomId: RoomId, setId: Id<'groupSet'>): Promise<GroupSetRow> {
	const [set] = await ctx.db
		.select()
		.from(groupSets)
		.where(and(eq(groupSets.id, setId), eq(groupSets.roomId, roomId), isNull(groupSets.archivedAt)))
		.for('update');
	if (!set) throw new Conflict('groups.gone');
	return set;
}

/** A group of this set. */
export async function findGroup(ctx: Context, set: GroupSetRow, groupId: RoomId): Promise<RoomRow> {
	const [group] = await ctx.db
		.select()
		.from(rooms)
		.where(and(eq(rooms.id, groupId), eq(rooms.setId, set.id), isNull(rooms.closedAt)));
	if (!group) throw new Invalid('groups.unknown');
	return group;
}

/** One act of somebody who leads the room, on one of its sets: policy, change, audit and the word to all. */
export async function leadingSet(
	ctx: Context,
	input: { roomId: RoomId; setId: Id<'groupSet'> },
	act: (ctx: Context, set: GroupSetRow) => Promise<string>
): Promise<void> {
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, input.roomId);
		authorize(ctx, 'group.lead', placeOf(room));
		const set = await findSet(ctx, input.roomId, input.setId);
		const verb = await act(ctx, set);
		await auditAct(ctx, { verb, object: { type: 'room', id: room.id }, path: room.spacePath, detail: { set: set.id } });
		await publish(ctx.db, { kind: 'session', roomId: room.id });
	});
}
