import { createHash, randomBytes } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Client, makeClassroom, startCollab, storedDocument } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import type { Classroom, TestPerson, TestServer } from '#collab/test/support.ts';
import { archiveDocument, issueToken } from '#lib/documents/server/index.ts';
import { documentTokens } from '#lib/documents/server/table.ts';
import type { DocumentId } from '#lib/ids.ts';
import { signIns } from '#lib/people/server/table.ts';
import { publish } from '#lib/server/changes.ts';
import { systemContext } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { memberships } from '#lib/spaces/server/table.ts';

let services: TestServices;
let classroom: Classroom;
let server: TestServer;
const clients: Client[] = [];

beforeAll(async () => {
	services = await openServices();
	classroom = await makeClassroom(services);
	server = await startCollab(services, { records: false });
});
afterEach(() => {
	for (const client of clients.splice(0)) client.destroy();
});
afterAll(async () => {
	await server.close();
	await services.close();
});

function open(documentId: string, token: string): Client {
	const client = new Client(server.url, documentId, token);
	clients.push(client);
	return client;
}
const connect = async (person: TestPerson, documentId: DocumentId) => open(documentId, await classroom.token(person, documentId));

/** A token of a right or an age that the policy gives to nobody yet. */
async function craftToken(
	person: TestPerson,
	documentId: DocumentId,
	more: Partial<typeof documentTokens.$inferInsert>
): Promise<string> {
	const token = randomBytes(32).toString('base64url');
	await transaction(systemContext(services), ({ db }) =>
		db.insert(documentTokens).values({
			hash: createHash('sha256').update(token).digest('hex'),
			documentId,
			personId: person.id,
			signInId: person.signInId,
			role: person.role,
			right: 'write',
			expiresAt: new Date(Date.now() + 60_000),
			...more
		})
	);
	return token;
}

function awareness(client: number, state: unknown): Uint8Array {
	const update = createEncoder();
	writeVarUint(update, 1);
	writeVarUint(update, client);
	writeVarUint(update, 1_000);
	writeVarString(update, JSON.stringify(state));
	const message = createEncoder();
	writeVarUint(message, 1);
	writeVarUint8Array(message, toUint8Array(update));
	return toUint8Array(message);
}

test('a token opens one connection, to its own document, within a minute', async () => {
	const [documentId, otherId] = [await classroom.document(), await classroom.document()];
	const token = await classroom.token(classroom.teacher, documentId);
	await open(documentId, token).synced();
	const again = open(documentId, token);
	const elsewhere = open(otherId, await classroom.token(classroom.teacher, documentId));
	const late = open(documentId, await craftToken(classroom.teacher, documentId, { expiresAt: new Date(Date.now() - 1) }));
	const made = open(documentId, 'made-up');
	for (const client of [again, elsewhere, late, made]) {
		await client.closed();
		expect([client.closes, client.provider.synced]).toEqual([[4402], false]);
	}
});

test('only the hash of a token is kept, and it is gone once it was used', async () => {
	const documentId = await classroom.document();
	const token = await classroom.token(classroom.teacher, documentId);
	const rows = () =>
		query(systemContext(services), ({ db }) => db.select().from(documentTokens).where(eq(documentTokens.documentId, documentId)));
	expect(JSON.stringify(await rows())).not.toContain(token);
	await open(documentId, token).synced();
	expect(await rows()).toEqual([]);
});

test('whoever may not enter the room gets no token, as if there were no document', async () => {
	const documentId = await classroom.document();
	await expect(classroom.as(classroom.stranger).then((ctx) => issueToken(ctx, { documentId }))).rejects.toMatchObject({
		status: 404
	});
});

test('a reader sees everything and changes nothing, and is told so', async () => {
	const documentId = await classroom.document();
	const writer = await connect(classroom.teacher, documentId);
	const reader = open(documentId, await craftToken(classroom.students[0], documentId, { right: 'read' }));
	await Promise.all([writer.synced(), reader.synced()]);
	reader.text.insert(0, '我改了');
	await reader.until(() => reader.refused.length > 0);
	expect(reader.refused).toEqual([{ index: 1, reason: 'reader' }]);
	writer.text.insert(0, '老师写的');
	await Promise.all([writer.saved(), reader.until(() => reader.text.toString().includes('老师写的'))]);
	expect(writer.text.toString()).toBe('老师写的');
	expect((await storedDocument(services, documentId)).getText('text').toString()).toBe('老师写的');
});

test('whoever asks for a token only to look changes nothing, whatever else is allowed', async () => {
	const documentId = await classroom.document();
	const { token, right } = await issueToken(await classroom.as(classroom.teacher), { documentId, only: 'read' });
	expect(right).toBe('read');
	const reader = open(documentId, token);
	await reader.synced();
	reader.text.insert(0, '看着看着就写了');
	await reader.until(() => reader.refused.length > 0);
	expect(reader.refused).toEqual([{ index: 1, reason: 'reader' }]);
	await expect(issueToken(await classroom.as(classroom.teacher), { documentId, only: 'write' as 'read' })).rejects.toThrow();
});

