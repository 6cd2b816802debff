import { and, asc, inArray, isNull } from 'drizzle-orm';
import type { DocumentId, RoomId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { DocumentKind } from '../model.ts';
import { documents } from './table.ts';

export interface OnTable {
	id: DocumentId;
	kind: DocumentKind;
	title: string;
}

/** What lies on the tables of rooms that the asker has been shown already, by room. */
export async function tablesOf(ctx: Context, roomIds: readonly RoomId[]): Promise<Record<string, OnTable[]>> {
	if (roomIds.length === 0) return {};
	const rows = await query(ctx, (ctx) =>
		ctx.db
			.select({ roomId: documents.roomId, id: documents.id, kind: documents.kind, title: documents.title })
			.from(documents)
			.where(and(inArray(documents.roomId, [...roomIds]), isNull(documents.archivedAt)))
			.orderBy(asc(documents.position))
	);
	const tables: Record<string, OnTable[]> = {};
	for (const { roomId, ...document } of rows) (tables[roomId] ??= []).push(document);
	return tables;
}
