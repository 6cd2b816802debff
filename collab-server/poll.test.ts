import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import * as Y from 'yjs';
import { syncMessage, syncSteps } from '#collab/protocol.ts';
import { Client, makeClassroom, PollingSocket, startCollab, storedDocument } from '#collab/test/support.ts';
import type { Classroom, TestPerson, TestServer } from '#collab/test/support.ts';
import { DocumentConnection } from '#lib/documents/connection.svelte.ts';
import { packFrames, unpackFrames } from '#lib/documents/frames.ts';
import { memberships } from '#lib/spaces/server/table.ts';
import type { DocumentId } from '#lib/ids.ts';
import { publish } from '#lib/server/changes.ts';
import { systemContext } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';

// The way for those whose network lets no WebSocket through.

let services: TestServices;
let classroom: Classroom;
let server: TestServer;
let documentId: DocumentId;
const clients: Client[] = [];

beforeAll(async () => {
	services = await openServices();
	classroom = await makeClassroom(services);
	server = await startCollab(services, { records: false });
});
beforeEach(async () => {
	documentId = await classroom.document();
});
afterEach(() => {
	for (const client of clients.splice(0)) client.destroy();
});
afterAll(async () => {
	await server.close();
	await services.close();
});

async function connect(person: TestPerson, Socket?: unknown): Promise<Client> {
	const client = new Client(server.url, documentId, await classroom.token(person, documentId), undefined, Socket);
	clients.push(client);
	await client.synced();
	return client;
}
const poll = (person: TestPerson) => connect(person, PollingSocket);

const url = () => `${server.url.replace('ws', 'http')}/collab/${documentId}`;
const ask = (bearer: string | null, init: RequestInit = {}, act = '', address = url()) =>
	fetch(`${address}${act}`, { ...init, headers: { ...(bearer ? { authorization: `Bearer ${bearer}` } : {}), ...init.headers } });
const post = (bearer: string, body?: BodyInit, act = '') => ask(bearer, { method: 'POST', body }, act);
const send = (line: string, frames: BodyInit, from = 0) => post(line, frames, `?from=${from}`);
const listen = (line: string, after = 0) => ask(line, {}, `?after=${after}`);
/** A line of raw requests. */
async function openLine(person: TestPerson): Promise<string> {
	const response = await post(await classroom.token(person, documentId), undefined, '?open');
	expect(response.status).toBe(201);
	return ((await response.json()) as { line: string }).line;
}
/** Asks until it is told that the line is closed. */
async function closeCode(line: string): Promise<number> {
	for (let after = 0; ;) {
		// A body that is refused before its end takes its TCP connection with it.
		const response = await listen(line, after).catch(() => null);
		if (!response) continue;
		if (response.status === 410) return ((await response.json()) as { code: number }).code;
		after += unpackFrames(new Uint8Array(await response.arrayBuffer())).length;
	}
}

test('who writes over HTTP writes with everybody else: text, confirmations, cursors', async () => {
	const [one, other, third] = [
		await poll(classroom.teacher),
		await poll(classroom.students[0]),
		await connect(classroom.students[1])
	];
	one.text.insert(0, '春眠不觉晓');
	await Promise.all([
		one.saved(),
		...[other, third].map((client) => client.until(() => client.text.toString() === '春眠不觉晓'))
	]);
	third.text.insert(5, '，处处闻啼鸟');
	other.text.insert(0, '春晓：');
	await Promise.all(
		[one, other, third].map((client) => client.until(() => client.text.toString() === '春晓：春眠不觉晓，处处闻啼鸟'))
	);
	one.provider.awareness.setLocalState({ cursor: { anchor: 1 } });
	await third.until(() => third.provider.awareness.getStates().get(one.doc.clientID)?.user?.name === '周老师');
	expect((await storedDocument(services, documentId)).getText('text').toString()).toBe(one.text.toString());
	one.destroy();
	await third.until(() => !third.provider.awareness.getStates().has(one.doc.clientID));
});

