import { and, eq, isNotNull, isNull } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import type { InRoom } from '../model.ts';
import { goingIn } from './going.ts';
import { recordings } from './table.ts';

/** End the recording that goes on; one that has ended already has. */
export async function stopRecording(ctx: Context, input: InRoom): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'recording.lead', placeOf(room));
		const going = await goingIn(ctx, roomId);
		if (!going) return;
		await ctx.db.update(recordings).set({ stoppedAt: ctx.now() }).where(eq(recordings.id, going.id));
		await auditAct(ctx, {
			verb: 'recording.stop',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { recording: going.id }
		});
		await publish(ctx.db, { kind: 'recording', roomId });
	});
}

/** Ends the recordings of sessions that are over, at the moment they were. */
export async function stopEnded(services: Services): Promise<void> {
	await transaction(systemContext(services), async (ctx) => {
		const over = await ctx.db
			.select({ id: recordings.id, roomId: recordings.roomId, endedAt: sessions.endedAt })
			.from(recordings)
			.innerJoin(sessions, eq(sessions.id, recordings.sessionId))
			.where(and(isNull(recordings.stoppedAt), isNotNull(sessions.endedAt)));
		for (const { id, roomId, endedAt } of over) {
			await ctx.db.update(recordings).set({ stoppedAt: endedAt }).where(eq(recordings.id, id));
			await publish(ctx.db, { kind: 'recording', roomId });
		}
	});
}
