import * as Y from 'yjs';
import type { DocumentId, PersonId } from '#lib/ids.ts';
import { requireSystem } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';
import { Authorship } from '../authorship.ts';
import { measure } from './effects.ts';
import { findDocument } from './find.ts';
import { documentClients, documentUpdates } from './table.ts';

/**
 * Writes what a person has prepared into a document that is still empty, as its first update. For content
 * that is there before anybody opens the document; afterwards documents are written through connections.
 */
export async function seedDocument(
	ctx: Context,
	documentId: DocumentId,
	personId: PersonId,
	build: (doc: Y.Doc) => void,
	role: Role = 'teacher'
): Promise<void> {
	requireSystem(ctx);
	await transaction(ctx, async (ctx) => {
		const { document } = await findDocument(ctx, documentId);
		const doc = new Y.Doc();
		const effects = measure(doc, document.kind, new Authorship(), () => doc.transact(() => build(doc)));
		const at = ctx.now();
		await ctx.db.insert(documentClients).values({ documentId, clientId: doc.clientID, personId, firstSeenAt: at });
		await ctx.db
			.insert(documentUpdates)
			.values({ documentId, seq: 1, personId, role, update: Y.encodeStateAsUpdate(doc), effects, at });
		doc.destroy();
	});
}
