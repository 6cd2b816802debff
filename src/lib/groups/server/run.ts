import { and, eq, isNotNull, lte } from 'drizzle-orm';
import { groupSets } from '#lib/rooms/server/table.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { systemContext } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { OneGroupSet, OpenGroups, TellGroups } from '../model.ts';
import { leadingSet } from './sets.ts';

/** Send everybody into their groups, for so many minutes or until they are called back. Another set that is open closes. */
export async function openGroups(ctx: Context, input: OpenGroups): Promise<void> {
	const { minutes, ...one } = OpenGroups.parse(input);
	await leadingSet(ctx, one, async (ctx, set) => {
		await ctx.db
			.update(groupSets)
			.set({ openedAt: null, endsAt: null })
			.where(and(eq(groupSets.roomId, one.roomId), isNotNull(groupSets.openedAt)));
		const openedAt = ctx.now();
		const endsAt = minutes ? new Date(openedAt.getTime() + minutes * 60_000) : null;
		await ctx.db.update(groupSets).set({ openedAt, endsAt, message: '', messageAt: null }).where(eq(groupSets.id, set.id));
		return 'group.open';
	});
}

/** Call everybody back. The groups stay as they are. */
export const callBack = (ctx: Context, input: OneGroupSet): Promise<void> =>
	leadingSet(ctx, OneGroupSet.parse(input), async (ctx, set) => {
		await ctx.db.update(groupSets).set({ openedAt: null, endsAt: null }).where(eq(groupSets.id, set.id));
		return 'group.callBack';
	});

/** Say something to all groups at once. */
export async function tellGroups(ctx: Context, input: TellGroups): Promise<void> {
	const { text, ...one } = TellGroups.parse(input);
	await leadingSet(ctx, one, async (ctx, set) => {
		if (!set.openedAt) throw new Conflict('groups.notOpen');
		await ctx.db.update(groupSets).set({ message: text, messageAt: ctx.now() }).where(eq(groupSets.id, set.id));
		return 'group.tell';
	});
}

/** Put a set away; what its groups made stays in their rooms. */
export const archiveGroups = (ctx: Context, input: OneGroupSet): Promise<void> =>
	leadingSet(ctx, OneGroupSet.parse(input), async (ctx, set) => {
		await ctx.db.update(groupSets).set({ openedAt: null, endsAt: null, archivedAt: ctx.now() }).where(eq(groupSets.id, set.id));
		return 'group.archive';
	});

/** Calls back the groups whose time is up. Returns how many sets. */
export async function callBackDue(services: Services): Promise<number> {
	return transaction(systemContext(services), async (ctx) => {
		const due = await ctx.db
			.update(groupSets)
			.set({ openedAt: null, endsAt: null })
			.where(and(isNotNull(groupSets.openedAt), lte(groupSets.endsAt, ctx.now())))
			.returning({ roomId: groupSets.roomId });
		for (const { roomId } of due) await publish(ctx.db, { kind: 'session', roomId });
		return due.length;
	});
}
