import { and, asc, eq, like } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDocument } from '#lib/documents/server/index.ts';
import { newId } from '#lib/ids.ts';
import type { PersonId } from '#lib/ids.ts';
import { audit, statements } from '#lib/records/server/table.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { addDays, schoolDay } from '../days.ts';
import { mostTasks } from '../model.ts';
import {
	addMilestone,
	addTask,
	changeMilestone,
	changeTask,
	linkDocument,
	moveTask,
	progressOfRooms,
	removeMilestone,
	removeTask,
	restoreTask,
	seeProgress,
	seeProject,
	seeTask,
	unlinkDocument
} from './index.ts';
import { projectTasks } from './table.ts';

let services: TestServices;
let make: ReturnType<typeof factories>;
let classSpace: SpaceRow;
let room: RoomRow;
let [lin, chen, teacher, guardian, stranger] = [] as unknown as Context[] as [Context, Context, Context, Context, Context];
let [linId, chenId, strangerId] = [] as unknown as PersonId[] as [PersonId, PersonId, PersonId];
const today = () => schoolDay(services.now());

beforeAll(async () => {
	services = await openServices();
	make = factories(services);
	const region = await make.space('region');
	const school = await make.space('school', region);
	classSpace = await make.space('class', school);
	const other = await make.space('class', await make.space('school', region));
	linId = await make.person('林小满', [['student', classSpace]]);
	chenId = await make.person('陈一', [['student', classSpace]]);
	strangerId = await make.person('外人', [['student', other]]);
	const teacherId = await make.person('王老师', [['headTeacher', classSpace]]);
	const guardianId = await make.person('林妈妈', [['guardian', classSpace]]);
	lin = make.as(linId, [['student', classSpace]]);
	chen = make.as(chenId, [['student', classSpace]]);
	teacher = make.as(teacherId, [['headTeacher', classSpace]]);
	guardian = make.as(guardianId, [['guardian', classSpace]]);
	stranger = make.as(strangerId, [['student', other]]);
	room = await make.room('group', classSpace);
});
afterAll(() => services.close());

const newRoom = () => make.room('group', classSpace);
const toldOf = (taskId: string) =>
	transaction(systemContext(services), ({ db }) =>
		db
			.select({ verb: statements.verb, actorId: statements.actorId, targetId: statements.targetId })
			.from(statements)
			.where(like(statements.key, `task:${taskId}:%`))
			.orderBy(asc(statements.id))
	);
const titles = async (roomId: string) => (await seeProject(lin, { roomId })).tasks.map(({ title }) => title);

test('a task is one title; it stands behind the others, and its making is told once, also when it is sent twice', async () => {
	const { id: roomId } = await newRoom();
	const id = newId();
	const first = await addTask(lin, { roomId, id, title: ' 画桥的草图 ' });
	expect(first).toMatchObject({ id, title: '画桥的草图', state: 'todo', owner: null, dueOn: null, documents: [], revision: 1 });
	const again = await addTask(lin, { roomId, id, title: '画桥的草图' });
	const second = await addTask(chen, { roomId, title: '买材料' });
	expect(again).toEqual(first);
	expect(second.position).toBeGreaterThan(first.position);
	expect(await toldOf(id)).toEqual([{ verb: 'planned', actorId: linId, targetId: null }]);
	const { people, can, next } = await seeProject(teacher, { roomId });
	expect([people.map(({ name }) => name).sort(), can, next]).toEqual([
		['林小满', '王老师', '陈一'].sort(),
		{ change: true },
		null
	]);
});

test('two people change different fields of one task at the same time, and both do', async () => {
	const { id: roomId } = room;
	const { id: taskId } = await addTask(lin, { roomId, title: '做模型' });
	await Promise.all([
		changeTask(lin, { roomId, taskId, dueOn: '2026-11-28' }),
		changeTask(chen, { roomId, taskId, ownerId: chenId }),
		changeTask(teacher, { roomId, taskId, note: '用纸板' }),
		changeTask(teacher, { roomId, taskId, title: '做一座桥的模型' })
	]);
	const task = await seeTask(lin, { roomId, taskId });
	expect(task).toMatchObject({
		title: '做一座桥的模型',
		note: '用纸板',
		dueOn: '2026-11-28',
		owner: { id: chenId, name: '陈一' },
		revision: 5
	});
});

test('what matters becomes one statement each: made, given to somebody, finished; a change of nothing is none', async () => {
	const { id: roomId } = room;
	const { id: taskId } = await addTask(lin, { roomId, title: '写报告' });
	await changeTask(lin, { roomId, taskId, ownerId: chenId });
	await changeTask(teacher, { roomId, taskId, ownerId: chenId });
	await changeTask(chen, { roomId, taskId, dueOn: '2026-12-01' });
	await moveTask(chen, { roomId, taskId, state: 'doing', beforeId: null });
	await changeTask(chen, { roomId, taskId, state: 'done' });
	await changeTask(chen, { roomId, taskId, state: 'done' });
	expect(await toldOf(taskId)).toEqual([
		{ verb: 'planned', actorId: linId, targetId: null },
		{ verb: 'assigned', actorId: linId, targetId: chenId },
		{ verb: 'completed', actorId: chenId, targetId: null }
	]);
});

