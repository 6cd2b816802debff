import { eq } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import { idOf } from '#lib/ids.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Placed } from '#lib/server/authorize.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, NotFound } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { files } from './table.ts';

export type FileRow = typeof files.$inferSelect;
/** A file that came in whole. */
export type WholeFile = FileRow & { sha256: string; type: string };

export const isWhole = (file: FileRow): file is WholeFile => file.sha256 !== null && file.type !== null;

/** A row as far as row-level security shows it, and the place of its document for the policy. */
async function findRow(ctx: Context, fileId: string): Promise<{ file: FileRow; place: Placed; locked: boolean }> {
	requireActor(ctx);
	const [file] = await ctx.db
		.select()
		.from(files)
		.where(eq(files.id, idOf('file').parse(fileId)));
	if (!file) throw new NotFound();
	const { document, place } = await findDocument(ctx, file.documentId);
	return { file, place, locked: document.lockedAt !== null };
}

/** A file that came in whole, for whoever may read its document. */
export async function findFile(ctx: Context, input: { fileId: string }): Promise<WholeFile> {
	return query(ctx, async (ctx) => {
		const { file, place } = await findRow(ctx, input.fileId);
		authorize(ctx, 'document.read', place);
		if (!isWhole(file)) throw new NotFound();
		return file;
	});
}

/** An upload of the asker, for as long as the asker may write in its document. Of others it answers like a missing one. */
export async function findUpload(ctx: Context, fileId: string): Promise<{ file: FileRow; place: Placed }> {
	const { file, place, locked } = await findRow(ctx, fileId);
	authorize(ctx, 'document.write', place);
	if (file.personId !== requireActor(ctx).personId) throw new NotFound();
	if (locked && !isWhole(file)) throw new Conflict('files.locked');
	return { file, place };
}
