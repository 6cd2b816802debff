import { desc, eq, inArray } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import { documentClients } from '#lib/documents/server/table.ts';
import { idOf } from '#lib/ids.ts';
import type { DocumentId, PersonId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { DocumentHistory, Version } from '../model.ts';
import { lastSeqOf } from './log.ts';
import { documentVersions } from './table.ts';

/** What is known of the history of a document beside its log: who wrote, which versions are kept. */
export async function seeHistory(ctx: Context, input: { documentId: string }): Promise<DocumentHistory> {
	const documentId = idOf('document').parse(input.documentId);
	return query(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'history.see', place);
		const writers = await ctx.db
			.selectDistinct({ id: documentClients.personId })
			.from(documentClients)
			.where(eq(documentClients.documentId, documentId));
		const names = await namesOf(
			ctx,
			writers.map(({ id }) => id)
		);
		return {
			lastSeq: await lastSeqOf(ctx, documentId),
			people: writers.map(({ id }) => ({ id, name: names.get(id) ?? null })),
			versions: await versionsOf(ctx, documentId),
			lock: { onHandIn: document.locksOnHandIn, lockedAt: document.lockedAt?.toISOString() ?? null },
			can: {
				handIn: may(ctx, 'history.handIn', place),
				lock: may(ctx, 'history.lock', place)
			}
		};
	});
}

/** The columns of a version that are told; its state may be large. */
export const versionColumns = {
	id: documentVersions.id,
	kind: documentVersions.kind,
	seq: documentVersions.seq,
	name: documentVersions.name,
	restored: documentVersions.restored,
	hash: documentVersions.hash,
	personId: documentVersions.personId,
	at: documentVersions.at
};
type VersionRow = Omit<typeof documentVersions.$inferSelect, 'state' | 'documentId'>;

export async function presentVersions(ctx: Context, rows: readonly VersionRow[]): Promise<Version[]> {
	const names = await namesOf(
		ctx,
		rows.map(({ personId }) => personId)
	);
	return rows.map(({ personId, at, ...row }) => ({
		...row,
		person: { id: personId, name: names.get(personId) ?? null },
		at: at.toISOString()
	}));
}

async function versionsOf(ctx: Context, documentId: DocumentId): Promise<Version[]> {
	const rows = await ctx.db
		.select(versionColumns)
		.from(documentVersions)
		.where(eq(documentVersions.documentId, documentId))
		.orderBy(desc(documentVersions.at), desc(documentVersions.id));
	return presentVersions(ctx, rows);
}

/** The names of people, as far as the asker may see them. */
async function namesOf(ctx: Context, ids: readonly PersonId[]): Promise<Map<string, string>> {
	if (ids.length === 0) return new Map();
	const rows = await ctx.db
		.select({ id: people.id, name: people.name })
		.from(people)
		.where(inArray(people.id, [...new Set(ids)]));
	return new Map(rows.map(({ id, name }) => [id, name]));
}
