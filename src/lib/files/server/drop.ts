import { eq } from 'drizzle-orm';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { onDisk } from './disk.ts';
import { findUpload, isWhole } from './find.ts';
import { storageOf } from './storage.ts';
import { files } from './table.ts';

/** Give up an upload of one's own; of what came in whole nothing is taken away. */
export async function dropUpload(ctx: Context, input: { fileId: string }): Promise<void> {
	requireActor(ctx);
	await transaction(ctx, async (ctx) => {
		const { file } = await findUpload(ctx, input.fileId);
		if (isWhole(file)) throw new Conflict('files.isWhole');
		await ctx.db.delete(files).where(eq(files.id, file.id));
		await onDisk(ctx, () => storageOf(ctx.services).drop(file.id));
	});
}
