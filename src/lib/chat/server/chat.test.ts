import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { statements } from '#lib/records/server/table.ts';
import { enterRoom } from '#lib/rooms/server/index.ts';
import { publish } from '#lib/server/changes.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import { addMember, removeMember } from '#lib/spaces/server/index.ts';
import { startChatSpace } from '#tests/support/chat.ts';
import type { ChatSpace } from '#tests/support/chat.ts';
import type { ChatSession } from '../model.ts';
import { followChatAccess } from './access.ts';
import { followMessages } from './catchUp.ts';
import { joinChat, seeChatPeople } from './index.ts';
import { openChat } from './matrix.ts';
import { chatMembers, chatRooms } from './table.ts';

let space: ChatSpace;
let services: Services;
beforeAll(async () => {
	space = await startChatSpace();
	({ services } = space);
});
afterAll(() => space?.stop());

/** A browser that holds a chat session, speaking straight to the homeserver: past the allow-list of the origin. */
function browserOf(session: ChatSession) {
	const ask = async (method: string, path: string, body?: unknown) => {
		const response = await fetch(`${services.env.MATRIX_URL}/_matrix/client/v3/${path}`, {
			method,
			headers: { authorization: `Bearer ${session.accessToken}` },
			body: body === undefined ? undefined : JSON.stringify(body)
		});
		return { status: response.status, body: (await response.json()) as Record<string, unknown> };
	};
	const room = `rooms/${encodeURIComponent(session.matrixRoomId)}`;
	let sent = 0;
	return {
		ask,
		room,
		async send(content: Record<string, unknown> | string): Promise<string> {
			sent += 1;
			const { status, body } = await ask(
				'PUT',
				`${room}/send/m.room.message/${Date.now()}-${sent}`,
				typeof content === 'string' ? { msgtype: 'm.text', body: content } : content
			);
			expect({ status, body }).toMatchObject({ status: 200 });
			return String(body.event_id);
		},
		async texts(): Promise<unknown[]> {
			const { body } = await ask('GET', `${room}/messages?dir=b&limit=50`);
			const chunk = (body.chunk ?? []) as { type: string; content: { body?: string } }[];
			return chunk.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body);
		}
	};
}

const joined = async (personId: PersonId, roomId: RoomId) =>
	browserOf(await joinChat(await space.contextOf(personId), { roomId }));

const recordsOf = (roomId: RoomId) =>
	query(systemContext(services), ({ db }) =>
		db.select().from(statements).where(eq(statements.roomId, roomId)).orderBy(asc(statements.startedAt))
	);

const chatRecordsOf = async (roomId: RoomId) => (await recordsOf(roomId)).filter(({ key }) => key.startsWith('chat:'));

const seatsIn = (roomId: RoomId) =>
	query(systemContext(services), ({ db }) => db.select().from(chatMembers).where(eq(chatMembers.roomId, roomId)));

const reply = (body: string, eventId: string) => ({
	msgtype: 'm.text',
	body,
	'm.relates_to': { 'm.in_reply_to': { event_id: eventId } }
});

const patient = { timeout: 15_000, interval: 100 };

test('a message and its reply are read by both people and become one record each, with who answered whom', async () => {
	const [teacherId, studentId, roomId] = [await space.aPerson('teacher'), await space.aPerson(), await space.aRoom()];
	const { sessionId } = await enterRoom(await space.contextOf(studentId), { roomId });
	const [teacher, student] = [await joined(teacherId, roomId), await joined(studentId, roomId)];
	const question = await teacher.send('这一段写了什么？');
	await student.send(reply('写春天。', question));

	expect(await teacher.texts()).toEqual(['写春天。', '这一段写了什么？']);
	await expect.poll(() => chatRecordsOf(roomId), patient).toHaveLength(2);
	const [posted, replied] = await chatRecordsOf(roomId);
	expect(posted).toMatchObject({ verb: 'posted', actorId: teacherId, role: 'teacher', sessionId, amount: 8, targetId: null });
	expect(replied).toMatchObject({
		verb: 'replied',
		actorId: studentId,
		role: 'student',
		sessionId,
		amount: 4,
		targetId: teacherId
	});
	expect(replied?.statement).toMatchObject({ context: { statement: { objectType: 'StatementRef', id: posted?.id } } });
	expect(JSON.stringify([posted, replied])).not.toContain('春天');
});

