import { and, eq } from 'drizzle-orm';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Invalid, LimitReached } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { MarkRecording, OneMark } from '../model.ts';
import { findRecording } from './find.ts';
import { recordingMarks } from './table.ts';

/** So many marks has one recording at most. */
const most = 1_000;

/** Say something about a moment of a recording, or name a part of it so that it is found again. */
export async function markRecording(ctx: Context, input: MarkRecording): Promise<{ id: string }> {
	const { recordingId, at, until, text } = MarkRecording.parse(input);
	return transaction(ctx, async (ctx) => {
		const { recording } = await findRecording(ctx, recordingId);
		const length = (recording.stoppedAt ?? ctx.now()).getTime() - recording.startedAt.getTime();
		if (at > length || (until ?? 0) > length) throw new Invalid('recordings.beyond');
		if ((await ctx.db.$count(recordingMarks, eq(recordingMarks.recordingId, recordingId))) >= most)
			throw new LimitReached('recordings.manyMarks');
		const [made] = await ctx.db
			.insert(recordingMarks)
			.values({ recordingId, spacePath: recording.spacePath, personId: requireActor(ctx).personId, at, until, text })
			.returning({ id: recordingMarks.id });
		if (!made) throw new Error('no mark was made');
		await publish(ctx.db, { kind: 'recording', roomId: recording.roomId });
		return made;
	});
}

/** Take one's own mark back, or, for whoever leads, anybody's. */
export async function removeMark(ctx: Context, input: OneMark): Promise<void> {
	const { recordingId, markId } = OneMark.parse(input);
	await transaction(ctx, async (ctx) => {
		const { leads, recording } = await findRecording(ctx, recordingId);
		const gone = await ctx.db
			.delete(recordingMarks)
			.where(
				and(
					eq(recordingMarks.id, markId),
					eq(recordingMarks.recordingId, recordingId),
					leads ? undefined : eq(recordingMarks.personId, requireActor(ctx).personId)
				)
			)
			.returning({ id: recordingMarks.id });
		if (gone.length === 0) throw new Conflict('recordings.noMark');
		await publish(ctx.db, { kind: 'recording', roomId: recording.roomId });
	});
}
