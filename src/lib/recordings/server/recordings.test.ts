import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import type { Id, PersonId } from '#lib/ids.ts';
import { enterRoom, leaveRoom, openRoom } from '#lib/rooms/server/index.ts';
import type { Context } from '#lib/server/context.ts';
import { systemContext } from '#lib/server/context.ts';
import { Conflict, Forbidden, Invalid, NotFound, Unavailable } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { folderOf, trackFileOf } from '../model.ts';
import {
	changeRecording,
	consent,
	finishRecordings,
	keepRecordings,
	listRecordings,
	markRecording,
	recordingNow,
	removeMark,
	removeRecording,
	requestFilm,
	seeRecording,
	sendFilm,
	sendTrack,
	startRecording,
	stopEnded,
	stopRecording
} from './index.ts';
import { recordings, recordingTracks } from './table.ts';

// Who may do what with recordings, and what bad requests get. What is kept of a call is tested where it is kept.

let services: TestServices;
let school: SpaceRow;
let schoolClass: SpaceRow;
let teacher: Context;
let pupil: Context;
let other: Context;
let clock = new Date('2026-03-05T00:00:00Z');
const at = (minutes: number) => (clock = new Date(Date.parse('2026-03-05T00:00:00Z') + minutes * 60_000));
/** A media server that nobody calls here. */
const media = {
	token: async () => '',
	senders: async () => [],
	permit: async () => {},
	end: async () => {},
	remove: async () => {},
	loop: async () => ({ sends: '', looks: '' }),
	state: async () => ({ ok: true as const })
};

beforeAll(async () => {
	services = await openServices({ now: () => clock, media });
	const make = factories(services);
	school = await make.space('school', await make.space('region'));
	schoolClass = await make.space('class', school);
	const someone = async (name: string, role: 'teacher' | 'student', space: SpaceRow) =>
		make.as(await make.person(name, [[role, space]]), [[role, space]], name);
	teacher = await someone('王老师', 'teacher', schoolClass);
	pupil = await someone('小明', 'student', schoolClass);
	other = await someone('外校老师', 'teacher', await make.space('class', await make.space('school', await make.space('region'))));
});
afterAll(() => services.close());

async function lesson(): Promise<string> {
	const { id } = await openRoom(teacher, { spaceId: schoolClass.id, kind: 'lesson', title: '第三单元' });
	await enterRoom(teacher, { roomId: id });
	await enterRoom(pupil, { roomId: id });
	return id;
}
/** A recording of ten minutes with one file of a pupil. */
async function recorded(): Promise<{ roomId: string; recordingId: string; trackId: string; bytes: Buffer }> {
	at(0);
	const roomId = await lesson();
	const { id: recordingId } = await startRecording(teacher, { roomId });
	const trackId = newId<'recordingTrack'>();
	await transaction(systemContext(services), (ctx) =>
		ctx.db.insert(recordingTracks).values({
			id: trackId,
			recordingId: recordingId as Id<'recording'>,
			spacePath: schoolClass.path,
			personId: pupil.actor!.personId,
			kind: 'microphone',
			startedAt: new Date(clock.getTime() + 60_000),
			duration: 30_000,
			bytes: 10_000,
			closedAt: clock
		})
	);
	const bytes = Buffer.alloc(10_000, 7);
	await mkdir(resolve(services.env.SPACE_DATA, folderOf(recordingId)), { recursive: true });
	await writeFile(resolve(services.env.SPACE_DATA, trackFileOf(recordingId, trackId)), bytes);
	at(10);
	await stopRecording(teacher, { roomId });
	await finishRecordings(services);
	return { roomId, recordingId, trackId, bytes };
}
const ask = (range?: string) => new Request('http://space.test/', { headers: range ? { range } : {} });

