import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enterRoom, leaveRoom, openRoom } from '#lib/rooms/server/index.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, Invalid, NotFound } from '#lib/server/errors.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { exportAttendance, noteAttendance, seeAttendance } from './index.ts';

let services: TestServices;
let clock = new Date('2026-03-05T00:00:00Z');
let schoolClass: SpaceRow;
let teacher: Context;
const students: Context[] = [];
let roomId: string;
const at = (minutes: number) => (clock = new Date(Date.parse('2026-03-05T00:00:00Z') + minutes * 60_000));

beforeAll(async () => {
	services = await openServices({ now: () => clock });
	const make = factories(services);
	const school = await make.space('school', await make.space('region'));
	schoolClass = await make.space('class', school);
	const someone = async (name: string, role: 'teacher' | 'student') =>
		make.as(await make.person(name, [[role, schoolClass]]), [[role, schoolClass]], name);
	teacher = await someone('王老师', 'teacher');
	for (const name of ['准时', '迟到', '早退', '没来', '=请假()']) students.push(await someone(name, 'student'));
	await someone('别的老师', 'teacher');
	({ id: roomId } = await openRoom(teacher, { spaceId: schoolClass.id, kind: 'lesson', title: '第三单元' }));

	const [onTime, late, early] = students as [Context, Context, Context];
	at(0);
	await enterRoom(onTime, { roomId });
	at(10);
	await enterRoom(teacher, { roomId });
	await enterRoom(early, { roomId });
	at(16);
	await enterRoom(late, { roomId });
	at(30);
	await leaveRoom(early, { roomId });
	at(50);
	for (const ctx of [onTime, late, teacher]) await leaveRoom(ctx, { roomId });
});
afterAll(() => services.close());

const idOf = (ctx: Context | undefined) => ctx!.actor!.personId;

test('the sheet has every pupil of the class by name, measured by the teacher’s stay, and who teaches only when there', async () => {
	const sheet = await seeAttendance(teacher, { roomId });
	const found = new Map(sheet.rows.map(({ name, presence, inside }) => [name, [presence, inside / 60_000]]));
	expect(Object.fromEntries(found)).toEqual({
		准时: ['there', 50],
		迟到: ['late', 34],
		早退: ['early', 20],
		没来: ['absent', 0],
		'=请假()': ['absent', 0],
		王老师: ['there', 40]
	});
	expect(sheet.rows.at(-1)?.name).toBe('王老师');
	expect([sheet.from, sheet.to]).toEqual(['2026-03-05T00:10:00.000Z', '2026-03-05T00:50:00.000Z']);
});

test('a reason excuses whoever was not there, can be changed and taken back, and stays after the file is made', async () => {
	const { session } = await seeAttendance(teacher, { roomId });
	const about = { roomId, sessionId: session!.id, personId: idOf(students[4]) };
	await noteAttendance(teacher, { ...about, reason: 'sick', note: '发烧' });
	await noteAttendance(teacher, { ...about, reason: 'leave', note: '家里有事' });
	const row = (await seeAttendance(teacher, { roomId })).rows.find(({ personId }) => personId === about.personId);
	expect(row).toMatchObject({ presence: 'excused', reason: 'leave', note: '家里有事' });

	const { name, bytes } = await exportAttendance(teacher, { roomId }, 'zh-CN');
	expect(name).toMatch(/^考勤 class \d+ 第三单元 2026-03-05\.xlsx$/);
	const parts = unzipSync(new Uint8Array(bytes));
	const words = Object.entries(parts)
		.filter(([path]) => path.endsWith('.xml'))
		.map(([, part]) => strFromU8(part))
		.join('');
	for (const word of ['准时', '迟到', '请假', '事假', '家里有事', '08:10:00', '王老师']) expect(words).toContain(word);
	// A name that looks like a formula is a name.
	expect(words).not.toContain('<f>');

	await noteAttendance(teacher, { ...about, reason: null });
	const again = (await seeAttendance(teacher, { roomId })).rows.find(({ personId }) => personId === about.personId);
	expect(again).toMatchObject({ presence: 'absent', reason: null, note: '' });
});

test('is not for those who do not lead, and of another room’s session there is nothing', async () => {
	await expect(seeAttendance(students[0]!, { roomId })).rejects.toThrow(Forbidden);
	await expect(exportAttendance(students[0]!, { roomId }, 'zh-CN')).rejects.toThrow(Forbidden);
	const { session } = await seeAttendance(teacher, { roomId });
	const about = { roomId, sessionId: session!.id, personId: idOf(students[0]) };
	await expect(noteAttendance(students[0]!, { ...about, reason: 'sick' })).rejects.toThrow(Forbidden);
	const other = await openRoom(teacher, { spaceId: schoolClass.id, kind: 'lesson', title: '别的课' });
	expect(await seeAttendance(teacher, { roomId: other.id })).toMatchObject({ session: null, rows: [] });
	await expect(seeAttendance(teacher, { roomId: other.id, sessionId: session!.id })).rejects.toThrow(NotFound);
	await expect(noteAttendance(teacher, { ...about, roomId: other.id, reason: 'sick' })).rejects.toThrow(Invalid);
	const stranger = await factories(services).person('外校', []);
	await expect(noteAttendance(teacher, { ...about, personId: stranger, reason: 'sick' })).rejects.toThrow(Invalid);
	await expect(noteAttendance(teacher, { ...about, reason: 'holiday' as 'sick' })).rejects.toThrow();
});
