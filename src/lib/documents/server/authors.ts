import { eq } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { findDocument } from './find.ts';
import { documentClients } from './table.ts';

/** Someone who wrote in a document, and under which Yjs client ids; without a name where the asker may not see it. */
export interface DocumentAuthor {
	id: string;
	name: string | null;
	clients: number[];
}

/** Who wrote under which Yjs client id. */
export async function listAuthors(ctx: Context, input: { documentId: string }): Promise<DocumentAuthor[]> {
	const documentId = idOf('document').parse(input.documentId);
	return query(ctx, async (ctx) => {
		const { place } = await findDocument(ctx, documentId);
		authorize(ctx, 'document.read', place);
		const rows = await ctx.db
			.select({ id: documentClients.personId, client: documentClients.clientId, name: people.name })
			.from(documentClients)
			.leftJoin(people, eq(people.id, documentClients.personId))
			.where(eq(documentClients.documentId, documentId));
		return [...Map.groupBy(rows, ({ id }) => id)].map(([id, own]) => ({
			id,
			name: own[0]?.name ?? null,
			clients: own.map(({ client }) => client)
		}));
	});
}
