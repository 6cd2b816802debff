import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { makeClassroom } from '#collab/test/support.ts';
import type { Classroom } from '#collab/test/support.ts';
import { documents } from '#lib/documents/server/table.ts';
import type { DocumentId } from '#lib/ids.ts';
import { newId } from '#lib/ids.ts';
import { audit, statements } from '#lib/records/server/table.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { positionText } from '../model.ts';
import { beginThread, editReply, listThreads, removeReply, replyTo, resolveThread, seeThread } from './index.ts';

let services: TestServices;
let classroom: Classroom;
let lin: Context;
let chen: Context;
let teacher: Context;
beforeAll(async () => {
	services = await openServices();
	classroom = await makeClassroom(services);
	[lin, chen, teacher] = await Promise.all([
		classroom.as(classroom.students[0]),
		classroom.as(classroom.students[1]),
		classroom.as(classroom.teacher)
	]);
});
afterAll(() => services.close());

const text = new Y.Doc().getXmlFragment('default');
const anchor = {
	from: positionText(Y.createRelativePositionFromTypeIndex(text, 0)),
	to: positionText(Y.createRelativePositionFromTypeIndex(text, 0, -1))
};
const begin = (ctx: Context, documentId: DocumentId, words = '这里写得真好') =>
	beginThread(ctx, { documentId, anchor, quote: '燕子', text: words });
const whole = (documentId: DocumentId) =>
	transaction(systemContext(services), async ({ db }) => ({
		statements: await db
			.select()
			.from(statements)
			.where(and(eq(statements.documentId, documentId), eq(statements.verb, 'commented'))),
		audit: await db.select().from(audit).where(eq(audit.objectId, documentId))
	}));

test('a comment and its answer are read by everybody, with the names that the server knows, and are one statement each', async () => {
	const documentId = await classroom.document();
	const begun = await begin(lin, documentId);
	await replyTo(chen, { documentId, threadId: begun.id, text: '我也觉得' });
	const { threads, can, next } = await listThreads(teacher, { documentId });
	expect([threads.length, next, can]).toEqual([1, null, { comment: true }]);
	expect(threads[0]).toMatchObject({
		anchor,
		quote: '燕子',
		resolved: null,
		replies: [
			{ person: { id: lin.actor?.personId, name: classroom.students[0].name }, role: 'student', text: '这里写得真好' },
			{ person: { id: chen.actor?.personId }, text: '我也觉得' }
		]
	});
	const { statements: told } = await whole(documentId);
	expect(told.map(({ actorId, targetId, amount }) => [actorId, targetId, amount]).sort()).toEqual(
		[
			[lin.actor?.personId, null, 6],
			[chen.actor?.personId, lin.actor?.personId, 4]
		].sort()
	);
});

test('a comment may propose other words, alone or with some said to it; nothing at all is not said', async () => {
	const documentId = await classroom.document();
	const place = { documentId, anchor, quote: '燕子' };
	const { id: threadId, replies } = await beginThread(lin, { ...place, text: '', proposal: ' 小燕子 ' });
	expect(replies).toMatchObject([{ text: '', proposal: '小燕子' }]);
	const answered = await replyTo(chen, { documentId, threadId, text: '还是这样好', proposal: '家燕' });
	expect(answered.replies.map(({ text, proposal }) => [text, proposal])).toEqual([
		['', '小燕子'],
		['还是这样好', '家燕']
	]);
	expect((await whole(documentId)).statements.map(({ amount }) => amount).sort()).toEqual([3, 7]);
	await expect(beginThread(lin, { ...place, text: '  ' })).rejects.toMatchObject({ status: 422 });
	await expect(replyTo(lin, { documentId, threadId, text: '', proposal: ' ' })).rejects.toThrow();
	const replyId = answered.replies[1]?.id ?? '';
	expect((await editReply(chen, { documentId, threadId, replyId, text: '' })).replies[1]).toMatchObject({ proposal: '家燕' });
	const { id: other, replies: said } = await begin(lin, documentId);
	const only = { documentId, threadId: other, replyId: said[0]?.id ?? '' };
	await expect(editReply(lin, { ...only, text: '' })).rejects.toMatchObject({ status: 422 });
	expect((await removeReply(chen, { documentId, threadId, replyId })).replies[1]).toMatchObject({ text: '', proposal: null });
});

test('who is named is kept by person, not by name', async () => {
	const documentId = await classroom.document();
	const [a, b] = classroom.students.map(({ id }) => id);
	const begun = await beginThread(lin, { documentId, anchor, quote: '', text: '@陈雨 看', named: [b ?? ''] });
	expect(begun.replies[0]?.named).toEqual([b]);
	const replyId = begun.replies[0]?.id ?? '';
	const edited = await editReply(lin, { documentId, threadId: begun.id, replyId, text: '@林晓 看', named: [a ?? ''] });
	expect(edited.replies[0]?.named).toEqual([a]);
	await expect(beginThread(lin, { documentId, anchor, quote: '', text: '看', named: ['陈雨'] })).rejects.toThrow();
});

