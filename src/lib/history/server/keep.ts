import { count, eq } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import type { DocumentId } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { NameVersion, NoteRestore } from '../model.ts';
import type { Version } from '../model.ts';
import { lastSeqOf } from './log.ts';
import { presentVersions } from './see.ts';
import { documentVersions } from './table.ts';

/** How many versions of a document people may keep; each is shown in one list. */
const mostVersions = 500;

/** Keep a moment of a document under a name. */
export async function nameVersion(ctx: Context, input: NameVersion): Promise<Version> {
	const { documentId, seq, name } = NameVersion.parse(input);
	return transaction(ctx, async (ctx) => {
		const { place } = await findDocument(ctx, documentId);
		authorize(ctx, 'history.keep', place);
		if (seq > (await lastSeqOf(ctx, documentId))) throw new Invalid('history.noSuchMoment');
		return keepVersion(ctx, { documentId, seq, kind: 'named', name }, place.path);
	});
}

/** Note that the asker has made a document again what it was once; the edit itself came through her connection. */
export async function noteRestore(ctx: Context, input: NoteRestore): Promise<Version> {
	const { documentId, seq } = NoteRestore.parse(input);
	return transaction(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'history.keep', place);
		if (document.lockedAt) throw new Conflict('history.isLocked');
		const last = await lastSeqOf(ctx, documentId);
		if (seq > last) throw new Invalid('history.noSuchMoment');
		return keepVersion(ctx, { documentId, seq: last, kind: 'restored', restored: seq }, place.path);
	});
}

/** Adds a version, in the transaction and the name of who asks. */
export async function keepVersion(
	ctx: Context,
	version: Omit<typeof documentVersions.$inferInsert, 'id' | 'personId' | 'at'>,
	path: string
): Promise<Version> {
	await requireRoom(ctx, version.documentId);
	const [row] = await ctx.db
		.insert(documentVersions)
		.values({ ...version, personId: requireActor(ctx).personId, at: ctx.now() })
		.returning();
	if (!row) throw new Error('a version was inserted and not returned');
	await auditAct(ctx, {
		verb: `document.${version.kind}`,
		object: { type: 'document', id: version.documentId },
		path,
		detail: { version: row.id, seq: row.seq, hash: row.hash }
	});
	const { state: _, documentId: __, ...told } = row;
	const [presented] = await presentVersions(ctx, [told]);
	if (!presented) throw new Error('a version was not presented');
	return presented;
}

async function requireRoom(ctx: Context, documentId: DocumentId): Promise<void> {
	const [kept] = await ctx.db
		.select({ versions: count() })
		.from(documentVersions)
		.where(eq(documentVersions.documentId, documentId));
	if ((kept?.versions ?? 0) >= mostVersions) throw new Conflict('history.tooManyVersions');
}
