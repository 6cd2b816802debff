import { timingSafeEqual } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, NotFound } from '#lib/server/errors.ts';
import { answers, newApi, route, takes } from '#lib/server/route.ts';
import { ChatPeople, ChatSession } from '../model.ts';
import { joinChat, receiveEvents, seeChatPeople } from './index.ts';

const hooks = '/hooks/matrix/_matrix/app/v1';
const Nothing = z.object({});

/** Refuses whoever does not show the homeserver's key. */
function requireHomeserver(ctx: Context, authorization: string | undefined): void {
	const { MATRIX_HS_TOKEN: token } = ctx.services.env;
	if (!token) throw new NotFound();
	const expected = Buffer.from(`Bearer ${token}`);
	const shown = Buffer.from(authorization ?? '');
	if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) throw new Forbidden();
}

const chat = newApi();
// Before a body is read: strangers cost nothing.
chat.use(`${hooks}/*`, async (c, next) => {
	requireHomeserver(c.env.ctx, c.req.header('authorization'));
	await next();
});

export const chatRoutes = chat
	.openapi(
		route('chat.join', {
			method: 'post',
			path: '/rooms/{roomId}/chat',
			summary: 'Join the chat of a room',
			request: { params: z.object({ roomId: z.uuid() }) },
			responses: answers(ChatSession, 'a chat device of this sign-in')
		}),
		async (c) => c.json(await joinChat(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('chat.join', {
			method: 'get',
			path: '/rooms/{roomId}/chat/people',
			summary: 'Who writes in the chat of a room, or wrote',
			request: { params: z.object({ roomId: z.uuid() }) },
			responses: answers(ChatPeople, 'people by the names and roles of the roster')
		}),
		async (c) => c.json(await seeChatPeople(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('peer', {
			method: 'put',
			path: `${hooks}/transactions/{transactionId}`,
			summary: 'What happened in the chats, told by the homeserver; kept before it is answered',
			request: {
				params: z.object({ transactionId: z.string().max(255) }),
				body: takes(z.looseObject({ events: z.array(z.unknown()).max(1_000) }))
			},
			responses: answers(Nothing, 'kept')
		}),
		async (c) => {
			await receiveEvents(systemContext(c.env.ctx.services), c.req.valid('json').events);
			return c.json({}, 200);
		}
	)
	.openapi(
		route('peer', {
			method: 'post',
			path: `${hooks}/ping`,
			summary: 'Whether the homeserver reaches the hub',
			responses: answers(Nothing, 'it does')
		}),
		(c) => c.json({}, 200)
	)
	.openapi(
		route('peer', {
			method: 'get',
			path: `${hooks}/{kind}/{id}`,
			summary: 'Accounts and rooms are made before anybody asks for them: there is no other',
			request: { params: z.object({ kind: z.enum(['users', 'rooms']), id: z.string().max(255) }) },
			responses: answers(Nothing, 'never')
		}),
		() => {
			throw new NotFound();
		}
	);
