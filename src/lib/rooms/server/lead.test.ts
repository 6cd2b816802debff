import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import { audit, statements } from '#lib/records/server/table.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, Forbidden } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { createDocument, issueToken } from '#lib/documents/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import {
	admitPerson,
	callNext,
	endSession,
	enterRoom,
	leaveRoom,
	lowerHands,
	permitPerson,
	sendToLobby,
	setRules,
	setSpotlight,
	signal,
	turnOut,
	writersOf
} from './index.ts';
import type { RoomRow } from './index.ts';
import { endForgottenVisits } from './leave.ts';
import { stateFor, stateOf } from './state.ts';
import { sessions } from './table.ts';

let services: TestServices;
let clock = new Date('2026-03-05T08:00:00Z');
let schoolClass: SpaceRow;
let make: ReturnType<typeof factories>;
let teacher: Context;
let second: Context;
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
	second = await someone('李老师', 'teacher');
	ming = await someone('小明', 'student');
	hong = await someone('小红', 'student');
});
beforeEach(async () => {
	room = await make.room('lesson', schoolClass);
	for (const ctx of [teacher, ming, hong]) await enterRoom(ctx, { roomId: room.id });
});
afterAll(() => services.close());

const idOf = (ctx: Context) => ctx.actor!.personId;
const wait = (seconds: number) => (clock = new Date(clock.getTime() + seconds * 1000));
async function state() {
	const state = await query(systemContext(services), (ctx) => stateOf(ctx, room.id));
	if (!state) throw new Error('no room');
	return state;
}
const seen = async (ctx: Context) => (await state()).people.find(({ personId }) => personId === idOf(ctx));
const names = async () => (await state()).people.map(({ name }) => name);

describe('the stage', () => {
	test('is the teacher’s until somebody is invited up, who comes down again, and each is in the audit', async () => {
		expect((await seen(teacher))?.can).toEqual({ microphone: true, camera: true, screen: true, draw: true, chat: true });
		expect((await seen(ming))?.can).toEqual({ microphone: false, camera: false, screen: false, draw: false, chat: true });
		await permitPerson(teacher, { roomId: room.id, personId: idOf(ming), stage: true });
		expect((await seen(ming))?.can).toMatchObject({ microphone: true, camera: true });
		expect((await seen(hong))?.can).toMatchObject({ microphone: false });
		await permitPerson(teacher, { roomId: room.id, personId: idOf(ming), stage: false });
		expect((await seen(ming))?.can).toMatchObject({ microphone: false });
		const acts = await query(systemContext(services), (ctx) =>
			ctx.db
				.select({ verb: audit.verb, detail: audit.detail })
				.from(audit)
				.where(and(eq(audit.objectId, room.id), eq(audit.personId, idOf(teacher))))
		);
		expect(acts).toEqual([
			{ verb: 'room.permit', detail: { person: idOf(ming), stage: true } },
			{ verb: 'room.permit', detail: { person: idOf(ming), stage: false } }
		]);
	});

	test('draws on a shared screen by invitation, unless that alone is forbidden', async () => {
		await permitPerson(teacher, { roomId: room.id, personId: idOf(ming), stage: true });
		expect((await seen(ming))?.can).toMatchObject({ screen: true, draw: true });
		await permitPerson(teacher, { roomId: room.id, personId: idOf(ming), denied: ['draw'] });
		expect((await seen(ming))?.can).toMatchObject({ screen: true, draw: false });
		await setRules(teacher, { roomId: room.id, rules: { stage: 'open', draw: false } });
		expect((await seen(hong))?.can).toMatchObject({ microphone: true, draw: false });
	});

	test('has in the middle whom the teacher puts there, for everybody, until it is taken back or the session ends', async () => {
		const screen = { kind: 'screen', personId: idOf(ming) } as const;
		await setSpotlight(teacher, { roomId: room.id, spotlight: screen });
		expect(stateFor(await state(), idOf(hong)).spotlight).toEqual(screen);
		await setSpotlight(second, { roomId: room.id, spotlight: { kind: 'person', personId: idOf(hong) } });
		expect((await state()).spotlight).toEqual({ kind: 'person', personId: idOf(hong) });
		await leaveRoom(hong, { roomId: room.id });
		expect((await state()).spotlight).toBeNull();
		await enterRoom(hong, { roomId: room.id });
		expect((await state()).spotlight).not.toBeNull();
		await setSpotlight(teacher, { roomId: room.id, spotlight: null });
		expect((await state()).spotlight).toBeNull();
		await setSpotlight(teacher, { roomId: room.id, spotlight: screen });
		await endSession(teacher, { roomId: room.id });
		await enterRoom(ming, { roomId: room.id });
		expect((await state()).spotlight).toBeNull();
	});

	test('puts nobody in the middle who is not here, and no garbage', async () => {
		const away = { kind: 'person', personId: idOf(second) } as const;
		await expect(setSpotlight(teacher, { roomId: room.id, spotlight: away })).rejects.toThrow(Conflict);
		const garbage = { kind: 'ceiling', personId: 'nobody' } as never;
		await expect(setSpotlight(teacher, { roomId: room.id, spotlight: garbage })).rejects.toThrow();
	});

	test('keeps whoever was invited up through a cut of the line, and not into the next session', async () => {
		await permitPerson(teacher, { roomId: room.id, personId: idOf(ming), stage: true });
		await leaveRoom(ming, { roomId: room.id });
		await enterRoom(ming, { roomId: room.id });
		expect((await seen(ming))?.onStage).toBe(true);
		for (const ctx of [teacher, ming, hong]) await leaveRoom(ctx, { roomId: room.id });
		await enterRoom(ming, { roomId: room.id });
		expect((await seen(ming))?.onStage).toBe(false);
	});

	test('is nobody’s to take from somebody else who leads', async () => {
		await enterRoom(second, { roomId: room.id });
		const other = { roomId: room.id, personId: idOf(second) };
		await expect(permitPerson(teacher, { ...other, denied: ['microphone'] })).rejects.toMatchObject({ key: 'rooms.leadsToo' });
		await expect(turnOut(teacher, other)).rejects.toMatchObject({ key: 'rooms.leadsToo' });
		await expect(permitPerson(teacher, { roomId: room.id, personId: newId<'person'>(), stage: true })).rejects.toThrow(Conflict);
		await leaveRoom(second, { roomId: room.id });
	});
});

