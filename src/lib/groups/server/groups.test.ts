import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { issueToken, listDocuments } from '#lib/documents/server/index.ts';
import { audit } from '#lib/records/server/table.ts';
import type { LiveEvent } from '#lib/rooms/model.ts';
import {
	admitPerson,
	enforce,
	enterRoom,
	insideOf,
	leaveRoom,
	listRooms,
	seeRoom,
	signal,
	turnOut
} from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { openChannel } from '#lib/rooms/server/live.ts';
import { stateOf } from '#lib/rooms/server/state.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, NotFound } from '#lib/server/errors.ts';
import type { MediaGateway } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import {
	archiveGroups,
	callBack,
	callBackDue,
	chooseGroup,
	makeGroups,
	moveMember,
	openGroups,
	renameGroup,
	seeGroups,
	speakToGroups,
	tellGroups
} from './index.ts';

let services: TestServices;
let clock = new Date('2026-03-05T08:00:00Z');
let make: ReturnType<typeof factories>;
let schoolClass: SpaceRow;
let teacher: Context;
const pupils: Context[] = [];
let room: RoomRow;

beforeAll(async () => {
	services = await openServices({ now: () => clock });
	make = factories(services);
	schoolClass = await make.space('class', await make.space('school', await make.space('region')));
	const someone = async (name: string, role: 'teacher' | 'student') =>
		make.as(await make.person(name, [[role, schoolClass]]), [[role, schoolClass]], name);
	teacher = await someone('王老师', 'teacher');
	for (let number = 1; number <= 7; number++) pupils.push(await someone(`学生${number}`, 'student'));
});
beforeEach(async () => {
	room = await make.room('lesson', schoolClass);
	await enterRoom(teacher, { roomId: room.id });
});
afterAll(() => services.close());

const wait = (seconds: number) => (clock = new Date(clock.getTime() + seconds * 1000));
const idOf = (ctx: Context) => ctx.actor!.personId;
const divide = async (about: object = {}) => {
	const { id } = await makeGroups(teacher, { roomId: room.id, title: '第三单元', way: 'random', count: 3, ...about });
	const set = (await seeGroups(teacher, { roomId: room.id })).sets.find((one) => one.id === id);
	if (!set) throw new Error('no set');
	return set;
};
const groupsNow = async () => (await query(systemContext(services), (ctx) => stateOf(ctx, room.id)))?.groups;
const groupOf = (set: Awaited<ReturnType<typeof divide>>, ctx: Context) =>
	set.groups.find(({ members }) => members.some(({ personId }) => personId === idOf(ctx)))!;