test('only who leads begins and ends it, only while a session goes on, and twice is once', async () => {
	at(0);
	const { id: empty } = await openRoom(teacher, { spaceId: schoolClass.id, kind: 'lesson', title: '空的' });
	await expect(startRecording(teacher, { roomId: empty })).rejects.toThrow(Conflict);
	const roomId = await lesson();
	await expect(startRecording(pupil, { roomId })).rejects.toThrow(Forbidden);
	await expect(startRecording(other, { roomId })).rejects.toThrow(NotFound);
	await expect(startRecording(teacher, { roomId: 'x' })).rejects.toThrow();
	const begun = await Promise.all(Array.from({ length: 4 }, () => startRecording(teacher, { roomId })));
	expect(new Set(begun.map(({ id }) => id)).size).toBe(1);
	expect(await recordingNow(pupil, { roomId })).toMatchObject({ by: '王老师', consent: null, given: 0, of: 0 });
	expect(await recordingNow(teacher, { roomId })).toMatchObject({ consent: true, given: 1, of: 2 });
	await expect(stopRecording(pupil, { roomId })).rejects.toThrow(Forbidden);
	await stopRecording(teacher, { roomId });
	await stopRecording(teacher, { roomId });
	expect(await recordingNow(pupil, { roomId })).toBeNull();
	await expect(consent(pupil, { roomId, given: true })).rejects.toThrow(Conflict);
});

test('without a recorder it says so, and the end of the session is its end', async () => {
	at(0);
	const roomId = await lesson();
	const { id } = await startRecording(teacher, { roomId });
	expect((await recordingNow(teacher, { roomId }))?.trouble).toBeNull();
	at(1);
	expect((await recordingNow(teacher, { roomId }))?.trouble).toBe('noRecorder');
	at(5);
	await leaveRoom(teacher, { roomId });
	await leaveRoom(pupil, { roomId });
	at(6);
	await stopEnded(services);
	await finishRecordings(services);
	expect(await seeRecording(teacher, { recordingId: id })).toMatchObject({ state: 'ready', duration: 5 * 60_000 });
});

test('without a media server nothing can be recorded', async () => {
	const roomId = await lesson();
	const without = { ...teacher, services: { ...teacher.services, media: null } };
	await expect(startRecording(without, { roomId })).rejects.toThrow(Unavailable);
});

test('is played by those who may enter the room, by parts, and by nobody else', async () => {
	const { recordingId, trackId, bytes } = await recorded();
	const seen = await seeRecording(pupil, { recordingId });
	expect(seen.tracks).toEqual([
		{ id: trackId, personId: pupil.actor!.personId, kind: 'microphone', from: 60_000, to: 90_000, bytes: 10_000 }
	]);
	const part = await sendTrack(pupil, { recordingId, trackId }, ask('bytes=100-199'));
	expect([part.status, part.headers.get('content-range'), part.headers.get('content-type')]).toEqual([
		206,
		'bytes 100-199/10000',
		'audio/webm'
	]);
	expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200));
	expect((await sendTrack(pupil, { recordingId, trackId }, ask('bytes=99999-'))).status).toBe(416);
	for (const stranger of [other, { ...pupil, actor: null }])
		await expect(sendTrack(stranger, { recordingId, trackId }, ask())).rejects.toThrow();
	await expect(sendTrack(pupil, { recordingId, trackId: newId() }, ask())).rejects.toThrow(Conflict);
	await expect(sendTrack(pupil, { recordingId: newId(), trackId }, ask())).rejects.toThrow(NotFound);
	await expect(sendTrack(pupil, { recordingId, trackId: '../../secrets.json' }, ask())).rejects.toThrow();
	await expect(sendFilm(pupil, { recordingId }, ask())).rejects.toThrow(Conflict);
	await expect(requestFilm(pupil, { recordingId })).rejects.toThrow(Forbidden);
});

