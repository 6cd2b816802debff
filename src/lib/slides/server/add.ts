import { and, count, eq, isNull } from 'drizzle-orm';
import { findFile } from '#lib/files/server/index.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Invalid, isAppError } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { AddDeck, kindOfName, mostDecks, OneDeck } from '../model.ts';
import { findDeck } from './find.ts';
import { slideDecks } from './table.ts';

/** Make slides of a file that was brought into the room; whoever prepares them begins at once. */
export async function addDeck(ctx: Context, input: AddDeck): Promise<{ id: string }> {
	const { roomId, fileId } = AddDeck.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'slide.lead', placeOf(room));
		const file = await findFile(ctx, { fileId }).catch((error: unknown) => {
			// Foreign or missing, it is no file of this room.
			if (isAppError(error) && error.status === 404) throw new Conflict('slides.noFile');
			throw error;
		});
		if (file.roomId !== roomId) throw new Conflict('slides.noFile');
		const kind = kindOfName(file.name);
		if (!kind || (kind === 'pdf') !== (file.type === 'application/pdf')) throw new Invalid('slides.wrongKind');
		const [held] = await ctx.db
			.select({ decks: count() })
			.from(slideDecks)
			.where(and(eq(slideDecks.roomId, roomId), isNull(slideDecks.archivedAt)));
		if ((held?.decks ?? 0) >= mostDecks) throw new Conflict('slides.tooMany');
		const [deck] = await ctx.db
			.insert(slideDecks)
			.values({
				roomId,
				spacePath: room.spacePath,
				title: file.name.replace(/\.\w+$/, '').slice(0, 120) || file.name,
				fileId: file.id,
				pdfId: kind === 'pdf' ? file.id : null,
				state: 'waiting',
				createdBy: requireActor(ctx).personId,
				createdAt: ctx.now()
			})
			.returning({ id: slideDecks.id });
		if (!deck) throw new Error('slides were inserted and not returned');
		await auditAct(ctx, {
			verb: 'slide.add',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { file: file.id }
		});
		await publish(ctx.db, { kind: 'slides', roomId, show: null });
		return { id: deck.id };
	});
}

/** Try once more to make slides of a file, as after a converter was installed. */
export async function retryDeck(ctx: Context, input: OneDeck): Promise<void> {
	const { roomId, deckId } = OneDeck.parse(input);
	await transaction(ctx, async (ctx) => {
		authorize(ctx, 'slide.lead', placeOf(await findRoom(ctx, roomId)));
		const deck = await findDeck(ctx, roomId, deckId);
		if (deck.state !== 'failed') throw new Conflict('slides.notFailed');
		await ctx.db.update(slideDecks).set({ state: 'waiting', trouble: null, tries: 0 }).where(eq(slideDecks.id, deckId));
		await publish(ctx.db, { kind: 'slides', roomId, show: null });
	});
}
