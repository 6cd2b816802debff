import { and, asc, desc, eq, gt, lte, or, sql } from 'drizzle-orm';
import { isNull } from 'drizzle-orm';
import { documentRecorded, documents, documentUpdates } from '#lib/documents/server/table.ts';
import type { UpdateEffects } from '#lib/documents/server/table.ts';
import type { DocumentKind } from '#lib/documents/model.ts';
import type { DocumentId, PersonId, RoomId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import type { Act } from '#lib/records/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';

/** A pause of this length ends a burst, in milliseconds. */
export const pause = 10_000;
/** A burst never reaches over a full minute: so a document that is always written in is recorded every minute. */
export const longest = 60_000;
/** An update may become visible a little after its time; how much, in milliseconds. */
const commitTime = 2_000;
const beat = 2_000;
/** Every so many beats, documents that another process left unrecorded are looked for. */
const searchEvery = 150;
const readAtOnce = 5_000;

export interface EditedUpdate {
	readonly seq: number;
	readonly personId: PersonId;
	readonly role: Role;
	readonly effects: UpdateEffects;
	readonly at: Date;
}

/** What one person did to a document without a longer pause. */
export interface Burst {
	readonly personId: PersonId;
	readonly role: Role;
	readonly updates: EditedUpdate[];
}

/**
 * The bursts of a stretch of the log that are over at `now`, and the number of the last update of the
 * stretch, and when the next burst can be over at the soonest. A stretch ends where no burst is under way, so that the next one begins with whole bursts:
 * each update is in exactly one burst, however often and by whomever the log is read.
 */
export function finishedBursts(
	updates: readonly EditedUpdate[],
	now: number
): { bursts: Burst[]; upTo: number | null; next: number } {
	const bursts = groupBursts(updates);
	const unfinished = bursts.filter((burst) => overAt(burst) >= now);
	let end = Math.min(...unfinished.map(firstSeq), Infinity);
	// A burst that reaches over the end is left for the next stretch, too; and what that one reaches over.
	for (let moved = true; moved;) {
		const across = bursts.find((burst) => firstSeq(burst) < end && lastSeq(burst) >= end);
		moved = across !== undefined;
		if (across) end = firstSeq(across);
	}
	const finished = bursts.filter((burst) => lastSeq(burst) < end);
	return {
		bursts: finished,
		upTo: finished.length > 0 ? Math.max(...finished.map(lastSeq)) : null,
		next: Math.min(...unfinished.map(overAt), Infinity)
	};
}

export function groupBursts(updates: readonly EditedUpdate[]): Burst[] {
	const bursts: Burst[] = [];
	const open = new Map<string, Burst>();
	for (const update of updates) {
		const writer = `${update.personId}:${update.role}`;
		const burst = open.get(writer);
		const last = burst?.updates.at(-1);
		if (burst && last && +update.at - +last.at <= pause && minuteOf(last) === minuteOf(update)) {
			burst.updates.push(update);
			continue;
		}
		const next = { personId: update.personId, role: update.role, updates: [update] };
		bursts.push(next);
		open.set(writer, next);
	}
	return bursts;
}

const firstSeq = ({ updates }: Burst): number => updates[0]?.seq ?? 0;
const lastSeq = ({ updates }: Burst): number => updates.at(-1)?.seq ?? 0;
const minuteOf = ({ at }: EditedUpdate): number => Math.floor(+at / longest);

/** From when on a burst is over for certain, in milliseconds, unless more is written. */
function overAt({ updates }: Burst): number {
	const last = updates.at(-1);
	if (!last) return 0;
	const minuteEnd = (minuteOf(last) + 1) * longest;
	return Math.min(+last.at + pause, minuteEnd) + commitTime;
}

interface Recorded {
	readonly id: DocumentId;
	readonly kind: DocumentKind;
	readonly roomId: RoomId;
	readonly spacePath: string;
}

/**
 * The statements of a burst: one about the text, and one for each node that was made, moved, linked or removed;
 * on a board one about all that was drawn.
 */
export function actsOf(document: Recorded, burst: Burst, sessionId: Act['sessionId']): Act[] {
	const { personId, role, updates } = burst;
	const [first] = updates;
	const last = updates.at(-1);
	if (!first || !last) return [];
	const common = {
		actorId: personId,
		role,
		spacePath: document.spacePath,
		roomId: document.roomId,
		documentId: document.id,
		sessionId
	};
	const acts: Act[] = [];

	const inserted = updates.reduce((sum, { effects }) => sum + effects.inserted, 0);
	const deleted = sumOf(updates.map(({ effects }) => effects.deleted));
	const drawn = document.kind === 'board' ? drawnIn(updates) : null;
	if (drawn && Object.values(drawn).some((count) => count > 0)) {
		const key = `draw:${document.id}:${first.seq}`;
		acts.push({ ...common, key, verb: 'drew', startedAt: first.at, endedAt: last.at, amount: drawn.created, figures: drawn });
		if (inserted === 0 && Object.keys(deleted).length === 0) return acts;
	}
	const nodeActs = (document.kind === 'map' ? updates : []).flatMap(({ seq, at, effects }) =>
		nodeLists(effects).flatMap(([verb, nodes]) => nodes.map((node) => ({ verb, node, seq, at })))
	);
	if (inserted > 0 || Object.keys(deleted).length > 0 || nodeActs.length === 0) {
		acts.push({
			...common,
			key: `edit:${document.id}:${first.seq}`,
			verb: 'edited',
			targetId: mostOf(deleted, personId),
			startedAt: first.at,
			endedAt: last.at,
			amount: inserted,
			figures: { inserted, deleted }
		});
	}
	// Dragging moves a node many times: within a burst it is one move.
	const seen = new Set<string>();
	for (const { verb, node, seq, at } of nodeActs) {
		if (seen.has(`${verb}:${node}`)) continue;
		seen.add(`${verb}:${node}`);
		acts.push({ ...common, key: `map:${document.id}:${seq}:${verb}:${node}`, verb, startedAt: at, amount: 1, figures: { node } });
	}
	return acts;
}

/** How many elements of a board were drawn, changed and removed; what only came and went is none of it. */
function drawnIn(updates: readonly EditedUpdate[]): { created: number; changed: number; removed: number } {
	const idsOf = (list: 'nodesCreated' | 'nodesMoved' | 'nodesDeleted') =>
		new Set(updates.flatMap(({ effects }) => effects[list]));
	const [created, changed, removed] = [idsOf('nodesCreated'), idsOf('nodesMoved'), idsOf('nodesDeleted')];
	return {
		created: created.difference(removed).size,
		changed: changed.difference(created).difference(removed).size,
		removed: removed.difference(created).size
	};
}

const nodeLists = (effects: UpdateEffects) =>
	[
		['mapped', effects.nodesCreated],
		['moved', effects.nodesMoved],
		['linked', effects.nodesLinked],
		['removed', effects.nodesDeleted]
	] as const;

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
	const sum: Record<string, number> = {};
	for (const count of counts)
		for (const [person, characters] of Object.entries(count)) sum[person] = (sum[person] ?? 0) + characters;
	return sum;
}