test('one changes and takes back one’s own words; a teacher takes away anybody’s, which is audited', async () => {
	const documentId = await classroom.document();
	const { id: threadId, replies } = await begin(lin, documentId);
	const replyId = replies[0]?.id ?? '';
	await expect(editReply(chen, { documentId, threadId, replyId, text: '改掉' })).rejects.toMatchObject({ status: 403 });
	await expect(editReply(teacher, { documentId, threadId, replyId, text: '改掉' })).rejects.toMatchObject({ status: 403 });
	await expect(removeReply(chen, { documentId, threadId, replyId })).rejects.toMatchObject({ status: 403 });
	const edited = await editReply(lin, { documentId, threadId, replyId, text: '写得很好' });
	expect(edited.replies[0]).toMatchObject({ text: '写得很好', can: { edit: true, remove: true } });
	expect(edited.replies[0]?.editedAt).not.toBeNull();
	const seen = await seeThread(teacher, { documentId, threadId });
	expect(seen.replies[0]?.can).toEqual({ edit: false, remove: true });
	const removed = await removeReply(teacher, { documentId, threadId, replyId });
	expect(removed.replies[0]).toMatchObject({ text: '' });
	expect(removed.replies[0]?.deletedAt).not.toBeNull();
	expect((await whole(documentId)).audit.map(({ verb }) => verb)).toContain('comment.remove');
	await expect(editReply(lin, { documentId, threadId, replyId, text: '又来' })).rejects.toMatchObject({ status: 404 });
	expect((await whole(documentId)).statements).toHaveLength(1);
});

test('a thread is resolved and opened again, and tells who resolved it', async () => {
	const documentId = await classroom.document();
	const { id: threadId } = await begin(lin, documentId);
	const resolved = await resolveThread(chen, { documentId, threadId, resolved: true });
	expect(resolved.resolved?.by).toEqual({ id: chen.actor?.personId, name: classroom.students[1].name });
	const again = await resolveThread(teacher, { documentId, threadId, resolved: true });
	expect(again.resolved?.by.id).toBe(chen.actor?.personId);
	expect((await resolveThread(lin, { documentId, threadId, resolved: false })).resolved).toBeNull();
});

test('everybody who has the room open is told at once, and nobody before it is kept', async () => {
	const documentId = await classroom.document();
	const told = new Promise<string>((resolve) => {
		const stop = services.changes.on('comments', (change) => {
			if (change.documentId !== documentId) return;
			stop();
			resolve(change.threadId);
		});
	});
	const { id } = await begin(lin, documentId);
	expect(await told).toBe(id);
});

test('a locked document is still commented', async () => {
	const documentId = await classroom.document();
	await transaction(systemContext(services), ({ db }) =>
		db.update(documents).set({ lockedAt: new Date() }).where(eq(documents.id, documentId))
	);
	await begin(teacher, documentId, '批改：结尾可以更有力');
	expect((await listThreads(lin, { documentId })).threads).toHaveLength(1);
});

test('what makes no sense is refused as such: broken places, a flood of text, ids of something else', async () => {
	const documentId = await classroom.document();
	const other = await classroom.document();
	const { id: threadId, replies } = await begin(lin, documentId);
	const replyId = replies[0]?.id ?? '';
	const invalid = [
		{ documentId, anchor: { from: 'AAAA////', to: anchor.to }, quote: '', text: '好' },
		{ documentId, anchor: { from: '很坏', to: anchor.to }, quote: '', text: '好' },
		{ documentId, anchor: { from: anchor.from, to: 'A'.repeat(201) }, quote: '', text: '好' },
		{ documentId, anchor, quote: '长'.repeat(301), text: '好' },
		{ documentId, anchor, quote: '', text: 'x'.repeat(1024 * 1024) },
		{ documentId, anchor, quote: '', text: 'a\0b' },
		{ documentId: 'none', anchor, quote: '', text: '好' }
	];
	for (const input of invalid) await expect(beginThread(lin, input)).rejects.toMatchObject({ name: 'ZodError' });
	const missing = [
		() => replyTo(lin, { documentId: other, threadId, text: '好' }),
		() => replyTo(lin, { documentId, threadId: newId(), text: '好' }),
		() => resolveThread(lin, { documentId: other, threadId, resolved: true }),
		() => editReply(lin, { documentId, threadId, replyId: newId(), text: '好' }),
		() => editReply(lin, { documentId: other, threadId, replyId, text: '好' }),
		() => removeReply(lin, { documentId: other, threadId, replyId }),
		() => begin(lin, newId()),
		() => listThreads(lin, { documentId: newId() })
	];
	for (const attempt of missing) await expect(attempt()).rejects.toMatchObject({ status: 404 });
});

test('many threads come page by page, none twice and none left out', async () => {
	const documentId = await classroom.document();
	for (let count = 0; count < 101; count++) await begin(count % 2 ? lin : chen, documentId, `第 ${count} 条`);
	const first = await listThreads(lin, { documentId });
	const second = await listThreads(lin, { documentId, after: first.next ?? '' });
	expect([first.threads.length, second.threads.length, second.next]).toEqual([100, 1, null]);
	expect(new Set([...first.threads, ...second.threads].map(({ id }) => id)).size).toBe(101);
});
