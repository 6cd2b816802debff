import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import * as Y from 'yjs';
import { awarenessMessage, syncMessage, syncSteps } from '#collab/protocol.ts';
import { openProxy } from '#collab/test/proxy.ts';
import type { Proxy } from '#collab/test/proxy.ts';
import { Client, makeClassroom, startCollab, storedDocument } from '#collab/test/support.ts';
import type { Classroom, TestPerson, TestServer } from '#collab/test/support.ts';
import type { DocumentId } from '#lib/ids.ts';
import { createDatabase } from '#tests/support/servers.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { root, testLog } from '#tests/support/settings.ts';
import { freePort } from '../bin/servers/ports.ts';
import { prepareRedis, startRedis } from '../bin/servers/redis.ts';
import type { Redis } from '../bin/servers/redis.ts';

// Several processes serve the same documents: here two, each with its own line to Redis and to the database.

interface Process {
	services: TestServices;
	server: TestServer;
	/** Its lines. */
	redis: Proxy;
	database: Proxy;
}

const folder = mkdtempSync(join(tmpdir(), 'space-redis-'));
const tool = await prepareRedis(join(folder, 'apt.log'));
if ('missing' in tool) process.stdout.write(`${tool.missing}\n`);

let direct: TestServices;
let appUrl: string;
let classroom: Classroom;
let redis: Redis;
let documentId: DocumentId;
let [one, other]: Process[] = [];
const clients: Client[] = [];

beforeAll(async () => {
	if ('missing' in tool) return;
	appUrl = (await createDatabase()).appUrl;
	direct = await openServices({ databaseUrl: appUrl });
	classroom = await makeClassroom(direct);
	const port = await freePort();
	redis = await startRedis({ program: tool.path, folder, port, logFile: join(folder, 'redis.log'), log: testLog });
	[one, other] = await Promise.all([startProcess(), startProcess()]);
});
beforeEach(async () => {
	if (redis) documentId = await classroom.document();
});
afterEach(() => {
	for (const client of clients.splice(0)) {
		// Yjs takes another client id when it sees its own in use.
		client.doc.clientID = client.provider.awareness.clientID;
		client.destroy();
	}
	for (const { redis, database } of processes()) for (const line of [redis, database]) line.release();
});
afterAll(async () => {
	await Promise.all(processes().map(endProcess));
	await direct?.close();
	await redis?.stop();
	rmSync(folder, { recursive: true, force: true });
});

const processes = (): Process[] => [one, other].filter((process) => process !== undefined);

async function startProcess(): Promise<Process> {
	const [redisLine, database] = await Promise.all([openProxy(redis.url), openProxy(appUrl)]);
	const services = await openServices({ databaseUrl: database.url, settings: { REDIS_URL: redisLine.url } });
	return { services, server: await startCollab(services, { records: false }), redis: redisLine, database };
}

async function endProcess({ services, server, redis, database }: Process): Promise<void> {
	for (const line of [redis, database]) {
		line.release();
		await line.mend();
	}
	await server.close();
	await services.close();
	for (const line of [redis, database]) line.close();
}

async function connect(at: Process | undefined, person: TestPerson, doc?: Y.Doc): Promise<Client> {
	const client = new Client(at?.server.url ?? '', documentId, await classroom.token(person, documentId), doc);
	clients.push(client);
	await client.synced();
	return client;
}

const stored = async () => (await storedDocument(direct, documentId)).getText('text').toString();
const agree = (client: Client, text: string) => client.until(() => client.text.toString() === text);
/** A name and a place, as the page shows them. */
const seenBy = (client: Client, of: Client) =>
	client.provider.awareness.getStates().get(of.doc.clientID) as { user?: { name: string }; cursor?: unknown } | undefined;

const withRedis = test.skipIf('missing' in tool);

withRedis('two write at two processes: each sees the other at once, and the log has one order', async () => {
	const [writer, friend] = [await connect(one, classroom.teacher), await connect(other, classroom.students[0])];
	writer.text.insert(0, '春眠不觉晓');
	await agree(friend, '春眠不觉晓');
	friend.text.insert(5, '，处处闻啼鸟');
	await agree(writer, '春眠不觉晓，处处闻啼鸟');

	// Both at the same time, so that the processes want the same numbers of the log.
	for (let round = 0; round < 60; round++) {
		writer.text.insert(0, '甲');
		friend.text.insert(friend.text.length, '乙');
		await new Promise((resolve) => setTimeout(resolve, round % 4));
	}
	await Promise.all([writer.saved(), friend.saved()]);
	await Promise.all([writer, friend].map((client) => client.until(() => client.text.length === 131)));
	expect(friend.text.toString()).toBe(writer.text.toString());
	expect(await stored()).toBe(writer.text.toString());
	expect([...writer.closes, ...friend.closes, ...writer.refused, ...friend.refused]).toEqual([]);
});

