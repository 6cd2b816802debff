import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { recordDocument } from '#collab/bursts.ts';
import { Client, makeClassroom, startCollab } from '#collab/test/support.ts';
import type { Classroom, TestPerson, TestServer } from '#collab/test/support.ts';
import { analyseRoom } from '#lib/analysis/server/index.ts';
import { closings } from '#lib/documents/model.ts';
import { issueToken, listDocuments } from '#lib/documents/server/index.ts';
import { documentUpdates } from '#lib/documents/server/table.ts';
import type { DocumentId } from '#lib/ids.ts';
import { audit, statements } from '#lib/records/server/table.ts';
import { systemContext } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { textOf } from '#lib/writing/document.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { decodeLog } from '../log.ts';
import { Timeline } from '../timeline.ts';
import { handIn, nameVersion, noteRestore, openHandIn, readLog, seeHistory, setLock } from './index.ts';

let services: TestServices;
let classroom: Classroom;
let server: TestServer;
beforeAll(async () => {
	services = await openServices();
	classroom = await makeClassroom(services);
	server = await startCollab(services, { records: false });
});
afterAll(async () => {
	await server.close();
	await services.close();
});

const line = (doc: Y.Doc): Y.XmlText => (textOf(doc).get(0) as Y.XmlElement).get(0) as Y.XmlText;

async function open(person: TestPerson, documentId: DocumentId): Promise<Client> {
	const client = new Client(server.url, documentId, await classroom.token(person, documentId));
	await client.synced();
	return client;
}

/** A document in which Lin has written a sentence and Chen has changed it. */
async function written(): Promise<{ documentId: DocumentId; lin: Client; chen: Client }> {
	const documentId = await classroom.document();
	const [lin, chen] = [await open(classroom.students[0], documentId), await open(classroom.students[1], documentId)];
	lin.doc.transact(() => {
		const paragraph = new Y.XmlElement('paragraph');
		paragraph.insert(0, [new Y.XmlText('春天来了，燕子从南方飞回来。')]);
		textOf(lin.doc).push([paragraph]);
	});
	await lin.saved();
	await chen.until(() => textOf(chen.doc).length === 1);
	chen.doc.transact(() => {
		line(chen.doc).delete(5, 2);
		line(chen.doc).insert(5, '麻雀');
	});
	await chen.saved();
	await lin.until(() => line(lin.doc).toString().includes('麻雀'));
	return { documentId, lin, chen };
}

async function timelineOf(person: TestPerson, documentId: DocumentId): Promise<Timeline> {
	const ctx = await classroom.as(person);
	const timeline = new Timeline();
	for (;;) {
		const page = decodeLog(await readLog(ctx, { documentId, after: timeline.length }));
		if (page.length === 0) break;
		timeline.add(page);
	}
	timeline.arrange();
	return timeline;
}

const end = (...clients: Client[]) => clients.forEach((client) => client.destroy());

describe('the history of a text', () => {
	test('is told from the log, with the figures of the analysis', async () => {
		const { documentId, lin, chen } = await written();
		end(lin, chen);
		const timeline = await timelineOf(classroom.students[2], documentId);
		const shares = timeline.shares(timeline.length);
		const [a, b] = classroom.students;
		expect(shares).toEqual([
			{ personId: a.id, standing: 12, inserted: 14, deletedOwn: 0, deletedOthers: 0 },
			{ personId: b.id, standing: 2, inserted: 2, deletedOwn: 0, deletedOthers: 2 }
		]);

		await recordDocument(services, documentId, Date.now() + 3_600_000);
		const ctx = await classroom.as(classroom.teacher);
		const [from, to] = [new Date(Date.now() - 60_000).toISOString(), new Date().toISOString()];
		const { report } = await analyseRoom(ctx, { roomId: classroom.roomId, from, to });
		const people = report?.documents.find(({ id }) => id === documentId)?.people;
		expect(people).toMatchObject(
			shares.map(({ personId, inserted, deletedOwn, deletedOthers }) => ({ personId, inserted, deletedOwn, deletedOthers }))
		);
		const { lastSeq, people: writers } = await seeHistory(ctx, { documentId });
		expect(lastSeq).toBe(timeline.length);
		expect(writers.map(({ name }) => name).sort()).toEqual([a.name, b.name].sort());
	});

	test('comes page by page, from wherever one has got to', async () => {
		const { documentId, lin, chen } = await written();
		end(lin, chen);
		const ctx = await classroom.as(classroom.teacher);
		const all = decodeLog(await readLog(ctx, { documentId }));
		expect(all.map(({ seq }) => seq)).toEqual([1, 2]);
		expect(decodeLog(await readLog(ctx, { documentId, after: 1 })).map(({ seq }) => seq)).toEqual([2]);
		expect(decodeLog(await readLog(ctx, { documentId, after: 2 }))).toEqual([]);
	});

	test('has pages that end with their bytes, and at least one update each', async () => {
		const documentId = await classroom.document();
		const [{ id: personId }] = classroom.students;
		const effects = { inserted: 0, deleted: {}, nodesCreated: [], nodesMoved: [], nodesLinked: [], nodesDeleted: [] };
		const rows = [1.5, 0.4, 0.4, 0.4].map((megabytes, index) => ({
			documentId,
			seq: index + 1,
			personId,
			role: 'student' as const,
			update: new Uint8Array(megabytes * 1024 * 1024),
			effects,
			at: new Date()
		}));
		await transaction(systemContext(services), ({ db }) => db.insert(documentUpdates).values(rows));
		const ctx = await classroom.as(classroom.teacher);
		const pages: number[][] = [];
		for (let after = 0; after < rows.length; after = pages.at(-1)?.at(-1) ?? rows.length)
			pages.push(decodeLog(await readLog(ctx, { documentId, after })).map(({ seq }) => seq));
		expect(pages).toEqual([[1], [2, 3], [4]]);
	});

	test('answers a teacher next door as if there were nothing', async () => {
		const documentId = await classroom.document();
		const stranger = await classroom.as(classroom.stranger);
		const missing = { status: 404 };
		await expect(readLog(stranger, { documentId })).rejects.toMatchObject(missing);
		await expect(seeHistory(stranger, { documentId })).rejects.toMatchObject(missing);
		await expect(handIn(stranger, { documentId })).rejects.toMatchObject(missing);
	});
});

