import { z } from '@hono/zod-openapi';
import { answers, newApi, route } from '#lib/server/route.ts';
import { openCheckCall, seeWays } from './index.ts';

const Ways = z
	.object({
		origin: z.string(),
		mediaAddress: z.string().nullable(),
		udpPort: z.number().nullable(),
		tcpPort: z.number().nullable(),
		turn: z.array(z.string()),
		hasMedia: z.boolean(),
		seenFrom: z.string().nullable()
	})
	.openapi('Ways');
const Loop = z.object({ url: z.string(), sends: z.string(), looks: z.string() }).openapi('CheckCall');

export const checkRoutes = newApi()
	.openapi(
		route('self', {
			method: 'get',
			path: '/check',
			summary: 'Hosts and ports by which browsers reach the space and its media',
			responses: answers(Ways, 'the ways')
		}),
		async (c) => c.json(await seeWays(c.env.ctx), 200)
	)
	.openapi(
		route('self', {
			method: 'post',
			path: '/check/call',
			summary: 'Two tokens for a call with oneself, to measure the network',
			responses: answers(Loop, 'address and tokens')
		}),
		async (c) => c.json(await openCheckCall(c.env.ctx), 200)
	);
