import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Client, makeClassroom, startCollab } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import type { Classroom } from '#collab/test/support.ts';
import { audit } from '#lib/records/server/table.ts';
import { systemContext } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { documentForm } from '../model.ts';
import { documentUpdates } from './table.ts';
import { archiveDocument, createDocument, issueToken, listDocuments, renameDocument, seeAround, seedDocument } from './index.ts';

let services: TestServices;
let classroom: Classroom;
beforeAll(async () => {
	services = await openServices();
	classroom = await makeClassroom(services);
});
afterAll(() => services.close());

test('a student puts a document on the table, a teacher renames it and takes it off; each act is audited', async () => {
	const { roomId } = classroom;
	const [student, teacher] = [await classroom.as(classroom.students[0]), await classroom.as(classroom.teacher)];
	const document = await createDocument(student, { roomId, kind: 'text', title: '  观察日记 ' });
	expect(document).toMatchObject({ title: '观察日记', can: { read: true, write: true, change: false } });
	await createDocument(student, { roomId, kind: 'map', title: '思路' });
	expect((await listDocuments(teacher, { roomId })).map(({ title }) => title)).toEqual(['观察日记', '思路']);

	await expect(renameDocument(student, { documentId: document.id, title: '我的' })).rejects.toMatchObject({ status: 403 });
	await renameDocument(teacher, { documentId: document.id, title: '春天观察日记' });
	await archiveDocument(teacher, { documentId: document.id });
	expect((await listDocuments(student, { roomId })).map(({ title }) => title)).toEqual(['思路']);
	await expect(issueToken(student, { documentId: document.id })).rejects.toMatchObject({ status: 404 });

	const acts = await query(systemContext(services), ({ db }) =>
		db.select({ verb: audit.verb }).from(audit).where(eq(audit.objectId, document.id))
	);
	expect(acts.map(({ verb }) => verb).sort()).toEqual(['document.archive', 'document.create', 'document.rename']);
});

test('whoever made a document takes it off again as long as nobody else wrote in it', async () => {
	const { roomId } = classroom;
	const [one, other] = [await classroom.as(classroom.students[0]), await classroom.as(classroom.students[1])];
	const { id: documentId } = await createDocument(one, { roomId, kind: 'text', title: '没有成功的导入' });
	await expect(archiveDocument(other, { documentId })).rejects.toMatchObject({ status: 403 });
	await archiveDocument(one, { documentId });
	expect((await listDocuments(one, { roomId })).map(({ id }) => id)).not.toContain(documentId);

	const shared = await createDocument(one, { roomId, kind: 'text', title: '一起写的' });
	await transaction(systemContext(services), ({ db }) =>
		db.insert(documentUpdates).values({
			documentId: shared.id,
			seq: 1,
			personId: classroom.students[1].id,
			role: 'student',
			update: Buffer.from([0, 0]),
			effects: { inserted: 0, deleted: {}, nodesCreated: [], nodesMoved: [], nodesLinked: [], nodesDeleted: [] },
			at: new Date()
		})
	);
	await expect(archiveDocument(one, { documentId: shared.id })).rejects.toMatchObject({ status: 403 });
});

test('a page that was opened before documents could hold more is let in no more; other programs are', async () => {
	const student = await classroom.as(classroom.students[0]);
	const documentId = await classroom.document();
	await expect(issueToken(student, { documentId, form: documentForm - 1 })).rejects.toMatchObject({
		status: 409,
		key: 'documents.closed.outdated'
	});
	for (const form of [undefined, documentForm, documentForm + 1])
		expect(await issueToken(student, { documentId, ...(form !== undefined && { form }) })).toMatchObject({ right: 'write' });
});

test('a room next door answers as one that is not there', async () => {
	const stranger = await classroom.as(classroom.stranger);
	const documentId = await classroom.document();
	const missing = { status: 404 };
	await expect(createDocument(stranger, { roomId: classroom.roomId, kind: 'text', title: '混入' })).rejects.toMatchObject(
		missing
	);
	await expect(listDocuments(stranger, { roomId: classroom.roomId })).rejects.toMatchObject(missing);
	await expect(renameDocument(stranger, { documentId, title: '混入' })).rejects.toMatchObject(missing);
	await expect(archiveDocument(stranger, { documentId })).rejects.toMatchObject(missing);
});

test('what was prepared is there for the first who opens it, in the name of its author', async () => {
	const documentId = await classroom.document();
	await seedDocument(systemContext(services), documentId, classroom.teacher.id, (doc) => doc.getText('text').insert(0, '学习单'));
	const server = await startCollab(services, { records: false });
	const client = new Client(server.url, documentId, await classroom.token(classroom.students[0], documentId));
	await client.until(() => client.text.toString() === '学习单');
	const [author] = Y.decodeStateVector(Y.encodeStateVector(client.doc)).keys();
	client.doc.clientID = author ?? 0;
	client.text.insert(3, '！');
	await client.until(() => client.refused.length > 0);
	expect(client.refused[0]?.reason).toBe('foreignClient');
	client.doc.clientID = 1;
	await server.close();
	client.doc.destroy();
});

test('whoever reads a document is told whom and what it can name, and nobody else', async () => {
	const documentId = await classroom.document();
	const other = await classroom.document('map');
	const around = await seeAround(await classroom.as(classroom.students[0]), { documentId });
	expect(around.people.map(({ name }) => name).sort()).toEqual(['周老师', '林一', '王三', '陈二'].sort());
	expect(around.documents.map(({ id }) => id)).toContain(other);
	expect(around.documents.map(({ id }) => id)).not.toContain(documentId);
	await expect(seeAround(await classroom.as(classroom.stranger), { documentId })).rejects.toMatchObject({ status: 404 });
});
