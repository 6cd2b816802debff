import { z } from '@hono/zod-openapi';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { AddDeck, deckStates, deckTroubles, ShowDeck } from '../model.ts';
import { addDeck, dropDeck, hideDeck, retryDeck, seeSlides, showDeck, turnsOf } from './index.ts';

const Slides = z
	.object({
		now: z.iso.datetime(),
		show: z
			.object({
				deckId: z.uuid(),
				title: z.string(),
				url: z.string(),
				pages: z.int(),
				page: z.int(),
				together: z.boolean(),
				turn: z.int()
			})
			.nullable(),
		decks: z.array(
			z.object({
				id: z.uuid(),
				title: z.string(),
				state: z.enum(deckStates),
				trouble: z.enum(deckTroubles).nullable(),
				pages: z.int().nullable(),
				scripts: z.boolean(),
				url: z.string().nullable(),
				since: z.iso.datetime()
			})
		),
		converter: z.boolean()
	})
	.openapi('Slides');
const Turns = z
	.array(z.object({ at: z.iso.datetime(), seconds: z.number(), deckId: z.uuid(), title: z.string(), page: z.int().nullable() }))
	.openapi('SlideTurns');
const Added = z.object({ id: z.uuid() }).openapi('Deck');
const Turned = z.object({ turn: z.int() }).openapi('Turned');
const RoomParam = z.object({ roomId: z.uuid() });
const DeckParam = RoomParam.extend({ deckId: z.uuid() });
const SessionParam = RoomParam.extend({ sessionId: z.uuid() });

export const slidesRoutes = newApi()
	.openapi(
		route('slide.see', {
			method: 'get',
			path: '/rooms/{roomId}/slides',
			summary: 'What is shown to the room now; for those who lead also the slides that lie there',
			request: { params: RoomParam },
			responses: answers(Slides, 'slides')
		}),
		async (c) => c.json(await seeSlides(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('slide.lead', {
			method: 'post',
			path: '/rooms/{roomId}/slides',
			summary: 'Make slides of a file that was brought into the room',
			request: { params: RoomParam, body: takes(AddDeck.omit({ roomId: true })) },
			responses: answers(Added, 'the slides')
		}),
		async (c) => c.json(await addDeck(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('slide.lead', {
			method: 'post',
			path: '/rooms/{roomId}/slides/hide',
			summary: 'Take the slides off the screens',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await hideDeck(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('slide.lead', {
			method: 'post',
			path: '/rooms/{roomId}/slides/{deckId}/show',
			summary: 'Show a page to all, who follow or turn freely',
			request: { params: DeckParam, body: takes(ShowDeck.omit({ roomId: true, deckId: true })) },
			responses: answers(Turned, 'the number of the turn')
		}),
		async (c) => c.json(await showDeck(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('slide.lead', {
			method: 'post',
			path: '/rooms/{roomId}/slides/{deckId}/retry',
			summary: 'Try once more to make slides of a file',
			request: { params: DeckParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await retryDeck(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('slide.lead', {
			method: 'delete',
			path: '/rooms/{roomId}/slides/{deckId}',
			summary: 'Put slides away',
			request: { params: DeckParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await dropDeck(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('slide.see', {
			method: 'get',
			path: '/rooms/{roomId}/sessions/{sessionId}/turns',
			summary: 'Which page of which slides a session was shown from which second on',
			request: { params: SessionParam },
			responses: answers(Turns, 'the turns, by time')
		}),
		async (c) => c.json(await turnsOf(c.env.ctx, c.req.valid('param')), 200)
	);
