import { and, eq, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import type { Id, RoomId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { systemContext } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { OneRound } from '../model.ts';
import { isRight } from '../tally.ts';
import { roundAnswers, rounds } from './table.ts';

export type RoundRow = typeof rounds.$inferSelect;

/** A round of this room; only one that waits to be asked, or only one that was begun. Locked until the transaction ends. */
export async function findRound(
	ctx: Context,
	roomId: RoomId,
	roundId: Id<'round'>,
	{ prepared = false } = {}
): Promise<RoundRow> {
	const [round] = await ctx.db
		.select()
		.from(rounds)
		.where(
			and(eq(rounds.id, roundId), eq(rounds.roomId, roomId), prepared ? isNull(rounds.startedAt) : isNotNull(rounds.startedAt))
		)
		.for('update');
	if (!round || (prepared && round.dismissedAt)) throw new Conflict('rounds.gone');
	return round;
}

/** Takes no more answers, and makes a statement of each that there is: once, since a round is closed once. */
export async function closeRound(ctx: Context, round: RoundRow): Promise<void> {
	if (round.closedAt) return;
	await ctx.db.update(rounds).set({ closedAt: ctx.now() }).where(eq(rounds.id, round.id));
	if (round.kind !== 'question') return;
	const { roomId, sessionId, spacePath } = round;
	const given = await ctx.db.select().from(roundAnswers).where(eq(roundAnswers.roundId, round.id));
	await record(
		ctx,
		given.map(({ personId: actorId, role, choice, answeredAt: startedAt }) => ({
			key: `answer:${round.id}:${actorId}`,
			verb: 'answered' as const,
			actorId,
			role,
			spacePath,
			roomId,
			sessionId,
			startedAt,
			amount: choice.length,
			figures: { round: round.id, choice, right: isRight(choice, round.correct) }
		}))
	);
}

async function leading(ctx: Context, input: OneRound, act: (ctx: Context, round: RoundRow) => Promise<void>): Promise<void> {
	const { roomId, roundId } = OneRound.parse(input);
	await transaction(ctx, async (ctx) => {
		authorize(ctx, 'round.lead', placeOf(await findRoom(ctx, roomId)));
		await act(ctx, await findRound(ctx, roomId, roundId));
		await publish(ctx.db, { kind: 'round', roomId });
	});
}

/** Close a round: everybody sees what came out. */
export const endRound = (ctx: Context, input: OneRound): Promise<void> => leading(ctx, input, closeRound);

/** Take a round off the screens. What was answered stays. */
export const dismissRound = (ctx: Context, input: OneRound): Promise<void> =>
	leading(ctx, input, async (ctx, round) => {
		await closeRound(ctx, round);
		await ctx.db
			.update(rounds)
			.set({ dismissedAt: round.dismissedAt ?? ctx.now() })
			.where(eq(rounds.id, round.id));
	});

/** Put a question away that was kept for later. */
export async function dropPrepared(ctx: Context, input: OneRound): Promise<void> {
	const { roomId, roundId } = OneRound.parse(input);
	await transaction(ctx, async (ctx) => {
		authorize(ctx, 'round.lead', placeOf(await findRoom(ctx, roomId)));
		await findRound(ctx, roomId, roundId, { prepared: true });
		await ctx.db.update(rounds).set({ dismissedAt: ctx.now() }).where(eq(rounds.id, roundId));
		await publish(ctx.db, { kind: 'round', roomId });
	});
}

/** Closes rounds whose time is up, and those of sessions that are over, which leave the screens. Returns how many. */
export async function closeDue(services: Services): Promise<number> {
	return transaction(systemContext(services), async (ctx) => {
		const over = sql<boolean>`exists (select 1 from ${sessions} where ${sessions.id} = ${rounds.sessionId} and ${sessions.endedAt} is not null)`;
		const due = await ctx.db
			.select({ round: rounds, over })
			.from(rounds)
			.where(
				and(
					isNotNull(rounds.startedAt),
					isNull(rounds.dismissedAt),
					or(and(isNull(rounds.closedAt), lte(rounds.endsAt, ctx.now())), over)
				)
			)
			.for('update', { of: rounds, skipLocked: true });
		for (const { round, over } of due) {
			await closeRound(ctx, round);
			if (over) await ctx.db.update(rounds).set({ dismissedAt: ctx.now() }).where(eq(rounds.id, round.id));
			await publish(ctx.db, { kind: 'round', roomId: round.roomId });
		}
		return due.length;
	});
}