describe('versions', () => {
	test('are named, of any moment there was, and listed with the newest first', async () => {
		const { documentId, lin, chen } = await written();
		const ctx = await classroom.as(classroom.students[0]);
		await nameVersion(ctx, { documentId, seq: 1, name: ' 第一稿 ' });
		await nameVersion(ctx, { documentId, seq: 2, name: '第二稿' });
		await expect(nameVersion(ctx, { documentId, seq: 3, name: '第三稿' })).rejects.toMatchObject({ status: 422 });
		await expect(nameVersion(ctx, { documentId, seq: 1, name: '两\n行' })).rejects.toThrow();
		const { versions } = await seeHistory(ctx, { documentId });
		expect(versions).toMatchObject([
			{ kind: 'named', seq: 2, name: '第二稿', person: { name: '林一' } },
			{ kind: 'named', seq: 1, name: '第一稿' }
		]);
		end(lin, chen);
	});

	test('that are restored are noted after the edit that restored them', async () => {
		const { documentId, lin, chen } = await written();
		lin.doc.transact(() => {
			line(lin.doc).delete(5, 2);
			line(lin.doc).insert(5, '燕子');
		});
		await lin.saved();
		const version = await noteRestore(await classroom.as(classroom.students[0]), { documentId, seq: 1 });
		expect(version).toMatchObject({ kind: 'restored', seq: 3, restored: 1 });
		end(lin, chen);
	});
});

describe('handing in', () => {
	test('keeps the state with its hash, while the document goes on', async () => {
		const { documentId, lin, chen } = await written();
		const ctx = await classroom.as(classroom.students[0]);
		const version = await handIn(ctx, { documentId });
		line(lin.doc).insert(0, '后来：');
		await lin.saved();

		const { state, intact } = await openHandIn(await classroom.as(classroom.teacher), { documentId, versionId: version.id });
		const bytes = Buffer.from(state, 'base64');
		expect([intact, createHash('sha256').update(bytes).digest('hex')]).toEqual([true, version.hash]);
		const kept = new Y.Doc();
		Y.applyUpdate(kept, bytes);
		expect(line(kept).toString()).toBe('春天来了，麻雀从南方飞回来。');

		const told = await query(systemContext(services), async ({ db }) => ({
			audit: await db.select({ verb: audit.verb, detail: audit.detail }).from(audit).where(eq(audit.objectId, documentId)),
			statements: await db.select({ verb: statements.verb }).from(statements).where(eq(statements.documentId, documentId))
		}));
		expect(told.audit).toMatchObject([{ verb: 'document.handedIn', detail: { hash: version.hash } }]);
		expect(told.statements).toContainEqual({ verb: 'handedIn' });
		end(lin, chen);
	});

	test('locks the document when the teacher set so, until the teacher opens it again', async () => {
		const { documentId, lin, chen } = await written();
		const [student, teacher] = [await classroom.as(classroom.students[0]), await classroom.as(classroom.teacher)];
		await expect(setLock(student, { documentId, onHandIn: true })).rejects.toMatchObject({ status: 403 });
		await setLock(teacher, { documentId, onHandIn: true });
		await handIn(student, { documentId });
		await Promise.all([lin.closed(), chen.closed()]);
		expect([...lin.closes, ...chen.closes]).toEqual([closings.rightsChanged, closings.rightsChanged]);
		expect((await issueToken(teacher, { documentId })).right).toBe('comment');
		const listed = (await listDocuments(student, { roomId: classroom.roomId })).find(({ id }) => id === documentId);
		expect(listed).toMatchObject({ can: { read: true, write: false } });
		await expect(handIn(student, { documentId })).rejects.toMatchObject({ status: 409 });
		await expect(noteRestore(student, { documentId, seq: 1 })).rejects.toMatchObject({ status: 409 });

		const reader = await open(classroom.students[2], documentId);
		line(reader.doc).insert(0, '还想写');
		await reader.until(() => reader.refused.length > 0);
		expect(reader.refused[0]?.reason).toBe('reader');

		await setLock(teacher, { documentId, locked: false });
		await reader.closed();
		expect((await issueToken(student, { documentId })).right).toBe('write');
		end(lin, chen, reader);
	});

	test('refuses a document in which nothing was written', async () => {
		const documentId = await classroom.document();
		await expect(handIn(await classroom.as(classroom.students[0]), { documentId })).rejects.toMatchObject({ status: 409 });
	});
});
