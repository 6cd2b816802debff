import { and, eq } from 'drizzle-orm';
import { newId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { Signal } from '../model.ts';
import { findRoom, placeOf } from './find.ts';
import { sessionNow } from './session.ts';
import { participants } from './table.ts';

/** Raise one's hand or take it down; say that one is done or needs help, or neither. */
export async function signal(ctx: Context, input: Signal): Promise<void> {
	const { roomId, hand, need } = Signal.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'room.enter', placeOf(room));
		const { personId } = requireActor(ctx);
		const mine = and(eq(participants.roomId, roomId), eq(participants.personId, personId));
		const [before] = await ctx.db.select().from(participants).where(mine).for('update');
		const sessionId = await sessionNow(ctx, roomId);
		if (!before || !sessionId) throw new Conflict('rooms.enterFirst');
		const at = ctx.now();
		const raised = hand === true && before.handAt === null;
		// Raised twice it keeps its place in the queue.
		const handAt = hand === undefined ? before.handAt : hand ? (before.handAt ?? at) : null;
		await ctx.db
			.update(participants)
			.set({ handAt, need: need === undefined ? before.need : need })
			.where(mine);
		if (raised) {
			const { role, spacePath } = before;
			await record(ctx, [
				{ key: `hand:${newId()}`, verb: 'raisedHand', actorId: personId, role, spacePath, roomId, sessionId, startedAt: at }
			]);
		}
		await publish(ctx.db, { kind: 'session', roomId });
	});
}
