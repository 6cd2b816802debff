import { eq } from 'drizzle-orm';
import * as Y from 'yjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDocument, issueToken, listAuthors, seedDocument } from '#lib/documents/server/index.ts';
import type { DocumentView } from '#lib/documents/server/index.ts';
import { documents, documentUpdates } from '#lib/documents/server/table.ts';
import { makeGroups, openGroups, seeGroups } from '#lib/groups/server/index.ts';
import { handIn, stateAt } from '#lib/history/server/index.ts';
import { newId } from '#lib/ids.ts';
import type { DocumentId } from '#lib/ids.ts';
import { addTask } from '#lib/projects/server/index.ts';
import { endSession, enterRoom, leaveRoom } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, NotFound } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { plainText, textOf } from '#lib/writing/document.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { PushHandout } from '../model.ts';
import { collectHandout, openCopy, pushHandout, returnCopy, seeHandouts } from './index.ts';

let services: TestServices;
let clock = new Date('2026-03-05T08:00:00Z');
let make: ReturnType<typeof factories>;
let schoolClass: SpaceRow;
let teacher: Context;
let ming: Context;
let hong: Context;
let room: RoomRow;
let sheet: DocumentView;

const idOf = (ctx: Context) => ctx.actor!.personId;
const write = (words: string) => (doc: Y.Doc) => {
	const paragraph = new Y.XmlElement('paragraph');
	paragraph.insert(0, [new Y.XmlText(words)]);
	textOf(doc).insert(0, [paragraph]);
};

beforeAll(async () => {
	services = await openServices({ now: () => clock });
	make = factories(services);
	schoolClass = await make.space('class', await make.space('school', await make.space('region')));
	const someone = async (name: string, role: 'teacher' | 'student') =>
		make.as(await make.person(name, [[role, schoolClass]]), [[role, schoolClass]], name);
	teacher = await someone('王老师', 'teacher');
	ming = await someone('小明', 'student');
	hong = await someone('小红', 'student');
});
beforeEach(async () => {
	room = await make.room('lesson', schoolClass);
	for (const ctx of [teacher, ming, hong]) await enterRoom(ctx, { roomId: room.id });
	sheet = await createDocument(teacher, { roomId: room.id, kind: 'text', title: '观察记录' });
	await seedDocument(systemContext(services), sheet.id, idOf(teacher), write('我看到了：'));
});
afterAll(() => services.close());

const push = (about: Partial<PushHandout> = {}, ctx = teacher) =>
	pushHandout(ctx, {
		roomId: room.id,
		what: { kind: 'document', documentId: sheet.id, work: true },
		to: { kind: 'all' },
		...about
	});
const seen = async (ctx: Context) => (await seeHandouts(ctx, { roomId: room.id })).handouts;
const wait = (seconds: number) => (clock = new Date(clock.getTime() + seconds * 1000));
const rightOf = async (ctx: Context, documentId: string) => (await issueToken(ctx, { documentId })).right;
const textIn = (documentId: string) =>
	query(systemContext(services), async (ctx) => {
		const doc = new Y.Doc();
		Y.applyUpdate(doc, await stateAt(ctx, documentId as DocumentId, 1_000_000));
		return plainText(doc);
	});
/** Somebody writes in a document, as a connection would have kept it. */
const writeIn = (ctx: Context, documentId: string, characters: number) =>
	transaction(systemContext(services), async ({ db }) => {
		const effects = { inserted: characters, deleted: {}, nodesCreated: [], nodesMoved: [], nodesLinked: [], nodesDeleted: [] };
		await db.insert(documentUpdates).values({
			documentId: documentId as DocumentId,
			seq: 2,
			personId: idOf(ctx),
			role: 'student',
			update: Buffer.from(Y.encodeStateAsUpdate(new Y.Doc())),
			effects,
			at: clock
		});
	});

