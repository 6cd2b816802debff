import { and, eq, isNull } from 'drizzle-orm';
import type { Id, RoomId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { slideDecks } from './table.ts';

export type DeckRow = typeof slideDecks.$inferSelect;

/** Slides of this room, locked until the transaction ends. */
export async function findDeck(ctx: Context, roomId: RoomId, deckId: Id<'deck'>): Promise<DeckRow> {
	const [deck] = await ctx.db
		.select()
		.from(slideDecks)
		.where(and(eq(slideDecks.id, deckId), eq(slideDecks.roomId, roomId), isNull(slideDecks.archivedAt)))
		.for('update');
	if (!deck) throw new Conflict('slides.gone');
	return deck;
}
