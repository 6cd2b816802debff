import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { enterLesson, picture, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// A lesson is led: the teacher stands on the stage, people wait at the door, raise their hands, come up, are silenced,
// sent back with a word and sent out, and at the end all are out at once. Every refusal is the servers', not the page's.

test.describe.configure({ mode: 'serial' });

const people: Visitor[] = [];
let room = '';

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const head = signIns.find(({ role }) => role === '班主任');
	const students = signIns.filter(({ role }) => role === '学生');
	const colleague = signIns.find(({ role }) => role.startsWith('教师'));
	for (const person of [head, ...students.slice(0, 2), colleague]) {
		if (!person) throw new Error('the demonstration school has too few sign-ins');
		people.push(await visit(person, { baseURL: baseURL ?? '' }));
	}
});
test.afterAll(async () => {
	await rules({ stage: 'invited', lobby: false, locked: false, chat: true }).catch(() => undefined);
	await Promise.all(people.map(({ browser }) => browser.close()));
});

const pages = () => people.map(({ page }) => page) as [Page, Page, Page, Page];
const rules = (data: object) => people[0]!.page.request.post(`/api/v1${room}/rules`, { data });
const list = (page: Page) => page.getByRole('region', { name: '在房间里' });
const showPeople = (page: Page) => page.getByRole('tab', { name: /^成员/ }).click();
const menuOf = async (page: Page, name: string, item: string) => {
	await page.getByRole('button', { name: `管理${name}` }).click();
	await page.getByRole('menuitem', { name: item }).click();
};
/** How many people of the call show a moving picture. */
const moving = (page: Page) =>
	page
		.locator('[data-person] video')
		.evaluateAll((videos) => videos.filter((video) => video instanceof HTMLVideoElement && video.videoWidth > 0).length);

test('who comes waits at the door until the teacher lets them in', async () => {
	const [teacher, first, second] = pages();
	await enterLesson(teacher);
	room = new URL(teacher.url()).pathname;
	await rules({ stage: 'invited' });
	await teacher.getByRole('button', { name: '管理', exact: true }).click();
	await teacher.getByRole('switch', { name: /等候室/ }).click();
	await expect(teacher.getByRole('switch', { name: /等候室/ })).toBeChecked();
	await picture(teacher, 'room-rules');
	await teacher.getByRole('dialog').getByRole('button', { name: '关闭' }).click();

	for (const page of [first, second]) {
		await page.goto(room);
		await expect(page.getByText('请稍等，老师或主持人会请您进去。')).toBeVisible();
		// Nothing of the room is there to be seen, or to be had by its address.
		await expect(page.getByRole('textbox')).toHaveCount(0);
		expect((await page.request.post(`/api/v1${room}/call`)).status()).toBe(409);
		expect((await page.request.post(`/api/v1${room}/chat`, { data: {} })).status()).toBe(403);
	}
	await picture(first, 'room-waiting');
	await showPeople(teacher);
	await expect(teacher.getByText('2 人在门口等候')).toBeVisible();
	await picture(teacher, 'room-lobby');
	await teacher.getByRole('button', { name: `请${people[1]!.name}进来` }).click();
	await expect(first.getByText('已连接').first()).toBeVisible();
	await expect(second.locator('[data-door="waiting"]')).toBeVisible();
	await teacher.getByRole('button', { name: '全部请进' }).click();
	await expect(second.getByText('已连接').first()).toBeVisible();
	await rules({ lobby: false });
});

test('the teacher is on the stage, and students listen without being asked for a microphone', async () => {
	const [teacher, first, second] = pages();
	await teacher.getByRole('button', { name: '加入通话' }).click();
	for (const page of [first, second]) await page.getByRole('button', { name: '加入听讲' }).click();
	for (const page of [teacher, first, second]) await expect.poll(() => moving(page), { timeout: 30_000 }).toBe(1);
	await expect(teacher.getByText('2 人在听')).toBeVisible();
	await expect(first.getByRole('button', { name: '打开麦克风' })).toHaveCount(0);
	await picture(first, 'room-listening', '通话');
});