test('a delivery that comes twice, or after a hub in trouble, is recorded exactly once', async () => {
	const [personId, roomId] = [await space.aPerson(), await space.aRoom()];
	const person = await joined(personId, roomId);
	space.failNext(1);
	const eventId = await person.send('读完了');
	await expect.poll(() => chatRecordsOf(roomId), patient).toHaveLength(1);

	const delivery = space.delivered.find(({ body }) => body.includes(eventId));
	const again = await space.callApi('PUT', delivery?.path ?? '', delivery?.body ?? '', `Bearer ${services.env.MATRIX_HS_TOKEN}`);
	expect(again.status).toBe(200);
	const [record, ...others] = await chatRecordsOf(roomId);
	expect(record).toMatchObject({ verb: 'posted', sessionId: null, role: 'student' });
	expect(others).toEqual([]);
});

test('edits, reactions, redactions and malformed events are no new posts, and a reply into another room answers nobody', async () => {
	const [personId, roomId, otherRoomId] = [await space.aPerson(), await space.aRoom(), await space.aRoom()];
	const person = await joined(personId, roomId);
	const other = await joined(personId, otherRoomId);
	const first = await person.send('一');
	const relation = { rel_type: 'm.replace', event_id: first };
	await person.send({
		msgtype: 'm.text',
		body: '* 二',
		'm.new_content': { msgtype: 'm.text', body: '二' },
		'm.relates_to': relation
	});
	await person.ask('PUT', `${person.room}/send/m.reaction/r1`, {
		'm.relates_to': { rel_type: 'm.annotation', event_id: first, key: '👍' }
	});
	await person.ask('PUT', `${person.room}/redact/${encodeURIComponent(first)}/d1`, {});
	await expect.poll(() => chatRecordsOf(roomId), patient).toHaveLength(1);
	await other.send(reply('三', first));
	await expect.poll(() => chatRecordsOf(otherRoomId), patient).toHaveLength(1);
	expect(await chatRecordsOf(otherRoomId)).toMatchObject([{ verb: 'posted', targetId: null }]);
	expect(await chatRecordsOf(roomId)).toMatchObject([{ verb: 'posted', amount: 1 }]);

	const odd = [
		null,
		7,
		{ type: 'm.room.message' },
		{ type: 'm.room.message', event_id: '', content: { body: {} } },
		{ type: 'm.room.member' }
	];
	const answer = await space.callApi(
		'PUT',
		'/api/v1/hooks/matrix/_matrix/app/v1/transactions/odd',
		JSON.stringify({ events: odd }),
		`Bearer ${services.env.MATRIX_HS_TOKEN}`
	);
	expect(answer.status).toBe(200);
});

test('whoever does not show the key of the homeserver tells the hub nothing', async () => {
	const [personId, roomId] = [await space.aPerson(), await space.aRoom()];
	const session = await joinChat(await space.contextOf(personId), { roomId });
	const forged = {
		events: [
			{
				type: 'm.room.message',
				event_id: '$forged',
				room_id: session.matrixRoomId,
				sender: session.userId,
				origin_server_ts: Date.now(),
				content: { msgtype: 'm.text', body: '假的' }
			}
		]
	};
	const tokens = [
		undefined,
		'Bearer ',
		'Bearer wrong',
		`Bearer ${services.env.MATRIX_AS_TOKEN}`,
		`Bearer ${session.accessToken}`
	];
	for (const [method, path] of [
		['PUT', 'transactions/1'],
		['POST', 'ping'],
		['GET', 'users/@u_1:space.local'],
		['GET', 'rooms/%23r_1:space.local']
	] as const) {
		for (const token of tokens) {
			const answer = await space.callApi(method, `/api/v1/hooks/matrix/_matrix/app/v1/${path}`, JSON.stringify(forged), token);
			expect({ path, token, status: answer.status }).toEqual({ path, token, status: 403 });
		}
	}
	expect(await chatRecordsOf(roomId)).toEqual([]);
	const asked = await space.callApi(
		'GET',
		'/api/v1/hooks/matrix/_matrix/app/v1/users/@u_1:space.local',
		'',
		`Bearer ${services.env.MATRIX_HS_TOKEN}`
	);
	expect(asked.status).toBe(404);
});

