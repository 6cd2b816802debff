import { and, asc, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import type * as Y from 'yjs';
import type { DocumentId, PersonId, RoomId } from '#lib/ids.ts';
import type { DocumentKind } from '#lib/documents/model.ts';
import { documentClients, documents, documentSnapshots, documentUpdates } from '#lib/documents/server/table.ts';
import type { UpdateEffects } from '#lib/documents/server/table.ts';
import { Authorship, findDocument } from '#lib/documents/server/index.ts';
import type { MovedText } from '#lib/documents/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';
import { replay } from './replay.ts';
import type { History } from './replay.ts';

/** One accepted update on its way into the log. */
export interface LogEntry {
	readonly documentId: DocumentId;
	readonly seq: number;
	readonly personId: PersonId;
	readonly role: Role;
	readonly update: Uint8Array;
	readonly effects: UpdateEffects;
	/** Yjs client ids that the person used for the first time. */
	readonly claims: readonly number[];
}

export interface StoredDocument {
	readonly id: DocumentId;
	readonly roomId: RoomId;
	readonly kind: DocumentKind;
	readonly doc: Y.Doc;
	/** Number of the last update in the log; 0 when there is none. */
	readonly seq: number;
	readonly snapshotSeq: number;
	/** Size of snapshot and tail, in bytes. */
	readonly bytes: number;
	readonly authors: Authorship<PersonId>;
}

/** Reads a document: its newest snapshot and what came after. Throws NotFound. */
export async function loadDocument(services: Services, documentId: DocumentId): Promise<StoredDocument> {
	return query(systemContext(services), async (ctx) => {
		const { document } = await findDocument(ctx, documentId);
		const history = await readHistory(ctx, documentId);
		const clients = await ctx.db.select().from(documentClients).where(eq(documentClients.documentId, documentId));
		const { doc, skipped } = replay(document.kind, history);
		if (skipped.length > 0) ctx.log.error({ documentId, skipped }, 'stored updates could not be applied and were left out');
		return {
			id: document.id,
			roomId: document.roomId,
			kind: document.kind,
			doc,
			seq: history.tail.at(-1)?.seq ?? history.snapshotSeq,
			snapshotSeq: history.snapshotSeq,
			bytes: history.tail.reduce((sum, { update }) => sum + update.length, history.snapshot?.length ?? 0),
			authors: new Authorship(
				clients.map(({ clientId, personId }) => [clientId, personId]),
				await movedTexts(ctx, documentId)
			)
		};
	});
}

/** Text that people put elsewhere which others had written; it stays theirs. */
async function movedTexts(ctx: Context, documentId: DocumentId): Promise<MovedText[]> {
	const rows = await ctx.db
		.select({ moved: sql<MovedText[]>`${documentUpdates.effects} -> 'moved'` })
		.from(documentUpdates)
		.where(and(eq(documentUpdates.documentId, documentId), sql`${documentUpdates.effects} ? 'moved'`));
	return rows.flatMap(({ moved }) => moved);
}

/** The newest snapshot and the updates after it, up to `upTo`. */
export async function readHistory(ctx: Context, documentId: DocumentId): Promise<History> {
	const [snapshot] = await ctx.db
		.select()
		.from(documentSnapshots)
		.where(eq(documentSnapshots.documentId, documentId))
		.orderBy(desc(documentSnapshots.seq))
		.limit(1);
	const snapshotSeq = snapshot?.seq ?? 0;
	const tail = await ctx.db
		.select({ seq: documentUpdates.seq, update: documentUpdates.update })
		.from(documentUpdates)
		.where(and(eq(documentUpdates.documentId, documentId), gt(documentUpdates.seq, snapshotSeq)))
		.orderBy(asc(documentUpdates.seq));
	return { snapshot: snapshot?.state ?? null, snapshotSeq, tail };
}

/**
 * Writes entries of any documents in one transaction. `again` says that an earlier try may have been
 * committed without our hearing of it: entries that are there already are then left alone.
 */
export async function appendEntries(services: Services, entries: readonly LogEntry[], again: boolean): Promise<void> {
	const at = services.now();
	await transaction(systemContext(services), async (ctx) => {
		const missing = again ? await withoutStored(ctx, entries) : entries;
		if (missing.length === 0) return;
		const claims = missing.flatMap(({ documentId, personId, claims }) =>
			claims.map((clientId) => ({ documentId, clientId, personId, firstSeenAt: at }))
		);
		if (claims.length > 0) await ctx.db.insert(documentClients).values(claims).onConflictDoNothing();
		await ctx.db.insert(documentUpdates).values(
			missing.map(({ documentId, seq, personId, role, update, effects }) => ({
				documentId,
				seq,
				personId,
				role,
				update,
				effects,
				at
			}))
		);
	});
}

async function withoutStored(ctx: Context, entries: readonly LogEntry[]): Promise<LogEntry[]> {
	const stored = await ctx.db
		.select({ documentId: documentUpdates.documentId, seq: documentUpdates.seq, update: documentUpdates.update })
		.from(documentUpdates)
		.where(
			and(
				inArray(documentUpdates.documentId, [...new Set(entries.map(({ documentId }) => documentId))]),
				gt(documentUpdates.seq, Math.min(...entries.map(({ seq }) => seq)) - 1)
			)
		);
	const found = new Map(stored.map((row) => [`${row.documentId}:${row.seq}`, row.update]));
	return entries.filter(({ documentId, seq, update }) => {
		const there = found.get(`${documentId}:${seq}`);
		return !there || Buffer.compare(there, update) !== 0;
	});
}

/** How many snapshots of a document are kept, the newest ones. */
const keptSnapshots = 3;

/** Keeps a snapshot; the log stays as it is. */
export async function keepSnapshot(services: Services, documentId: DocumentId, seq: number, state: Uint8Array): Promise<void> {
	await transaction(systemContext(services), async (ctx) => {
		await ctx.db.insert(documentSnapshots).values({ documentId, seq, state, at: ctx.now() }).onConflictDoNothing();
		const [oldest] = await ctx.db
			.select({ seq: documentSnapshots.seq })
			.from(documentSnapshots)
			.where(eq(documentSnapshots.documentId, documentId))
			.orderBy(desc(documentSnapshots.seq))
			.offset(keptSnapshots - 1)
			.limit(1);
		if (!oldest) return;
		await ctx.db
			.delete(documentSnapshots)
			.where(and(eq(documentSnapshots.documentId, documentId), lt(documentSnapshots.seq, oldest.seq)));
	});
}

/** Which of these documents have been put away. */
export async function archivedAmong(services: Services, documentIds: readonly DocumentId[]): Promise<DocumentId[]> {
	if (documentIds.length === 0) return [];
	const rows = await query(systemContext(services), (ctx) =>
		ctx.db
			.select({ id: documents.id, archivedAt: documents.archivedAt })
			.from(documents)
			.where(inArray(documents.id, [...documentIds]))
	);
	return rows.filter(({ archivedAt }) => archivedAt !== null).map(({ id }) => id);
}
