import { z } from '@hono/zod-openapi';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { Answer, roundKinds, StartRound } from '../model.ts';
import { answerRound, askPrepared, dismissRound, dropPrepared, endRound, seeRounds, startRound } from './index.ts';

const Numbers = z.array(z.number());
const Named = z.object({ personId: z.uuid(), name: z.string() });
const Prepared = z.object({
	id: z.uuid(),
	question: z.string(),
	options: z.array(z.string()),
	correct: Numbers,
	many: z.boolean()
});
const Rounds = z
	.object({
		now: z.iso.datetime(),
		round: z
			.object({
				id: z.uuid(),
				kind: z.enum(roundKinds),
				question: z.string(),
				options: z.array(z.string()),
				many: z.boolean(),
				startedAt: z.iso.datetime(),
				endsAt: z.iso.datetime().nullable(),
				closed: z.boolean(),
				mine: Numbers.nullable(),
				answered: z.number(),
				of: z.number(),
				counts: Numbers.nullable(),
				correct: Numbers.nullable(),
				winner: Named.nullable(),
				answers: z.array(Named.extend({ choice: Numbers }))
			})
			.nullable(),
		prepared: z.array(Prepared),
		asked: z.array(Prepared.extend({ askedAt: z.iso.datetime(), answered: z.number(), counts: Numbers }))
	})
	.openapi('Rounds');
const Begun = z.object({ id: z.uuid() }).openapi('Begun');
const RoomParam = z.object({ roomId: z.uuid() });
const RoundParam = RoomParam.extend({ roundId: z.uuid() });

export const roundsRoutes = newApi()
	.openapi(
		route('round.answer', {
			method: 'get',
			path: '/rooms/{roomId}/rounds',
			summary: 'What is asked now; for those who lead also what waits and what was asked',
			request: { params: RoomParam },
			responses: answers(Rounds, 'rounds')
		}),
		async (c) => c.json(await seeRounds(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('round.lead', {
			method: 'post',
			path: '/rooms/{roomId}/rounds',
			summary: 'Start a question, a buzzer, a random pick or a timer; or keep a question for later',
			request: { params: RoomParam, body: takes(StartRound.shape.round) },
			responses: answers(Begun, 'the round')
		}),
		async (c) => c.json(await startRound(c.env.ctx, { ...c.req.valid('param'), round: c.req.valid('json') }), 200)
	)
	.openapi(
		route('round.lead', {
			method: 'post',
			path: '/rooms/{roomId}/rounds/{roundId}/ask',
			summary: 'Ask a question that was kept',
			request: { params: RoundParam },
			responses: answers(Begun, 'the round')
		}),
		async (c) => c.json(await askPrepared(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('round.lead', {
			method: 'delete',
			path: '/rooms/{roomId}/rounds/{roundId}',
			summary: 'Put a question away that was kept',
			request: { params: RoundParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await dropPrepared(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('round.answer', {
			method: 'post',
			path: '/rooms/{roomId}/rounds/{roundId}/answer',
			summary: 'Answer a question, or press the buzzer',
			request: { params: RoundParam, body: takes(Answer.pick({ choice: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await answerRound(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('round.lead', {
			method: 'post',
			path: '/rooms/{roomId}/rounds/{roundId}/close',
			summary: 'Close a round: everybody sees what came out',
			request: { params: RoundParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await endRound(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('round.lead', {
			method: 'post',
			path: '/rooms/{roomId}/rounds/{roundId}/dismiss',
			summary: 'Take a round off the screens',
			request: { params: RoundParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await dismissRound(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	);
