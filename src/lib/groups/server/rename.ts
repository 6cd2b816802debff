import { eq } from 'drizzle-orm';
import { rooms } from '#lib/rooms/server/table.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { RenameGroup } from '../model.ts';
import { findGroup, leadingSet } from './sets.ts';

/** Give a group another name. */
export async function renameGroup(ctx: Context, input: RenameGroup): Promise<void> {
	const { groupId, title, ...one } = RenameGroup.parse(input);
	await leadingSet(ctx, one, async (ctx, set) => {
		const group = await findGroup(ctx, set, groupId);
		await ctx.db.update(rooms).set({ title }).where(eq(rooms.id, group.id));
		await publish(ctx.db, { kind: 'room', roomId: group.id });
		return 'group.rename';
	});
}
