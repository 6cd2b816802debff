import { eq } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import { idOf } from '#lib/ids.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Placed } from '#lib/server/authorize.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, NotFound } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { files } from './table.ts';

export type FileRow = typeof files.$inferSelect;
/** A file that came in whole. */
export type WholeFile = FileRow & { sha256: string; type: string };

export const isWhole = (file: FileRow): file is WholeFile => file.sha256 !== null && file.type !== null;

interface Found {
	file: FileRow;
	/** Of its document, or its room, for the policy. */
	place: Placed;
	locked: boolean;
}

/** Who reads a file: whoever reads its document, or enters its room; and who brings one. */
const reading = ({ documentId }: FileRow) => (documentId ? 'document.read' : 'room.enter');
const bringing = ({ documentId }: FileRow) => (documentId ? 'document.write' : 'room.lead');

/** A row as far as row-level security shows it. */
async function findRow(ctx: Context, fileId: string): Promise<Found> {
	requireActor(ctx);
	const [file] = await ctx.db
		.select()
		.from(files)
		.where(eq(files.id, idOf('file').parse(fileId)));
	if (!file) throw new NotFound();
	if (file.roomId) return { file, place: placeOf(await findRoom(ctx, file.roomId)), locked: false };
	if (!file.documentId) throw new NotFound();
	const { document, place } = await findDocument(ctx, file.documentId);
	return { file, place, locked: document.lockedAt !== null };
}

/** A file that came in whole, for whoever may read its document or enter its room. */
export async function findFile(ctx: Context, input: { fileId: string }): Promise<WholeFile> {
	return query(ctx, async (ctx) => {
		const { file, place } = await findRow(ctx, input.fileId);
		authorize(ctx, reading(file), place);
		if (!isWhole(file)) throw new NotFound();
		return file;
	});
}

/** An upload of the asker, for as long as the asker may write in its document or leads its room. Of others it answers like a missing one. */
export async function findUpload(ctx: Context, fileId: string): Promise<Pick<Found, 'file' | 'place'>> {
	const { file, place, locked } = await findRow(ctx, fileId);
	authorize(ctx, bringing(file), place);
	if (file.personId !== requireActor(ctx).personId) throw new NotFound();
	if (locked && !isWhole(file)) throw new Conflict('files.locked');
	return { file, place };
}
