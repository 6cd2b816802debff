import { eq } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { ChangeRecording, OneRecording } from '../model.ts';
import { findRecording } from './find.ts';
import { recordings } from './table.ts';

/** Call a recording something else, or say who may watch it. */
export async function changeRecording(ctx: Context, input: ChangeRecording): Promise<void> {
	const { recordingId, title, audience } = ChangeRecording.parse(input);
	await transaction(ctx, async (ctx) => {
		const { recording, room, place } = await findRecording(ctx, recordingId);
		authorize(ctx, 'recording.lead', place);
		await ctx.db
			.update(recordings)
			.set({ title: title ?? recording.title, audience: audience ?? recording.audience })
			.where(eq(recordings.id, recordingId));
		await auditAct(ctx, {
			verb: 'recording.change',
			object: { type: 'room', id: room.id },
			path: room.spacePath,
			detail: { recording: recordingId, ...(audience && { audience }) }
		});
	});
}

/** Put a recording away for good. It is out of sight at once; its files are gone within minutes. */
export async function removeRecording(ctx: Context, input: OneRecording): Promise<void> {
	const { recordingId } = OneRecording.parse(input);
	await transaction(ctx, async (ctx) => {
		const { recording, room, place } = await findRecording(ctx, recordingId);
		authorize(ctx, 'recording.lead', place);
		const now = ctx.now();
		await ctx.db
			.update(recordings)
			.set({ removedAt: now, stoppedAt: recording.stoppedAt ?? now })
			.where(eq(recordings.id, recordingId));
		await auditAct(ctx, {
			verb: 'recording.remove',
			object: { type: 'room', id: room.id },
			path: room.spacePath,
			detail: { recording: recordingId }
		});
		await publish(ctx.db, { kind: 'recording', roomId: room.id });
	});
}
