import { and, eq, sql } from 'drizzle-orm';
import type { DocumentRow, MovedText } from '#lib/documents/server/index.ts';
import { documentClients, documents, documentUpdates } from '#lib/documents/server/table.ts';
import { lastSeqOf, stateAt } from '#lib/history/server/index.ts';
import type { DocumentId, RoomId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Role } from '#lib/spaces/model.ts';

interface Target {
	roomId: RoomId;
	title: string;
}

/**
 * Copies of a document as it is now, one in each place, in their order. Whoever wrote what stays known, and nothing of
 * it counts as written anew; handing one in locks it.
 */
export async function copyDocument(
	ctx: Context,
	source: DocumentRow,
	role: Role,
	targets: readonly Target[]
): Promise<DocumentId[]> {
	if (targets.length === 0) return [];
	const { personId } = requireActor(ctx);
	const at = ctx.now();
	const made = await ctx.db
		.insert(documents)
		.values(
			targets.map(({ roomId, title }) => ({
				roomId,
				spacePath: source.spacePath,
				kind: source.kind,
				title: title.slice(0, 80),
				position: sql<number>`(select coalesce(max(${documents.position}) + 1, 0) from ${documents} where ${eq(documents.roomId, roomId)})`,
				createdBy: personId,
				createdAt: at,
				locksOnHandIn: true
			}))
		)
		.returning({ id: documents.id });
	const ids = made.map(({ id }) => id);
	const seq = await lastSeqOf(ctx, source.id);
	if (seq === 0) return ids;
	const update = Buffer.from(await stateAt(ctx, source.id, seq));
	const clients = await ctx.db.select().from(documentClients).where(eq(documentClients.documentId, source.id));
	const moves = await ctx.db
		.select({ moved: sql<MovedText[]>`${documentUpdates.effects} -> 'moved'` })
		.from(documentUpdates)
		.where(and(eq(documentUpdates.documentId, source.id), sql`${documentUpdates.effects} ? 'moved'`))
		.orderBy(documentUpdates.seq);
	const moved = moves.flatMap((one) => one.moved);
	const effects = {
		inserted: 0,
		deleted: {},
		nodesCreated: [],
		nodesMoved: [],
		nodesLinked: [],
		nodesDeleted: [],
		...(moved.length > 0 ? { moved } : {})
	};
	for (const documentId of ids) {
		if (clients.length > 0) await ctx.db.insert(documentClients).values(clients.map((client) => ({ ...client, documentId })));
		await ctx.db.insert(documentUpdates).values({ documentId, seq: 1, personId, role, update, effects, at });
	}
	return ids;
}