test('a room has one Matrix room, also when two join it first at the same time', async () => {
	const [one, other, roomId] = [await space.aPerson('teacher'), await space.aPerson(), await space.aRoom()];
	const sessions = await Promise.all([
		joinChat(await space.contextOf(one), { roomId }),
		joinChat(await space.contextOf(other), { roomId }),
		joinChat(await space.contextOf(one), { roomId })
	]);
	expect(new Set(sessions.map(({ matrixRoomId }) => matrixRoomId)).size).toBe(1);
	expect(
		await query(systemContext(services), ({ db }) => db.select().from(chatRooms).where(eq(chatRooms.roomId, roomId)))
	).toHaveLength(1);
	expect(await seatsIn(roomId)).toHaveLength(2);
	// Two screens of one sign-in share a device; the second does not end the first.
	expect(sessions[0]?.deviceId).toBe(sessions[2]?.deviceId);
	for (const session of sessions) expect((await browserOf(session).ask('GET', 'account/whoami')).status).toBe(200);
});

test('a room of others answers like one that does not exist', async () => {
	const roomId = await space.aRoom();
	const guardian = await space.aPerson('guardian');
	await expect(joinChat(await space.contextOf(guardian), { roomId })).rejects.toMatchObject({ status: 404 });
	await expect(joinChat(await space.contextOf(guardian), { roomId: newId() })).rejects.toMatchObject({ status: 404 });
	expect(await seatsIn(roomId)).toEqual([]);
});

test('whoever loses the room is taken out within five seconds and reads nothing of it any more', async () => {
	const stop = followChatAccess(services);
	try {
		const [teacherId, studentId, roomId] = [await space.aPerson('teacher'), await space.aPerson(), await space.aRoom()];
		const [teacher, student] = [await joined(teacherId, roomId), await joined(studentId, roomId)];
		await teacher.send('下课前交');
		expect(await student.texts()).toEqual(['下课前交']);

		await removeMember(systemContext(services), { spaceId: space.classId, personId: studentId, role: 'student' });
		await expect.poll(() => seatsIn(roomId), { timeout: 5_000, interval: 50 }).toHaveLength(1);
		const later = await teacher.send('只有老师看');

		for (const path of [
			`${student.room}/messages?dir=b`,
			`${student.room}/context/${encodeURIComponent(later)}`,
			`${student.room}/event/${encodeURIComponent(later)}`,
			`${student.room}/state`,
			`${student.room}/members`,
			`${student.room}/joined_members`
		]) {
			expect((await student.ask('GET', path)).status, path).toBeGreaterThanOrEqual(403);
		}
		expect(JSON.stringify((await student.ask('GET', 'sync?full_state=true')).body)).not.toMatch(/只有老师看|下课前交/);
		expect(
			(await student.ask('PUT', `${student.room}/send/m.room.message/x`, { msgtype: 'm.text', body: '我还在' })).status
		).toBe(403);
		expect((await student.ask('POST', `${student.room}/join`, {})).status).toBe(403);
		await expect(joinChat(await space.contextOf(studentId), { roomId })).rejects.toMatchObject({ status: 404 });

		await addMember(systemContext(services), { spaceId: space.classId, personId: studentId, role: 'student' });
		expect(await (await joined(studentId, roomId)).texts()).toEqual(['只有老师看', '下课前交']);
	} finally {
		stop();
	}
});

