import { and, eq, isNull } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, NotFound } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { FileView } from '../model.ts';
import { onDisk } from './disk.ts';
import { findUpload, isWhole } from './find.ts';
import { kindOf } from './kind.ts';
import { presentFile } from './present.ts';
import { storageOf } from './storage.ts';
import { files } from './table.ts';

/** Make a file of an upload that arrived whole. Asked again, as after a lost answer, it answers the same. */
export async function finishUpload(ctx: Context, input: { fileId: string }): Promise<FileView> {
	const storage = storageOf(ctx.services);
	const { file } = await query(ctx, (ctx) => findUpload(ctx, input.fileId));
	if (!isWhole(file)) {
		const arrived = await onDisk(ctx, () => storage.arrived(file.id));
		if (!arrived) throw new NotFound('files.uploadGone');
		if (arrived.bytes !== file.bytes) throw new Conflict('files.notWhole');
		await onDisk(ctx, () => storage.keep(file.id, arrived.sha256));
		await transaction(ctx, async (ctx) => {
			// The rights may have changed while the file was on its way.
			const { place } = await findUpload(ctx, file.id);
			authorize(ctx, file.documentId ? 'document.write' : 'room.lead', place);
			const [kept] = await ctx.db
				.update(files)
				.set({ sha256: arrived.sha256, ...kindOf(arrived.head) })
				.where(and(eq(files.id, file.id), isNull(files.sha256)))
				.returning();
			if (!kept) return;
			await auditAct(ctx, {
				verb: 'file.add',
				object: file.documentId ? { type: 'document', id: file.documentId } : { type: 'room', id: file.roomId },
				path: place.path,
				detail: { file: file.id, bytes: file.bytes, type: kept.type, sha256: arrived.sha256 }
			});
		});
	}
	await onDisk(ctx, () => storage.drop(file.id));
	const { file: whole } = await query(ctx, (ctx) => findUpload(ctx, input.fileId));
	if (!isWhole(whole)) throw new NotFound('files.uploadGone');
	return presentFile(whole);
}