test('many fast changes arrive whole and in order', async () => {
	const [one, other] = [await poll(classroom.teacher), await poll(classroom.students[0])];
	for (let index = 0; index < 200; index++) {
		one.text.insert(one.text.length, String.fromCodePoint(0x4e00 + index));
		if (index % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	}
	await one.saved();
	await other.until(() => other.text.toString() === one.text.toString());
	expect([...one.closes, ...other.closes]).toEqual([]);
});

test('the server ends a line over HTTP with the codes of a WebSocket', async () => {
	const used = await classroom.token(classroom.teacher, documentId);
	expect((await post(used, undefined, '?open')).status).toBe(201);
	const again = await post(used, undefined, '?open');
	expect([again.status, await again.json()]).toEqual([410, { code: 4402 }]);

	const student = await poll(classroom.students[2]);
	await transaction(systemContext(services), async ({ db }) => {
		await db.delete(memberships).where(eq(memberships.personId, classroom.students[2].id));
		await publish(db, { kind: 'access', personId: classroom.students[2].id });
	});
	await student.closed();
	expect(student.closes[0]).toBeGreaterThanOrEqual(4401);
	expect(student.closes[0]).toBeLessThanOrEqual(4403);

	const line = await openLine(classroom.teacher);
	const flood = packFrames(Array.from({ length: 400 }, () => Uint8Array.from([3])));
	const flooded = await send(line, flood);
	expect([flooded.status, await flooded.json()]).toMatchObject([410, { code: 4429 }]);
	expect(await closeCode(line)).toBe(4429);
});

test('bodies that no client of ours sends close their line only', async () => {
	const bystander = await poll(classroom.students[0]);
	const large = new Uint8Array(1024 * 1024 + 1);
	const cases: [BodyInit, number][] = [
		[Uint8Array.from([5, 1]), 4400],
		[Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 255]), 4400],
		[packFrames([Uint8Array.from([9, 9])]), 4400],
		[packFrames([large]), 1009],
		[new Uint8Array(5 * 1024 * 1024), 1009]
	];
	for (const [body, code] of cases) {
		const line = await openLine(classroom.teacher);
		const sent = await send(line, body).catch(() => null);
		if (sent) expect(sent.status).toBe(410);
		expect(await closeCode(line)).toBe(code);
	}
	// Many bodies at once would only take up memory.
	const line = await openLine(classroom.teacher);
	const unfinished = [1, 2, 3].map(() =>
		request(`${url()}?from=0`, { method: 'POST', headers: { authorization: `Bearer ${line}` } })
	);
	for (const one of unfinished) one.on('error', () => undefined).flushHeaders();
	expect(await closeCode(line)).toBe(4400);
	for (const one of unfinished) one.destroy();
	bystander.text.insert(0, '没事');
	await bystander.saved();
});

test('nobody gets in without a token, from another page, or by somebody else’s line', async () => {
	const line = await openLine(classroom.teacher);
	const elsewhere = `${server.url.replace('ws', 'http')}/collab/${await classroom.document()}`;
	const statuses = await Promise.all([
		ask(null),
		ask('x'.repeat(32)),
		ask(line, {}, '', elsewhere),
		ask(line, { method: 'PUT' }),
		ask(line, { headers: { origin: 'https://evil.example' } }),
		ask(line, {}, '', url().replace(documentId, 'nothing')),
		ask(line),
		ask(line, {}, '?after=-1'),
		post(line, packFrames([Uint8Array.from([3])]), '?after=0')
	]);
	expect(statuses.map(({ status }) => status)).toEqual([401, 404, 404, 405, 403, 400, 400, 400, 400]);
	// More than was ever said has not arrived, nor was it sent.
	for (const wrong of [() => listen(line, 99), () => send(line, packFrames([Uint8Array.from([3])]), 99)]) {
		const answer = await wrong();
		expect([answer.status, await answer.json()]).toEqual([410, { code: 4400, reason: 'malformed' }]);
	}
});