describe('what holds for all', () => {
	test('is the room’s, also in later sessions, and leaves those who lead alone', async () => {
		await setRules(teacher, { roomId: room.id, rules: { stage: 'open', camera: false } });
		expect((await seen(ming))?.can).toMatchObject({ microphone: true, camera: false });
		expect((await seen(teacher))?.can).toMatchObject({ camera: true });
		for (const ctx of [teacher, ming, hong]) await leaveRoom(ctx, { roomId: room.id });
		await enterRoom(hong, { roomId: room.id });
		expect((await state()).rules).toMatchObject({ stage: 'open', camera: false, chat: true, locked: false });
	});

	test('may close the chat: only those who lead write then, and one person alone can be silenced too', async () => {
		const writers = () => query(systemContext(services), (ctx) => writersOf(ctx, room.id));
		expect(await writers()).toEqual({ closed: false, voices: [idOf(teacher)], silent: [] });
		await permitPerson(teacher, { roomId: room.id, personId: idOf(hong), denied: ['chat'] });
		expect(await writers()).toEqual({ closed: false, voices: [idOf(teacher)], silent: [idOf(hong)] });
		await setRules(teacher, { roomId: room.id, rules: { chat: false } });
		expect(await writers()).toMatchObject({ closed: true });
	});

	test('says nothing that is not a rule', async () => {
		await expect(setRules(teacher, { roomId: room.id, rules: { stage: 'nobody' as 'open' } })).rejects.toThrow();
		await expect(setRules(teacher, { roomId: room.id, rules: { everything: true } as object })).rejects.toThrow();
		await expect(sendToLobby(teacher, { roomId: room.id, personId: idOf(ming), message: '很'.repeat(201) })).rejects.toThrow();
	});
});

