import { and, eq } from 'drizzle-orm';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { belongingTo, findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { groupMembers } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Forbidden, Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { ChooseGroup, MoveMember } from '../model.ts';
import { findGroup, findSet, leadingSet } from './sets.ts';
import type { GroupSetRow } from './sets.ts';

/** Puts somebody into a group of a set, out of any other of it. Open documents, call and chat of the old one close. */
async function put(ctx: Context, set: GroupSetRow, personId: PersonId, groupId: RoomId | null): Promise<void> {
	const mine = and(eq(groupMembers.setId, set.id), eq(groupMembers.personId, personId));
	await ctx.db.delete(groupMembers).where(mine);
	if (groupId) {
		await findGroup(ctx, set, groupId);
		await ctx.db.insert(groupMembers).values({ setId: set.id, groupId, personId, spacePath: set.spacePath });
	}
	await publish(ctx.db, { kind: 'access', personId });
}

/** Move somebody into another group, or out of all. */
export async function moveMember(ctx: Context, input: MoveMember): Promise<void> {
	const { personId, groupId, ...one } = MoveMember.parse(input);
	await leadingSet(ctx, one, async (ctx, set) => {
		const room = await findRoom(ctx, one.roomId);
		if (groupId && !(await belongingTo(ctx, room, ctx.now())).some((person) => person.personId === personId))
			throw new Invalid('groups.unknown');
		await put(ctx, set, personId, groupId);
		return 'group.move';
	});
}

/** Choose one's group, where everybody chooses. */
export async function chooseGroup(ctx: Context, input: ChooseGroup): Promise<void> {
	const { roomId, setId, groupId } = ChooseGroup.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'group.see', placeOf(room));
		const set = await findSet(ctx, roomId, setId);
		if (!set.choice) throw new Forbidden('groups.noChoice');
		await put(ctx, set, requireActor(ctx).personId, groupId);
		await publish(ctx.db, { kind: 'session', roomId });
	});
}
