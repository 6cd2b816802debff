import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { contentOf } from '#collab/content.ts';
import { makeSnapshot } from '#collab/snapshot.ts';
import { loadDocument } from '#collab/storage.ts';
import { Client, makeClassroom, startCollab, storedDocument } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import type { Classroom } from '#collab/test/support.ts';
import { documentSnapshots, documentUpdates } from '#lib/documents/server/table.ts';
import { systemContext } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';

let services: TestServices;
let classroom: Classroom;
beforeAll(async () => {
	services = await openServices();
	classroom = await makeClassroom(services);
});
afterAll(() => services.close());

const snapshotsOf = (documentId: Awaited<ReturnType<Classroom['document']>>) =>
	query(systemContext(services), ({ db }) =>
		db.select().from(documentSnapshots).where(eq(documentSnapshots.documentId, documentId)).orderBy(desc(documentSnapshots.seq))
	);

test('a long log gets a snapshot, and the document opens from it as it was, its whole log kept', async () => {
	const documentId = await classroom.document();
	const writing = new Y.Doc();
	const updates: Uint8Array[] = [];
	writing.on('update', (update: Uint8Array) => updates.push(update));
	for (let number = 0; number < 600; number++) writing.getText('text').insert(number % 7, String(number % 10));
	const effects = { inserted: 1, deleted: {}, nodesCreated: [], nodesMoved: [], nodesLinked: [], nodesDeleted: [] };
	await transaction(systemContext(services), ({ db }) =>
		db.insert(documentUpdates).values(
			updates.map((update, index) => ({
				documentId,
				seq: index + 1,
				personId: classroom.teacher.id,
				role: 'teacher' as const,
				update,
				effects,
				at: new Date()
			}))
		)
	);
	const server = await startCollab(services, { records: false });
	const client = new Client(server.url, documentId, await classroom.token(classroom.teacher, documentId));
	await client.synced();
	await expect.poll(async () => (await snapshotsOf(documentId))[0]?.seq).toBe(600);
	client.text.insert(0, '尾');
	await client.saved();
	client.destroy();
	await server.close();

	const opened = await loadDocument(services, documentId);
	expect([opened.snapshotSeq, opened.seq]).toEqual([600, 601]);
	expect(contentOf(opened.doc)).toBe(contentOf(await storedDocument(services, documentId)));
}, 60_000);

test('a log that does not give the same twice keeps its old snapshot', () => {
	const broken = {
		kind: 'text' as const,
		history: { snapshot: null, snapshotSeq: 0, tail: [{ seq: 1, update: Uint8Array.from([1, 2, 3]) }] }
	};
	expect(makeSnapshot(broken)).toEqual({ difference: 'updates 1 cannot be applied' });
});

test('documents leave memory when nobody has them open, and come back whole', async () => {
	const documentId = await classroom.document();
	const server = await startCollab(services, { records: false, idleTime: 50 });
	const open = async () => {
		const client = new Client(server.url, documentId, await classroom.token(classroom.teacher, documentId));
		await client.synced();
		return client;
	};
	const first = await open();
	first.text.insert(0, '还在');
	await first.saved();
	first.destroy();
	await new Promise((resolve) => setTimeout(resolve, 300));
	const second = await open();
	await second.until(() => second.text.toString() === '还在');
	second.destroy();
	await server.close();
});
