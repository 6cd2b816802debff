import { once } from 'node:events';
import { eq } from 'drizzle-orm';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { Dice } from '#collab/test/histories.ts';
import { Client, makeClassroom, startCollab, storedDocument } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import type { Classroom, TestPerson, TestServer } from '#collab/test/support.ts';
import { documentUpdates } from '#lib/documents/server/table.ts';
import type { DocumentId } from '#lib/ids.ts';
import { systemContext } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';

let services: TestServices;
let classroom: Classroom;
let server: TestServer;
const clients: Client[] = [];
const sockets: WebSocket[] = [];

beforeAll(async () => {
	services = await openServices();
	classroom = await makeClassroom(services);
	server = await startCollab(services, { records: false });
});
afterEach(() => {
	for (const client of clients.splice(0)) client.destroy();
	for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
	await server.close();
	await services.close();
});

async function connect(person: TestPerson, documentId: DocumentId): Promise<Client> {
	const client = new Client(server.url, documentId, await classroom.token(person, documentId));
	clients.push(client);
	await client.synced();
	return client;
}

/** A connection that speaks in bytes. */
async function openRaw(person: TestPerson, documentId: DocumentId): Promise<WebSocket> {
	const socket = new WebSocket(`${server.url}/collab/${documentId}`, ['space.v1', await classroom.token(person, documentId)]);
	socket.on('error', () => undefined);
	sockets.push(socket);
	await once(socket, 'open');
	return socket;
}

const closeCode = async (socket: WebSocket): Promise<number> => (await once(socket, 'close'))[0] as number;

function sync(step: number, payload: Uint8Array): Uint8Array {
	const encoder = createEncoder();
	writeVarUint(encoder, 0);
	writeVarUint(encoder, step);
	writeVarUint8Array(encoder, payload);
	return toUint8Array(encoder);
}

const entriesOf = async (documentId: DocumentId): Promise<number> =>
	query(systemContext(services), ({ db }) => db.$count(documentUpdates, eq(documentUpdates.documentId, documentId)));

/** The update that writes something into a new document. */
function updateOf(write: (doc: Y.Doc) => void, doc = new Y.Doc()): Uint8Array {
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	write(doc);
	return updates.at(-1) ?? Uint8Array.from([0, 0]);
}

test('a message that nobody can read closes its sender only, by name', async () => {
	const documentId = await classroom.document();
	const bystander = await connect(classroom.teacher, documentId);
	const frames: (Uint8Array | string)[] = [
		'text',
		Uint8Array.from([]),
		Uint8Array.from([9, 9, 9]),
		Uint8Array.from([0, 7, 0]),
		Uint8Array.from([0, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255]),
		sync(2, Uint8Array.from([1, 1, 1, 0, 31])),
		sync(0, Uint8Array.from([200, 200, 200])),
		Uint8Array.from([1, 3, 1, 1, 1])
	];
	for (const frame of frames) {
		const socket = await openRaw(classroom.students[0], documentId);
		socket.send(frame);
		expect(await closeCode(socket)).toBe(4400);
	}
	bystander.text.insert(0, '照常');
	await bystander.saved();
	expect(bystander.closes).toEqual([]);
});

test('an update with a gap, or on something nobody knows, is refused and told; the others go on', async () => {
	const documentId = await classroom.document();
	const [sender, bystander] = [await connect(classroom.students[0], documentId), await connect(classroom.teacher, documentId)];
	const doc = new Y.Doc();
	updateOf((doc) => doc.getText('text').insert(0, '第一'), doc);
	const second = updateOf((doc) => doc.getText('text').insert(2, '第二'), doc);
	for (let copy = 0; copy < 5; copy++) sender.send(sync(2, second));
	await sender.until(() => sender.refused.length === 5);
	expect(sender.refused.map(({ reason }) => reason)).toEqual(Array.from({ length: 5 }, () => 'gap'));

	const other = new Y.Doc();
	Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
	sender.send(
		sync(
			2,
			updateOf((other) => other.getText('text').insert(1, '插'), other)
		)
	);
	await sender.until(() => sender.refused.length === 6);
	expect(sender.refused[5]?.reason).toBe('unknownOrigin');

	sender.send(sync(2, Uint8Array.from([0, 1, 5, 1, 0, 3])));
	await sender.until(() => sender.refused.length === 7);
	expect(sender.refused[6]?.reason).toBe('deleteOutOfBounds');
	bystander.text.insert(0, '照常');
	await sender.until(() => sender.text.toString() === '照常');
	expect((await storedDocument(services, documentId)).store.pendingStructs).toBeNull();
});