describe('a document to work on', () => {
	test('is a copy for each person, with the words and authors of the first, which nobody else gets at', async () => {
		await push();
		const [handout] = await seen(ming);
		expect(handout).toMatchObject({ title: '观察记录', from: '王老师', to: null, work: true, current: true, copies: [] });
		const mine = handout!.document!;
		expect(mine).toMatchObject({ title: '观察记录 · 小明', lockedAt: null, can: { write: true } });
		expect(await textIn(mine.id)).toBe('我看到了：');
		expect((await listAuthors(ming, { documentId: mine.id })).people).toMatchObject([{ id: idOf(teacher) }]);
		expect(await rightOf(ming, mine.id)).toBe('write');
		await expect(issueToken(hong, { documentId: mine.id })).rejects.toThrow(NotFound);
		const [others] = await seen(hong);
		expect(others!.document!.id).not.toBe(mine.id);
		// The teacher sees whose is whose, and all begin with nothing of their own.
		const [all] = await seen(teacher);
		expect(all!.copies.map(({ owner, openedAt, written }) => [owner, openedAt, written])).toEqual([
			['小明', null, []],
			['小红', null, []]
		]);
	});

	test('is followed by the teacher: who opened it, how much is written, who handed in', async () => {
		await push();
		const mine = (await seen(ming))[0]!;
		await openCopy(ming, { roomId: room.id, copyId: mine.copyId! });
		const opened = clock.toISOString();
		wait(60);
		await openCopy(ming, { roomId: room.id, copyId: mine.copyId! });
		await writeIn(ming, mine.document!.id, 12);
		await handIn(ming, { documentId: mine.document!.id });
		const [copy, other] = (await seen(teacher))[0]!.copies;
		expect(copy).toMatchObject({
			openedAt: opened,
			handedInAt: clock.toISOString(),
			written: [{ name: '小明', characters: 12 }]
		});
		expect(copy!.document.lockedAt).not.toBeNull();
		expect(other).toMatchObject({ openedAt: null, handedInAt: null, written: [] });
		// To look at a copy is not to open it for its owner.
		await openCopy(teacher, { roomId: room.id, copyId: other!.id });
		expect((await seen(teacher))[0]!.copies[1]!.openedAt).toBeNull();
		await expect(openCopy(hong, { roomId: room.id, copyId: copy!.id })).rejects.toMatchObject({ key: 'handouts.gone' });
	});

	test('is collected: nobody writes any more; one is handed back, and only that one', async () => {
		const { id } = await push();
		const [mine, hers] = [(await seen(ming))[0]!, (await seen(hong))[0]!];
		await collectHandout(teacher, { roomId: room.id, handoutId: id });
		for (const [ctx, { document }] of [
			[ming, mine],
			[hong, hers]
		] as const)
			expect(await rightOf(ctx, document!.id)).toBe('comment');
		expect((await seen(ming))[0]).toMatchObject({ collectedAt: clock.toISOString(), document: { can: { write: false } } });
		wait(5);
		await returnCopy(teacher, { roomId: room.id, copyId: mine.copyId! });
		expect(await rightOf(ming, mine.document!.id)).toBe('write');
		expect(await rightOf(hong, hers.document!.id)).toBe('comment');
		expect((await seen(teacher))[0]!.copies[0]!.returnedAt).toBe(clock.toISOString());
		// Handed in before it was handed back is not handed in; a second time is.
		await handIn(hong, { documentId: hers.document!.id }).catch(() => undefined);
		wait(5);
		await handIn(ming, { documentId: mine.document!.id });
		expect((await seen(ming))[0]!.handedInAt).toBe(clock.toISOString());
		wait(5);
		await returnCopy(teacher, { roomId: room.id, copyId: mine.copyId! });
		expect((await seen(ming))[0]!.handedInAt).toBeNull();
	});

	test('can be one for each group at work, of all or of one', async () => {
		await expect(push({ each: 'group' })).rejects.toMatchObject({ key: 'handouts.noGroups' });
		const set = await makeGroups(teacher, { roomId: room.id, title: '组', way: 'random', count: 2 });
		await openGroups(teacher, { roomId: room.id, setId: set.id });
		await push({ each: 'group' });
		const copies = (await seen(teacher))[0]!.copies;
		expect(copies.map(({ owner }) => owner)).toEqual(['第1组', '第2组']);
		const [mine, hers] = [(await seen(ming))[0]!.document!.id, (await seen(hong))[0]!.document!.id];
		expect(new Set([mine, hers])).toEqual(new Set(copies.map(({ document }) => document.id)));
		await expect(issueToken(ming, { documentId: hers })).rejects.toThrow(NotFound);
		const { groups } = (await seeGroups(teacher, { roomId: room.id })).sets[0]!;
		const [group] = groups;
		await push({ each: 'group', to: { kind: 'group', groupId: group!.roomId } });
		expect((await seen(teacher))[0]).toMatchObject({ to: group!.name, copies: [{ owner: group!.name }] });
		const inside = group!.members[0]!.personId === idOf(ming) ? ming : hong;
		expect(await seen(inside)).toHaveLength(2);
		expect(await seen(inside === ming ? hong : ming)).toHaveLength(1);
		// The places of persons are not groups, and never shown as such.
		await push();
		expect((await seeGroups(teacher, { roomId: room.id })).sets).toHaveLength(1);
	});

	test('stays with its session; the copies of an earlier one are there for whoever asks for them', async () => {
		const { id } = await push();
		await endSession(teacher, { roomId: room.id });
		for (const ctx of [teacher, ming]) await enterRoom(ctx, { roomId: room.id });
		expect(await seen(teacher)).toMatchObject([{ id, current: false, copies: [] }]);
		expect((await seeHandouts(teacher, { roomId: room.id, of: id })).handouts[0]!.copies).toHaveLength(2);
		const [mine] = await seen(ming);
		expect(mine).toMatchObject({ current: false, document: { title: '观察记录 · 小明' } });
	});

	test('handed out again, lies in the same place of its person', async () => {
		await push();
		await push();
		const [second, first] = await seen(ming);
		const placeOf = async (documentId: string) =>
			query(systemContext(services), async ({ db }) => {
				const [document] = await db
					.select({ roomId: documents.roomId })
					.from(documents)
					.where(eq(documents.id, documentId as DocumentId));
				return document?.roomId;
			});
		expect(await placeOf(second!.document!.id)).toBe(await placeOf(first!.document!.id));
		expect(second!.document!.id).not.toBe(first!.document!.id);
		expect(await rightOf(ming, second!.document!.id)).toBe('write');
	});
});