test('what a network repeats is taken once and told again', async () => {
	const line = await openLine(classroom.students[0]);
	const doc = new Y.Doc();
	doc.getText('text').insert(0, '一次');
	const update = syncMessage(syncSteps.update, Y.encodeStateAsUpdate(doc));
	const [first, second] = await Promise.all([send(line, packFrames([update])), send(line, packFrames([update]))]);
	expect([first.status, second.status]).toEqual([204, 204]);
	const ask = packFrames([syncMessage(syncSteps.stateVector, Uint8Array.from([0]))]);
	for (let repeat = 0; repeat < 2; repeat++) expect((await send(line, ask, 1)).status).toBe(204);

	const framesOf = async (response: Response) =>
		unpackFrames(new Uint8Array(await response.arrayBuffer())).map((frame) => Buffer.from(frame).toString('hex'));
	const told: string[] = [];
	const isAnswer = (frame: string) => frame.startsWith('0001');
	while (!told.some(isAnswer)) {
		const once = await framesOf(await listen(line, told.length));
		// The same question again, as if the answer had been lost: nothing is missing.
		const again = await framesOf(await listen(line, told.length));
		expect(again.slice(0, once.length)).toEqual(once);
		told.push(...again);
	}
	expect(told.filter(isAnswer)).toHaveLength(1);
	expect((await storedDocument(services, documentId)).getText('text').toString()).toBe('一次');
	// A question that comes late is answered with nothing, and costs nothing.
	if (told.length > 1) {
		await listen(line, told.length - 1);
		expect((await listen(line, 0)).status).toBe(204);
	}
});

test('a line can be left', async () => {
	const line = await openLine(classroom.teacher);
	expect((await post(line, undefined, '?leave')).status).toBe(204);
	expect(await closeCode(line)).toBe(1000);
});

test('who opens a line and never asks is closed when too much waits', async () => {
	const line = await openLine(classroom.students[0]);
	await send(line, packFrames([Uint8Array.from([0, 0, 1, 0])]));
	const writer = await connect(classroom.teacher);
	for (let round = 0; round < 9; round++) {
		writer.text.insert(0, '长'.repeat(200_000));
		await writer.saved();
	}
	expect(await closeCode(line)).toBe(4508);
	await writer.until(() => writer.closes.length === 0);
}, 60_000);

test('a server that ends says so', async () => {
	const ending = await startCollab(services, { records: false });
	const client = new Client(
		ending.url,
		documentId,
		await classroom.token(classroom.teacher, documentId),
		undefined,
		PollingSocket
	);
	await client.synced();
	client.text.insert(0, '最后');
	await client.saved();
	// The next question of the client is there.
	await new Promise((resolve) => setTimeout(resolve, 100));
	await ending.close();
	await client.closed();
	expect(client.closes).toEqual([4501]);
	client.destroy();
});

test('a page whose WebSockets lead nowhere goes on over HTTP by itself', async () => {
	// A network between that lets requests through, and nothing else.
	const between = createServer((request, response) => server.request(request, response));
	let upgrades = 0;
	between.on('upgrade', (_request, socket) => {
		upgrades++;
		socket.destroy();
	});
	between.listen(0, '127.0.0.1');
	await once(between, 'listening');
	const friend = await connect(classroom.teacher);
	const page = new DocumentConnection({
		documentId,
		origin: `ws://127.0.0.1:${(between.address() as AddressInfo).port}`,
		right: 'write',
		token: async () => ({ token: await classroom.token(classroom.students[0], documentId) }),
		patience: { retry: 20 }
	});
	await expect.poll(() => page.link, { timeout: 10_000 }).toBe('online');
	expect(upgrades).toBe(2);
	page.doc.getText('text').insert(0, '照样写');
	await friend.until(() => friend.text.toString() === '照样写');
	friend.text.insert(3, '，照样看');
	await expect.poll(() => page.doc.getText('text').toString()).toBe('照样写，照样看');
	await expect.poll(() => page.save.kind).toBe('saved');
	page.close();
	between.closeAllConnections();
	between.close();
});