test('what comes in one piece over the line is stored as few, and one bad update among it is refused alone', async () => {
	const documentId = await classroom.document();
	const [sender, bystander] = [await connect(classroom.students[0], documentId), await connect(classroom.teacher, documentId)];
	await sender.until(() => sender.count === 1);
	const doc = new Y.Doc();
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	const text = doc.getText('text');
	const send = (...more: Uint8Array[]) => {
		for (const update of [...updates.splice(0), ...more]) sender.send(sync(2, update));
	};
	for (const character of '春眠不觉晓处处闻啼鸟') text.insert(text.length, character);
	for (let count = 0; count < 5; count++) text.delete(5, 1);
	send();
	await sender.until(() => sender.count === 16);
	expect((await storedDocument(services, documentId)).getText('text').toString()).toBe('春眠不觉晓');
	// What was written, and what was deleted; the line may have cut it once or twice more.
	expect(await entriesOf(documentId)).toBeLessThan(6);

	for (const character of '夜来') text.insert(text.length, character);
	const elsewhere = new Y.Doc();
	elsewhere.getText('text').insert(0, '别处');
	const strange = updateOf((doc) => doc.getText('text').insert(1, '？'), elsewhere);
	send(strange);
	for (const character of '风雨声') text.insert(text.length, character);
	send();
	await sender.until(() => sender.count === 22);
	expect(sender.refused).toEqual([{ index: 19, reason: 'gap' }]);
	await bystander.until(() => bystander.text.toString() === '春眠不觉晓夜来风雨声');
	expect((await storedDocument(services, documentId)).getText('text').toString()).toBe('春眠不觉晓夜来风雨声');
});

test('whoever is refused too often is closed out', async () => {
	const documentId = await classroom.document();
	const sender = await connect(classroom.students[0], documentId);
	for (let round = 0; round < 25; round++) sender.send(sync(2, Uint8Array.from([0, 1, 5, 1, 0, 3])));
	await sender.closed();
	expect(sender.closes).toEqual([4431]);
});

test.each([
	[
		'a raw string among the paragraphs',
		(doc: Y.Doc) => doc.getArray('default').insert(0, ['文字']),
		'text' as const,
		'wrongContent'
	],
	[
		'a node of a map that is no map',
		(doc: Y.Doc): unknown => doc.getMap('nodes').set('n1', '文字'),
		'map' as const,
		'wrongContent'
	],
	['a document in the document', (doc: Y.Doc): unknown => doc.getMap('m').set('d', new Y.Doc()), 'text' as const, 'wrongContent'],
	[
		'a value deeper than any stack',
		(doc: Y.Doc) => doc.getArray('a').insert(0, [JSON.parse('['.repeat(500) + ']'.repeat(500))]),
		'text' as const,
		'wrongContent'
	],
	['a number that JSON cannot say', (doc: Y.Doc) => doc.getArray('a').insert(0, [{ n: 10n }]), 'text' as const, 'wrongContent'],
	['a key of every object', (doc: Y.Doc): unknown => doc.getMap('m').set('__proto__', 1), 'text' as const, 'wrongPlace']
])('%s is refused', async (_name, write, kind, reason) => {
	const documentId = await classroom.document(kind);
	const sender = await connect(classroom.students[0], documentId);
	sender.send(sync(2, updateOf(write)));
	await sender.until(() => sender.refused.length > 0);
	expect(sender.refused[0]?.reason).toBe(reason);
});

