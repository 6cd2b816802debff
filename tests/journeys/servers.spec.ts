import { expect, test } from '@playwright/test';
import { space } from '#tests/support/space.ts';

test('every part of the space answers', async ({ request }) => {
	const health = await request.get('/api/v1/health');
	expect(await health.json()).toEqual({ status: 'ok', web: 'ok', database: 'ok', collab: 'ok', chat: 'ok', media: 'ok' });
});

test('a web server that is killed comes back by itself', async ({ request }) => {
	await space.kill('web');
	await expect
		.poll(() => request.get('/api/v1/health').then((answer) => answer.json(), String), { timeout: 30_000 })
		.toMatchObject({ status: 'ok' });
});

test('a dead chat server is named, and the rest works', async ({ request }) => {
	await space.stop('synapse');
	const health = await (await request.get('/api/v1/health')).json();
	expect(health).toMatchObject({ status: 'degraded', web: 'ok', database: 'ok', collab: 'ok', media: 'ok' });
	expect(health.chat).not.toBe('ok');
	await space.restart();
	await expect.poll(async () => (await request.get('/api/v1/health')).json()).toMatchObject({ status: 'ok', chat: 'ok' });
});