describe('groups', () => {
	test('take in everybody of the class, not the teacher, each with a text, a map and a board of its own', async () => {
		const set = await divide();
		expect(set.groups.map(({ name }) => name)).toEqual(['第1组', '第2组', '第3组']);
		expect(set.groups.map(({ members }) => members.length).toSorted()).toEqual([2, 2, 3]);
		expect(new Set(set.groups.flatMap(({ members }) => members.map(({ personId }) => personId)))).toEqual(
			new Set(pupils.map(idOf))
		);
		const [group] = set.groups;
		const documents = await listDocuments(teacher, { roomId: group!.roomId });
		expect(documents.map(({ kind }) => kind)).toEqual(['text', 'map', 'board']);
		// Groups are parts of their room, not rooms beside it.
		expect((await listRooms(teacher, { spaceId: schoolClass.id })).some(({ id }) => id === group!.roomId)).toBe(false);
	});

	test('are there for their members and for those who lead, and for nobody else', async () => {
		const set = await divide();
		const [one] = pupils as [Context];
		const mine = groupOf(set, one);
		const other = set.groups.find(({ roomId }) => roomId !== mine.roomId)!;
		await expect(enterRoom(one, { roomId: mine.roomId })).resolves.toMatchObject({ admission: 'in' });
		await expect(enterRoom(one, { roomId: other.roomId })).rejects.toThrow(NotFound);
		await expect(seeRoom(one, { roomId: other.roomId })).rejects.toThrow(NotFound);
		const [document] = await listDocuments(teacher, { roomId: other.roomId });
		await expect(issueToken(one, { documentId: document!.id })).rejects.toThrow(NotFound);
		await expect(enterRoom(teacher, { roomId: other.roomId })).resolves.toMatchObject({ admission: 'in' });
		const now = (await seeGroups(teacher, { roomId: room.id })).sets[0]!;
		expect(groupOf(now, one).members.find(({ personId }) => personId === idOf(one))?.inside).toBe(true);
		expect(now.groups.find(({ roomId }) => roomId === other.roomId)?.guests).toEqual(['王老师']);
	});

	test('are shut to whoever was sent out of the class, with all that lies in them', async () => {
		const set = await divide();
		const [one] = pupils as [Context];
		const mine = groupOf(set, one);
		await enterRoom(one, { roomId: room.id });
		await enterRoom(one, { roomId: mine.roomId });
		const [document] = await listDocuments(one, { roomId: mine.roomId });
		await turnOut(teacher, { roomId: room.id, personId: idOf(one) });
		await expect(enterRoom(one, { roomId: mine.roomId })).rejects.toThrow(Forbidden);
		await expect(listDocuments(one, { roomId: mine.roomId })).rejects.toThrow(Forbidden);
		await expect(issueToken(one, { documentId: document!.id })).rejects.toThrow(Forbidden);
		await admitPerson(teacher, { roomId: room.id, personId: idOf(one) });
		await expect(enterRoom(one, { roomId: mine.roomId })).resolves.toMatchObject({ admission: 'in' });
	});

	test('are opened, told something, and called back by hand or by the clock; they stay as they are', async () => {
		const set = await divide();
		const about = { roomId: room.id, setId: set.id };
		expect(await groupsNow()).toBeNull();
		await expect(tellGroups(teacher, { ...about, text: '听得到吗' })).rejects.toMatchObject({ key: 'groups.notOpen' });
		await openGroups(teacher, { ...about, minutes: 5 });
		expect(await groupsNow()).toMatchObject({ title: '第三单元', message: null, groups: [{}, {}, {}] });
		await tellGroups(teacher, { ...about, text: '还有两分钟' });
		expect((await groupsNow())?.message?.text).toBe('还有两分钟');
		wait(299);
		expect(await callBackDue(services)).toBe(0);
		wait(1);
		expect(await callBackDue(services)).toBe(1);
		expect(await groupsNow()).toBeNull();
		await openGroups(teacher, about);
		expect(await groupsNow()).toMatchObject({ endsAt: null, message: null });
		await callBack(teacher, about);
		expect(await groupsNow()).toBeNull();
		expect(
			(await seeGroups(teacher, { roomId: room.id })).sets[0]!.groups.map(({ members }) => members.length).toSorted()
		).toEqual([2, 2, 3]);
	});

	test('of several sets one is open at most, and one is put away with its rooms kept', async () => {
		const [first, second] = [await divide({ title: '甲' }), await divide({ title: '乙', count: 2 })];
		await openGroups(teacher, { roomId: room.id, setId: first.id });
		await openGroups(teacher, { roomId: room.id, setId: second.id });
		expect(await groupsNow()).toMatchObject({ title: '乙' });
		await archiveGroups(teacher, { roomId: room.id, setId: second.id });
		expect(await groupsNow()).toBeNull();
		expect((await seeGroups(teacher, { roomId: room.id })).sets.map(({ title }) => title)).toEqual(['甲']);
		await expect(openGroups(teacher, { roomId: room.id, setId: second.id })).rejects.toMatchObject({ key: 'groups.gone' });
		expect(await listDocuments(teacher, { roomId: second.groups[0]!.roomId })).toHaveLength(3);
	});

	test('let whoever is moved into the new one and out of the old one', async () => {
		const set = await divide();
		const [one] = pupils as [Context];
		const mine = groupOf(set, one);
		const other = set.groups.find(({ roomId }) => roomId !== mine.roomId)!;
		await moveMember(teacher, { roomId: room.id, setId: set.id, personId: idOf(one), groupId: other.roomId });
		await expect(seeRoom(one, { roomId: mine.roomId })).rejects.toThrow(NotFound);
		await expect(seeRoom(one, { roomId: other.roomId })).resolves.toMatchObject({ title: other.name, parentId: room.id });
		await moveMember(teacher, { roomId: room.id, setId: set.id, personId: idOf(one), groupId: null });
		await expect(seeRoom(one, { roomId: other.roomId })).rejects.toThrow(NotFound);
		expect((await seeGroups(teacher, { roomId: room.id })).sets[0]!.free).toMatchObject([{ name: '学生1' }]);
		const stranger = await make.person('外班', []);
		const move = (personId: string, groupId: string) =>
			moveMember(teacher, { roomId: room.id, setId: set.id, personId, groupId });
		await expect(move(stranger, other.roomId)).rejects.toMatchObject({ key: 'groups.unknown' });
		await expect(move(idOf(one), room.id)).rejects.toMatchObject({ key: 'groups.unknown' });
	});

	test('are chosen where everybody chooses, and only there', async () => {
		const [one] = pupils as [Context];
		const fixed = await divide();
		await expect(chooseGroup(one, { roomId: room.id, setId: fixed.id, groupId: fixed.groups[0]!.roomId })).rejects.toMatchObject({
			key: 'groups.noChoice'
		});
		const free = await divide({ way: 'choice', count: 2 });
		expect(free.groups.every(({ members }) => members.length === 0)).toBe(true);
		for (const group of free.groups) await chooseGroup(one, { roomId: room.id, setId: free.id, groupId: group.roomId });
		const now = (await seeGroups(teacher, { roomId: room.id })).sets.find(({ id }) => id === free.id)!;
		expect(now.groups.map(({ members }) => members.length)).toEqual([0, 1]);
	});

	test('get names of their own, which everybody sees at once', async () => {
		const set = await divide();
		const about = { roomId: room.id, setId: set.id };
		const [group] = set.groups;
		await openGroups(teacher, about);
		await renameGroup(teacher, { ...about, groupId: group!.roomId, title: '  飞鸟组 ' });
		expect((await groupsNow())?.groups[0]?.name).toBe('飞鸟组');
		expect((await seeRoom(teacher, { roomId: group!.roomId })).title).toBe('飞鸟组');
		await expect(renameGroup(teacher, { ...about, groupId: room.id, title: '大班' })).rejects.toMatchObject({
			key: 'groups.unknown'
		});
		for (const title of ['   ', '长'.repeat(41)])
			await expect(renameGroup(teacher, { ...about, groupId: group!.roomId, title })).rejects.toThrow();
	});

	test('can be of those who are inside only', async () => {
		for (const pupil of pupils.slice(0, 4)) await enterRoom(pupil, { roomId: room.id });
		const set = await divide({ count: 2, insideOnly: true });
		expect(set.groups.map(({ members }) => members.length)).toEqual([2, 2]);
		expect(set.free).toHaveLength(3);
	});
});

