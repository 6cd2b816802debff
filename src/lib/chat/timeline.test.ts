import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { removeMember } from '#lib/spaces/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import { startChatSpace } from '#tests/support/chat.ts';
import type { ChatSpace } from '#tests/support/chat.ts';
import { followChatAccess } from './server/access.ts';
import { joinChat } from './server/index.ts';
import { Timeline } from './timeline.svelte.ts';

// Through the front of the web server, so that what it lets through is shown to be enough.

let space: ChatSpace;
let stopFollowing: () => void;
const open = new Set<Timeline>();

beforeAll(async () => {
	space = await startChatSpace();
	stopFollowing = followChatAccess(space.services);
});
afterEach(() => {
	for (const timeline of open) timeline.close();
	open.clear();
});
afterAll(async () => {
	stopFollowing?.();
	await space?.stop();
});

function timelineOf(personId: PersonId, roomId: RoomId): Timeline {
	const join = async () => joinChat(await space.contextOf(personId), { roomId });
	const timeline = new Timeline({ join, origin: space.origin, retryAfter: 100 });
	open.add(timeline);
	return timeline;
}

const patient = { timeout: 20_000, interval: 50 };
const online = (timeline: Timeline) => expect.poll(() => timeline.state, patient).toBe('online');
const texts = (timeline: Timeline) => timeline.messages.map(({ text, delivery }) => `${text} ${delivery}`);

async function aConversation() {
	const [teacherId, studentId, roomId] = [await space.aPerson('teacher'), await space.aPerson(), await space.aRoom()];
	const [teacher, student] = [timelineOf(teacherId, roomId), timelineOf(studentId, roomId)];
	await Promise.all([online(teacher), online(student)]);
	return { teacherId, studentId, roomId, teacher, student };
}

test('a message shows at once where it is written and then for everyone, a reply with what it answers', async () => {
	const { teacherId, studentId, teacher, student } = await aConversation();
	teacher.send('这一段写了什么？');
	await expect.poll(() => texts(teacher), patient).toEqual(['这一段写了什么？ sending']);
	await expect.poll(() => texts(teacher), patient).toEqual(['这一段写了什么？ sent']);
	await expect.poll(() => texts(student), patient).toEqual(['这一段写了什么？ sent']);

	const question = student.messages[0];
	student.send('写<b>春天</b>。', question?.id);
	await expect.poll(() => texts(teacher), patient).toEqual(['这一段写了什么？ sent', '写<b>春天</b>。 sent']);
	expect(teacher.messages[1]).toMatchObject({
		personId: studentId,
		reply: { id: question?.id, personId: teacherId, text: '这一段写了什么？' }
	});
	expect(space.refused).toEqual([]);
});

test('the unread are those of others since one last looked or wrote', async () => {
	const { teacher, student } = await aConversation();
	teacher.send('一');
	teacher.send('二');
	await expect.poll(() => student.unread, patient).toBe(2);
	expect(teacher.unread).toBe(0);
	student.markRead();
	expect(student.unread).toBe(0);
	teacher.send('三');
	await expect.poll(() => student.unread, patient).toBe(1);
	student.send('四');
	await expect.poll(() => [student.unread, teacher.unread], patient).toEqual([0, 1]);
});

test('who is writing is seen by the others until the message is there', async () => {
	const { studentId, teacher, student } = await aConversation();
	student.typed();
	await expect.poll(() => teacher.typing, patient).toEqual([studentId]);
	expect(student.typing).toEqual([]);
	student.send('好了');
	await expect.poll(() => teacher.typing, patient).toEqual([]);
});

test('older messages load page by page, back to one that is quoted', async () => {
	const { roomId, teacher, student } = await aConversation();
	const count = 45;
	for (let number = 1; number <= count; number += 1) teacher.send(`第 ${number} 条`);
	await expect.poll(() => teacher.messages.filter(({ delivery }) => delivery === 'sent').length, { timeout: 60_000 }).toBe(count);
	const first = teacher.messages[0]?.id ?? '';
	await expect.poll(() => student.messages.at(-1)?.text, patient).toBe(`第 ${count} 条`);
	student.send('说的是这一条', first);

	const later = timelineOf(await space.aPerson(), roomId);
	await expect.poll(() => later.messages.at(-1)?.reply?.text, patient).toBe('第 1 条');
	expect(later.messages.length).toBeLessThan(count);
	expect(later.hasOlder).toBe(true);
	expect(await later.reach(first)).toBe(true);
	expect(later.messages.map(({ text }) => text).slice(0, 2)).toEqual(['第 1 条', '第 2 条']);
	await expect.poll(async () => (await later.loadOlder(), later.hasOlder), patient).toBe(false);
	expect(later.messages).toHaveLength(count + 1);
}, 90_000);

test('a token that ended is replaced without a word', async () => {
	const { studentId, teacher, student } = await aConversation();
	await space.services.chat?.signOut(studentId, `sign-in-${studentId}`);
	student.send('我还登录着');
	await expect.poll(() => texts(teacher), patient).toEqual(['我还登录着 sent']);
	expect(student.state).toBe('online');
});

test('whoever loses the room sees nothing of it any more', async () => {
	const { studentId, teacher, student } = await aConversation();
	teacher.send('下课前交');
	await expect.poll(() => student.messages.length, patient).toBe(1);
	await removeMember(systemContext(space.services), { spaceId: space.classId, personId: studentId, role: 'student' });
	await expect.poll(() => student.state, { timeout: 5_000, interval: 50 }).toBe('removed');
	expect(student.messages).toEqual([]);
});

test('what is written while the homeserver is away goes out afterwards, in order and once', async () => {
	const { teacher, student, studentId, roomId } = await aConversation();
	await space.kill('synapse');
	await expect.poll(() => student.state, patient).toBe('offline');
	for (const text of ['一', '二', '三']) student.send(text);
	const newcomer = timelineOf(studentId, roomId);
	await expect.poll(() => newcomer.state, patient).toBe('unavailable');

	await expect.poll(() => texts(teacher), { timeout: 90_000, interval: 100 }).toEqual(['一 sent', '二 sent', '三 sent']);
	await expect.poll(() => texts(newcomer), { timeout: 60_000, interval: 100 }).toEqual(['一 sent', '二 sent', '三 sent']);
	await expect.poll(() => texts(student), patient).toEqual(['一 sent', '二 sent', '三 sent']);
}, 180_000);