/** The other person most of whose text was deleted. */
function mostOf(deleted: Readonly<Record<string, number>>, self: PersonId): PersonId | null {
	const others = Object.entries(deleted).filter(([person]) => person !== self && person !== '');
	return (others.sort(([, one], [, other]) => other - one)[0]?.[0] as PersonId | undefined) ?? null;
}

/**
 * Turns the edits of one document into statements, as far as they are over. Returns when to look again, in
 * milliseconds; null when nothing is left.
 */
export async function recordDocument(
	services: Services,
	documentId: DocumentId,
	now: number = services.now().getTime()
): Promise<number | null> {
	return transaction(systemContext(services), async (ctx) => {
		// Two processes that record the same document take turns; the second finds it done.
		const { rows } = await ctx.db.execute<{ mine: boolean }>(
			sql`select pg_try_advisory_xact_lock(hashtextextended(${`edits:${documentId}`}, 0)) as mine`
		);
		if (!rows[0]?.mine) return now + beat;
		const updates = await unrecorded(ctx, documentId);
		const { bursts, upTo, next } = finishedBursts(updates, now);
		if (upTo === null) return updates.length > 0 ? next : null;
		const [document] = await ctx.db.select().from(documents).where(eq(documents.id, documentId));
		if (!document) return null;
		const acts: Act[] = [];
		for (const burst of bursts) acts.push(...actsOf(document, burst, await sessionAt(ctx, document.roomId, burst)));
		await record(ctx, acts);
		await ctx.db
			.insert(documentRecorded)
			.values({ documentId, seq: upTo })
			.onConflictDoUpdate({ target: documentRecorded.documentId, set: { seq: upTo } });
		if (updates.length === readAtOnce) return now;
		return upTo < (updates.at(-1)?.seq ?? 0) ? next : null;
	});
}