test('names and roles come from the roster, also those of people who wrote and left', async () => {
	const stop = followChatAccess(services);
	try {
		const [teacherId, studentId, silentId, roomId] = [
			await space.aPerson('teacher'),
			await space.aPerson(),
			await space.aPerson(),
			await space.aRoom()
		];
		await joined(teacherId, roomId);
		await (await joined(studentId, roomId)).send('我先走了');
		await expect.poll(() => chatRecordsOf(roomId), patient).toHaveLength(1);
		await removeMember(systemContext(services), { spaceId: space.classId, personId: studentId, role: 'student' });
		await expect.poll(() => seatsIn(roomId), patient).toHaveLength(1);

		const { spaceKind, people } = await seeChatPeople(await space.contextOf(silentId), { roomId });
		expect(spaceKind).toBe('class');
		expect(people).toHaveLength(2);
		expect(people).toContainEqual({ personId: teacherId, name: '林小满', role: 'teacher' });
		expect(people).toContainEqual({ personId: studentId, name: '林小满', role: 'student' });
		await expect(seeChatPeople(await space.contextOf(studentId), { roomId })).rejects.toMatchObject({ status: 404 });
	} finally {
		stop();
	}
});

test('rights that end while one is being let in are not used', async () => {
	const [studentId, roomId] = [await space.aPerson(), await space.aRoom()];
	await joined(await space.aPerson('teacher'), roomId);
	const late = await space.contextOf(studentId);
	await removeMember(systemContext(services), { spaceId: space.classId, personId: studentId, role: 'student' });
	await expect(joinChat(late, { roomId })).rejects.toMatchObject({ status: 404 });
	expect(await seatsIn(roomId)).toHaveLength(1);
});

test('a chat device ends with its sign-in, and only with that one', async () => {
	const stop = followChatAccess(services);
	try {
		const [personId, roomId] = [await space.aPerson(), await space.aRoom()];
		const first = browserOf(await joinChat(await space.contextOf(personId, 'first'), { roomId }));
		const second = browserOf(await joinChat(await space.contextOf(personId, 'second'), { roomId }));
		await publish(services.database.db, { kind: 'signedOut', personId, signInId: 'first' });
		await expect.poll(async () => (await first.ask('GET', 'account/whoami')).status, patient).toBe(401);
		expect((await second.ask('GET', 'account/whoami')).status).toBe(200);
		await publish(services.database.db, { kind: 'signedOut', personId, signInId: null });
		await expect.poll(async () => (await second.ask('GET', 'account/whoami')).status, patient).toBe(401);
	} finally {
		stop();
	}
});

