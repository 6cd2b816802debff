import { and, asc, eq, isNull } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { presentDocument } from './present.ts';
import type { DocumentView } from './present.ts';
import { documents } from './table.ts';

/** More documents than fit on one table are found by search, not by this list. */
const tableSize = 200;

/** The documents on the table of a room, in their order. */
export async function listDocuments(ctx: Context, input: { roomId: string }): Promise<DocumentView[]> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		const place = placeOf(await findRoom(ctx, roomId));
		authorize(ctx, 'document.read', place);
		const rows = await ctx.db
			.select()
			.from(documents)
			.where(and(eq(documents.roomId, roomId), isNull(documents.archivedAt)))
			.orderBy(asc(documents.position), asc(documents.id))
			.limit(tableSize);
		return rows.map((row) => presentDocument(ctx, row, place));
	});
}
