import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { connect, createServer as createLine } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { newId } from '#lib/ids.ts';
import { listen, openFront } from '#lib/server/front.ts';
import type { MediaGateway, Services } from '#lib/server/services.ts';
import { useMedia } from '#tests/support/servers.ts';
import { openServices } from '#tests/support/services.ts';
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
	const front = frontOf({ ...world.services, env });
	web = createServer(front.request).on('upgrade', front.upgrade);
	port = await listen(web, '127.0.0.1', 0);
});
afterAll(async () => {
	web.closeAllConnections();
	web.close();
	await world.close();
});

function frontOf(services: Services) {
	const behind = signalling(services);
	const rewrite = (path: string) => {
		admitted++;
		return behind.rewrite(path);
	};
	const pages: RequestListener = (_, response) => response.end();
	return openFront([{ ...behind, rewrite }], pages, services.log);
}

async function pathTo(part: string): Promise<string> {
	const token = await media.token({
		roomId: newId<'room'>(),
		personId: newId<'person'>(),
		name: '王老师',
		sends: ['microphone', 'camera', 'screen']
	});
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

/** A way to the database that can be cut, as when PostgreSQL goes away and comes back. */
async function cuttableLine(databaseUrl: string) {
	const real = new URL(databaseUrl);
	const sockets = new Set<Socket>();
	const line = createLine((socket) => {
		const onward = connect(Number(real.port), real.hostname);
		for (const end of [socket, onward]) {
			sockets.add(end);
			end.on('error', () => undefined).on('close', () => void (socket.destroy(), onward.destroy(), sockets.delete(end)));
		}
		socket.pipe(onward).pipe(socket);
	});
	const open = (at: number) => new Promise<void>((resolve) => line.listen(at, '127.0.0.1', resolve));
	await open(0);
	const { port } = line.address() as { port: number };
	return {
		url: Object.assign(new URL(databaseUrl), { port: String(port) }).href,
		mend: () => open(port),
		cut: () => {
			const closed = new Promise<void>((resolve) => void line.close(() => resolve()));
			for (const socket of sockets) socket.destroy();
			return closed;
		}
	};
}

test('answers that it cannot tell while PostgreSQL is away, and lets people through when it is back', async () => {
	const cookie = await world.cookieOf('teacher-east1');
	const line = await cuttableLine(world.services.env.DATABASE_APP_URL);
	const services = await openServices({ databaseUrl: line.url });
	const { url: LIVEKIT_URL } = await useMedia();
	const front = frontOf({ ...services, env: { ...services.env, LIVEKIT_URL } });
	const usual = port;
	const other = createServer(front.request).on('upgrade', front.upgrade);
	port = await listen(other, '127.0.0.1', 0);
	try {
		expect(await upgrade(cookie)).toBe('joined');
		await line.cut();
		const before = admitted;
		expect(await upgrade(cookie)).toBe('503');
		const answer = await check(cookie);
		expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
		expect(((await answer.json()) as { title: string }).title).toMatch(/\.$/);
		// Without a cookie nobody need be asked.
		expect(await upgrade()).toBe('401');
		expect(admitted).toBe(before);
		await line.mend();
		expect(await upgrade(cookie)).toBe('joined');
		expect((await check(cookie)).status).toBe(200);
	} finally {
		port = usual;
		other.closeAllConnections();
		other.close();
		await services.close();
		await line.cut();
	}
});