test('a frame over 1 MB, a flood, too large a cursor: each has its own close code', async () => {
	const documentId = await classroom.document();
	const large = await openRaw(classroom.students[0], documentId);
	large.send(new Uint8Array(1024 * 1024 + 1));
	expect(await closeCode(large)).toBe(1009);

	const flood = await openRaw(classroom.students[0], documentId);
	for (let message = 0; message < 400; message++) flood.send(sync(2, Uint8Array.from([0, 0])));
	expect(await closeCode(flood)).toBe(4429);

	const chatty = await openRaw(classroom.students[0], documentId);
	const update = createEncoder();
	for (const number of [1, 77, 1]) writeVarUint(update, number);
	writeVarString(update, JSON.stringify({ cursor: 'x'.repeat(5_000) }));
	const message = createEncoder();
	writeVarUint(message, 1);
	writeVarUint8Array(message, toUint8Array(update));
	chatty.send(toUint8Array(message));
	expect(await closeCode(chatty)).toBe(4413);
});

test('a reader that stops reading is closed, and costs the writers nothing', async () => {
	const documentId = await classroom.document();
	const [writer, reader] = [await connect(classroom.teacher, documentId), await connect(classroom.students[0], documentId)];
	const isThere = () => writer.provider.awareness.getStates().has(reader.doc.clientID);
	await writer.until(isThere);
	// Stops taking anything from the line, as a sleeping laptop does.
	(reader.provider.ws as unknown as WebSocket).pause();
	const text = '长'.repeat(150_000);
	for (let round = 0; round < 45 && isThere(); round++) {
		writer.doc.transact(() => {
			writer.text.delete(0, writer.text.length);
			writer.text.insert(0, text);
		});
		await writer.saved();
	}
	await writer.until(() => !isThere());
	expect(writer.closes).toEqual([]);
}, 60_000);

test('20,000 random and mutated frames: no exit, nobody disturbed, nothing bad stored', async () => {
	const documentId = await classroom.document();
	const bystander = await connect(classroom.teacher, documentId);
	const dice = new Dice(4_711);
	const honest = [
		sync(0, Y.encodeStateVector(bystander.doc)),
		sync(
			2,
			updateOf((doc) => doc.getText('text').insert(0, '春眠'))
		),
		sync(
			2,
			updateOf((doc) => doc.getMap('m').set('k', { a: [1, 2] }))
		),
		sync(
			1,
			updateOf((doc) => doc.getXmlFragment('default').insert(0, [new Y.XmlElement('paragraph')]))
		)
	];
	const frame = (): Uint8Array => {
		if (dice.chance(0.2)) return Uint8Array.from({ length: dice.upTo(60) }, () => dice.upTo(256));
		const bytes = [...dice.of(honest)];
		for (let changes = 1 + dice.upTo(3); changes > 0; changes--) {
			const at = dice.upTo(bytes.length);
			const kind = dice.upTo(3);
			if (kind === 0) bytes[at] = dice.upTo(256);
			else if (kind === 1) bytes.splice(at, 1 + dice.upTo(3));
			else bytes.splice(at, 0, dice.upTo(256), dice.upTo(256));
		}
		return Uint8Array.from(bytes);
	};
	let sent = 0;
	while (sent < 20_000) {
		const batch = await Promise.all(
			[0, 1, 2].map((student) => openRaw(classroom.students[student] ?? classroom.teacher, documentId))
		);
		await Promise.all(
			batch.map(async (socket) => {
				const closed = closeCode(socket);
				for (let message = 0; message < 280; message++) socket.send(frame());
				sent += 280;
				socket.close();
				await closed;
			})
		);
	}
	bystander.text.insert(0, '照常');
	await bystander.saved();
	expect(bystander.closes).toEqual([]);
	const stored = await storedDocument(services, documentId);
	expect([stored.store.pendingStructs, stored.store.pendingDs]).toEqual([null, null]);
	const again = new Y.Doc();
	Y.applyUpdate(again, Y.encodeStateAsUpdate(stored));
	expect(again.getText('text').toString()).toBe(stored.getText('text').toString());
}, 120_000);