test('a chat session makes no rooms, invites nobody, and changes neither rights nor names', async () => {
	const [personId, otherId, roomId] = [await space.aPerson(), await space.aPerson(), await space.aRoom()];
	const session = await joinChat(await space.contextOf(personId), { roomId });
	const person = browserOf(session);
	await joined(otherId, roomId);
	const { body: me } = await person.ask('GET', 'account/whoami');
	const userId = encodeURIComponent(String(me.user_id));
	const { body: powers } = await person.ask('GET', `${person.room}/state/m.room.power_levels/`);
	const { body: others } = await person.ask('GET', `${person.room}/joined_members`);
	const otherUser = Object.keys(others.joined as object).find((id) => id !== me.user_id && !id.startsWith('@hub:'));

	const attempts = [
		['POST', 'createRoom', {}],
		['POST', `${person.room}/invite`, { user_id: `@hub:${services.env.MATRIX_SERVER_NAME}` }],
		['POST', `${person.room}/kick`, { user_id: otherUser }],
		['POST', `${person.room}/ban`, { user_id: otherUser }],
		['PUT', `${person.room}/state/m.room.power_levels/`, { ...powers, users_default: 100 }],
		['PUT', `${person.room}/state/m.room.name/`, { name: '我的' }],
		['PUT', `${person.room}/state/m.room.encryption/`, { algorithm: 'm.megolm.v1.aes-sha2' }],
		['PUT', `${person.room}/state/m.room.history_visibility/`, { history_visibility: 'world_readable' }],
		['PUT', `${person.room}/send/m.room.encrypted/1`, {}],
		['PUT', `${person.room}/send/org.example.anything/2`, {}],
		['PUT', `profile/${userId}/displayname`, { displayname: '校长' }],
		['PUT', `directory/room/${encodeURIComponent(`#mine:${services.env.MATRIX_SERVER_NAME}`)}`, { room_id: session.matrixRoomId }]
	] as const;
	for (const [method, path, body] of attempts) {
		expect((await person.ask(method, path, body)).status, `${method} ${path}`).toBeGreaterThanOrEqual(403);
	}
	await person.ask('PUT', `${person.room}/state/m.room.member/${userId}`, { membership: 'join', displayname: '校长' });
	const { body: member } = await person.ask('GET', `${person.room}/state/m.room.member/${userId}`);
	expect(member.displayname).not.toBe('校长');
});

test('while the homeserver is away the chat says so; after its restart everything is there and nothing is told twice', async () => {
	const [teacherId, studentId, roomId] = [await space.aPerson('teacher'), await space.aPerson(), await space.aRoom()];
	const [teacher, student] = [await joined(teacherId, roomId), await joined(studentId, roomId)];
	const question = await teacher.send('谁来读？');
	// At once: what it took in the last moment before it was killed, Synapse may never tell the hub.
	await space.kill('synapse');
	await expect(joinChat(await space.contextOf(teacherId), { roomId })).rejects.toMatchObject({
		status: 503,
		key: 'chat.unavailable'
	});
	expect(await services.chat?.state()).toMatchObject({ ok: false });

	await expect.poll(async () => (await services.chat?.state())?.ok, { timeout: 60_000, interval: 250 }).toBe(true);
	expect(await student.texts()).toEqual(['谁来读？']);
	await student.send(reply('我来读！', question));
	await expect.poll(() => chatRecordsOf(roomId), { timeout: 30_000, interval: 200 }).toHaveLength(2);
	expect((await chatRecordsOf(roomId)).map(({ verb }) => verb)).toEqual(['posted', 'replied']);
}, 120_000);

test('a message that the homeserver never told of is recorded when it is back, though nobody says anything more', async () => {
	const [teacherId, roomId] = [await space.aPerson('teacher'), await space.aRoom()];
	const teacher = await joined(teacherId, roomId);
	await teacher.send('先说一句');
	await expect.poll(() => chatRecordsOf(roomId), patient).toHaveLength(1);
	const stop = followMessages(services);
	try {
		space.leaveOut((body) => body.includes('没人听见'));
		// More than one page of the homeserver, from as many people as its limits ask for.
		for (let index = 0; index < 4; index++) {
			const person = await joined(await space.aPerson(), roomId);
			for (let line = 0; line < 15; line++) await person.send(`没人听见的第${line}句`);
		}
		await expect.poll(() => space.leftOut.length, patient).toBeGreaterThan(0);
		await space.kill('synapse');
		await expect.poll(() => chatRecordsOf(roomId), { timeout: 60_000, interval: 250 }).toHaveLength(61);
	} finally {
		space.leaveOut(() => false);
		stop();
	}
}, 120_000);

test('without settings of a homeserver the chat is unavailable, and foreign rooms stay hidden', async () => {
	const without = { ...services, chat: openChat({ ...services.env, MATRIX_URL: undefined }, services.log) };
	const ctx = { ...(await space.contextOf(await space.aPerson())), services: without };
	expect(without.chat).toBeNull();
	await expect(joinChat(ctx, { roomId: await space.aRoom() })).rejects.toMatchObject({ key: 'chat.unavailable' });
	await expect(joinChat(ctx, { roomId: newId() })).rejects.toMatchObject({ status: 404 });
});
