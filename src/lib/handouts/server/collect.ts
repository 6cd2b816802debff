import { eq } from 'drizzle-orm';
import { documents } from '#lib/documents/server/table.ts';
import { setLock } from '#lib/history/server/index.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { OneCopy, OneHandout } from '../model.ts';
import { findCopy, findHandout } from './find.ts';
import { handoutCopies, handouts } from './table.ts';

/** Collect what was handed out to work on: nobody writes in the copies any more. */
export async function collectHandout(ctx: Context, input: OneHandout): Promise<void> {
	const { roomId, handoutId } = OneHandout.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'handout.lead', placeOf(room));
		const handout = await findHandout(ctx, roomId, handoutId);
		const open = await ctx.db
			.select({ documentId: documents.id, lockedAt: documents.lockedAt })
			.from(handoutCopies)
			.innerJoin(documents, eq(documents.id, handoutCopies.documentId))
			.where(eq(handoutCopies.handoutId, handout.id));
		for (const { documentId, lockedAt } of open) if (!lockedAt) await setLock(ctx, { documentId, locked: true });
		await ctx.db.update(handouts).set({ collectedAt: ctx.now() }).where(eq(handouts.id, handout.id));
		await auditAct(ctx, {
			verb: 'handout.collect',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { handout: handout.id, copies: open.length }
		});
		await publish(ctx.db, { kind: 'handout', roomId });
	});
}

/** Hand one copy back, to be worked on again. */
export async function returnCopy(ctx: Context, input: OneCopy): Promise<void> {
	const { roomId, copyId } = OneCopy.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'handout.lead', placeOf(room));
		const copy = await findCopy(ctx, roomId, copyId);
		await setLock(ctx, { documentId: copy.documentId, locked: false });
		await ctx.db.update(handoutCopies).set({ returnedAt: ctx.now() }).where(eq(handoutCopies.id, copy.id));
		await auditAct(ctx, {
			verb: 'handout.return',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { copy: copy.id }
		});
		await publish(ctx.db, { kind: 'handout', roomId });
	});
}