test('a hand goes up, the next in line comes up, and is silent at once when the microphone is forbidden', async () => {
	const [teacher, first, second] = pages();
	const [, ming, hong] = people as [Visitor, Visitor, Visitor];
	await second.getByRole('button', { name: '举手' }).click();
	await expect(teacher.getByText('1 人举手')).toBeVisible();
	await first.getByRole('button', { name: '举手' }).click();
	await expect(teacher.getByText('2 人举手')).toBeVisible();
	const line = teacher.getByRole('region', { name: '2 人举手' }).getByRole('listitem');
	await expect(line.first()).toContainText(hong.name);
	await picture(teacher, 'room-hands');

	await teacher.getByRole('button', { name: '下一位' }).click();
	await expect(second.getByText('请您上台')).toBeVisible();
	await picture(second, 'room-invited');
	await second.getByRole('button', { name: '打开麦克风和摄像头' }).click();
	for (const page of [teacher, first]) await expect.poll(() => moving(page), { timeout: 30_000 }).toBe(2);

	// What the page would never do, the servers refuse: the call knows of no right, whatever is asked.
	await menuOf(teacher, hong.name, '禁止摄像头');
	await expect.poll(() => moving(first)).toBe(1);
	await expect(second.getByRole('button', { name: '打开摄像头' })).toHaveCount(0);
	await menuOf(teacher, hong.name, '允许摄像头');
	await expect(second.getByRole('button', { name: '打开摄像头' })).toBeVisible();

	await teacher.getByRole('button', { name: `请${ming.name}上台` }).click();
	await expect(first.getByText('请您上台')).toBeVisible();
	await first.getByRole('button', { name: '先不说' }).click();
	await menuOf(teacher, hong.name, '请下台');
	await expect(second.getByRole('button', { name: '关闭麦克风' })).toHaveCount(0);
	await expect(second.getByText('您的麦克风和摄像头由老师或主持人关掉了。')).toBeVisible();
});

test('without a word: who is done, who needs help, and who is not done yet', async () => {
	const [teacher, first, second] = pages();
	const [, ming, hong] = people as [Visitor, Visitor, Visitor];
	await first.getByRole('button', { name: '做完了' }).click();
	await second.getByRole('button', { name: '要帮忙' }).click();
	await expect(list(teacher).getByText('要帮忙', { exact: true }).last()).toBeAttached();
	await teacher.getByLabel('看哪些人').selectOption('notDone');
	await expect(list(teacher).locator('[data-inside]')).toHaveCount(1);
	await expect(list(teacher).locator('[data-inside]')).toContainText(hong.name);
	await teacher.getByLabel('看哪些人').selectOption('all');
	// Who needs help is nobody's business but the teacher's.
	await showPeople(first);
	await expect(list(first).getByText('要帮忙')).toHaveCount(0);
	await expect(list(first).locator('[data-inside]').filter({ hasText: ming.name })).toContainText('做完了');
	await picture(teacher, 'room-needs', '成员');
});

