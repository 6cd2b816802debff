import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { startServers } from '#tests/support/servers.ts';
import { withClient } from './postgres.ts';
import { isRunning } from './process.ts';

test('servers end in order, PostgreSQL last and cleanly, and start again with what was stored', async () => {
	const dataFolder = temporaryFolder();
	const first = await startServers({ dataFolder, parts: ['postgres', 'synapse', 'livekit'] });
	const ownerUrl = first.database?.ownerUrl ?? '';
	await withClient(ownerUrl, (client) => client.query("CREATE TABLE kept AS SELECT '一堂课' AS lesson"));
	const pids = Object.values(first.servers).map((server) => server.pid ?? 0);
	expect(pids.every(isRunning)).toBe(true);
	await first.stop();
	expect(pids.some(isRunning)).toBe(false);
	expect(readFileSync(join(dataFolder, 'logs', 'postgres.log'), 'utf8')).toMatch(/database system is shut down\s*$/);

	const begun = performance.now();
	const second = await startServers({ dataFolder, port: first.port, parts: ['postgres', 'synapse', 'livekit'] });
	expect(performance.now() - begun).toBeLessThan(15_000);
	const { rows } = await withClient(second.database?.ownerUrl ?? '', (client) => client.query('SELECT lesson FROM kept'));
	await second.stop();
	expect(rows).toEqual([{ lesson: '一堂课' }]);
	expect(second.database?.ownerUrl).toBe(ownerUrl);
});

test('a server that was left running by a crash is ended first, and nothing committed is lost', async () => {
	const dataFolder = temporaryFolder();
	const crashed = await startServers({ dataFolder, parts: ['postgres'], restart: false });
	await withClient(crashed.database?.ownerUrl ?? '', (client) =>
		client.query("CREATE TABLE kept AS SELECT '一句话' AS sentence")
	);
	const left = crashed.servers.postgres?.pid ?? 0;

	const next = await startServers({ dataFolder, parts: ['postgres'] });
	const { rows } = await withClient(next.database?.ownerUrl ?? '', (client) => client.query('SELECT sentence FROM kept'));
	await next.stop();
	expect(isRunning(left)).toBe(false);
	expect(rows).toEqual([{ sentence: '一句话' }]);
});

test('settings of an existing server that are incomplete are named in a sentence', async () => {
	const { startSpace } = await import('./space.ts');
	const { silentSteps } = await import('./steps.ts');
	const dataFolder = temporaryFolder();
	const start = startSpace({
		root: dataFolder,
		dataFolder,
		toolsFolder: dataFolder,
		parts: ['livekit'],
		host: '127.0.0.1',
		port: 3000,
		origin: 'http://localhost:3000',
		existing: { LIVEKIT_URL: 'wss://media.school.cn', LIVEKIT_API_KEY: 'key' },
		steps: silentSteps({ info: () => undefined, warn: () => undefined })
	});
	await expect(start).rejects.toThrow('LIVEKIT_URL is set, so LIVEKIT_API_SECRET is needed.');
});
