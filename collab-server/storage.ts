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
	readonly personId: PersonId;
	readonly role: Role;
	readonly update: Uint8Array;
	readonly effects: UpdateEffects;
	/** Yjs client ids that the person used for the first time. */
	readonly claims: readonly number[];
}

/** An entry of the log that another process wrote. */
export interface StoredEntry {
	readonly seq: number;
	readonly personId: PersonId;
	readonly update: Uint8Array;
	readonly effects: UpdateEffects;
}

/** What is to come into the log of one document, and what this process knows of it. */
export interface Extension<Entry extends LogEntry> {
	readonly documentId: DocumentId;
	/** Number of the last entry that this process knows. */
	readonly after: number;
	/** Ours, in order; none when the log is only to be read on. */
	readonly entries: readonly Entry[];
	/** Others write here too, or an earlier try may have been committed without our hearing of it: look before writing. */
	readonly shared: boolean;
	/** Whether ours can stand behind these of others. */
	fits(others: readonly StoredEntry[]): boolean;
}

/** What came into a log after the known part, in its order; each of ours or of another process. */
export type News<Entry extends LogEntry> = { readonly seq: number } & (
	{ readonly ours: Entry } | { readonly other: StoredEntry }
);

export interface StoredDocument {
	readonly id: DocumentId;
	readonly roomId: RoomId;
	readonly kind: DocumentKind;
	readonly doc: Y.Doc;
	/** Number of the last update in the log; 0 when there is none. */
	readonly seq: number;
	readonly snapshotSeq: number;
	readonly snapshotBytes: number;
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
			snapshotBytes: history.snapshot?.length ?? 0,
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

/** How long one log may keep the others of a transaction waiting, in milliseconds. */
const lockPatience = 2_000;

/**
 * Writes entries of any documents in one transaction, and reads what other processes wrote there before them. All
 * processes agree on the order: it is that of the log, whose numbers have no gap. Whoever takes a number that is taken
 * fails, as does all of the transaction; a shared log is locked first. Gives null for a log that ours do not fit.
 */
export async function extendLogs<Entry extends LogEntry>(
	services: Services,
	extensions: readonly Extension<Entry>[]
): Promise<(News<Entry>[] | null)[]> {
	if (!extensions.some(({ shared }) => shared)) {
		const results = extensions.map(({ after, entries }) =>
			entries.map((ours, index): { seq: number; ours: Entry } => ({ seq: after + 1 + index, ours }))
		);
		await appendAlone(services, results.flat());
		return results;
	}
	const writes = extensions.some(({ entries }) => entries.length > 0);
	const extend = async (ctx: Context) => {
		const shared = extensions.filter(({ shared }) => shared);
		await lockLogs(
			ctx,
			shared.filter(({ entries }) => entries.length > 0).map(({ documentId }) => documentId)
		);
		const found = shared.length > 0 ? await entriesAfter(ctx, shared) : new Map<DocumentId, StoredEntry[]>();
		const results = extensions.map((extension) => align(extension, found.get(extension.documentId) ?? []));
		const fresh = results.flatMap((result) => result?.fresh ?? []);
		if (fresh.length > 0) await append(ctx, fresh);
		return results.map((result) => result && [...result.there, ...result.fresh]);
	};
	const ctx = systemContext(services);
	return writes ? transaction(ctx, extend, { lockPatience }) : query(ctx, extend);
}

/** Before what is new comes what is there; among it ours whose commit we have not heard of. */
function align<Entry extends LogEntry>(
	{ after, entries, fits }: Extension<Entry>,
	found: readonly StoredEntry[]
): { there: News<Entry>[]; fresh: { seq: number; ours: Entry }[] } | null {
	const left = [...entries];
	const there = found.map((other): News<Entry> => {
		const [ours] = left;
		if (!ours || ours.personId !== other.personId || Buffer.compare(ours.update, other.update) !== 0)
			return { seq: other.seq, other };
		left.shift();
		return { seq: other.seq, ours };
	});
	const isWhole = there.every(({ seq }, index) => seq === after + 1 + index);
	if (!isWhole || !fits(there.flatMap((news) => ('other' in news ? [news.other] : [])))) return null;
	const end = after + there.length;
	return { there, fresh: left.map((ours, index) => ({ seq: end + 1 + index, ours })) };
}

/** One process at a time writes to a shared log; in one order, so that no two wait for each other. */
async function lockLogs(ctx: Context, documentIds: readonly DocumentId[]): Promise<void> {
	if (documentIds.length === 0) return;
	await ctx.db
		.select({ id: documents.id })
		.from(documents)
		.where(inArray(documents.id, [...documentIds]))
		.orderBy(asc(documents.id))
		.for('no key update');
}

async function entriesAfter(
	ctx: Context,
	logs: readonly { documentId: DocumentId; after: number }[]
): Promise<Map<DocumentId, StoredEntry[]>> {
	const known = sql.join(
		logs.map(({ documentId, after }) => sql`(${documentId}::uuid, ${after}::bigint)`),
		sql`, `
	);
	const { rows } = await ctx.db.execute<{
		document_id: DocumentId;
		seq: string;
		person_id: PersonId;
		update: Buffer;
		effects: UpdateEffects;
	}>(sql`
		select u.document_id, u.seq, u.person_id, u.update, u.effects
		from (values ${known}) as known (id, seq)
		cross join lateral (
			select * from document_updates where document_id = known.id and seq > known.seq order by seq
		) u`);
	const found = new Map<DocumentId, StoredEntry[]>();
	for (const { document_id: documentId, seq, person_id: personId, update, effects } of rows) {
		const entries = found.get(documentId) ?? [];
		found.set(documentId, entries);
		entries.push({ seq: Number(seq), personId, update: new Uint8Array(update), effects });
	}
	return found;
}

/**
 * Appends to logs, and keeps whose the client ids are. One statement that brings its own scope, so that it can be a
 * transaction by itself, and always the same, so that PostgreSQL reads it once: writing is nothing but this most of
 * the time. The updates come in one piece, with the length of each.
 */
const appending = `
	with scope as materialized (
		select $1::timestamptz as at, set_config('app.scope', '*', true), set_config('lock_timeout', '${lockPatience}', true)
	), claimed as (
		insert into document_clients (document_id, client_id, person_id, first_seen_at)
		select document_id, client_id, person_id, scope.at
		from scope, unnest($2::uuid[], $3::bigint[], $4::uuid[]) as claims (document_id, client_id, person_id)
		on conflict do nothing
	)
	insert into document_updates (document_id, seq, person_id, role, update, effects, at)
	select document_id, seq, person_id, role, substring($5::bytea from start for length), effects, scope.at
	from scope, rows from (
		unnest($6::int[], $7::int[], $8::uuid[], $9::bigint[], $10::uuid[], $11::text[]), jsonb_array_elements($12::jsonb)
	) as entries (start, length, document_id, seq, person_id, role, effects)`;

/** In the order of their documents, so that two processes do not wait for one another. */
function appendingOf(fresh: readonly { seq: number; ours: LogEntry }[], at: Date): (string | Buffer)[] {
	const inOrder = fresh.toSorted((one, other) =>
		one.ours.documentId < other.ours.documentId ? -1 : one.ours.documentId > other.ours.documentId ? 1 : one.seq - other.seq
	);
	const claims = inOrder.flatMap(({ ours: { documentId, personId, claims } }) =>
		claims.map((clientId) => ({ documentId, clientId, personId }))
	);
	const starts: number[] = [];
	let end = 0;
	for (const { ours } of inOrder) {
		starts.push(end + 1);
		end += ours.update.length;
	}
	return [
		at.toISOString(),
		arrayOf(claims.map((claim) => claim.documentId)),
		arrayOf(claims.map((claim) => claim.clientId)),
		arrayOf(claims.map((claim) => claim.personId)),
		Buffer.concat(inOrder.map(({ ours }) => ours.update)),
		arrayOf(starts),
		arrayOf(inOrder.map(({ ours }) => ours.update.length)),
		arrayOf(inOrder.map(({ ours }) => ours.documentId)),
		arrayOf(inOrder.map(({ seq }) => seq)),
		arrayOf(inOrder.map(({ ours }) => ours.personId)),
		arrayOf(inOrder.map(({ ours }) => ours.role)),
		JSON.stringify(inOrder.map(({ ours }) => ours.effects))
	];
}

/** An array as PostgreSQL reads it, of what needs no quotes: ids, numbers, roles. */
const arrayOf = (values: readonly (string | number)[]): string => `{${values.join()}}`;

/** Appends inside a transaction in which something was read before. */
async function append(ctx: Context, fresh: readonly { seq: number; ours: LogEntry }[]): Promise<void> {
	const values = appendingOf(fresh, ctx.now()).map((value) => sql.param(value));
	const texts = appending.split(/\$\d+/).map((text) => sql.raw(text));
	await ctx.db.execute(sql.join(texts.flatMap((text, index) => [text, ...values.slice(index, index + 1)])));
}

/** Appends where nothing is to be read before. */
async function appendAlone(services: Services, fresh: readonly { seq: number; ours: LogEntry }[]): Promise<void> {
	const values = appendingOf(fresh, services.now());
	await services.database.logs.query({ name: 'append to logs', text: appending, values });
}

/** How far the logs of these documents reach. */
export async function endsOfLogs(services: Services, documentIds: readonly DocumentId[]): Promise<Map<DocumentId, number>> {
	if (documentIds.length === 0) return new Map();
	const { rows } = await query(systemContext(services), (ctx) =>
		ctx.db.execute<{ id: DocumentId; seq: string | null }>(sql`
			select id, (select max(seq) from document_updates where document_id = documents.id) as seq
			from documents where id in ${[...documentIds]}`)
	);
	return new Map(rows.map(({ id, seq }) => [id, Number(seq ?? 0)]));
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