describe('something to look at', () => {
	test('opens the document itself, for all, one group or one person', async () => {
		await push({ what: { kind: 'document', documentId: sheet.id } });
		await push({ what: { kind: 'document', documentId: sheet.id }, to: { kind: 'person', personId: idOf(hong) } });
		expect((await seen(ming)).map(({ document, copyId, to }) => [document?.id, copyId, to])).toEqual([[sheet.id, null, null]]);
		expect((await seen(hong)).map(({ to }) => to)).toEqual(['小红', null]);
		expect(await seen(teacher)).toHaveLength(2);
	});

	test('can be a task of the room, or a page of the space, and never another site', async () => {
		const task = await addTask(teacher, { roomId: room.id, title: '量桥的长度' });
		await push({ what: { kind: 'task', taskId: task.id } });
		await push({ what: { kind: 'page', path: `/rooms/${room.id}/analysis`, title: '我们的互动' } });
		expect((await seen(ming)).map(({ kind, title, path }) => [kind, title, path])).toEqual([
			['page', '我们的互动', `/rooms/${room.id}/analysis`],
			['task', '量桥的长度', null]
		]);
		for (const path of [
			'https://evil.example',
			'//evil.example',
			'/\\evil.example',
			'javascript:alert(1)',
			'/api/v1/me',
			'/a b',
			''
		])
			expect(
				PushHandout.safeParse({ roomId: room.id, what: { kind: 'page', path, title: '看' }, to: { kind: 'all' } }).success,
				path
			).toBe(false);
	});
});

test('what is not of this room is not handed out from it, and nobody is named who does not belong', async () => {
	const elsewhere = await make.room('lesson', schoolClass);
	const foreign = await createDocument(teacher, { roomId: elsewhere.id, kind: 'text', title: '别处' });
	for (const what of [
		{ kind: 'document', documentId: foreign.id },
		{ kind: 'task', taskId: newId() },
		{ kind: 'file', fileId: newId() }
	] as const)
		await expect(push({ what })).rejects.toMatchObject({ key: 'handouts.nothing' });
	const stranger = await make.person('外班', []);
	await expect(push({ to: { kind: 'person', personId: stranger } })).rejects.toMatchObject({ key: 'groups.unknown' });
	await expect(push({ to: { kind: 'group', groupId: elsewhere.id } })).rejects.toMatchObject({ key: 'groups.unknown' });
	expect(await seen(teacher)).toEqual([]);
	for (const ctx of [teacher, ming, hong]) await leaveRoom(ctx, { roomId: room.id });
	await expect(push()).rejects.toMatchObject({ key: 'rooms.enterFirst' });
});

test('only those who lead hand out, collect and hand back', async () => {
	const { id } = await push();
	const [mine] = await seen(ming);
	await expect(push({}, ming)).rejects.toThrow(Forbidden);
	await expect(collectHandout(ming, { roomId: room.id, handoutId: id })).rejects.toThrow(Forbidden);
	await expect(returnCopy(ming, { roomId: room.id, copyId: mine!.copyId! })).rejects.toThrow(Forbidden);
	await expect(collectHandout(teacher, { roomId: room.id, handoutId: newId() })).rejects.toMatchObject({ key: 'handouts.gone' });
});
