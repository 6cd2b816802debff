import { eq } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { OneRecording } from '../model.ts';
import type { Film } from '../model.ts';
import { findRecording } from './find.ts';
import { recordingFilms } from './table.ts';

/** Have one film made of a recording; asked for again, it goes on where it was. */
export async function requestFilm(ctx: Context, input: OneRecording): Promise<void> {
	const { recordingId } = OneRecording.parse(input);
	await transaction(ctx, async (ctx) => {
		const { recording, room, place } = await findRecording(ctx, recordingId);
		authorize(ctx, 'recording.lead', place);
		if (!recording.readyAt) throw new Conflict('recordings.notReady');
		const [film] = await ctx.db.select().from(recordingFilms).where(eq(recordingFilms.recordingId, recordingId)).for('update');
		if (film && film.state !== 'failed') return;
		const asked = {
			state: 'waiting' as const,
			reason: null,
			requestedBy: requireActor(ctx).personId,
			requestedAt: ctx.now()
		};
		await ctx.db
			.insert(recordingFilms)
			.values({ recordingId, spacePath: recording.spacePath, ...asked })
			.onConflictDoUpdate({ target: recordingFilms.recordingId, set: asked });
		await auditAct(ctx, {
			verb: 'recording.film',
			object: { type: 'room', id: room.id },
			path: room.spacePath,
			detail: { recording: recordingId }
		});
		await publish(ctx.db, { kind: 'recording', roomId: room.id });
	});
}

/** How far the film of a recording is; null when nobody asked for one. */
export async function filmNow(ctx: Context, input: OneRecording): Promise<Film | null> {
	const { recordingId } = OneRecording.parse(input);
	return query(ctx, async (ctx) => {
		await findRecording(ctx, recordingId);
		const [film] = await ctx.db.select().from(recordingFilms).where(eq(recordingFilms.recordingId, recordingId));
		return film ? { state: film.state, done: film.done, of: film.of, bytes: film.bytes, reason: film.reason } : null;
	});
}
