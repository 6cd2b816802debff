import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeGroups, seeGroups } from '#lib/groups/server/index.ts';
import { newId } from '#lib/ids.ts';
import { endSession, enterRoom } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { seeRounds, startRound } from '#lib/rounds/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import type { StepInput } from '../model.ts';
import {
	changeSheet,
	copySheet,
	dropSheet,
	endRun,
	exportReport,
	makeSheet,
	reorderSteps,
	runSheet,
	seeReport,
	seeSheets,
	startStep,
	stepsOf
} from './index.ts';

let services: TestServices;
let clock = new Date('2026-03-05T08:00:00Z');
let make: ReturnType<typeof factories>;
let schoolClass: SpaceRow;
let teacher: Context;
let colleague: Context;
let ming: Context;
let room: RoomRow;

beforeAll(async () => {
	services = await openServices({ now: () => clock });
	make = factories(services);
	schoolClass = await make.space('class', await make.space('school', await make.space('region')));
	const someone = async (name: string, role: 'teacher' | 'student') =>
		make.as(await make.person(name, [[role, schoolClass]]), [[role, schoolClass]], name);
	teacher = await someone('王老师', 'teacher');
	colleague = await someone('李老师', 'teacher');
	ming = await someone('小明', 'student');
});
beforeEach(async () => {
	room = await make.room('lesson', schoolClass);
	for (const ctx of [teacher, ming]) await enterRoom(ctx, { roomId: room.id });
});
afterAll(() => services.close());

const wait = (minutes: number) => (clock = new Date(clock.getTime() + minutes * 60_000));
const step = (id: string, minutes = 5, about: Partial<StepInput> = {}): StepInput => ({
	id,
	name: `步骤${id}`,
	minutes,
	...about
});
const plan = async (steps: StepInput[]) => (await makeSheet(teacher, { roomId: room.id, title: '桥', steps })).id;
const go = (sheetId: string) => runSheet(teacher, { roomId: room.id, sheetId });
const start = (stepId: string) => startStep(teacher, { roomId: room.id, stepId });
const run = async (ctx = teacher) => (await seeSheets(ctx, { roomId: room.id })).run;
const session = async () => {
	const [row] = await query(systemContext(services), ({ db }) => db.select().from(sessions).where(eq(sessions.roomId, room.id)));
	return row!.id;
};