withRedis('cursors and names travel, a newcomer sees who is at the other process, and who leaves is gone', async () => {
	const [writer, friend] = [await connect(one, classroom.teacher), await connect(other, classroom.students[0])];
	writer.provider.awareness.setLocalState({ user: { name: '别人' }, cursor: { anchor: 3 } });
	await friend.until(() => seenBy(friend, writer)?.cursor !== undefined);
	expect(seenBy(friend, writer)).toMatchObject({ user: { name: '周老师' }, cursor: { anchor: 3 } });
	const late = await connect(other, classroom.students[1]);
	await late.until(() => seenBy(late, writer)?.user?.name === '周老师');
	// Nobody speaks under the client id of somebody at another process.
	const claim = createEncoder();
	for (const number of [1, writer.doc.clientID, 2_000_000_000]) writeVarUint(claim, number);
	writeVarString(claim, JSON.stringify({ cursor: { anchor: 9 } }));
	late.send(awarenessMessage(toUint8Array(claim)));
	late.provider.awareness.setLocalState({ cursor: { anchor: 1 } });
	await friend.until(() => seenBy(friend, late)?.cursor !== undefined);
	expect(seenBy(friend, writer)?.cursor).toEqual({ anchor: 3 });
	writer.destroy();
	await friend.until(() => seenBy(friend, writer) === undefined);
});

