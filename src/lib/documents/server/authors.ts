import { and, asc, eq, sql } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { MovedText } from '../authorship.ts';
import type { DocumentAuthors } from '../model.ts';
import { findDocument } from './find.ts';
import { documentClients, documentUpdates } from './table.ts';

/** Who wrote under which Yjs client id, in the order in which they came, and whose text was moved. */
export async function listAuthors(ctx: Context, input: { documentId: string }): Promise<DocumentAuthors> {
	const documentId = idOf('document').parse(input.documentId);
	return query(ctx, async (ctx) => {
		const { place } = await findDocument(ctx, documentId);
		authorize(ctx, 'document.read', place);
		const clients = await ctx.db
			.select({ client: documentClients.clientId, personId: documentClients.personId, name: people.name })
			.from(documentClients)
			.leftJoin(people, eq(people.id, documentClients.personId))
			.where(eq(documentClients.documentId, documentId))
			.orderBy(asc(documentClients.firstSeenAt), asc(documentClients.clientId));
		const moved = await ctx.db
			.select({ moved: sql<MovedText[]>`${documentUpdates.effects} -> 'moved'` })
			.from(documentUpdates)
			.where(and(eq(documentUpdates.documentId, documentId), sql`${documentUpdates.effects} ? 'moved'`))
			.orderBy(asc(documentUpdates.seq));
		return {
			// Null where the asker may not see the name.
			people: [...new Map(clients.map(({ personId, name }) => [personId, { id: personId, name }])).values()],
			clients: clients.map(({ client, personId }) => ({ client, personId })),
			moved: moved.flatMap(({ moved }) => moved)
		};
	});
}
