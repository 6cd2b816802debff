import { randomInt } from 'node:crypto';
import { and, asc, eq, isNotNull, isNull } from 'drizzle-orm';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { findRoom, insideOf, leads, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { OneRound, StartRound } from '../model.ts';
import { pickFairly } from '../pick.ts';
import { closeRound, findRound } from './close.ts';
import { rounds } from './table.ts';

/** Start a round for everybody in the session, in place of the one that is shown; or keep a question for later. */
export async function startRound(ctx: Context, input: StartRound): Promise<{ id: string }> {
	const { roomId, round } = StartRound.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'round.lead', placeOf(room));
		const made = { roomId, spacePath: room.spacePath, createdBy: requireActor(ctx).personId };
		if (round.kind === 'question' && round.later) {
			const { kind, question, options, correct, many } = round;
			const [kept] = await ctx.db
				.insert(rounds)
				.values({ ...made, kind, question, options, correct, many })
				.returning({ id: rounds.id });
			await publish(ctx.db, { kind: 'round', roomId });
			return { id: kept!.id };
		}
		const start = await beginning(ctx, room);
		const endsAt = 'seconds' in round && round.seconds ? new Date(ctx.now().getTime() + round.seconds * 1_000) : null;
		const about =
			round.kind === 'question'
				? { question: round.question, options: round.options, correct: round.correct, many: round.many }
				: {};
		const picked = round.kind === 'pick' ? await pickIn(ctx, room) : null;
		const [begun] = await ctx.db
			.insert(rounds)
			.values({ ...made, ...start, ...about, kind: round.kind, endsAt, winnerId: picked, closedAt: picked && ctx.now() })
			.returning({ id: rounds.id });
		await publish(ctx.db, { kind: 'round', roomId });
		return { id: begun!.id };
	});
}

/** Ask a question that was kept; it stays to be asked again. */
export async function askPrepared(ctx: Context, input: OneRound): Promise<{ id: string }> {
	const { roomId, roundId } = OneRound.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'round.lead', placeOf(room));
		const { kind, question, options, correct, many } = await findRound(ctx, roomId, roundId, { prepared: true });
		const start = await beginning(ctx, room);
		const [begun] = await ctx.db
			.insert(rounds)
			.values({
				roomId,
				spacePath: room.spacePath,
				createdBy: requireActor(ctx).personId,
				...start,
				kind,
				question,
				options,
				correct,
				many
			})
			.returning({ id: rounds.id });
		await publish(ctx.db, { kind: 'round', roomId });
		return { id: begun!.id };
	});
}

/** Makes room on the screens: what is shown is closed and put away. */
async function beginning(ctx: Context, room: RoomRow) {
	const sessionId = await sessionNow(ctx, room.id);
	if (!sessionId) throw new Conflict('rooms.enterFirst');
	const shown = await ctx.db
		.select()
		.from(rounds)
		.where(and(eq(rounds.roomId, room.id), isNotNull(rounds.startedAt), isNull(rounds.dismissedAt)))
		.for('update');
	for (const round of shown) {
		await closeRound(ctx, round);
		await ctx.db.update(rounds).set({ dismissedAt: ctx.now() }).where(eq(rounds.id, round.id));
	}
	return { sessionId, startedAt: ctx.now() };
}

/** Somebody who is inside and does not lead; whoever was picked least often in this room is next. */
async function pickIn(ctx: Context, room: RoomRow): Promise<PersonId> {
	const inside = (await insideOf(ctx, [room.id])).filter(({ role }) => !leads(room.kind, role));
	const before = await ctx.db
		.select({ personId: rounds.winnerId })
		.from(rounds)
		.where(and(eq(rounds.roomId, room.id as RoomId), eq(rounds.kind, 'pick'), isNotNull(rounds.winnerId)))
		.orderBy(asc(rounds.startedAt), asc(rounds.id));
	const picked = pickFairly(
		inside.map(({ personId }) => personId as PersonId),
		before.flatMap(({ personId }) => personId ?? []),
		randomInt(2 ** 32) / 2 ** 32
	);
	if (!picked) throw new Conflict('rounds.nobodyInside');
	return picked;
}
