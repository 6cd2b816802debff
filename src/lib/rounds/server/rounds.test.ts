import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { statements } from '#lib/records/server/table.ts';
import { endSession, enterRoom, leaveRoom } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { answerRound, askPrepared, closeDue, dismissRound, dropPrepared, endRound, seeRounds, startRound } from './index.ts';

let services: TestServices;
let clock = new Date('2026-03-05T08:00:00Z');
let make: ReturnType<typeof factories>;
let schoolClass: SpaceRow;
let teacher: Context;
let ming: Context;
let hong: Context;
let room: RoomRow;

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
});
afterAll(() => services.close());

const wait = (seconds: number) => (clock = new Date(clock.getTime() + seconds * 1000));
const idOf = (ctx: Context) => ctx.actor!.personId;
const ask = (about: object = {}) =>
	startRound(teacher, { roomId: room.id, round: { kind: 'question', options: ['甲', '乙', '丙'], ...about } });
const shown = async (ctx: Context) => (await seeRounds(ctx, { roomId: room.id })).round;
const answer = (ctx: Context, roundId: string, choice: number[]) => answerRound(ctx, { roomId: room.id, roundId, choice });
const answered = () =>
	query(systemContext(services), (ctx) =>
		ctx.db
			.select({ actorId: statements.actorId, statement: statements.statement })
			.from(statements)
			.where(and(eq(statements.roomId, room.id), eq(statements.verb, 'answered')))
	);

describe('a question', () => {
	test('shows what came out to all only when it is closed, and who chose what to the teacher alone', async () => {
		const { id } = await ask({ question: '哪座桥最稳？', correct: [1] });
		expect(await shown(ming)).toMatchObject({
			question: '哪座桥最稳？',
			counts: null,
			correct: null,
			mine: null,
			of: 2,
			answers: []
		});
		await answer(ming, id, [0]);
		await answer(hong, id, [1]);
		expect(await shown(ming)).toMatchObject({ counts: null, correct: null, mine: [0], answered: 2 });
		expect(await shown(teacher)).toMatchObject({
			counts: [1, 1, 0],
			correct: [1],
			answers: [
				{ name: '小明', choice: [0] },
				{ name: '小红', choice: [1] }
			]
		});
		await answer(ming, id, [1]);
		await endRound(teacher, { roomId: room.id, roundId: id });
		expect(await shown(ming)).toMatchObject({ closed: true, counts: [0, 2, 0], correct: [1], mine: [1], answers: [] });
	});

	test('is one statement per person, of the last choice, however often it is closed', async () => {
		const { id } = await ask({ correct: [2] });
		await answer(ming, id, [0]);
		await answer(ming, id, [2]);
		await answer(hong, id, [0]);
		expect(await answered()).toEqual([]);
		await endRound(teacher, { roomId: room.id, roundId: id });
		await endRound(teacher, { roomId: room.id, roundId: id });
		await dismissRound(teacher, { roomId: room.id, roundId: id });
		const kept = (await answered()).map(({ actorId, statement }) => {
			const { result } = statement as { result: { extensions: Record<string, { choice: number[]; right: boolean }> } };
			const figures = Object.entries(result.extensions).find(([name]) => name.endsWith('/figures'))?.[1];
			return [actorId, figures?.choice, figures?.right];
		});
		expect(kept).toHaveLength(2);
		expect(kept).toContainEqual([idOf(ming), [2], true]);
		expect(kept).toContainEqual([idOf(hong), [0], false]);
		expect(await shown(ming)).toBeNull();
	});

	test('takes no answer that is none, none from whoever is not inside, and none after its end', async () => {
		const { id } = await ask({ seconds: 30 });
		await expect(answer(ming, id, [3])).rejects.toMatchObject({ key: 'rounds.wrongChoice' });
		await expect(answer(ming, id, [])).rejects.toMatchObject({ key: 'rounds.wrongChoice' });
		await expect(answer(ming, id, [0, 1])).rejects.toMatchObject({ key: 'rounds.wrongChoice' });
		await leaveRoom(hong, { roomId: room.id });
		await expect(answer(hong, id, [0])).rejects.toMatchObject({ key: 'rooms.enterFirst' });
		const elsewhere = await make.room('lesson', schoolClass);
		await enterRoom(ming, { roomId: elsewhere.id });
		await expect(answerRound(ming, { roomId: elsewhere.id, roundId: id, choice: [0] })).rejects.toMatchObject({
			key: 'rounds.gone'
		});
		await answer(ming, id, [0]);
		wait(31);
		await expect(answer(ming, id, [1])).rejects.toMatchObject({ key: 'rounds.closed' });
		await closeDue(services);
		expect(await shown(ming)).toMatchObject({ closed: true, counts: [1, 0, 0] });
	});

	test('may have several right answers', async () => {
		const { id } = await ask({ many: true, correct: [0, 2] });
		await answer(ming, id, [2, 0, 2]);
		expect(await shown(teacher)).toMatchObject({ counts: [1, 0, 1], answers: [{ choice: [0, 2] }] });
	});

	test('can wait in the room, be asked again and again, and be put away', async () => {
		const { id } = await ask({ question: '准备好的', correct: [0], later: true });
		expect(await shown(ming)).toBeNull();
		expect((await seeRounds(ming, { roomId: room.id })).prepared).toEqual([]);
		expect((await seeRounds(teacher, { roomId: room.id })).prepared).toMatchObject([{ id, question: '准备好的', correct: [0] }]);
		const first = await askPrepared(teacher, { roomId: room.id, roundId: id });
		await answer(ming, first.id, [0]);
		await askPrepared(teacher, { roomId: room.id, roundId: id });
		expect(await shown(ming)).toMatchObject({ question: '准备好的', mine: null });
		expect((await seeRounds(teacher, { roomId: room.id })).asked).toMatchObject([
			{ id: first.id, answered: 1, counts: [1, 0, 0] }
		]);
		await dropPrepared(teacher, { roomId: room.id, roundId: id });
		expect((await seeRounds(teacher, { roomId: room.id })).prepared).toEqual([]);
		await expect(askPrepared(teacher, { roomId: room.id, roundId: id })).rejects.toMatchObject({ key: 'rounds.gone' });
	});
});

