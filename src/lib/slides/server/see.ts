import { and, asc, desc, eq, isNull } from 'drizzle-orm';
import { fileUrl } from '#lib/files/model.ts';
import { idOf } from '#lib/ids.ts';
import { findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { mostDecks } from '../model.ts';
import type { DeckView, Show, SlidesView, Turn } from '../model.ts';
import type { DeckRow } from './find.ts';
import { findConverter } from './soffice.ts';
import { slideDecks, slideShows, slideTurns } from './table.ts';

const present = (deck: DeckRow): DeckView => ({
	id: deck.id,
	title: deck.title,
	state: deck.state,
	trouble: deck.trouble,
	pages: deck.pages,
	scripts: deck.scripts,
	url: deck.state === 'ready' && deck.pdfId ? fileUrl(deck.pdfId) : null,
	since: (deck.state === 'waiting' ? deck.createdAt : (deck.workedAt ?? deck.createdAt)).toISOString()
});

/** What is shown in a room now; for those who lead also the slides that lie there. */
export async function seeSlides(ctx: Context, input: { roomId: string }): Promise<SlidesView> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'slide.see', placeOf(room));
		const leading = may(ctx, 'slide.lead', placeOf(room));
		const sessionId = await sessionNow(ctx, roomId);
		const [shown] = sessionId
			? await ctx.db
					.select({ show: slideShows, deck: slideDecks })
					.from(slideShows)
					.innerJoin(slideDecks, eq(slideDecks.id, slideShows.deckId))
					.where(and(eq(slideShows.roomId, roomId), eq(slideShows.sessionId, sessionId)))
			: [];
		const decks = leading
			? await ctx.db
					.select()
					.from(slideDecks)
					.where(and(eq(slideDecks.roomId, roomId), isNull(slideDecks.archivedAt)))
					.orderBy(desc(slideDecks.createdAt), desc(slideDecks.id))
					.limit(mostDecks)
			: [];
		return {
			now: ctx.now().toISOString(),
			show: shown ? presentShow(shown) : null,
			decks: decks.map(present),
			converter: leading && findConverter(ctx.services.env.SOFFICE) !== null
		};
	});
}

function presentShow({ show, deck }: { show: typeof slideShows.$inferSelect; deck: DeckRow }): Show | null {
	if (show.page === null || !deck.pdfId || !deck.pages) return null;
	const { page, together, turn } = show;
	return { deckId: deck.id, title: deck.title, url: fileUrl(deck.pdfId), pages: deck.pages, page, together, turn };
}

/** Which page a session was shown from which second on: what a later look at the lesson turns by. */
export async function turnsOf(ctx: Context, input: { roomId: string; sessionId: string }): Promise<Turn[]> {
	const [roomId, sessionId] = [idOf('room').parse(input.roomId), idOf('session').parse(input.sessionId)];
	return query(ctx, async (ctx) => {
		authorize(ctx, 'slide.see', placeOf(await findRoom(ctx, roomId)));
		const [session] = await ctx.db
			.select()
			.from(sessions)
			.where(and(eq(sessions.id, sessionId), eq(sessions.roomId, roomId)));
		if (!session) throw new Conflict('slides.noSession');
		const turns = await ctx.db
			.select({
				at: slideTurns.at,
				page: slideTurns.page,
				deckId: slideTurns.deckId,
				title: slideDecks.title,
				pdfId: slideDecks.pdfId
			})
			.from(slideTurns)
			.innerJoin(slideDecks, eq(slideDecks.id, slideTurns.deckId))
			.where(eq(slideTurns.sessionId, sessionId))
			.orderBy(asc(slideTurns.at), asc(slideTurns.id));
		return turns.map(({ at, pdfId, ...turn }) => ({
			...turn,
			url: pdfId && fileUrl(pdfId),
			at: at.toISOString(),
			seconds: Math.max(0, (at.getTime() - session.startedAt.getTime()) / 1_000)
		}));
	});
}