async function unrecorded(ctx: Context, documentId: DocumentId): Promise<EditedUpdate[]> {
	const [done] = await ctx.db.select().from(documentRecorded).where(eq(documentRecorded.documentId, documentId));
	return ctx.db
		.select({
			seq: documentUpdates.seq,
			personId: documentUpdates.personId,
			role: documentUpdates.role,
			effects: documentUpdates.effects,
			at: documentUpdates.at
		})
		.from(documentUpdates)
		.where(and(eq(documentUpdates.documentId, documentId), gt(documentUpdates.seq, done?.seq ?? 0)))
		.orderBy(asc(documentUpdates.seq))
		.limit(readAtOnce);
}

/** The session that went on in the room when a burst began or, for one who was early, ended. */
async function sessionAt(ctx: Context, roomId: RoomId, { updates }: Burst): Promise<Act['sessionId']> {
	const from = updates[0]?.at ?? ctx.now();
	const to = updates.at(-1)?.at ?? from;
	const [session] = await ctx.db
		.select({ id: sessions.id })
		.from(sessions)
		.where(
			and(eq(sessions.roomId, roomId), lte(sessions.startedAt, to), or(isNull(sessions.endedAt), gt(sessions.endedAt, from)))
		)
		.orderBy(desc(sessions.startedAt))
		.limit(1);
	return session?.id ?? null;
}

async function documentsToRecord(services: Services): Promise<DocumentId[]> {
	return query(systemContext(services), async (ctx) => {
		const { rows } = await ctx.db.execute<{ id: DocumentId }>(sql`
			select d.id from documents d left join document_recorded r on r.document_id = d.id
			where coalesce(r.seq, 0) < (select max(u.seq) from document_updates u where u.document_id = d.id)`);
		return rows.map(({ id }) => id);
	});
}

export interface EditRecorder {
	/** Something was added to the log of a document. */
	noticed(documentId: DocumentId): void;
	/** Records what is over, and ends. */
	close(): Promise<void>;
}

/** Keeps turning edits into statements, a little after each burst is over. */
export function recordEdits(services: Services): EditRecorder {
	/** Documents with something to record, and from when on it is worth a look. */
	const left = new Map<DocumentId, number>();
	let round = 0;
	let running: Promise<void> | null = null;

	async function recordLeft(): Promise<void> {
		const now = services.now().getTime();
		// A copy: what is put back is for the next round.
		for (const [documentId, from] of [...left]) {
			if (from > now) continue;
			// What is written while we look asks for another look.
			left.delete(documentId);
			try {
				const next = await recordDocument(services, documentId);
				if (next !== null) left.set(documentId, next);
			} catch (error) {
				left.set(documentId, now);
				services.log.warn({ err: error, documentId }, 'edits could not be recorded yet');
			}
		}
	}

	async function work(): Promise<void> {
		if (round++ % searchEvery === 0) {
			const found = await documentsToRecord(services).catch((error: unknown) => {
				round = 0;
				services.log.warn({ err: error }, 'documents to record could not be looked for');
				return [];
			});
			for (const documentId of found) left.set(documentId, 0);
		}
		await recordLeft();
	}

	const timer = setInterval(() => (running ??= work().finally(() => (running = null))), beat);
	return {
		noticed: (documentId) => void (left.get(documentId) ?? left.set(documentId, 0)),
		async close() {
			clearInterval(timer);
			await running;
			await recordLeft();
		}
	};
}