test('nobody speaks under the name, the role or the client id of another', async () => {
	const documentId = await classroom.document();
	const [teacher, student, other] = [
		await connect(classroom.teacher, documentId),
		await connect(classroom.students[0], documentId),
		await connect(classroom.students[1], documentId)
	];
	await Promise.all([teacher.synced(), student.synced(), other.synced()]);
	teacher.provider.awareness.setLocalState({ cursor: 1 });
	await other.until(() => other.provider.awareness.getStates().has(teacher.doc.clientID));
	student.provider.awareness.setLocalState({
		user: { id: classroom.teacher.id, name: '周老师', role: 'teacher', color: '#ff0000' },
		cursor: 7
	});
	await other.until(() => other.provider.awareness.getStates().get(student.doc.clientID)?.cursor === 7);
	expect(other.provider.awareness.getStates().get(student.doc.clientID)).toEqual({
		user: { id: classroom.students[0].id, name: '林一', role: 'student', color: '#ff0000' },
		cursor: 7
	});
	student.send(awareness(teacher.doc.clientID, { cursor: 99, user: { name: '周老师' } }));
	student.send(awareness(4_242, { user: { name: '校长' } }));
	student.provider.awareness.setLocalState({ cursor: 8 });
	await other.until(() => other.provider.awareness.getStates().get(student.doc.clientID)?.cursor === 8);
	const seen = other.provider.awareness.getStates();
	expect(seen.get(teacher.doc.clientID)).toMatchObject({ cursor: 1, user: { name: '周老师', role: 'teacher' } });
	expect(seen.has(4_242)).toBe(false);
});

test('whoever leaves is gone from the others’ screens at once, and is seen again after a cut', async () => {
	const documentId = await classroom.document();
	const [stays, leaves] = [await connect(classroom.teacher, documentId), await connect(classroom.students[0], documentId)];
	await Promise.all([stays.synced(), leaves.synced()]);
	leaves.provider.awareness.setLocalState({ cursor: 1 });
	await stays.until(() => stays.provider.awareness.getStates().has(leaves.doc.clientID));
	leaves.provider.ws?.close();
	await stays.until(() => !stays.provider.awareness.getStates().has(leaves.doc.clientID));
	const back = new Client(server.url, documentId, await classroom.token(classroom.students[0], documentId), leaves.doc);
	clients.push(back);
	await stays.until(() => stays.provider.awareness.getStates().has(back.doc.clientID));
});

test('text in the name of another is refused', async () => {
	const documentId = await classroom.document();
	const [author, forger] = [await connect(classroom.students[0], documentId), await connect(classroom.students[1], documentId)];
	await Promise.all([author.synced(), forger.synced()]);
	author.text.insert(0, '林一写的');
	await Promise.all([author.saved(), forger.until(() => forger.text.length === 4)]);
	const own = forger.doc.clientID;
	forger.doc.clientID = author.doc.clientID;
	forger.text.insert(4, '，不是');
	forger.doc.clientID = own;
	await forger.until(() => forger.refused.length > 0);
	expect(forger.refused[0]?.reason).toBe('foreignClient');
	expect((await storedDocument(services, documentId)).getText('text').toString()).toBe('林一写的');
});

test('a membership that ends closes the documents within two seconds, also under a flood', async () => {
	const documentId = await classroom.document();
	const student = await connect(classroom.students[2], documentId);
	const flooder = await connect(classroom.students[0], documentId);
	const teacher = await connect(classroom.teacher, documentId);
	await Promise.all([student.synced(), flooder.synced(), teacher.synced()]);
	const flood = setInterval(() => flooder.text.insert(flooder.text.length, '淹'), 20);
	const begun = performance.now();
	await transaction(systemContext(services), async ({ db }) => {
		await db
			.update(memberships)
			.set({ until: '2020-02-01' })
			.where(and(eq(memberships.personId, classroom.students[2].id)));
		await publish(db, { kind: 'access', personId: classroom.students[2].id });
	});
	await student.closed();
	clearInterval(flood);
	expect(performance.now() - begun).toBeLessThan(2_000);
	expect(student.closes).toEqual([4403]);
	expect(teacher.closes).toEqual([]);
});

test('a sign-in that ends closes its documents, and no others', async () => {
	const documentId = await classroom.document();
	const [student, teacher] = [await connect(classroom.students[1], documentId), await connect(classroom.teacher, documentId)];
	await Promise.all([student.synced(), teacher.synced()]);
	await transaction(systemContext(services), async ({ db }) => {
		await db.delete(signIns).where(eq(signIns.id, classroom.students[1].signInId));
		await publish(db, { kind: 'signedOut', personId: classroom.students[1].id, signInId: classroom.students[1].signInId });
	});
	await student.closed();
	expect([student.closes, teacher.closes]).toEqual([[4401], []]);
});

test('a document that is put away is closed for everybody', async () => {
	const documentId = await classroom.document();
	const teacher = await connect(classroom.teacher, documentId);
	await teacher.synced();
	await archiveDocument(await classroom.as(classroom.teacher), { documentId });
	await teacher.closed();
	expect(teacher.closes).toEqual([4404]);
});

test.each([
	['http://space.test', 101],
	[undefined, 101],
	['http://evil.example', 403],
	['http://space.test.evil.example', 403],
	['http://sub.space.test', 403],
	['https://space.test', 403],
	['http://space.test:8080', 403],
	['null', 403]
])('origin %s is answered with %i', async (origin, status) => {
	const documentId = await classroom.document();
	const token = await classroom.token(classroom.teacher, documentId);
	const socket = new WebSocket(`${server.url}/collab/${documentId}`, ['space.v1', token], { origin });
	const answered = await new Promise<number>((resolve) => {
		socket.on('open', () => resolve(101));
		socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
		socket.on('error', () => undefined);
	});
	socket.terminate();
	expect(answered).toBe(status);
});