test('a group counts its hands, and is not divided again', async () => {
	const set = await divide();
	const [one] = pupils as [Context];
	const mine = groupOf(set, one);
	await enterRoom(one, { roomId: mine.roomId });
	await signal(one, { roomId: mine.roomId, hand: true });
	await openGroups(teacher, { roomId: room.id, setId: set.id });
	const seen = groupOf((await seeGroups(teacher, { roomId: room.id })).sets[0]!, one);
	expect(seen).toMatchObject({ hands: 1, asking: ['学生1'] });
	expect(seen.documents.map(({ kind, changedAt }) => [kind, changedAt])).toEqual([
		['text', null],
		['map', null],
		['board', null]
	]);
	// Who asks and what lies on the tables is for those who lead.
	const own = groupOf((await seeGroups(one, { roomId: room.id })).sets[0]!, one);
	expect(own).toMatchObject({ hands: 1, asking: [], documents: [] });
	await expect(makeGroups(teacher, { roomId: mine.roomId, title: '再分', way: 'random', count: 2 })).rejects.toMatchObject({
		key: 'groups.notInGroups'
	});
});

test('only those who lead divide, open, tell, move and call back; each is in the audit', async () => {
	const set = await divide();
	const [one] = pupils as [Context];
	const about = { roomId: room.id, setId: set.id };
	const acts = [
		() => makeGroups(one, { roomId: room.id, title: '我们的', way: 'random', count: 2 }),
		() => openGroups(one, about),
		() => callBack(one, about),
		() => tellGroups(one, { ...about, text: '哈哈' }),
		() => speakToGroups(one, about),
		() => renameGroup(one, { ...about, groupId: set.groups[0]!.roomId, title: '飞鸟组' }),
		() => moveMember(one, { ...about, personId: idOf(one), groupId: null }),
		() => archiveGroups(one, about)
	];
	for (const act of acts) await expect(act()).rejects.toThrow(Forbidden);
	await openGroups(teacher, about);
	await callBack(teacher, about);
	const verbs = await query(systemContext(services), (ctx) =>
		ctx.db
			.select({ verb: audit.verb })
			.from(audit)
			.where(and(eq(audit.objectId, room.id), eq(audit.personId, idOf(teacher))))
	);
	expect(verbs.map(({ verb }) => verb)).toEqual(['group.make', 'group.open', 'group.callBack']);
});

