import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { useChat, useMedia } from '#tests/support/servers.ts';
import { root, toolsFolder } from '#tests/support/settings.ts';
import { freePort } from './ports.ts';
import { databaseUrl, startPostgres, withClient } from './postgres.ts';
import type { Postgres } from './postgres.ts';
import { startSpace } from './space.ts';
import type { ExistingServers } from './space.ts';
import { silentSteps } from './steps.ts';

const folder = mkdtempSync(join(tmpdir(), 'space-test-'));
let school: Postgres;
beforeAll(async () => {
	const log = { info: () => undefined, warn: () => undefined };
	school = await startPostgres({
		folder: `${folder}/postgres`,
		port: await freePort(),
		password: 'of the school',
		logFile: `${folder}/postgres.log`,
		log
	});
});
afterAll(async () => {
	await school.stop();
	rmSync(folder, { recursive: true, force: true });
});

/** A database as a school's administrator makes it. */
async function makeDatabase(name: string, rights = ''): Promise<string> {
	await withClient(school.url('postgres'), async (client) => {
		await client.query(`CREATE ROLE ${name} LOGIN ${rights} PASSWORD 'p@ss w/rd'`);
		await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
	});
	return databaseUrl(school.port, name, name, encodeURIComponent('p@ss w/rd'));
}

async function start(existing: ExistingServers, port: number, parts: Parameters<typeof startSpace>[0]['parts']) {
	const dataFolder = temporaryFolder();
	return startSpace({
		root,
		dataFolder,
		toolsFolder,
		parts,
		host: '127.0.0.1',
		port,
		origin: `http://localhost:${port}`,
		existing,
		settings: { LOG_LEVEL: 'warn' },
		steps: silentSteps({ info: () => undefined, warn: () => undefined })
	});
}

test('a space stands on the PostgreSQL, LiveKit and Synapse of a school and starts none of its own', async () => {
	const port = await freePort();
	const chat = await useChat(`http://127.0.0.1:${port}`);
	const media = await useMedia();
	const space = await start(
		{
			DATABASE_URL: await makeDatabase('lesson', 'CREATEROLE'),
			LIVEKIT_URL: media.url,
			LIVEKIT_API_KEY: media.apiKey,
			LIVEKIT_API_SECRET: media.apiSecret,
			MATRIX_URL: chat.url,
			MATRIX_SERVER_NAME: chat.serverName,
			MATRIX_AS_TOKEN: chat.asToken,
			MATRIX_HS_TOKEN: chat.hsToken
		},
		port,
		['postgres', 'synapse', 'livekit', 'media', 'recorder', 'web']
	);
	try {
		const health = await fetch(`${space.url}/api/v1/health`).then((response) => response.json());
		expect(health).toEqual({ status: 'ok', web: 'ok', database: 'ok', collab: 'ok', chat: 'ok', media: 'ok' });
		expect(Object.keys(space.servers).toSorted()).toEqual(['media', 'recorder', 'web']);
	} finally {
		await space.stop();
	}
});

test('a homeserver that does not know the hub is named with the setting that is wrong', async () => {
	const port = await freePort();
	const chat = await useChat();
	const space = await start(
		{
			DATABASE_URL: databaseUrl(school.port, 'lesson', 'lesson', encodeURIComponent('p@ss w/rd')),
			DATABASE_APP_URL: await resetAppRole('lesson'),
			MATRIX_URL: chat.url,
			MATRIX_SERVER_NAME: chat.serverName,
			MATRIX_AS_TOKEN: 'a-token-of-nobody-that-is-long-enough-to-be-one',
			MATRIX_HS_TOKEN: chat.hsToken
		},
		port,
		['web', 'synapse']
	);
	try {
		const health = await fetch(`${space.url}/api/v1/health`).then((response) => response.json());
		expect(health).toMatchObject({ status: 'degraded', chat: expect.stringContaining('MATRIX_AS_TOKEN') });
	} finally {
		await space.stop();
	}
});

/** The administrator gives the application's role a password of their own. */
async function resetAppRole(database: string): Promise<string> {
	await withClient(school.url('postgres'), (client) => client.query("ALTER ROLE space_app PASSWORD 'chosen'"));
	return databaseUrl(school.port, database, 'space_app', 'chosen');
}

test('a database that cannot be used is said in a sentence that names the setting', async () => {
	const port = await freePort();
	const ownerUrl = await makeDatabase('narrow');
	const attempt = (existing: ExistingServers) => start(existing, port, ['web']);
	const wrong = ownerUrl.replace('p%40ss', 'guess');
	await expect(attempt({ DATABASE_URL: wrong })).rejects.toThrow(/DATABASE_URL: .*does not let us in/s);
	await expect(attempt({ DATABASE_URL: 'the one in the cellar' })).rejects.toThrow('DATABASE_URL: 不是地址');
	// The role is there, made for another space, and its password is not ours.
	await expect(attempt({ DATABASE_URL: ownerUrl })).rejects.toThrow(/DATABASE_APP_URL: .*does not let us in/s);
	const free = { DATABASE_URL: school.url('narrow'), DATABASE_APP_URL: school.url('narrow') };
	await expect(attempt(free)).rejects.toThrow('must be the role space_app');
});