test('a task is moved before another of its column, or behind all, however often', async () => {
	const { id: roomId } = await newRoom();
	const ids: string[] = [];
	for (const title of ['一', '二', '三']) ids.push((await addTask(lin, { roomId, title })).id);
	const [one, two, three] = ids as [string, string, string];
	const column = async () =>
		(await seeProject(lin, { roomId })).tasks
			.filter(({ state }) => state === 'todo')
			.sort((a, b) => a.position - b.position)
			.map(({ title }) => title)
			.join('');
	await moveTask(lin, { roomId, taskId: three, state: 'todo', beforeId: one });
	expect(await column()).toBe('三一二');
	await moveTask(lin, { roomId, taskId: three, state: 'todo', beforeId: null });
	expect(await column()).toBe('一二三');
	// Into the same gap until no number is left between: all are numbered anew, in the order in which they stood.
	for (let turn = 0; turn < 60; turn++) {
		await moveTask(lin, { roomId, taskId: turn % 2 ? two : three, state: 'todo', beforeId: turn % 2 ? three : two });
	}
	expect(await column()).toBe('一二三');
	await moveTask(lin, { roomId, taskId: one, state: 'done', beforeId: two });
	expect(await column()).toBe('二三');
});

test('a milestone is named, moved and taken away; its tasks stay', async () => {
	const { id: roomId } = await newRoom();
	const { id: milestoneId } = await addMilestone(teacher, { roomId, title: '汇报', on: '2026-12-04' });
	const { id: taskId } = await addTask(lin, { roomId, title: '练习', milestoneId });
	expect(await changeMilestone(lin, { roomId, milestoneId, on: '2026-12-05' })).toEqual({
		id: milestoneId,
		title: '汇报',
		on: '2026-12-05'
	});
	expect((await seeTask(lin, { roomId, taskId })).milestoneId).toBe(milestoneId);
	await removeMilestone(lin, { roomId, milestoneId });
	expect((await seeTask(lin, { roomId, taskId })).milestoneId).toBeNull();
	expect((await seeProject(lin, { roomId })).milestones).toEqual([]);
});

test('a task has documents of the table, of its own room only', async () => {
	const { id: roomId } = await newRoom();
	const { id: taskId } = await addTask(lin, { roomId, title: '写' });
	const { id: documentId } = await createDocument(lin, { roomId, kind: 'map', title: '桥' });
	const elsewhere = await createDocument(lin, { roomId: room.id, kind: 'text', title: '别处' });
	await linkDocument(lin, { roomId, taskId, documentId });
	const linked = await linkDocument(chen, { roomId, taskId, documentId });
	expect(linked.documents).toEqual([{ id: documentId, kind: 'map', title: '桥' }]);
	await expect(linkDocument(lin, { roomId, taskId, documentId: elsewhere.id })).rejects.toMatchObject({ status: 404 });
	expect((await unlinkDocument(lin, { roomId, taskId, documentId })).documents).toEqual([]);
});

test('what is taken away comes back when one thinks better of it; both are audited', async () => {
	const { id: roomId } = await newRoom();
	const { id: taskId } = await addTask(lin, { roomId, title: '练习' });
	await removeTask(chen, { roomId, taskId });
	expect(await titles(roomId)).toEqual([]);
	await expect(changeTask(lin, { roomId, taskId, title: '又来' })).rejects.toMatchObject({ status: 404 });
	await restoreTask(chen, { roomId, taskId });
	expect(await titles(roomId)).toEqual(['练习']);
	const rows = await transaction(systemContext(services), ({ db }) =>
		db
			.select({ verb: audit.verb })
			.from(audit)
			.where(and(eq(audit.objectType, 'task'), eq(audit.objectId, taskId)))
			.orderBy(asc(audit.id))
	);
	expect(rows.map(({ verb }) => verb)).toEqual(['task.remove', 'task.restore']);
});

test('the progress of rooms counts what is done and what is late, and names the milestone that comes', async () => {
	const { id: roomId } = await newRoom();
	const empty = await newRoom();
	await addTask(lin, { roomId, title: '一', state: 'done', dueOn: addDays(today(), -2) });
	await addTask(lin, { roomId, title: '二', dueOn: addDays(today(), -1) });
	await addTask(lin, { roomId, title: '三', dueOn: today() });
	const gone = await addTask(lin, { roomId, title: '四', dueOn: addDays(today(), -1) });
	await removeTask(lin, { roomId, taskId: gone.id });
	await addMilestone(lin, { roomId, title: '过去', on: addDays(today(), -1) });
	await addMilestone(lin, { roomId, title: '展示', on: addDays(today(), 9) });
	await addMilestone(lin, { roomId, title: '汇报', on: addDays(today(), 3) });
	const expected = { done: 1, total: 3, overdue: 1, next: { title: '汇报', on: addDays(today(), 3) } };
	expect(await seeProgress(lin, { roomId })).toEqual(expected);
	expect(await progressOfRooms(lin, [roomId, empty.id])).toEqual({ [roomId]: expected });
});

