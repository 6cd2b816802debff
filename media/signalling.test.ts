import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { newId } from '#lib/ids.ts';
import { listen, openFront } from '#lib/server/front.ts';
import type { MediaGateway } from '#lib/server/services.ts';
import { useMedia } from '#tests/support/servers.ts';
import { ask, openWorld, signIn, worldPassword } from '#tests/support/world.ts';
import type { World } from '#tests/support/world.ts';
import { openMedia } from './gateway.ts';
import { signalling } from './signalling.ts';

// The way of a browser to a real LiveKit, with and without a sign-in; the token is good each time.

let world: World;
let web: Server;
let port: number;
let media: MediaGateway;
let admitted = 0;
beforeAll(async () => {
	const livekit = await useMedia();
	world = await openWorld();
	const { url: LIVEKIT_URL, apiKey: LIVEKIT_API_KEY, apiSecret: LIVEKIT_API_SECRET } = livekit;
	const env = { ...world.services.env, LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET };
	const opened = openMedia(env, world.services.log);
	if (!opened) throw new Error('no media');
	media = opened;
	const behind = signalling({ ...world.services, env });
	const rewrite = (path: string) => {
		admitted++;
		return behind.rewrite(path);
	};
	const front = openFront([{ ...behind, rewrite }], (_, response) => response.end(), world.services.log);
	web = createServer(front.request).on('upgrade', front.upgrade);
	port = await listen(web, '127.0.0.1', 0);
});
afterAll(async () => {
	web.closeAllConnections();
	web.close();
	await world.close();
});

async function pathTo(part: string): Promise<string> {
	const token = await media.token({ roomId: newId<'room'>(), personId: newId<'person'>(), name: '王老师', publish: true });
	return `127.0.0.1:${port}/livekit/rtc${part}?access_token=${token}&protocol=16&auto_subscribe=1`;
}

/** How the upgrade was answered: the first message of LiveKit, or the status of the refusal. */
async function upgrade(cookie?: string): Promise<string> {
	const socket = new WebSocket(`ws://${await pathTo('')}`, { headers: cookie ? { cookie } : {} });
	return new Promise((resolve) => {
		socket.on('message', () => {
			socket.close();
			resolve('joined');
		});
		socket.on('unexpected-response', (request, response) => {
			request.destroy();
			resolve(String(response.statusCode));
		});
		socket.on('error', (error) => resolve(error.message));
	});
}

const check = async (cookie?: string) => fetch(`http://${await pathTo('/validate')}`, { headers: cookie ? { cookie } : {} });

test('lets a person who is signed in through to the call', async () => {
	const cookie = await world.cookieOf('teacher-east1');
	expect(await upgrade(cookie)).toBe('joined');
	expect((await check(cookie)).status).toBe(200);
});

test('refuses everybody else before anything reaches LiveKit', async () => {
	const cookie = await signIn(world.services, 'teacher-west1', worldPassword);
	const forged = cookie.replace(/(session_token=[^.]*)\.[^;]*/, '$1.forged');
	await ask(world.services, '/sign-out', { method: 'POST', cookie });
	const before = admitted;
	for (const held of [undefined, cookie, forged, 'space.session_token=', 'x'.repeat(4_000)]) {
		expect([held, await upgrade(held)]).toEqual([held, '401']);
		const answer = await check(held);
		expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
	}
	expect(admitted).toBe(before);
});