describe('a lesson that goes by a plan', () => {
	test('knows what was planned and what was needed, with steps skipped, moved and done again', async () => {
		const sheetId = await plan([step('aaaa', 5, { note: '别忘了问' }), step('bbbb', 10), step('cccc', 3), step('dddd', 2)]);
		wait(1);
		await go(sheetId);
		expect(await run(ming)).toMatchObject({ title: '', current: { name: '步骤aaaa', minutes: 5, used: 0 }, steps: [] });
		wait(6);
		await start('bbbb');
		wait(4);
		await start('aaaa');
		wait(2);
		await reorderSteps(teacher, { roomId: room.id, order: ['aaaa', 'dddd', 'bbbb', 'cccc'] });
		await start('dddd');
		expect((await run())?.steps.map(({ id, times, used }) => [id, times, used / 60_000])).toEqual([
			['aaaa', 2, 8],
			['dddd', 1, 0],
			['bbbb', 1, 4],
			['cccc', 0, 0]
		]);
		wait(2);
		await endRun(teacher, { roomId: room.id });
		expect(await run()).toBeNull();
		const { rows } = await seeReport(teacher, { roomId: room.id });
		expect(rows.map(({ stepId, planned, used, times }) => [stepId, planned, used / 60_000, times])).toEqual([
			['aaaa', 5, 8, 2],
			['dddd', 2, 2, 1],
			['bbbb', 10, 4, 1],
			['cccc', 3, 0, 0]
		]);
		const times = await stepsOf(ming, { roomId: room.id, sessionId: await session() });
		expect(times.map(({ stepId, from, to }) => [stepId, from / 60, to! / 60])).toEqual([
			['aaaa', 1, 7],
			['bbbb', 7, 11],
			['aaaa', 11, 13],
			['dddd', 13, 15]
		]);
		// The plan itself is as it was written.
		expect((await seeSheets(teacher, { roomId: room.id })).sheets[0]?.steps.map(({ id }) => id)).toEqual([
			'aaaa',
			'bbbb',
			'cccc',
			'dddd'
		]);
		const { name, bytes } = await exportReport(teacher, { roomId: room.id }, 'zh-CN');
		expect(name).toMatch(/^计划与实际用时 .*2026-03-05\.xlsx$/);
		expect(bytes.subarray(0, 2).toString()).toBe('PK');
	});

	test('ends with its session, at the time when that ended', async () => {
		await go(await plan([step('aaaa'), step('bbbb')]));
		wait(3);
		const first = await session();
		await endSession(teacher, { roomId: room.id });
		wait(60);
		await enterRoom(teacher, { roomId: room.id });
		expect(await run()).toBeNull();
		await expect(start('bbbb')).rejects.toMatchObject({ key: 'runsheets.notRunning' });
		expect((await seeReport(teacher, { roomId: room.id, sessionId: first })).rows[0]?.used).toBe(3 * 60_000);
		// A new lesson begins anew, and leaves the old one as it was.
		await go((await seeSheets(teacher, { roomId: room.id })).sheets[0]!.id);
		wait(1);
		expect((await stepsOf(teacher, { roomId: room.id, sessionId: first })).map(({ from, to }) => to! - from)).toEqual([180]);
	});

	test('opens what a step opens, calls groups back with the next, and goes on when something is gone', async () => {
		const { id: question } = await startRound(teacher, {
			roomId: room.id,
			round: { kind: 'question', question: '哪座桥最稳？', options: ['甲', '乙'], later: true }
		});
		const { id: groups } = await makeGroups(teacher, { roomId: room.id, title: '小组', way: 'random', count: 2 });
		const documentId = newId();
		const sheetId = await plan([
			step('aaaa', 5, { timer: true }),
			step('bbbb', 5, { opens: { kind: 'question', id: question } }),
			step('cccc', 8, { timer: true, opens: { kind: 'groups', id: groups } }),
			step('dddd', 5, { opens: { kind: 'slides', id: newId() } }),
			step('eeee', 5, { timer: true, opens: { kind: 'document', id: documentId } }),
			step('ffff')
		]);
		const round = async () => (await seeRounds(ming, { roomId: room.id })).round;
		const atWork = async () => (await seeGroups(teacher, { roomId: room.id })).sets.find(({ openedAt }) => openedAt);
		expect(await go(sheetId)).toEqual({ trouble: null });
		expect(await round()).toMatchObject({ kind: 'timer' });
		expect(await start('bbbb')).toEqual({ trouble: null });
		expect(await round()).toMatchObject({ kind: 'question', question: '哪座桥最稳？' });
		expect(await start('cccc')).toEqual({ trouble: null });
		expect(await atWork()).toMatchObject({ id: groups, endsAt: new Date(clock.getTime() + 8 * 60_000).toISOString() });
		expect((await start('dddd')).trouble).toMatchObject({ key: 'slides.gone' });
		expect(await atWork()).toBeUndefined();
		expect((await run())?.current).toMatchObject({ stepId: 'dddd' });
		await start('eeee');
		expect((await run(ming))?.current).toMatchObject({ documentId });
		expect(await round()).toMatchObject({ kind: 'timer' });
		// The time of a step runs no longer than the step.
		await start('ffff');
		expect(await round()).toBeNull();
	});

	test('is written, changed and taught by those who lead, and refuses what is no plan', async () => {
		const sheetId = await plan([step('aaaa')]);
		const steps = [step('aaaa')];
		for (const act of [
			() => makeSheet(ming, { roomId: room.id, title: '桥', steps }),
			() => changeSheet(ming, { roomId: room.id, sheetId, title: '桥', steps }),
			() => dropSheet(ming, { roomId: room.id, sheetId }),
			() => runSheet(ming, { roomId: room.id, sheetId }),
			() => startStep(ming, { roomId: room.id, stepId: 'aaaa' }),
			() => endRun(ming, { roomId: room.id }),
			() => seeReport(ming, { roomId: room.id })
		])
			await expect(act()).rejects.toThrow(Forbidden);
		expect(await seeSheets(ming, { roomId: room.id })).toMatchObject({ run: null, sheets: [], elsewhere: [] });
		const wrong = (steps: unknown) => makeSheet(teacher, { roomId: room.id, title: '桥', steps: steps as StepInput[] });
		for (const bad of [
			[],
			[step('aaaa'), step('aaaa')],
			[step('a')],
			[step('aaaa', -1)],
			[step('aaaa', Number.NaN)],
			[step('aaaa', 1e9)],
			[{ ...step('aaaa'), name: ' ' }],
			[{ ...step('aaaa'), more: 1 }],
			[step('aaaa', 5, { opens: { kind: 'groups', id: 'x' } })],
			Array.from({ length: 41 }, (_, index) => step(`step${index}`))
		])
			await expect(wrong(bad)).rejects.toThrow();
		await expect(runSheet(teacher, { roomId: room.id, sheetId: newId() })).rejects.toMatchObject({ key: 'runsheets.gone' });
		await go(sheetId);
		await expect(start('zzzz')).rejects.toMatchObject({ key: 'runsheets.noStep' });
		for (const order of [['aaaa', 'aaaa'], ['zzzz']])
			await expect(reorderSteps(teacher, { roomId: room.id, order })).rejects.toMatchObject({ key: 'runsheets.otherSteps' });
		await dropSheet(teacher, { roomId: room.id, sheetId });
		await expect(go(sheetId)).rejects.toMatchObject({ key: 'runsheets.gone' });
	});

	test('is taken to other rooms by the one who wrote it, without what lies in the first', async () => {
		const sheetId = await plan([step('aaaa', 5, { opens: { kind: 'groups', id: newId() }, note: '记得' })]);
		const other = await make.room('lesson', schoolClass);
		expect((await seeSheets(teacher, { roomId: other.id })).elsewhere).toContainEqual({
			id: sheetId,
			title: '桥',
			room: room.title,
			steps: 1
		});
		expect((await seeSheets(colleague, { roomId: other.id })).elsewhere).toEqual([]);
		await expect(copySheet(colleague, { roomId: other.id, sheetId })).rejects.toMatchObject({ key: 'runsheets.gone' });
		await copySheet(teacher, { roomId: other.id, sheetId });
		const [copy] = (await seeSheets(colleague, { roomId: other.id })).sheets;
		expect(copy).toMatchObject({ title: '桥', steps: [{ name: '步骤aaaa', opens: null, note: '记得' }] });
	});

	test('has one step at a time, however many press at once', async () => {
		await go(await plan([step('aaaa'), step('bbbb'), step('cccc')]));
		await Promise.all(['bbbb', 'cccc', 'bbbb'].map(start));
		const times = await stepsOf(teacher, { roomId: room.id, sessionId: await session() });
		expect(times).toHaveLength(4);
		expect(times.filter(({ to }) => to === null)).toHaveLength(1);
	});
});
