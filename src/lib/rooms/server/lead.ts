import { and, eq } from 'drizzle-orm';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { findRoom, placeOf } from './find.ts';
import type { RoomRow } from './find.ts';
import { leads } from './state.ts';
import { participants } from './table.ts';

interface Led {
	verb: string;
	detail?: Record<string, string | number | boolean | null>;
}

/** One act of somebody who leads a room: the policy, the change, its audit and the word to all, in one transaction. */
export async function leading(ctx: Context, roomId: RoomId, act: (ctx: Context, room: RoomRow) => Promise<Led>): Promise<void> {
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'room.lead', placeOf(room));
		const { verb, detail } = await act(ctx, room);
		await auditAct(ctx, { verb, object: { type: 'room', id: roomId }, path: room.spacePath, detail });
		await publish(ctx.db, { kind: 'session', roomId });
	});
}

/** Someone in the session, or before its door, who does not lead it: nobody who leads is led. */
export async function findLed(ctx: Context, room: RoomRow, personId: PersonId): Promise<typeof participants.$inferSelect> {
	const [participant] = await ctx.db
		.select()
		.from(participants)
		.where(and(eq(participants.roomId, room.id), eq(participants.personId, personId)))
		.for('update');
	if (!participant) throw new Conflict('rooms.notInside');
	if (leads(room.kind, participant.role)) throw new Conflict('rooms.leadsToo');
	return participant;
}