withRedis('a document opened at one process while another writes it is whole', async () => {
	const writer = await connect(one, classroom.teacher);
	let writing = true;
	const typing = (async () => {
		for (let index = 0; writing; index++) {
			writer.text.insert(writer.text.length, String.fromCodePoint(0x4e00 + index));
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
	})();
	const readers = [];
	for (let count = 0; count < 5; count++) readers.push(await connect(other, classroom.students[0]));
	writing = false;
	await typing;
	await writer.saved();
	for (const reader of readers) await agree(reader, writer.text.toString());
});

withRedis('the last update is still under way at one process when its writer is back at the other: kept once', async () => {
	const writer = await connect(one, classroom.teacher);
	const reader = await connect(other, classroom.students[0]);
	writer.text.insert(0, '先');
	await writer.saved();
	// The process has taken it in, and its line to the database stands still.
	one?.database.hold();
	writer.text.insert(1, '半路上');
	await new Promise((resolve) => setTimeout(resolve, 100));
	writer.provider.destroy();
	const again = await connect(other, classroom.teacher, writer.doc);
	again.text.insert(4, '后来');
	await again.saved();
	await agree(reader, '先半路上后来');
	one?.database.release();
	const witness = await connect(one, classroom.students[1]);
	await agree(witness, '先半路上后来');
	witness.text.insert(0, '仍能写');
	await witness.saved();
	await agree(reader, '仍能写先半路上后来');
	expect(await stored()).toBe('仍能写先半路上后来');
});

withRedis('who writes something else under one client id at two processes is heard once, and disturbs nobody', async () => {
	const [writer, friend] = [await connect(one, classroom.students[0]), await connect(one, classroom.teacher)];
	const double = new Y.Doc();
	double.clientID = writer.doc.clientID;
	const elsewhere = await connect(other, classroom.students[0], double);
	one?.database.hold();
	writer.text.insert(0, '一面');
	friend.text.insert(0, '老师');
	await new Promise((resolve) => setTimeout(resolve, 100));
	elsewhere.text.insert(0, '另一面');
	await elsewhere.saved();
	one?.database.release();
	await friend.saved();
	const text = await stored();
	expect([...text].sort()).toEqual([...'老师另一面'].sort());
	await agree(friend, text);
	const witness = await connect(other, classroom.students[1]);
	await agree(witness, text);
	expect(friend.closes).toEqual([]);
});

withRedis('a client id is the person’s who wrote under it first, at whatever process', async () => {
	const writer = await connect(one, classroom.teacher);
	writer.text.insert(0, '老师的话');
	await writer.saved();
	const copy = await connect(other, classroom.students[0]);
	await agree(copy, '老师的话');
	copy.doc.clientID = writer.doc.clientID;
	copy.text.insert(0, '冒名');
	await copy.until(() => copy.refused.length > 0);
	expect(copy.refused[0]?.reason).toBe('foreignClient');
	expect(await stored()).toBe('老师的话');
});

withRedis('Redis ends and comes back: everybody goes on writing, and all is seen', async () => {
	const [writer, friend] = [await connect(one, classroom.teacher), await connect(other, classroom.students[0])];
	writer.text.insert(0, '有');
	await agree(friend, '有');
	await redis.kill('SIGKILL');
	writer.text.insert(1, '没有');
	await writer.saved();
	await agree(friend, '有没有');
	await redis.revived();
	writer.provider.awareness.setLocalState({ cursor: { anchor: 1 } });
	await friend.until(() => seenBy(friend, writer)?.cursor !== undefined);
	friend.text.insert(3, '又有');
	await agree(writer, '有没有又有');
});

withRedis.each(['cut', 'hold'] as const)(
	'a process whose line to Redis is %s finds what the other wrote in the log',
	async (fault) => {
		const [writer, friend] = [await connect(one, classroom.teacher), await connect(other, classroom.students[0])];
		one?.redis[fault]();
		writer.text.insert(0, '我写的');
		friend.text.insert(0, '你写的');
		await Promise.all([writer, friend].map((client) => client.until(() => client.text.length === 6)));
		expect(friend.text.toString()).toBe(writer.text.toString());
		await expect.poll(async () => (await one?.server.gateway.state())?.ok, { timeout: 10_000 }).toBe(false);
		one?.redis.release();
		await one?.redis.mend();
		await expect.poll(() => one?.server.gateway.state(), { timeout: 10_000 }).toEqual({ ok: true });
		friend.provider.awareness.setLocalState({ cursor: { anchor: 2 } });
		await writer.until(() => seenBy(writer, friend)?.cursor !== undefined);
	}
);

withRedis('whoever comes from another process with what it has stored is believed once the log has been read', async () => {
	const [writer, friend] = [await connect(one, classroom.teacher), await connect(one, classroom.students[0])];
	const [moved, witness] = [await connect(other, classroom.students[0]), await connect(other, classroom.teacher)];
	writer.text.insert(0, '起');
	await agree(witness, '起');
	// From here on nobody tells the other process anything.
	other?.redis.hold();
	for (let round = 1; round <= 4; round++) {
		writer.text.insert(round, '承');
		await agree(friend, `起${'承'.repeat(round)}${'合'.repeat(round - 1)}`);
		const doc = new Y.Doc();
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(friend.doc));
		doc.getText('text').insert(round + 1, '合');
		moved.send(syncMessage(syncSteps.missing, Y.encodeStateAsUpdate(doc)));
		await agree(friend, `起${'承'.repeat(round)}${'合'.repeat(round)}`);
	}
	expect(moved.refused).toEqual([]);
	expect(await stored()).toBe(friend.text.toString());
	// What stands in no log is refused as ever, and so is what builds on it.
	const doc = new Y.Doc();
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(friend.doc));
	const parts: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => parts.push(update));
	doc.clientID = writer.doc.clientID;
	for (const text of ['假', '的']) doc.getText('text').insert(0, text);
	for (const part of parts) moved.send(syncMessage(syncSteps.update, part));
	await moved.until(() => moved.refused.length === 2);
	expect(moved.refused.map(({ reason }) => reason)).toEqual(['foreignClient', 'gap']);
	expect(await stored()).toBe(friend.text.toString());
});

withRedis('a process that serves documents and nothing else ends in order: all is stored, and everybody told', async () => {
	const port = await freePort();
	const settings = {
		NODE_ENV: 'test',
		PORT: String(port),
		DATABASE_APP_URL: appUrl,
		REDIS_URL: redis.url,
		SPACE_SECRET: direct.env.SPACE_SECRET,
		LOG_LEVEL: 'info'
	};
	const env = { PATH: process.env.PATH, ...settings };
	const child = spawn(process.execPath, [join(root, 'collab-server/main.ts')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = (await once(child.stdout, 'data')) as [Buffer];
	expect(line.toString()).toContain(String(port));
	const writer = new Client(`ws://127.0.0.1:${port}`, documentId, await classroom.token(classroom.teacher, documentId));
	clients.push(writer);
	const friend = await connect(one, classroom.students[0]);
	await writer.synced();
	writer.text.insert(0, '别的进程');
	await Promise.all([writer.saved(), agree(friend, '别的进程')]);
	const health = await fetch(`http://127.0.0.1:${port}/`);
	expect([health.status, await health.json()]).toEqual([200, { ok: true }]);
	const ended = once(child, 'exit');
	child.kill('SIGTERM');
	await writer.closed();
	expect([writer.closes, await ended]).toEqual([[4501], [0, null]]);
});