describe('the door', () => {
	test('locked lets nobody new in, but whoever was inside back, and teachers always', async () => {
		const late = make.as(await make.person('小刚', [['student', schoolClass]]), [['student', schoolClass]]);
		await setRules(teacher, { roomId: room.id, rules: { locked: true } });
		await expect(enterRoom(late, { roomId: room.id })).rejects.toMatchObject({ key: 'rooms.locked', status: 409 });
		await leaveRoom(ming, { roomId: room.id });
		await expect(enterRoom(ming, { roomId: room.id })).resolves.toMatchObject({ admission: 'in' });
		await expect(enterRoom(second, { roomId: room.id })).resolves.toMatchObject({ admission: 'in' });
	});

	test('with a lobby one waits in no session, and is in after one word to all', async () => {
		const lobby = await make.room('lesson', schoolClass);
		await setRules(teacher, { roomId: lobby.id, rules: { lobby: true } });
		const entries = [await enterRoom(ming, { roomId: lobby.id }), await enterRoom(hong, { roomId: lobby.id })];
		expect(entries).toMatchObject([
			{ admission: 'waiting', sessionId: null },
			{ admission: 'waiting', sessionId: null }
		]);
		const begun = await query(systemContext(services), (ctx) =>
			ctx.db.select().from(sessions).where(eq(sessions.roomId, lobby.id))
		);
		expect(begun).toEqual([]);
		await enterRoom(teacher, { roomId: lobby.id });
		await admitPerson(teacher, { roomId: lobby.id });
		for (const ctx of [ming, hong])
			await expect(enterRoom(ctx, { roomId: lobby.id })).resolves.toMatchObject({ admission: 'in' });
		// Taking the lobby away admits whoever comes.
		await setRules(teacher, { roomId: lobby.id, rules: { lobby: false } });
		const late = make.as(await make.person('小刚', [['student', schoolClass]]), [['student', schoolClass]]);
		await expect(enterRoom(late, { roomId: lobby.id })).resolves.toMatchObject({ admission: 'in' });
	});

	test('forgets whoever waited and went away', async () => {
		await setRules(teacher, { roomId: room.id, rules: { lobby: true } });
		const late = make.as(await make.person('小刚', [['student', schoolClass]]), [['student', schoolClass]]);
		await enterRoom(late, { roomId: room.id });
		expect((await state()).outside).toMatchObject([{ name: '小刚', admission: 'waiting' }]);
		wait(60);
		await enterRoom(teacher, { roomId: room.id });
		await endForgottenVisits(services);
		expect((await state()).outside).toEqual([]);
	});

	test('sends somebody back with a word, keeps everything of the room from them meanwhile, and lets them in again', async () => {
		const document = await transaction(teacher, (ctx) => createDocument(ctx, { roomId: room.id, kind: 'text', title: '提纲' }));
		await sendToLobby(teacher, { roomId: room.id, personId: idOf(ming), message: '先把摄像头调好。' });
		expect(await names()).toEqual(['王老师', '小红']);
		expect((await state()).outside).toMatchObject([{ name: '小明', admission: 'lobby', message: '先把摄像头调好。' }]);
		await expect(enterRoom(ming, { roomId: room.id })).resolves.toMatchObject({
			admission: 'lobby',
			message: '先把摄像头调好。'
		});
		await expect(issueToken(ming, { documentId: document.id })).rejects.toThrow(Forbidden);
		await expect(signal(ming, { roomId: room.id, hand: true })).rejects.toThrow(Forbidden);
		await expect(issueToken(hong, { documentId: document.id })).resolves.toMatchObject({ right: 'write' });
		await admitPerson(teacher, { roomId: room.id, personId: idOf(ming) });
		await expect(enterRoom(ming, { roomId: room.id })).resolves.toMatchObject({ admission: 'in' });
		await expect(issueToken(ming, { documentId: document.id })).resolves.toMatchObject({ right: 'write' });
	});

	test('stays shut for somebody who was sent out until the session ends, or until they are let in', async () => {
		await turnOut(teacher, { roomId: room.id, personId: idOf(ming), message: '请冷静一下' });
		await expect(enterRoom(ming, { roomId: room.id })).rejects.toMatchObject({ key: 'rooms.turnedOut' });
		await admitPerson(teacher, { roomId: room.id, personId: idOf(ming) });
		await enterRoom(ming, { roomId: room.id });
		await turnOut(teacher, { roomId: room.id, personId: idOf(ming) });
		await endSession(teacher, { roomId: room.id });
		await expect(enterRoom(ming, { roomId: room.id })).resolves.toMatchObject({ admission: 'in' });
	});
});