test('a question, a buzzer, a pick and a clock are two clicks away, and reach everybody at once', async () => {
	const [teacher, first, second] = pages();
	const [, ming, hong] = people as [Visitor, Visitor, Visitor];
	const card = (page: Page) => page.getByRole('region', { name: '互动' });
	const start = async (item: string) => {
		await teacher.getByRole('button', { name: '发起互动' }).click();
		await teacher.getByRole('menuitem', { name: item }).click();
	};
	await start('A B C D');
	for (const page of [first, second]) await expect(card(page).getByRole('button', { name: 'B', exact: true })).toBeVisible();
	await card(first).getByRole('button', { name: 'B', exact: true }).click();
	await expect(card(first).getByText('已交，公布前还可以改')).toBeVisible();
	await card(second).getByRole('button', { name: 'C', exact: true }).click();
	await expect(card(teacher).getByText('2 / 2 人已答')).toBeVisible();
	await card(teacher).getByText('谁选了什么').click();
	await expect(card(teacher).getByRole('listitem').filter({ hasText: ming.name })).toContainText('B');
	await picture(teacher, 'round-asked', '桌面');
	await expect(card(first).getByText('50%')).toHaveCount(0);
	await card(teacher).getByRole('button', { name: '公布结果' }).click();
	await expect(card(first).getByText(/50%/).first()).toBeVisible();
	await picture(first, 'round-results');

	await start('出一道题…');
	await teacher.getByLabel('题目').fill('拱桥的力传到哪里？');
	await teacher.getByLabel('选项 1', { exact: true }).fill('桥的中间');
	await teacher.getByLabel('选项 2', { exact: true }).fill('两头的桥墩');
	await teacher.getByLabel('选项 2 正确').check();
	await teacher.getByRole('button', { name: '先存着' }).click();
	await expect(teacher.getByRole('region', { name: '准备好的题' })).toContainText('拱桥的力传到哪里？');
	await picture(teacher, 'round-prepared');
	await teacher.getByRole('region', { name: '准备好的题' }).getByRole('button', { name: '现在问' }).click();
	await card(second).getByRole('button', { name: '两头的桥墩' }).click();
	await expect(card(teacher).getByText('1 / 2 人已答')).toBeVisible();
	await expect(card(second).getByText('正确答案')).toHaveCount(0);
	await card(teacher).getByRole('button', { name: '公布结果' }).click();
	await expect(card(second).getByText('正确答案')).toBeAttached();

	await start('抢答');
	await expect(card(first).getByRole('button', { name: '抢答！' })).toBeVisible();
	await picture(first, 'round-buzzer', '桌面');
	await card(second).getByRole('button', { name: '抢答！' }).click();
	await expect(card(second).getByText('您抢到了！')).toBeVisible();
	for (const page of [teacher, first]) await expect(card(page).getByText(`${hong.name} 抢到了`)).toBeVisible();

	await start('随机点名');
	await expect(card(teacher).getByText(/点到了 /)).toBeVisible();
	await start('倒计时 1 分钟');
	for (const page of [first, second]) await expect(card(page).getByRole('timer')).toHaveText(/^0:5\d|1:00$/);
	// Who comes back finds what goes on.
	await first.reload();
	await expect(card(first).getByRole('timer')).toBeVisible();
	await card(teacher).getByRole('button', { name: '收起' }).click();
	for (const page of pages().slice(0, 3)) await expect(card(page)).toHaveCount(0);
});

test('a closed chat takes nothing from a student, not even past the page, and everything from the teacher', async () => {
	const [teacher, first] = pages();
	await first.getByRole('tab', { name: /^聊天/ }).click();
	const box = first.getByRole('textbox', { name: /消息/ });
	await expect(box).toBeVisible();
	await box.fill('老师好');
	await first.keyboard.press('Enter');
	await teacher.getByRole('tab', { name: /^聊天/ }).click();
	await expect(teacher.getByRole('log').getByText('老师好').last()).toBeVisible();

	await rules({ chat: false });
	await expect(first.getByText('老师或主持人现在关了聊天。')).toBeVisible();
	const session = (await (await first.request.post(`/api/v1${room}/chat`, { data: {} })).json()) as {
		matrixRoomId: string;
		accessToken: string;
	};
	const send = () =>
		first.request.put(
			`/_matrix/client/v3/rooms/${encodeURIComponent(session.matrixRoomId)}/send/m.room.message/${Date.now()}${Math.random()}`,
			{ data: { msgtype: 'm.text', body: '硬要说' }, headers: { authorization: `Bearer ${session.accessToken}` } }
		);
	await expect.poll(async () => (await send()).status()).toBe(403);
	await teacher.getByRole('textbox', { name: /消息/ }).fill('现在先听我说');
	await teacher.keyboard.press('Enter');
	await expect(first.getByRole('log').getByText('现在先听我说').last()).toBeVisible();
	await rules({ chat: true });
	await expect(first.getByRole('textbox', { name: /消息/ })).toBeVisible();
});

