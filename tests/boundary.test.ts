import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { endServers, startServers } from '#tests/support/servers.ts';
import type { TestSpace } from '#tests/support/servers.ts';

// The web server as strangers meet it: no sign-in, no chat, no media, and everything but good manners.

let space: TestSpace;
beforeAll(async () => {
	space = await startServers({ parts: ['postgres', 'web'] });
}, 180_000);
afterAll(() => endServers(space));

const at = (path: string) => new URL(path, space.url);
const send = (path: string, init: RequestInit = {}) => fetch(at(path), { redirect: 'manual', ...init });
const json = (body: string, headers: Record<string, string> = {}) => ({
	method: 'POST',
	body,
	headers: { 'content-type': 'application/json', ...headers }
});

describe('the web server', () => {
	test('names each part that does not work, and why', async () => {
		const health = (await (await send('/api/v1/health')).json()) as Record<string, string>;
		expect(health).toMatchObject({ status: 'degraded', web: 'ok', database: 'ok', collab: 'ok' });
		expect(health.chat).not.toBe('ok');
		expect(health.media).not.toBe('ok');
	});

	test('serves pages with a strict policy for content and no inline script without a nonce', async () => {
		const page = await send('/sign-in');
		const policy = page.headers.get('content-security-policy') ?? '';
		expect(policy).toMatch(/script-src 'self' 'nonce-/);
		expect(policy).toContain("object-src 'none'");
		expect(policy).toContain("frame-ancestors 'none'");
		expect(policy.match(/script-src[^;]*/)?.[0]).not.toMatch(/unsafe/);
		expect(Object.fromEntries(page.headers)).toMatchObject({
			'x-content-type-options': 'nosniff',
			'x-frame-options': 'DENY',
			'referrer-policy': 'same-origin'
		});
		const scripts = [...(await page.text()).matchAll(/<script(?![^>]*nonce=)[^>]*>/g)];
		expect(scripts).toEqual([]);
	});

	test('sends who is not signed in to the sign-in page, and answers the API with a sentence', async () => {
		const home = await send('/');
		expect([home.status, home.headers.get('location')]).toEqual([303, '/sign-in?to=%2F']);
		const answer = await send('/api/v1/rooms', { headers: { 'accept-language': 'zh-CN' } });
		expect(answer.status).toBe(401);
		expect(answer.headers.get('content-type')).toContain('application/problem+json');
		expect(await answer.json()).toMatchObject({ status: 401, title: '请先登录。' });
	});

	test.each([
		['no JSON', '{"login": '],
		['another shape', '[1, 2, 3]'],
		['a shape that reaches for prototypes', '{"__proto__": {"admin": true}, "constructor": {"prototype": {}}}'],
		['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
		['no text at all', '\u0000\uffff']
	])('answers %s with a problem document', async (_, body) => {
		const answer = await send('/api/v1/sign-in', json(body));
		expect(answer.status).toBeGreaterThanOrEqual(400);
		expect(answer.status).toBeLessThan(500);
		expect(answer.headers.get('content-type')).toContain('application/problem+json');
		expect(((await answer.json()) as { title: string }).title).toMatch(/。$/);
	});

	test('refuses a body that is too large', async () => {
		const answer = await send('/api/v1/sign-in', json(JSON.stringify({ login: 'x'.repeat(6.5 * 1024 * 1024), password: 'x' })));
		expect(answer.status).toBe(413);
	});

	test('refuses what another site asks for', async () => {
		const answer = await send('/api/v1/sign-in', json('{"login":"a","password":"b"}', { origin: 'https://evil.example' }));
		expect(answer.status).toBe(403);
	});

	test('lets nobody reach what servers say to each other', async () => {
		for (const path of [
			'/_matrix/federation/v1/version',
			'/_matrix/client/v3/register',
			'/_synapse/admin/v1/users',
			'/livekit/twirp/livekit.RoomService/ListRooms',
			'/livekit/rtc/../twirp'
		]) {
			const answer = await send(path, { method: 'POST' });
			// Sent to the sign-in page, or told that there is nothing.
			expect([path, answer.status >= 300 && answer.status < 500]).toEqual([path, true]);
		}
	});

	test('describes every route with the row of the policy that guards it', async () => {
		const { paths } = (await (await send('/api/v1/openapi.json')).json()) as {
			paths: Record<string, Record<string, { 'x-policy'?: string; summary?: string }>>;
		};
		const routes = Object.entries(paths).flatMap(([path, methods]) =>
			Object.entries(methods).map(([method, route]) => ({ path, method, ...route }))
		);
		expect(routes.length).toBeGreaterThan(20);
		expect(routes.filter((route) => !route['x-policy'] || !route.summary)).toEqual([]);
	});

	test.each([
		['no one', '/live/01980000-0000-7000-8000-000000000000', {}],
		['another site', '/live/01980000-0000-7000-8000-000000000000', { origin: 'https://evil.example' }],
		['a place that is none', '/live/../../etc/passwd', {}],
		['a document without a token', '/collab/01980000-0000-7000-8000-000000000000', {}]
	])('closes a socket of %s', async (_, path, headers) => {
		const socket = new WebSocket(new URL(path, space.url.replace('http', 'ws')), { headers });
		const end = await new Promise<string>((resolve) => {
			socket.on('error', (error) => resolve(error.message));
			socket.on('close', (code) => resolve(String(code)));
			socket.on('message', () => resolve('told something'));
		});
		expect(end).not.toBe('told something');
	});

	test('outlives garbage on the line', async () => {
		for (let round = 0; round < 200; round++) {
			const junk = Buffer.from(Array.from({ length: 200 }, (_, index) => (index * 7919 + round * 104729) % 256));
			const head =
				round % 2
					? ''
					: 'GET /live/01980000-0000-7000-8000-000000000000 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
			await new Promise<void>((resolve) => {
				const socket = connect(space.port, '127.0.0.1', () => socket.end(Buffer.concat([Buffer.from(head), junk])));
				socket.on('error', () => resolve());
				socket.on('close', () => resolve());
				socket.resume();
			});
		}
		expect((await send('/api/v1/health')).status).toBe(200);
	});
});
