import { and, eq, ne } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { RenameDocument } from '../model.ts';
import { findDocument } from './find.ts';
import { documents, documentUpdates } from './table.ts';

/** Give a document another title. */
export async function renameDocument(ctx: Context, input: RenameDocument): Promise<void> {
	const { documentId, title } = RenameDocument.parse(input);
	await transaction(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'document.change', place);
		await ctx.db.update(documents).set({ title }).where(eq(documents.id, documentId));
		await auditAct(ctx, { verb: 'document.rename', object: { type: 'document', id: documentId }, path: place.path });
		await publish(ctx.db, { kind: 'room', roomId: document.roomId });
	});
}

/**
 * Take a document off the table; its content and records stay. Whoever has it open is told and closed out. Who made it
 * may take it off again as long as nobody else has written in it.
 */
export async function archiveDocument(ctx: Context, input: { documentId: string }): Promise<void> {
	const documentId = idOf('document').parse(input.documentId);
	await transaction(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, (await isOnlyOwn(ctx, document)) ? 'document.write' : 'document.change', place);
		await ctx.db.update(documents).set({ archivedAt: ctx.now() }).where(eq(documents.id, documentId));
		await auditAct(ctx, { verb: 'document.archive', object: { type: 'document', id: documentId }, path: place.path });
		await publish(ctx.db, { kind: 'room', roomId: document.roomId });
	});
}

async function isOnlyOwn(ctx: Context, { id, createdBy, lockedAt }: typeof documents.$inferSelect): Promise<boolean> {
	const me = ctx.actor?.personId;
	if (!me || createdBy !== me || lockedAt) return false;
	const others = await ctx.db
		.select({ seq: documentUpdates.seq })
		.from(documentUpdates)
		.where(and(eq(documentUpdates.documentId, id), ne(documentUpdates.personId, me)))
		.limit(1);
	return others.length === 0;
}
