import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { Id, RoomId, SessionId } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { idOf } from '#lib/ids.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { OneDeck, ShowDeck } from '../model.ts';
import { findDeck } from './find.ts';
import { slideDecks, slideShows, slideTurns } from './table.ts';

/** Show a page to the whole room: the first of these slides, another page of them, or another way of turning. */
export async function showDeck(ctx: Context, input: ShowDeck): Promise<{ turn: number }> {
	const { roomId, deckId, page, together } = ShowDeck.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'slide.lead', placeOf(room));
		const sessionId = await sessionNow(ctx, roomId);
		if (!sessionId) throw new Conflict('rooms.enterFirst');
		const deck = await findDeck(ctx, roomId, deckId);
		if (deck.state !== 'ready' || !deck.pages) throw new Conflict('slides.notReady');
		if (page > deck.pages) throw new Conflict('slides.noSuchPage');
		const shown = { spacePath: room.spacePath, sessionId, deckId, page, together };
		const before = await shownNow(ctx, roomId, sessionId);
		const [show] = await ctx.db
			.insert(slideShows)
			.values({ roomId, ...shown, turn: 1 })
			.onConflictDoUpdate({ target: slideShows.roomId, set: { ...shown, turn: sql`${slideShows.turn} + 1` } })
			.returning({ turn: slideShows.turn });
		const turn = show?.turn ?? 1;
		if (before?.deckId !== deckId || before.page !== page) await note(ctx, room, { sessionId, deckId, page });
		await publish(ctx.db, { kind: 'slides', roomId, show: { deckId, page, together, turn } });
		return { turn };
	});
}

/** Take the slides off the screens. */
export async function hideDeck(ctx: Context, input: { roomId: string }): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'slide.lead', placeOf(room));
		await takeOff(ctx, room);
	});
}

/** Put slides away. What was shown of them stays known. */
export async function dropDeck(ctx: Context, input: OneDeck): Promise<void> {
	const { roomId, deckId } = OneDeck.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'slide.lead', placeOf(room));
		await findDeck(ctx, roomId, deckId);
		await ctx.db.update(slideDecks).set({ archivedAt: ctx.now() }).where(eq(slideDecks.id, deckId));
		await auditAct(ctx, {
			verb: 'slide.drop',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { deck: deckId }
		});
		await takeOff(ctx, room, deckId);
		await publish(ctx.db, { kind: 'slides', roomId, show: null });
	});
}

async function shownNow(ctx: Context, roomId: RoomId, sessionId: SessionId) {
	const [show] = await ctx.db
		.select()
		.from(slideShows)
		.where(and(eq(slideShows.roomId, roomId), eq(slideShows.sessionId, sessionId), isNotNull(slideShows.page)))
		.for('update');
	return show;
}

async function takeOff(ctx: Context, room: RoomRow, only?: Id<'deck'>): Promise<void> {
	const sessionId = await sessionNow(ctx, room.id);
	const show = sessionId && (await shownNow(ctx, room.id, sessionId));
	if (!show || (only && show.deckId !== only)) return;
	await ctx.db
		.update(slideShows)
		.set({ page: null, turn: show.turn + 1 })
		.where(eq(slideShows.roomId, room.id));
	await note(ctx, room, { sessionId: show.sessionId, deckId: show.deckId, page: null });
	await publish(ctx.db, { kind: 'slides', roomId: room.id, show: null });
}

/** Keeps when which page was shown, for whoever looks at the lesson again. */
async function note(
	ctx: Context,
	{ spacePath }: RoomRow,
	turn: { sessionId: SessionId; deckId: Id<'deck'>; page: number | null }
): Promise<void> {
	await ctx.db.insert(slideTurns).values({ ...turn, spacePath, at: ctx.now() });
}