test('for those who lead only, it is not there for the others; put away, for nobody', async () => {
	const { roomId, recordingId, trackId } = await recorded();
	await expect(changeRecording(pupil, { recordingId, audience: 'leads' })).rejects.toThrow(Forbidden);
	await expect(removeRecording(pupil, { recordingId })).rejects.toThrow(Forbidden);
	await changeRecording(teacher, { recordingId, audience: 'leads', title: '公开课' });
	expect(await listRecordings(pupil, { roomId })).toEqual([]);
	expect(await listRecordings(teacher, { roomId })).toMatchObject([{ title: '公开课', people: 1, bytes: 10_000 }]);
	await expect(seeRecording(pupil, { recordingId })).rejects.toThrow(NotFound);
	await expect(sendTrack(pupil, { recordingId, trackId }, ask())).rejects.toThrow(NotFound);
	await removeRecording(teacher, { recordingId });
	await expect(seeRecording(teacher, { recordingId })).rejects.toThrow(NotFound);
	expect(await listRecordings(teacher, { roomId })).toEqual([]);
});

test('remarks are for a moment that is there, are one’s own to take back, and the teacher’s', async () => {
	const { recordingId } = await recorded();
	const { id: markId } = await markRecording(pupil, { recordingId, at: 61_000, text: ' 讲得好 ' });
	await markRecording(teacher, { recordingId, at: 60_000, until: 90_000, text: '花期' });
	expect((await seeRecording(pupil, { recordingId })).marks).toMatchObject([
		{ at: 60_000, until: 90_000, text: '花期', can: { remove: false } },
		{ at: 61_000, until: null, text: '讲得好', can: { remove: true } }
	]);
	await expect(markRecording(pupil, { recordingId, at: 600_001, text: '后面' })).rejects.toThrow(Invalid);
	for (const bad of [{ at: -1 }, { at: 1.5 }, { at: 0, until: 500 }, { at: 0, text: '' }, { at: 0, text: '长'.repeat(501) }])
		await expect(markRecording(pupil, { recordingId, text: '好', ...bad })).rejects.toThrow();
	await expect(markRecording(other, { recordingId, at: 0, text: '好' })).rejects.toThrow(NotFound);
	const { id: foreign } = await markRecording(teacher, { recordingId, at: 0, text: '老师的' });
	await expect(removeMark(pupil, { recordingId, markId: foreign })).rejects.toThrow(Conflict);
	await removeMark(teacher, { recordingId, markId });
	await expect(removeMark(pupil, { recordingId, markId })).rejects.toThrow(Conflict);
});

test('is kept as long as the nearest space says, and then it is not there', async () => {
	const make = factories(services);
	const leader: PersonId = await make.person('校长', [['schoolAdmin', school]]);
	const admin = make.as(leader, [['schoolAdmin', school]], '校长');
	const { roomId, recordingId } = await recorded();
	const days = async () => {
		const [row] = await transaction(systemContext(services), (ctx) =>
			ctx.db
				.select()
				.from(recordings)
				.where(eq(recordings.id, recordingId as Id<'recording'>))
		);
		return Math.round((row!.expiresAt.getTime() - row!.startedAt.getTime()) / 86_400_000);
	};
	expect(await days()).toBe(365);
	await expect(keepRecordings(teacher, { spaceId: school.id, days: 30 })).rejects.toThrow(Forbidden);
	await keepRecordings(admin, { spaceId: school.id, days: 30 });
	expect(await days()).toBe(30);
	await stopRecording(teacher, { roomId });
	at(0);
	const { id: next } = await startRecording(teacher, { roomId });
	expect((await listRecordings(teacher, { roomId })).find(({ id }) => id === next)?.expiresAt).toBe('2026-04-04T00:00:00.000Z');
	await stopRecording(teacher, { roomId });
	at(31 * 24 * 60);
	await expect(seeRecording(teacher, { recordingId })).rejects.toThrow(NotFound);
	at(10);
	await keepRecordings(admin, { spaceId: school.id, days: null });
	expect(await days()).toBe(365);
});
