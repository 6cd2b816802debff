import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Client, makeClassroom, startCollab, storedDocument } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import type { Classroom, TestPerson, TestServer } from '#collab/test/support.ts';
import type { DocumentId } from '#lib/ids.ts';

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

async function connect(person: TestPerson, documentId: DocumentId): Promise<Client> {
	const client = new Client(server.url, documentId, await classroom.token(person, documentId));
	clients.push(client);
	return client;
}

test('two ordinary y-websocket clients write one document, and it is there for the next', async () => {
	const documentId = await classroom.document();
	const [one, other] = [await connect(classroom.teacher, documentId), await connect(classroom.students[0], documentId)];
	await Promise.all([one.synced(), other.synced()]);
	one.text.insert(0, '春眠不觉晓');
	await other.until(() => other.text.toString() === '春眠不觉晓');
	other.text.insert(5, '，处处闻啼鸟');
	await one.until(() => one.text.toString() === '春眠不觉晓，处处闻啼鸟');
	const next = await connect(classroom.students[1], documentId);
	await next.until(() => next.text.toString() === '春眠不觉晓，处处闻啼鸟');
});

test('what is confirmed is in the database', async () => {
	const documentId = await classroom.document();
	const client = await connect(classroom.students[0], documentId);
	await client.synced();
	for (const character of '床前明月光疑是地上霜') client.text.insert(client.text.length, character);
	await client.saved();
	expect((await storedDocument(services, documentId)).getText('text').toString()).toBe('床前明月光疑是地上霜');
	expect(client.count).toBeGreaterThanOrEqual(11);
});
