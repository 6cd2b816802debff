import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

/**
 * A round: one short thing that a whole session does at once. A question with answers to choose from, a buzzer for
 * the first who presses, one person picked at random, or time that runs down.
 */
export const roundKinds = ['question', 'buzzer', 'pick', 'timer'] as const;
export type RoundKind = (typeof roundKinds)[number];

const mostOptions = 8;
const Text = z.string().trim().min(1).max(200);

const Question = z.strictObject({
	kind: z.literal('question'),
	question: z.string().trim().max(500).default(''),
	options: z.array(Text).min(2).max(mostOptions),
	/** Which options are right, from 0; none for a vote. */
	correct: z
		.array(
			z
				.int()
				.min(0)
				.max(mostOptions - 1)
		)
		.max(mostOptions)
		.default([]),
	/** Several may be chosen. */
	many: z.boolean().default(false)
});
const seconds = z.int().min(5).max(7_200);
const rooms = { roomId: idOf('room') };

export const StartRound = z.strictObject({
	...rooms,
	round: z
		.discriminatedUnion('kind', [
			Question.extend({
				seconds: seconds.optional(),
				/** Kept in the room, to be asked later. */
				later: z.boolean().default(false)
			}),
			z.strictObject({ kind: z.literal('buzzer') }),
			z.strictObject({ kind: z.literal('pick') }),
			z.strictObject({ kind: z.literal('timer'), seconds })
		])
		.refine((round) => round.kind !== 'question' || round.correct.every((one) => one < round.options.length), {
			path: ['correct'],
			message: 'one of the options'
		})
		.refine((round) => round.kind !== 'question' || round.many || round.correct.length <= 1, {
			path: ['correct'],
			message: 'one right answer, or several to choose'
		})
});
export type StartRound = z.input<typeof StartRound>;
export type RoundInput = StartRound['round'];

export const OneRound = z.strictObject({ ...rooms, roundId: idOf('round') });
export type OneRound = z.input<typeof OneRound>;
export const Answer = OneRound.extend({
	choice: z
		.array(
			z
				.int()
				.min(0)
				.max(mostOptions - 1)
		)
		.max(mostOptions)
});
export type Answer = z.input<typeof Answer>;

interface Named {
	personId: string;
	name: string;
}

/** A round as one person sees it. */
export interface RoundView {
	id: string;
	kind: RoundKind;
	question: string;
	options: string[];
	many: boolean;
	startedAt: string;
	endsAt: string | null;
	closed: boolean;
	/** What the asker chose; null when nothing yet. */
	mine: number[] | null;
	/** How many answered, of how many who might. */
	answered: number;
	of: number;
	/** How often each option was chosen, and the right ones: for all when it is closed, before for those who lead. */
	counts: number[] | null;
	correct: number[] | null;
	/** Who pressed first, or was picked. */
	winner: Named | null;
	/** Who chose what; only for those who lead. */
	answers: (Named & { choice: number[] })[];
}

/** A question that waits to be asked. */
export interface PreparedQuestion {
	id: string;
	question: string;
	options: string[];
	correct: number[];
	many: boolean;
}

/** A question that was asked in the session that goes on. */
export interface AskedQuestion extends PreparedQuestion {
	askedAt: string;
	answered: number;
	counts: number[];
}

export interface RoundsView {
	/** The server's clock, by which `endsAt` is meant. */
	now: string;
	round: RoundView | null;
	/** Only for those who lead. */
	prepared: PreparedQuestion[];
	asked: AskedQuestion[];
}
