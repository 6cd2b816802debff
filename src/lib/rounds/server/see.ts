import { and, asc, desc, eq, inArray, isNotNull, isNull, ne } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { findRoom, insideOf, leads, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { AskedQuestion, PreparedQuestion, RoundsView, RoundView } from '../model.ts';
import { tally } from '../tally.ts';
import type { RoundRow } from './close.ts';
import { roundAnswers, rounds } from './table.ts';

/** Questions of one session, and questions kept, that are listed at most. */
const most = 100;

async function view(ctx: Context, room: RoomRow, round: RoundRow, leading: boolean): Promise<RoundView> {
	const { personId } = requireActor(ctx);
	const given = await ctx.db
		.select({ personId: roundAnswers.personId, name: people.name, choice: roundAnswers.choice })
		.from(roundAnswers)
		.innerJoin(people, eq(people.id, roundAnswers.personId))
		.where(eq(roundAnswers.roundId, round.id))
		.orderBy(asc(people.name));
	const inside = (await insideOf(ctx, [room.id])).filter(({ role }) => !leads(room.kind, role));
	const [winner] = round.winnerId
		? await ctx.db.select({ personId: people.id, name: people.name }).from(people).where(eq(people.id, round.winnerId))
		: [];
	const closed = round.closedAt !== null;
	const open = closed || leading;
	return {
		id: round.id,
		kind: round.kind,
		question: round.question,
		options: round.options,
		many: round.many,
		startedAt: round.startedAt?.toISOString() ?? '',
		endsAt: round.endsAt?.toISOString() ?? null,
		closed,
		mine: given.find((one) => one.personId === personId)?.choice ?? null,
		answered: given.length,
		of: new Set([...inside, ...given].map((one) => one.personId)).size,
		counts:
			open && round.kind === 'question'
				? tally(
						round.options.length,
						given.map(({ choice }) => choice)
					)
				: null,
		correct: open && round.kind === 'question' ? round.correct : null,
		winner: winner ?? null,
		answers: leading ? given : []
	};
}

const prepared = ({ id, question, options, correct, many }: RoundRow): PreparedQuestion => ({
	id,
	question,
	options,
	correct,
	many
});

async function askedIn(ctx: Context, room: RoomRow, except: string | undefined): Promise<AskedQuestion[]> {
	const sessionId = await sessionNow(ctx, room.id);
	if (!sessionId) return [];
	const asked = await ctx.db
		.select()
		.from(rounds)
		.where(
			and(
				eq(rounds.sessionId, sessionId),
				eq(rounds.kind, 'question'),
				except ? ne(rounds.id, except as RoundRow['id']) : undefined
			)
		)
		.orderBy(desc(rounds.startedAt))
		.limit(most);
	if (asked.length === 0) return [];
	const ids = asked.map(({ id }) => id);
	const given = await ctx.db.select().from(roundAnswers).where(inArray(roundAnswers.roundId, ids));
	return asked.map((round) => {
		const choices = given.filter(({ roundId }) => roundId === round.id).map(({ choice }) => choice);
		return {
			...prepared(round),
			askedAt: round.startedAt?.toISOString() ?? '',
			answered: choices.length,
			counts: tally(round.options.length, choices)
		};
	});
}

/** What is asked in a room now, as the actor may see it; for those who lead also what waits and what was asked. */
export async function seeRounds(ctx: Context, input: { roomId: string }): Promise<RoundsView> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'round.answer', placeOf(room));
		const leading = may(ctx, 'round.lead', placeOf(room));
		const [shown] = await ctx.db
			.select()
			.from(rounds)
			.where(and(eq(rounds.roomId, roomId), isNotNull(rounds.startedAt), isNull(rounds.dismissedAt)));
		const kept = leading
			? await ctx.db
					.select()
					.from(rounds)
					.where(and(eq(rounds.roomId, roomId), isNull(rounds.startedAt), isNull(rounds.dismissedAt)))
					.orderBy(asc(rounds.createdAt), asc(rounds.id))
					.limit(most)
			: [];
		return {
			now: ctx.now().toISOString(),
			round: shown ? await view(ctx, room, shown, leading) : null,
			prepared: kept.map(prepared),
			asked: leading ? await askedIn(ctx, room, shown?.id) : []
		};
	});
}