test('somebody is sent back with a word, and somebody is sent out until the end', async () => {
	const [teacher, first, second] = pages();
	const [, ming, hong] = people as [Visitor, Visitor, Visitor];
	await showPeople(teacher);
	await menuOf(teacher, ming.name, '请回门口…');
	await teacher.getByLabel('留一句话').fill('先把摄像头调好，再进来。');
	await teacher.getByRole('button', { name: '请回门口', exact: true }).click();
	await expect(first.getByText('您被请回了门口，可以再进去时这里会自己打开。')).toBeVisible();
	await expect(first.getByText('先把摄像头调好，再进来。')).toBeVisible();
	await picture(first, 'room-sent-back');
	await first.reload();
	await expect(first.getByText('先把摄像头调好，再进来。')).toBeVisible();
	await teacher.getByRole('button', { name: `请${ming.name}进来` }).click();
	await expect(first.getByText('已连接').first()).toBeVisible();

	await menuOf(teacher, hong.name, '请出房间…');
	await teacher.getByRole('button', { name: '请出房间', exact: true }).click();
	await expect(second.locator('[data-door="removed"]')).toBeVisible();
	await second.goto(room);
	await expect(second.locator('[data-door="removed"]')).toBeVisible();
	expect((await second.request.post(`/api/v1${room}/enter`)).status()).toBe(403);
});

test('a locked room lets no latecomer in but a colleague, and the end is for all', async () => {
	const [teacher, first, second, colleague] = pages();
	await rules({ locked: true });
	await colleague.goto(room);
	await expect(colleague.getByText('已连接').first()).toBeVisible();
	await first.reload();
	await expect(first.getByText('已连接').first()).toBeVisible();

	await teacher.getByRole('button', { name: '管理', exact: true }).click();
	await teacher.getByRole('button', { name: '结束这一场' }).click();
	await teacher.getByRole('button', { name: '全部结束' }).click();
	for (const page of [teacher, first, colleague]) {
		await expect(page.locator('[data-door="ended"]')).toBeVisible();
	}
	await picture(first, 'room-ended');
	// Still locked, and nobody new comes in; the teacher may begin the next session.
	await first.getByRole('button', { name: '重新进入' }).click();
	await expect(first.locator('[data-door="locked"]')).toBeVisible();
	await teacher.getByRole('button', { name: '重新进入' }).click();
	await expect(teacher.getByText('已连接').first()).toBeVisible();
	await rules({ locked: false });
	await second.goto(room);
	await expect(second.getByText('已连接').first()).toBeVisible();
});

test('afterwards the sheet says who was there by real name, why somebody was not, and comes as an Excel file', async () => {
	const [teacher] = pages();
	const [, ming] = people as [Visitor, Visitor];
	await teacher.getByRole('button', { name: '管理', exact: true }).click();
	await teacher.getByRole('link', { name: '考勤' }).click();
	await expect(teacher.getByRole('heading', { name: /考勤/ })).toBeVisible();
	// The session before the one that goes on: the whole lesson.
	await teacher.getByLabel('场次').selectOption({ index: 1 });
	await expect(teacher.getByRole('row').filter({ hasText: ming.name })).toContainText('到了');
	const missing = teacher.getByRole('row').filter({ hasText: '缺席' }).first();
	const name = (await missing.getByRole('rowheader').innerText()).trim();
	await missing.getByRole('combobox').selectOption({ label: '病假' });
	await expect(teacher.getByRole('row').filter({ hasText: name })).toContainText('请假');
	await picture(teacher, 'attendance');
	const [file] = await Promise.all([teacher.waitForEvent('download'), teacher.getByRole('link', { name: '导出 Excel' }).click()]);
	expect(file.suggestedFilename()).toMatch(/^考勤 六年级1班 课堂 \d{4}-\d\d-\d\d\.xlsx$/);
});
