import { and, eq, isNull } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { isAppError, Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { OneCopy } from '../model.ts';
import { findCopy } from './find.ts';
import { handoutCopies } from './table.ts';

/** Say that one has one's copy in front of one; the first time counts, and a look of whoever leads does not. */
export async function openCopy(ctx: Context, input: OneCopy): Promise<void> {
	const { roomId, copyId } = OneCopy.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'handout.see', placeOf(room));
		const copy = await findCopy(ctx, roomId, copyId);
		// Of somebody else: as if there were none.
		await findDocument(ctx, copy.documentId).catch((error: unknown) => {
			throw isAppError(error) && error.status === 404 ? new Conflict('handouts.gone') : error;
		});
		if (may(ctx, 'handout.lead', placeOf(room))) return;
		const opened = await ctx.db
			.update(handoutCopies)
			.set({ openedAt: ctx.now() })
			.where(and(eq(handoutCopies.id, copy.id), isNull(handoutCopies.openedAt)))
			.returning({ id: handoutCopies.id });
		if (opened.length > 0) await publish(ctx.db, { kind: 'copyOpened', roomId });
	});
}
