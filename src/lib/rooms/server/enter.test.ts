import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statements } from '#lib/records/server/table.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { enterRoom, leaveRoom, openRoom, seeRoom } from './index.ts';
import { endForgottenVisits } from './leave.ts';
import { sessions, visits } from './table.ts';

let services: TestServices;
let clock = new Date('2026-03-05T08:00:00Z');
let schoolClass: SpaceRow;
let make: ReturnType<typeof factories>;
let teacher: Context;
let student: Context;
let guardian: Context;
let stranger: Context;

beforeAll(async () => {
	services = await openServices({ now: () => clock });
	make = factories(services);
	const region = await make.space('region');
	const [school, other] = [await make.space('school', region), await make.space('school', region)];
	schoolClass = await make.space('class', school);
	const otherClass = await make.space('class', other);
	const someone = async (name: string, role: 'teacher' | 'student' | 'guardian', space: SpaceRow) =>
		make.as(await make.person(name, [[role, space]]), [[role, space]], name);
	teacher = await someone('王老师', 'teacher', schoolClass);
	student = await someone('小明', 'student', schoolClass);
	guardian = await someone('小明妈妈', 'guardian', schoolClass);
	stranger = await someone('小红', 'student', otherClass);
});
afterAll(() => services.close());

const all = <Row>(read: (ctx: Context) => Promise<Row[]>) => query(systemContext(services), read);
const verbsIn = (roomId: string) =>
	all((ctx) =>
		ctx.db
			.select({ verb: statements.verb, actorId: statements.actorId })
			.from(statements)
			.where(eq(statements.roomId, roomId as never))
			.orderBy(asc(statements.startedAt))
	);
const wait = (seconds: number) => {
	clock = new Date(clock.getTime() + seconds * 1000);
};

describe('a room', () => {
	test('begins a session with the first join and ends it with the last leave, and each is one statement', async () => {
		const { id: roomId } = await make.room('lesson', schoolClass);
		await enterRoom(teacher, { roomId });
		wait(10);
		await enterRoom(student, { roomId });
		await enterRoom(student, { roomId });
		expect((await seeRoom(teacher, { roomId })).inside.map(({ name }) => name)).toEqual(['王老师', '小明']);
		wait(60);
		await leaveRoom(teacher, { roomId });
		const running = await all((ctx) => ctx.db.select().from(sessions).where(eq(sessions.roomId, roomId)));
		expect(running).toMatchObject([{ endedAt: null }]);
		wait(5);
		await leaveRoom(student, { roomId });
		await leaveRoom(student, { roomId });
		const ended = await all((ctx) => ctx.db.select().from(sessions).where(eq(sessions.roomId, roomId)));
		expect(ended).toMatchObject([{ endedAt: clock }]);
		expect(await verbsIn(roomId)).toEqual([
			{ verb: 'joined', actorId: teacher.actor?.personId },
			{ verb: 'joined', actorId: student.actor?.personId },
			{ verb: 'left', actorId: teacher.actor?.personId },
			{ verb: 'left', actorId: student.actor?.personId }
		]);
	});

	test('is one session for forty people who come in the same moment', async () => {
		const { id: roomId } = await make.room('lesson', schoolClass);
		const pupils = await Promise.all(
			Array.from({ length: 40 }, async (_, n) =>
				make.as(await make.person(`学生${n}`, [['student', schoolClass]]), [['student', schoolClass]])
			)
		);
		const entered = await Promise.all(pupils.map((pupil) => enterRoom(pupil, { roomId })));
		expect(new Set(entered.map(({ sessionId }) => sessionId)).size).toBe(1);
		expect(await verbsIn(roomId)).toHaveLength(40);
		await Promise.all(pupils.map((pupil) => leaveRoom(pupil, { roomId })));
		const open = await all((ctx) => ctx.db.select().from(sessions).where(eq(sessions.roomId, roomId)));
		expect(open.map(({ endedAt }) => endedAt !== null)).toEqual([true]);
	});

	test('ends the visit of someone of whom nothing was seen, at the moment when they were last seen', async () => {
		const { id: roomId } = await make.room('lesson', schoolClass);
		await enterRoom(student, { roomId });
		const lastSeen = clock;
		wait(15);
		await endForgottenVisits(services);
		expect((await seeRoom(teacher, { roomId })).inside).toHaveLength(1);
		wait(10);
		await endForgottenVisits(services);
		expect((await seeRoom(teacher, { roomId })).inside).toEqual([]);
		const kept = await all((ctx) => ctx.db.select().from(visits).where(eq(visits.roomId, roomId)));
		expect(kept).toMatchObject([{ leftAt: lastSeen }]);
	});

	test('is closed to a guardian when it is a lesson, and open when it is home–school talk', async () => {
		const [lesson, talk] = [await make.room('lesson', schoolClass), await make.room('homeSchool', schoolClass)];
		await expect(enterRoom(guardian, { roomId: lesson.id })).rejects.toThrow(NotFound);
		await expect(enterRoom(guardian, { roomId: talk.id })).resolves.toMatchObject({ role: 'guardian' });
		await expect(enterRoom(student, { roomId: talk.id })).rejects.toThrow(NotFound);
		await leaveRoom(guardian, { roomId: talk.id });
	});

	test('answers someone of another school exactly as if it were not there', async () => {
		const { id: roomId } = await make.room('lesson', schoolClass);
		const missing = '01980000-0000-7000-8000-000000000000';
		const answer = (id: string) => seeRoom(stranger, { roomId: id }).catch((error: unknown) => error);
		expect(await answer(roomId)).toEqual(await answer(missing));
		await expect(enterRoom(stranger, { roomId })).rejects.toThrow(NotFound);
	});

	test('is opened by a teacher of the class and by no student', async () => {
		await expect(openRoom(teacher, { spaceId: schoolClass.id, kind: 'lesson', title: '第三单元复习课' })).resolves.toMatchObject({
			title: '第三单元复习课',
			can: { enter: true }
		});
		await expect(openRoom(student, { spaceId: schoolClass.id, kind: 'lesson', title: '玩' })).rejects.toMatchObject({
			status: 403
		});
		await expect(openRoom(teacher, { spaceId: schoolClass.id, kind: 'workshop', title: '错的' })).rejects.toMatchObject({
			key: 'rooms.wrongKind'
		});
	});
});
