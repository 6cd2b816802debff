import { and, asc, eq, gt, lte, max, sql } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import { documentUpdates } from '#lib/documents/server/table.ts';
import type { UpdateEffects } from '#lib/documents/server/table.ts';
import type { DocumentId } from '#lib/ids.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { encodeLog } from '../log.ts';
import { ReadLog } from '../model.ts';

/** A page ends after so many updates or so many bytes, whichever comes first; it has one update at least. */
const mostUpdates = 5_000;
const mostBytes = 1024 * 1024;

/** A page of the log of a document, for `decodeLog`; empty at the end. */
export async function readLog(ctx: Context, input: ReadLog): Promise<Uint8Array> {
	const { documentId, after } = ReadLog.parse(input);
	return query(ctx, async (ctx) => {
		const { place } = await findDocument(ctx, documentId);
		authorize(ctx, 'history.see', place);
		const rows = await ctx.db
			.select({
				seq: documentUpdates.seq,
				personId: documentUpdates.personId,
				at: documentUpdates.at,
				effects: documentUpdates.effects,
				update: documentUpdates.update
			})
			.from(documentUpdates)
			.where(
				and(
					eq(documentUpdates.documentId, documentId),
					gt(documentUpdates.seq, after),
					lte(documentUpdates.seq, await endOfPage(ctx, documentId, after))
				)
			)
			.orderBy(asc(documentUpdates.seq));
		return encodeLog(rows.map(({ effects, at, ...row }) => ({ ...row, at: at.getTime(), ...countsOf(effects, row.personId) })));
	});
}

/** The number of the last update of a document; 0 when nothing was written yet. */
export async function lastSeqOf(ctx: Context, documentId: DocumentId): Promise<number> {
	const [last] = await ctx.db
		.select({ seq: max(documentUpdates.seq) })
		.from(documentUpdates)
		.where(eq(documentUpdates.documentId, documentId));
	return last?.seq ?? 0;
}

/** Sizes are known without reading what is in the updates. Numbers have no gaps, so a page is looked for in its place only. */
async function endOfPage(ctx: Context, documentId: DocumentId, after: number): Promise<number> {
	const { seq, documentId: id, update } = documentUpdates;
	const sizes = await ctx.db
		.select({ seq, bytes: sql<number>`octet_length(${update})` })
		.from(documentUpdates)
		.where(and(eq(id, documentId), gt(seq, after), lte(seq, after + mostUpdates)))
		.orderBy(asc(seq));
	let total = 0;
	let end = after;
	for (const { seq, bytes } of sizes) {
		total += bytes;
		if (end > after && total > mostBytes) break;
		end = seq;
	}
	return end;
}

function countsOf({ inserted, deleted }: UpdateEffects, personId: string) {
	const all = Object.values(deleted).reduce((sum, characters) => sum + characters, 0);
	const own = deleted[personId] ?? 0;
	return { inserted, deletedOwn: own, deletedOthers: all - own };
}
