import { eq, sql } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { CreateDocument } from '../model.ts';
import { presentDocument } from './present.ts';
import type { DocumentView } from './present.ts';
import { documents } from './table.ts';

/** Put a new, empty document on the table of a room, after those that lie there. */
export async function createDocument(ctx: Context, input: CreateDocument): Promise<DocumentView> {
	const { roomId, kind, title } = CreateDocument.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'document.create', placeOf(room));
		const [document] = await ctx.db
			.insert(documents)
			.values({
				roomId,
				spacePath: room.spacePath,
				kind,
				title,
				position: sql`(select coalesce(max(${documents.position}) + 1, 0) from ${documents} where ${eq(documents.roomId, roomId)})`,
				createdBy: ctx.actor?.personId ?? null,
				createdAt: ctx.now()
			})
			.returning();
		if (!document) throw new Error('a document was inserted and not returned');
		await auditAct(ctx, {
			verb: 'document.create',
			object: { type: 'document', id: document.id },
			path: room.spacePath,
			detail: { kind, roomId }
		});
		await publish(ctx.db, { kind: 'room', roomId });
		return presentDocument(ctx, document, placeOf(room));
	});
}
