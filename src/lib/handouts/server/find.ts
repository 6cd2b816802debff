import { and, eq } from 'drizzle-orm';
import type { Id, RoomId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { handoutCopies, handouts } from './table.ts';

export type HandoutRow = typeof handouts.$inferSelect;
export type CopyRow = typeof handoutCopies.$inferSelect;

/** A handout of this room, locked until the transaction ends. */
export async function findHandout(ctx: Context, roomId: RoomId, handoutId: Id<'handout'>): Promise<HandoutRow> {
	const [handout] = await ctx.db
		.select()
		.from(handouts)
		.where(and(eq(handouts.id, handoutId), eq(handouts.roomId, roomId)))
		.for('update');
	if (!handout) throw new Conflict('handouts.gone');
	return handout;
}

/** A copy of something that was handed out in this room, locked until the transaction ends. */
export async function findCopy(ctx: Context, roomId: RoomId, copyId: Id<'copy'>): Promise<CopyRow> {
	const [found] = await ctx.db
		.select({ copy: handoutCopies })
		.from(handoutCopies)
		.innerJoin(handouts, eq(handouts.id, handoutCopies.handoutId))
		.where(and(eq(handoutCopies.id, copyId), eq(handouts.roomId, roomId)))
		.for('update', { of: handoutCopies });
	if (!found) throw new Conflict('handouts.gone');
	return found.copy;
}
