import { desc, sql } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Unavailable } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { keptDays } from '../model.ts';
import type { InRoom } from '../model.ts';
import { goingIn } from './going.ts';
import { recordingConsents, recordingKeeping, recordings } from './table.ts';

const day = 24 * 60 * 60 * 1_000;

/** Begin to record the session that goes on. All see it at once; of each person only what they agree to is kept. */
export async function startRecording(ctx: Context, input: InRoom): Promise<{ id: string }> {
	const roomId = idOf('room').parse(input.roomId);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'recording.lead', placeOf(room));
		if (!ctx.services.media) throw new Unavailable('rooms.noMedia');
		const sessionId = await sessionNow(ctx, roomId);
		if (!sessionId) throw new Conflict('rooms.enterFirst');
		// Pressed twice, by one or by two who lead, it is one recording.
		const going = await goingIn(ctx, roomId);
		if (going) return { id: going.id };
		const { personId } = requireActor(ctx);
		const now = ctx.now();
		const [kept] = await ctx.db
			.select({ days: recordingKeeping.days })
			.from(recordingKeeping)
			.where(sql`${recordingKeeping.spacePath} @> ${room.spacePath}::ltree`)
			.orderBy(desc(sql`nlevel(${recordingKeeping.spacePath})`))
			.limit(1);
		const [made] = await ctx.db
			.insert(recordings)
			.values({
				roomId,
				sessionId,
				spacePath: room.spacePath,
				title: room.title,
				startedBy: personId,
				startedAt: now,
				expiresAt: new Date(now.getTime() + (kept?.days ?? keptDays) * day)
			})
			.onConflictDoNothing()
			.returning();
		if (!made) {
			// Another who leads was a moment earlier.
			const theirs = await goingIn(ctx, roomId);
			if (theirs) return { id: theirs.id };
			throw new Conflict();
		}
		// Whoever begins it agrees to it.
		await ctx.db
			.insert(recordingConsents)
			.values({ recordingId: made.id, spacePath: room.spacePath, personId, given: true, at: now });
		await auditAct(ctx, {
			verb: 'recording.start',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { recording: made.id }
		});
		await publish(ctx.db, { kind: 'recording', roomId });
		return { id: made.id };
	});
}
