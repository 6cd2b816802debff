import { z } from '@hono/zod-openapi';
import { documentKinds } from '#lib/documents/model.ts';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { handoutKinds, PushHandout, SeeHandouts } from '../model.ts';
import { collectHandout, openCopy, pushHandout, returnCopy, seeHandouts } from './index.ts';

const Moment = z.iso.datetime().nullable();
const Document = z.object({
	id: z.uuid(),
	kind: z.enum(documentKinds),
	title: z.string(),
	lockedAt: Moment,
	can: z.object({ write: z.boolean(), change: z.boolean() })
});
const Handouts = z
	.object({
		handouts: z.array(
			z.object({
				id: z.uuid(),
				kind: z.enum(handoutKinds),
				title: z.string(),
				path: z.string().nullable(),
				type: z.string().nullable(),
				task: z.object({ id: z.uuid(), note: z.string() }).nullable(),
				work: z.boolean(),
				from: z.string(),
				at: z.iso.datetime(),
				current: z.boolean(),
				to: z.string().nullable(),
				collectedAt: Moment,
				document: Document.nullable(),
				copyId: z.uuid().nullable(),
				handedInAt: Moment,
				copies: z.array(
					z.object({
						id: z.uuid(),
						document: Document,
						owner: z.string(),
						openedAt: Moment,
						handedInAt: Moment,
						returnedAt: Moment,
						written: z.array(z.object({ name: z.string(), characters: z.int() }))
					})
				)
			})
		)
	})
	.openapi('Handouts');
const Pushed = z.object({ id: z.uuid() }).openapi('HandoutId');
const RoomParam = z.object({ roomId: z.uuid() });
const HandoutParam = RoomParam.extend({ handoutId: z.uuid() });
const CopyParam = RoomParam.extend({ copyId: z.uuid() });

export const handoutsRoutes = newApi()
	.openapi(
		route('handout.see', {
			method: 'get',
			path: '/rooms/{roomId}/handouts',
			summary: 'What was put in front of one; for those who lead all of it, and how far everybody is',
			request: { params: RoomParam, query: SeeHandouts.pick({ of: true }) },
			responses: answers(Handouts, 'handouts')
		}),
		async (c) => c.json(await seeHandouts(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('handout.lead', {
			method: 'post',
			path: '/rooms/{roomId}/handouts',
			summary: 'Put something in front of everybody, a group or one person, to look at or to work on',
			request: { params: RoomParam, body: takes(PushHandout.omit({ roomId: true })) },
			responses: answers(Pushed, 'the handout')
		}),
		async (c) => c.json(await pushHandout(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('handout.lead', {
			method: 'post',
			path: '/rooms/{roomId}/handouts/{handoutId}/collect',
			summary: 'Collect the copies: nobody writes in them any more',
			request: { params: HandoutParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await collectHandout(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('handout.see', {
			method: 'post',
			path: '/rooms/{roomId}/copies/{copyId}/open',
			summary: 'Say that one has one’s copy in front of one',
			request: { params: CopyParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await openCopy(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('handout.lead', {
			method: 'post',
			path: '/rooms/{roomId}/copies/{copyId}/return',
			summary: 'Hand a copy back, to be worked on again',
			request: { params: CopyParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await returnCopy(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	);
