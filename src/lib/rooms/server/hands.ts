import { and, asc, eq, isNotNull } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { enforceSoon } from './enforce.ts';
import { leading } from './lead.ts';
import { participants } from './table.ts';

/** Take all hands down, and forget who is done and who needs help: the next question begins. */
export async function lowerHands(ctx: Context, input: { roomId: string }): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	await leading(ctx, roomId, async (ctx) => {
		await ctx.db.update(participants).set({ handAt: null, need: null }).where(eq(participants.roomId, roomId));
		return { verb: 'room.lowerHands' };
	});
}

/** The next in line comes up, and whoever was up goes down: one click from one pupil to the next. */
export async function callNext(ctx: Context, input: { roomId: string }): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	await leading(ctx, roomId, async (ctx) => {
		const inRoom = and(eq(participants.roomId, roomId), eq(participants.admission, 'in'));
		const [next] = await ctx.db
			.select({ personId: participants.personId })
			.from(participants)
			.where(and(inRoom, isNotNull(participants.handAt)))
			.orderBy(asc(participants.handAt))
			.limit(1)
			.for('update');
		if (!next) throw new Conflict('rooms.nobodyWaits');
		await ctx.db.update(participants).set({ onStage: false }).where(inRoom);
		await ctx.db
			.update(participants)
			.set({ onStage: true, handAt: null })
			.where(and(inRoom, eq(participants.personId, next.personId)));
		return { verb: 'room.next', detail: { person: next.personId } };
	});
	await enforceSoon(ctx.services, roomId);
}
