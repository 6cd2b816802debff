import { createHash } from 'node:crypto';
import { and, asc, desc, eq, gt, lte } from 'drizzle-orm';
import * as Y from 'yjs';
import { findDocument, rightTo } from '#lib/documents/server/index.ts';
import { documents, documentSnapshots, documentUpdates } from '#lib/documents/server/table.ts';
import type { DocumentId } from '#lib/ids.ts';
import { auditAct, record } from '#lib/records/server/index.ts';
import { sessionNow } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, NotFound } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { HandIn, OpenHandIn, SetLock } from '../model.ts';
import type { HandedIn, Version } from '../model.ts';
import { keepVersion } from './keep.ts';
import { lastSeqOf } from './log.ts';
import { presentVersions, versionColumns } from './see.ts';
import { documentVersions } from './table.ts';

/** Hand a document in as it is now: its state is kept for good, with its hash; and it is locked when the teacher set so. */
export async function handIn(ctx: Context, input: HandIn): Promise<Version> {
	const { documentId } = HandIn.parse(input);
	return transaction(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'history.handIn', place);
		if (document.lockedAt) throw new Conflict('history.isLocked');
		const seq = await lastSeqOf(ctx, documentId);
		if (seq === 0) throw new Conflict('history.nothingWritten');
		const state = await stateAt(ctx, documentId, seq);
		const version = await keepVersion(ctx, { documentId, seq, kind: 'handedIn', state, hash: hashOf(state) }, place.path);
		const { personId, memberships } = requireActor(ctx);
		await record(ctx, [
			{
				key: `handIn:${version.id}`,
				verb: 'handedIn',
				actorId: personId,
				role: rightTo({ memberships }, place, document)?.role ?? 'student',
				spacePath: place.path,
				roomId: document.roomId,
				documentId,
				sessionId: await sessionNow(ctx, document.roomId),
				startedAt: ctx.now(),
				amount: 1
			}
		]);
		if (document.locksOnHandIn) await lock(ctx, documentId, true);
		await publish(ctx.db, { kind: 'room', roomId: document.roomId });
		return version;
	});
}

/** What was handed in, as it was kept, and whether it still has its hash. */
export async function openHandIn(ctx: Context, input: OpenHandIn): Promise<HandedIn> {
	const { documentId, versionId } = OpenHandIn.parse(input);
	return query(ctx, async (ctx) => {
		const { place } = await findDocument(ctx, documentId);
		authorize(ctx, 'history.see', place);
		const [found] = await ctx.db
			.select({ ...versionColumns, state: documentVersions.state })
			.from(documentVersions)
			.where(and(eq(documentVersions.documentId, documentId), eq(documentVersions.id, versionId)));
		if (!found?.state) throw new NotFound();
		const { state, ...row } = found;
		const [version] = await presentVersions(ctx, [row]);
		if (!version) throw new NotFound();
		return { version, state: Buffer.from(state).toString('base64'), intact: hashOf(state) === version.hash };
	});
}

/** Set whether handing in locks a document, or lock it, or open it again. */
export async function setLock(ctx: Context, input: SetLock): Promise<void> {
	const { documentId, onHandIn, locked } = SetLock.parse(input);
	await transaction(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'history.lock', place);
		if (onHandIn !== undefined)
			await ctx.db.update(documents).set({ locksOnHandIn: onHandIn }).where(eq(documents.id, documentId));
		if (locked !== undefined && locked !== (document.lockedAt !== null)) await lock(ctx, documentId, locked);
		await auditAct(ctx, {
			verb: 'document.lock',
			object: { type: 'document', id: documentId },
			path: place.path,
			detail: { onHandIn: onHandIn ?? document.locksOnHandIn, locked: locked ?? document.lockedAt !== null }
		});
		await publish(ctx.db, { kind: 'room', roomId: document.roomId });
	});
}

/** Whoever has the document open opens it anew, with the right that is left or given. */
async function lock(ctx: Context, documentId: DocumentId, locked: boolean): Promise<void> {
	await ctx.db
		.update(documents)
		.set({ lockedAt: locked ? ctx.now() : null })
		.where(eq(documents.id, documentId));
	await publish(ctx.db, { kind: 'document', documentId });
}

const hashOf = (state: Uint8Array): string => createHash('sha256').update(state).digest('hex');

/** The state of a document after an update, from the newest snapshot before it and what came after. */
export async function stateAt(ctx: Context, documentId: DocumentId, seq: number): Promise<Uint8Array> {
	const [snapshot] = await ctx.db
		.select()
		.from(documentSnapshots)
		.where(and(eq(documentSnapshots.documentId, documentId), lte(documentSnapshots.seq, seq)))
		.orderBy(desc(documentSnapshots.seq))
		.limit(1);
	const tail = await ctx.db
		.select({ seq: documentUpdates.seq, update: documentUpdates.update })
		.from(documentUpdates)
		.where(
			and(eq(documentUpdates.documentId, documentId), gt(documentUpdates.seq, snapshot?.seq ?? 0), lte(documentUpdates.seq, seq))
		)
		.orderBy(asc(documentUpdates.seq));
	const doc = new Y.Doc();
	if (snapshot) Y.applyUpdate(doc, snapshot.state);
	for (const { seq, update } of tail) {
		try {
			Y.applyUpdate(doc, update);
		} catch (error) {
			ctx.log.error({ err: error, documentId, seq }, 'a stored update could not be applied and was left out');
		}
	}
	const state = Y.encodeStateAsUpdate(doc);
	doc.destroy();
	return state;
}