describe('hands', () => {
	test('stand in the order in which they went up, keep their place, and are a record each time', async () => {
		await signal(hong, { roomId: room.id, hand: true });
		const first = clock.toISOString();
		wait(5);
		await signal(ming, { roomId: room.id, hand: true });
		await signal(hong, { roomId: room.id, hand: true });
		expect((await seen(hong))?.handAt).toBe(first);
		await signal(hong, { roomId: room.id, hand: false });
		await signal(hong, { roomId: room.id, hand: true });
		const raised = await query(systemContext(services), (ctx) =>
			ctx.db
				.select({ actorId: statements.actorId })
				.from(statements)
				.where(and(eq(statements.roomId, room.id), eq(statements.verb, 'raisedHand')))
		);
		expect(raised).toHaveLength(3);
		await permitPerson(teacher, { roomId: room.id, personId: idOf(ming), hand: false });
		expect((await seen(ming))?.handAt).toBeNull();
		await lowerHands(teacher, { roomId: room.id });
		expect((await seen(hong))?.handAt).toBeNull();
	});

	test('are called up one after the other by one word each, and nobody when there is none', async () => {
		await signal(hong, { roomId: room.id, hand: true });
		wait(5);
		await signal(ming, { roomId: room.id, hand: true });
		await callNext(teacher, { roomId: room.id });
		expect([(await seen(hong))?.onStage, (await seen(ming))?.onStage]).toEqual([true, false]);
		await callNext(teacher, { roomId: room.id });
		expect([(await seen(hong))?.onStage, (await seen(ming))?.onStage]).toEqual([false, true]);
		await expect(callNext(teacher, { roomId: room.id })).rejects.toMatchObject({ key: 'rooms.nobodyWaits' });
	});

	test('and needs: done and help are two things, and who needs help only the teacher hears', async () => {
		await signal(ming, { roomId: room.id, need: 'help' });
		await signal(hong, { roomId: room.id, need: 'done', hand: true });
		const now = await state();
		const needsSeenBy = (ctx: Context) => stateFor(now, idOf(ctx)).people.map(({ name, need }) => [name, need]);
		expect(needsSeenBy(teacher)).toEqual([
			['王老师', null],
			['小明', 'help'],
			['小红', 'done']
		]);
		expect(needsSeenBy(hong)).toEqual([
			['王老师', null],
			['小明', null],
			['小红', 'done']
		]);
		expect(stateFor(now, idOf(hong)).outside).toEqual([]);
		await signal(ming, { roomId: room.id, need: null });
		expect((await seen(ming))?.need).toBeNull();
	});
});

test('the end is for all, and ends the session', async () => {
	await endSession(teacher, { roomId: room.id });
	expect(await names()).toEqual([]);
	const kept = await query(systemContext(services), (ctx) => ctx.db.select().from(sessions).where(eq(sessions.roomId, room.id)));
	expect(kept).toMatchObject([{ endedAt: clock }]);
	await endSession(teacher, { roomId: room.id });
});

test('none of it is for somebody who does not lead', async () => {
	const other = { roomId: room.id, personId: idOf(hong) };
	const acts = [
		() => setRules(ming, { roomId: room.id, rules: { locked: true } }),
		() => admitPerson(ming, { roomId: room.id }),
		() => permitPerson(ming, { ...other, stage: true }),
		() => sendToLobby(ming, other),
		() => turnOut(ming, other),
		() => lowerHands(ming, { roomId: room.id }),
		() => setSpotlight(ming, { roomId: room.id, spotlight: null }),
		() => callNext(ming, { roomId: room.id }),
		() => endSession(ming, { roomId: room.id })
	];
	for (const act of acts) await expect(act()).rejects.toThrow(Forbidden);
});