describe('the voice to all groups', () => {
	const tokens: object[] = [];
	const media = {
		token: async (grant: object) => {
			tokens.push(grant);
			return 'token';
		},
		state: async () => ({ ok: true })
	} as unknown as MediaGateway;
	const withMedia = (ctx: Context): Context => ({ ...ctx, services: { ...ctx.services, media } });

	test('is a line into each of them, for the microphone of whoever leads, is inside and has them at work', async () => {
		const set = await divide();
		const about = { roomId: room.id, setId: set.id };
		const speaker = withMedia(teacher);
		await expect(speakToGroups(speaker, about)).rejects.toMatchObject({ key: 'groups.voice.notOpen' });
		await openGroups(teacher, about);
		const { lines } = await speakToGroups(speaker, about);
		expect(lines.map(({ roomId }) => roomId)).toEqual(set.groups.map(({ roomId }) => roomId));
		expect(tokens).toHaveLength(3);
		for (const token of tokens) expect(token).toMatchObject({ personId: idOf(teacher), sends: ['microphone'], seat: 'outside' });
		await leaveRoom(teacher, { roomId: room.id });
		await expect(speakToGroups(speaker, about)).rejects.toMatchObject({ key: 'rooms.enterFirst' });
		await enterRoom(teacher, { roomId: room.id });
		await expect(speakToGroups(teacher, about)).rejects.toMatchObject({ key: 'rooms.noMedia' });
	});

	test('ends with the call back, and is nothing that anybody else could have taken', async () => {
		const set = await divide();
		const about = { roomId: room.id, setId: set.id };
		await openGroups(teacher, about);
		const [group] = set.groups;
		const [one] = pupils as [Context];
		await enterRoom(one, { roomId: room.id });
		const removed: string[] = [];
		const call = {
			senders: async () => [teacher, one].map((ctx) => ({ personId: idOf(ctx), seat: 'outside', sends: ['microphone'] })),
			remove: async (_: string, personId: string, seat: string) => void removed.push(`${seat} ${personId}`),
			permit: async () => undefined
		} as unknown as MediaGateway;
		await enforce(services, call, group!.roomId as RoomRow['id']);
		expect(removed).toEqual([`outside ${idOf(one)}`]);
		await callBack(teacher, about);
		removed.length = 0;
		await enforce(services, call, group!.roomId as RoomRow['id']);
		expect(removed.toSorted()).toEqual([`outside ${idOf(one)}`, `outside ${idOf(teacher)}`].toSorted());
	});
});

test('whoever is in a group before the lesson begins is in the lesson when it does', async () => {
	const quiet = await make.room('lesson', schoolClass);
	const { id } = await makeGroups(teacher, { roomId: quiet.id, title: '早到', way: 'random', count: 2 });
	const set = (await seeGroups(teacher, { roomId: quiet.id })).sets.find((one) => one.id === id)!;
	const [one] = pupils as [Context];
	const gone = new AbortController();
	const told: LiveEvent[] = [];
	const heard = Promise.withResolvers<void>();
	const holder = { ...one, actor: { ...one.actor!, signInId: 'sign-in' } };
	const channel = openChannel(holder, {
		roomId: groupOf(set, one).roomId,
		signal: gone.signal,
		send(event) {
			told.push(event);
			if (event.kind === 'state' && told.length === 1) void enterRoom(teacher, { roomId: quiet.id });
			if (event.kind === 'above') heard.resolve();
		}
	});
	await heard.promise;
	expect(told.find(({ kind }) => kind === 'above')).toEqual({ kind: 'above', groups: null });
	const inside = await query(systemContext(services), (ctx) => insideOf(ctx, [quiet.id]));
	expect(inside.map(({ personId }) => personId)).toContain(idOf(one));
	gone.abort();
	await channel;
});
