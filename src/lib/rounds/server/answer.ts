import { and, eq, isNull } from 'drizzle-orm';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { visits } from '#lib/rooms/server/table.ts';
import { record } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { Answer } from '../model.ts';
import { roundAnswers, rounds } from './table.ts';

/** Answer a question, again as long as it is open; or press the buzzer, which the first one wins. */
export async function answerRound(ctx: Context, input: Answer): Promise<void> {
	const { roomId, roundId, choice } = Answer.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'round.answer', placeOf(room));
		const { personId } = requireActor(ctx);
		const [visit] = await ctx.db
			.select()
			.from(visits)
			.where(and(eq(visits.roomId, roomId), eq(visits.personId, personId), isNull(visits.leftAt)));
		if (!visit) throw new Conflict('rooms.enterFirst');
		const find = () =>
			ctx.db
				.select()
				.from(rounds)
				.where(and(eq(rounds.id, roundId), eq(rounds.roomId, roomId)));
		const [asked] = await find();
		const at = ctx.now();
		if (!asked?.startedAt) throw new Conflict('rounds.gone');
		if (asked.kind === 'buzzer') return press(ctx, asked, visit, at);
		// A share lock: all answer at once, and none slips in while the round is closed.
		const [round] = await find().for('share');
		if (!round) throw new Conflict('rounds.gone');
		if (round.kind !== 'question') throw new Invalid('rounds.noAnswers');
		if (round.closedAt || (round.endsAt && round.endsAt <= at)) throw new Conflict('rounds.closed');
		const chosen = [...new Set(choice)].sort((a, b) => a - b);
		if (chosen.length === 0 || (!round.many && chosen.length > 1) || chosen.some((one) => one >= round.options.length))
			throw new Invalid('rounds.wrongChoice');
		const answer = { choice: chosen, role: visit.role, answeredAt: at };
		await ctx.db
			.insert(roundAnswers)
			.values({ roundId, spacePath: room.spacePath, personId, ...answer })
			.onConflictDoUpdate({ target: [roundAnswers.roundId, roundAnswers.personId], set: answer });
		await publish(ctx.db, { kind: 'answered', roomId });
	});
}

async function press(
	ctx: Context,
	round: typeof rounds.$inferSelect,
	visit: typeof visits.$inferSelect,
	at: Date
): Promise<void> {
	const { personId, role, spacePath, roomId, sessionId } = visit;
	const won = await ctx.db
		.update(rounds)
		.set({ winnerId: personId, closedAt: at })
		.where(and(eq(rounds.id, round.id), isNull(rounds.winnerId), isNull(rounds.closedAt)))
		.returning({ id: rounds.id });
	if (won.length === 0) throw new Conflict('rounds.tooLate');
	await record(ctx, [
		{
			key: `buzz:${round.id}`,
			verb: 'answered',
			actorId: personId,
			role,
			spacePath,
			roomId,
			sessionId,
			startedAt: at,
			figures: { round: round.id }
		}
	]);
	await publish(ctx.db, { kind: 'round', roomId });
}
