import { and, eq, isNull } from 'drizzle-orm';
import type { DocumentId } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import type { Placed } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { documents } from './table.ts';

export type DocumentRow = typeof documents.$inferSelect;

/** A document on the table of its room, as far as row-level security shows it, and its place for the policy. */
export async function findDocument(
	ctx: Context,
	documentId: DocumentId,
	options?: Parameters<typeof findRoom>[2]
): Promise<{ document: DocumentRow; place: Placed; room: RoomRow }> {
	const [document] = await ctx.db
		.select()
		.from(documents)
		.where(and(eq(documents.id, documentId), isNull(documents.archivedAt)));
	if (!document) throw new NotFound();
	const room = await findRoom(ctx, document.roomId, options);
	return { document, place: placeOf(room), room };
}