test('everybody who has the room open is told at once which task it is', async () => {
	const { id: roomId } = await newRoom();
	const told = new Promise<string | null>((resolve) => {
		const stop = services.changes.on('project', (change) => {
			if (change.roomId !== roomId) return;
			stop();
			resolve(change.taskId);
		});
	});
	const { id } = await addTask(lin, { roomId, title: '一' });
	expect(await told).toBe(id);
});

test('a guardian sees no project of a class, but that of a home–school room, and there not the names of other families', async () => {
	const { id: roomId } = room;
	await expect(seeProject(guardian, { roomId })).rejects.toMatchObject({ status: 404 });
	await expect(addTask(guardian, { roomId, title: '一' })).rejects.toMatchObject({ status: 404 });
	await expect(seeProject(stranger, { roomId })).rejects.toMatchObject({ status: 404 });
	const home = await make.room('homeSchool', classSpace);
	await make.person('陈爸爸', [['guardian', classSpace]]);
	const { people } = await seeProject(guardian, { roomId: home.id });
	expect(people.map(({ name }) => name).sort()).toEqual(['林妈妈', '王老师'].sort());
});

test('what makes no sense is refused as such: floods of text, days out of reach, ids of something else', async () => {
	const { id: roomId } = await newRoom();
	const { id: taskId } = await addTask(lin, { roomId, title: '一' });
	const invalid = [
		{ roomId, title: 'x'.repeat(1024 * 1024) },
		{ roomId, title: '   ' },
		{ roomId, title: 'a\0b' },
		{ roomId, title: 'a\nb' },
		{ roomId, title: '一', dueOn: '9999-12-31' },
		{ roomId, title: '一', dueOn: '1066-10-14' },
		{ roomId, title: '一', dueOn: '2026-02-30' },
		{ roomId, title: '一', dueOn: '+275760-09-13' },
		{ roomId, title: '一', state: 'blocked' as 'todo' },
		{ roomId, title: '一', ownerId: 'me' },
		{ roomId: 'here', title: '一' }
	];
	for (const input of invalid)
		await expect(addTask(lin, input), input.title.slice(0, 9)).rejects.toMatchObject({ name: 'ZodError' });
	await expect(changeTask(lin, { roomId, taskId, note: 'x'.repeat(4_001) })).rejects.toMatchObject({ name: 'ZodError' });
	const refused = [
		() => changeTask(lin, { roomId, taskId, ownerId: strangerId }),
		() => changeTask(lin, { roomId, taskId, ownerId: newId() }),
		() => addTask(lin, { roomId, title: '一', startsOn: '2026-12-02', dueOn: '2026-12-01' })
	];
	for (const attempt of refused) await expect(attempt()).rejects.toMatchObject({ status: 422 });
	const milestone = await addMilestone(lin, { roomId: room.id, title: '别处', on: '2026-12-01' });
	const missing = [
		() => changeTask(lin, { roomId, taskId: newId(), title: '一' }),
		() => changeTask(lin, { roomId: room.id, taskId, title: '一' }),
		() => changeTask(lin, { roomId, taskId, milestoneId: milestone.id }),
		() => moveTask(lin, { roomId: room.id, taskId, state: 'done', beforeId: null }),
		() => removeTask(lin, { roomId: room.id, taskId }),
		() => restoreTask(lin, { roomId: room.id, taskId }),
		() => changeMilestone(lin, { roomId, milestoneId: milestone.id, title: '一' }),
		() => removeMilestone(lin, { roomId, milestoneId: milestone.id }),
		() => linkDocument(lin, { roomId, taskId, documentId: newId() }),
		() => addTask(lin, { roomId: newId(), title: '一' })
	];
	for (const attempt of missing) await expect(attempt()).rejects.toMatchObject({ status: 404 });
	// An id that is taken by a task of another room.
	await expect(addTask(lin, { roomId: room.id, id: taskId, title: '一' })).rejects.toMatchObject({ status: 409 });
	await changeTask(lin, { roomId, taskId, dueOn: '2026-12-01' });
	await expect(changeTask(lin, { roomId, taskId, startsOn: '2026-12-02' })).rejects.toMatchObject({
		key: 'projects.startAfterDue'
	});
});

test('ten thousand tasks are not taken; as many as there may be come page by page, none twice', async () => {
	const { id: roomId, spacePath } = await newRoom();
	await transaction(systemContext(services), ({ db }) =>
		db
			.insert(projectTasks)
			.values(Array.from({ length: mostTasks }, (_, place) => ({ roomId, spacePath, title: `第 ${place} 项`, position: place })))
	);
	await expect(addTask(lin, { roomId, title: '再一项' })).rejects.toMatchObject({ key: 'projects.tooManyTasks' });
	const seen = new Set<string>();
	let after: string | undefined;
	do {
		const page = await seeProject(lin, { roomId, ...(after && { after }) });
		for (const { id } of page.tasks) seen.add(id);
		after = page.next ?? undefined;
	} while (after);
	expect(seen.size).toBe(mostTasks);
});