test('of all who press the buzzer at once, one is first and the others are told', async () => {
	const pupils = await Promise.all(
		Array.from({ length: 20 }, async (_, n) =>
			make.as(await make.person(`学生${n}`, [['student', schoolClass]]), [['student', schoolClass]])
		)
	);
	for (const pupil of pupils) await enterRoom(pupil, { roomId: room.id });
	const { id } = await startRound(teacher, { roomId: room.id, round: { kind: 'buzzer' } });
	const pressed = await Promise.allSettled(pupils.map((pupil) => answer(pupil, id, [])));
	expect(pressed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
	for (const one of pressed) if (one.status === 'rejected') expect(one.reason).toMatchObject({ key: 'rounds.tooLate' });
	const winner = pupils[pressed.findIndex(({ status }) => status === 'fulfilled')]!;
	expect(await shown(ming)).toMatchObject({ closed: true, winner: { personId: idOf(winner) } });
	expect(await answered()).toHaveLength(1);
});

test('a random pick takes both pupils before one twice, and nobody who leads', async () => {
	const picked: string[] = [];
	for (let turn = 0; turn < 6; turn++) {
		await startRound(teacher, { roomId: room.id, round: { kind: 'pick' } });
		picked.push((await shown(ming))!.winner!.personId);
	}
	expect(new Set([picked[0], picked[1]])).toEqual(new Set([idOf(ming), idOf(hong)]));
	expect(new Set(picked)).toEqual(new Set([idOf(ming), idOf(hong)]));
	for (const ctx of [ming, hong]) await leaveRoom(ctx, { roomId: room.id });
	await expect(startRound(teacher, { roomId: room.id, round: { kind: 'pick' } })).rejects.toMatchObject({
		key: 'rounds.nobodyInside'
	});
});

test('a new round takes the place of the one before, whose answers stay; the end of the session ends it', async () => {
	const first = await ask({});
	await answer(ming, first.id, [1]);
	await startRound(teacher, { roomId: room.id, round: { kind: 'timer', seconds: 60 } });
	expect(await shown(ming)).toMatchObject({ kind: 'timer', closed: false });
	expect(await answered()).toHaveLength(1);
	await expect(answer(ming, (await shown(ming))!.id, [0])).rejects.toMatchObject({ key: 'rounds.noAnswers' });
	await endSession(teacher, { roomId: room.id });
	await closeDue(services);
	await enterRoom(teacher, { roomId: room.id });
	expect(await shown(teacher)).toBeNull();
});

test('only those who lead start, close and put away', async () => {
	const { id } = await ask({});
	const round = { roomId: room.id, roundId: id };
	await expect(startRound(ming, { roomId: room.id, round: { kind: 'buzzer' } })).rejects.toThrow(Forbidden);
	for (const act of [endRound, dismissRound, askPrepared, dropPrepared])
		await expect(act(ming, round)).rejects.toThrow(Forbidden);
});
