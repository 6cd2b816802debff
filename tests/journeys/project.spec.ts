import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// A group plans its work: tasks with owner, date and state, as list, board and Gantt, seen by everybody at once.

test.describe.configure({ mode: 'serial' });

const people: Visitor[] = [];
test.beforeAll(async ({ baseURL }) => {
	const students = (await servers.signIns()).filter(({ role }) => role === '学生');
	for (const person of students.slice(0, 2)) people.push(await visit(person, { baseURL: baseURL ?? '' }));
});
test.afterAll(async () => void (await Promise.all(people.map(({ browser }) => browser.close()))));

const pages = () => people.map(({ page }) => page) as [Page, Page];
const plan = (page: Page) => page.getByRole('region', { name: '计划', exact: true });
const card = (page: Page, title: string) => plan(page).getByRole('group', { name: title, exact: true });
const column = (page: Page, name: string) => plan(page).getByRole('region', { name, exact: true });
const show = (page: Page, view: string) => plan(page).getByRole('tab', { name: view }).click();
/** A finger on the screen. */
async function touch(page: Page) {
	const session = await page.context().newCDPSession(page);
	return (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number }[]) =>
		session.send('Input.dispatchTouchEvent', { type, touchPoints });
}
const dayFrom = (days: number) => new Date(Date.now() + (days * 24 + 8) * 3_600_000).toISOString().slice(0, 10);

test('a task is one field and Enter, and the other sees it within a second', async () => {
	const [one, other] = pages();
	for (const page of [one, other]) {
		await page.goto('/');
		await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /小组/ }).first().click();
		await expect(page.getByText('已连接').first()).toBeVisible();
		await page.getByRole('tab', { name: /^计划/ }).click();
		await expect(plan(page).getByRole('textbox', { name: /按回车/ })).toBeVisible();
	}
	const field = plan(one).getByRole('textbox', { name: /按回车/ });
	await field.click();
	for (const title of ['画草图', '买材料', '写报告']) {
		await one.keyboard.insertText(title);
		await one.keyboard.press('Enter');
	}
	await expect(field).toHaveValue('');
	for (const title of ['画草图', '买材料', '写报告'])
		await expect(plan(other).getByRole('button', { name: `打开任务：${title}` })).toBeVisible({ timeout: 1_000 });
});

test('it gets an owner and a date; two who change different things both win', async () => {
	const [one, other] = pages();
	const row = (page: Page) => plan(page).getByRole('listitem').filter({ hasText: '写报告' });
	await Promise.all([
		row(one).getByLabel('负责人').selectOption({ label: people[1]!.name }),
		row(other).getByLabel('截止日期').fill(dayFrom(-2))
	]);
	for (const page of [one, other]) {
		await expect(row(page).getByText('已过期 2 天')).toBeVisible();
		await expect(row(page).getByTitle(`负责人：${people[1]!.name}`)).toBeVisible();
	}
	await plan(other).getByLabel('只看我的').check();
	await expect(plan(other).getByRole('button', { name: /^打开任务/ })).toHaveCount(1);
	await plan(other).getByLabel('只看我的').uncheck();
});

test('on the board a card is carried by the keyboard, and dragged by the mouse', async () => {
	const [one, other] = pages();
	await show(one, '看板');
	await show(other, '看板');
	await card(one, '画草图').focus();
	await one.keyboard.press('Space');
	await one.keyboard.press('ArrowRight');
	await one.keyboard.press('ArrowRight');
	await one.keyboard.press('Space');
	for (const page of [one, other]) await expect(column(page, '已完成').getByRole('group', { name: '画草图' })).toBeVisible();
	await expect(card(one, '画草图')).toBeFocused();

	const [from, to] = await Promise.all([card(other, '买材料').boundingBox(), column(other, '进行中').boundingBox()]);
	if (!from || !to) throw new Error('the board is not there');
	await other.mouse.move(from.x + 20, from.y + 12);
	await other.mouse.down();
	await other.mouse.move(from.x + 60, from.y + 20, { steps: 4 });
	await other.mouse.move(to.x + to.width / 2, to.y + 80, { steps: 8 });
	await other.mouse.up();
	for (const page of [one, other]) await expect(column(page, '进行中').getByRole('group', { name: '买材料' })).toBeVisible();
	await expect(one.getByRole('dialog')).toHaveCount(0);
});

test('on the board a finger that rests on a card carries it', async () => {
	const [one, other] = pages();
	const [from, to] = await Promise.all([card(other, '买材料').boundingBox(), column(other, '待办').boundingBox()]);
	if (!from || !to) throw new Error('the board is not there');
	const finger = await touch(other);
	const [x, y] = [from.x + 20, from.y + 12];
	await finger('touchStart', { x, y });
	await expect(other.locator('[popover]', { hasText: '买材料' })).toBeVisible();
	const way = { x: to.x + to.width / 2 - x, y: to.y + 60 - y };
	for (let step = 1; step <= 8; step++) await finger('touchMove', { x: x + (way.x * step) / 8, y: y + (way.y * step) / 8 });
	await finger('touchEnd');
	for (const page of [one, other]) await expect(column(page, '待办').getByRole('group', { name: '买材料' })).toBeVisible();
	await expect(other.getByRole('dialog')).toHaveCount(0);
});

test('in the Gantt a bar is moved by the keyboard, and a milestone stands as its day', async () => {
	const [one, other] = pages();
	await plan(one).getByRole('button', { name: '加里程碑' }).click();
	await one.getByLabel('里程碑名称').fill('小组汇报');
	await one.getByRole('dialog').getByLabel('日期').fill(dayFrom(5));
	await one.getByRole('button', { name: '保存' }).click();
	await show(one, '甘特图');
	await show(other, '甘特图');
	for (const page of [one, other]) await expect(plan(page).getByRole('button', { name: /^里程碑 小组汇报/ })).toBeVisible();
	const bar = (page: Page) => plan(page).getByRole('button', { name: /^写报告，/ });
	// A line that lets later requests overtake earlier ones: the last key pressed must win all the same.
	let delay = 500;
	let answers = 0;
	await one.route(/\/project\/tasks\//, async (route) => {
		if (route.request().method() !== 'PATCH') return route.continue();
		await new Promise((resolve) => setTimeout(resolve, (delay = Math.max(0, delay - 150))));
		await route.fulfill({ response: await route.fetch() });
		answers++;
	});
	await bar(one).focus();
	for (let day = 0; day < 3; day++) await one.keyboard.press('ArrowRight');
	await one.keyboard.press('Shift+ArrowRight');
	await expect.poll(() => answers).toBe(4);
	await expect(bar(other)).toHaveAccessibleName(/至/);
	await one.unroute(/\/project\/tasks\//);
	await show(other, '列表');
	await expect(plan(other).getByText(/过期/)).toHaveCount(0);
});

test('in the Gantt the mouse moves a bar, and draws its end out', async () => {
	const [one, other] = pages();
	const due = (page: Page) => plan(page).getByRole('listitem').filter({ hasText: '写报告' }).getByLabel('截止日期');
	const bar = plan(one).getByRole('button', { name: /^写报告，/ });
	const box = async () => (await bar.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
	const drag = async (x: number, y: number, across: number) => {
		await one.mouse.move(x, y);
		await one.mouse.down();
		await one.mouse.move(x + across, y, { steps: 6 });
		await one.mouse.up();
	};
	const before = await box();
	const day = before.width / 2;
	await drag(before.x + day, before.y + 12, 2 * day);
	await expect(due(other)).toHaveValue(dayFrom(4));
	const moved = await box();
	expect([Math.round((moved.x - before.x) / day), Math.round(moved.width / day)]).toEqual([2, 2]);
	await drag(moved.x + moved.width - 3, moved.y + 12, day);
	await expect(due(other)).toHaveValue(dayFrom(5));
	const drawn = await box();
	expect([Math.round((drawn.x - moved.x) / day), Math.round(drawn.width / day)]).toEqual([0, 3]);
	await expect(one.getByRole('dialog')).toHaveCount(0);
});

test('in the Gantt a finger draws the start of a bar out', async () => {
	const [one, other] = pages();
	const bar = plan(one).getByRole('button', { name: /^写报告，/ });
	const { x, y, width } = (await bar.boundingBox())!;
	const day = width / 3;
	const finger = await touch(one);
	await finger('touchStart', { x: x + 2, y: y + 12 });
	for (let step = 1; step <= 6; step++) await finger('touchMove', { x: x + 2 - (day * step) / 6, y: y + 12 });
	await finger('touchEnd');
	await expect.poll(async () => Math.round(((await bar.boundingBox())?.width ?? 0) / day)).toBe(4);
	await plan(other).getByRole('button', { name: '打开任务：写报告' }).click();
	await expect(other.getByRole('dialog').getByLabel('开始日期')).toHaveValue(dayFrom(2));
	await expect(other.getByRole('dialog').getByLabel('截止日期')).toHaveValue(dayFrom(5));
	await other.keyboard.press('Escape');
	await expect(one.getByRole('dialog')).toHaveCount(0);
});

test('in the list a row is dragged to its place, also among those of another state, and carried by Alt and arrows', async () => {
	const [one, other] = pages();
	await show(one, '列表');
	const titles = (page: Page, state: string) =>
		column(page, state)
			.getByRole('button', { name: /^打开任务/ })
			.allInnerTexts();
	const row = (title: string) => plan(one).getByRole('button', { name: `打开任务：${title}` });
	const before = await titles(other, '待办');
	expect(before.length).toBe(2);
	const [first, second] = before as [string, string];
	/** Drops a row before or behind another. */
	const drag = async (title: string, other: string, where: 'before' | 'behind') => {
		const [from, to] = await Promise.all([row(title).boundingBox(), row(other).boundingBox()]);
		if (!from || !to) throw new Error('the list is not there');
		await one.mouse.move(from.x + 80, from.y + 20);
		await one.mouse.down();
		await one.mouse.move(to.x + 80, to.y + (where === 'before' ? 8 : to.height - 8), { steps: 8 });
		await one.mouse.up();
	};
	await drag(second, first, 'before');
	for (const page of [one, other]) await expect.poll(() => titles(page, '待办')).toEqual([second, first]);
	await expect(one.getByRole('dialog')).toHaveCount(0);

	await row(second).focus();
	await one.keyboard.press('Alt+ArrowUp');
	for (const page of [one, other]) await expect.poll(() => titles(page, '进行中')).toEqual([second]);
	await expect(row(second)).toBeFocused();
	await drag(first, second, 'behind');
	for (const page of [one, other]) await expect.poll(() => titles(page, '进行中')).toEqual([second, first]);
});

test('a task is linked to a document, which opens with one click', async () => {
	const [one, other] = pages();
	await one.getByRole('button', { name: '新建文档' }).first().click();
	await one.getByRole('dialog').getByRole('textbox').fill('采访提纲');
	await one.getByRole('dialog').getByRole('button', { name: '新建' }).click();
	await one.getByRole('tab', { name: /^计划/ }).click();
	await plan(one).getByRole('button', { name: '打开任务：写报告' }).click();
	await one.getByLabel('关联桌面上的文档').selectOption({ label: '采访提纲' });
	await expect(one.getByRole('dialog').getByRole('button', { name: '打开《采访提纲》' })).toBeVisible();
	await one.keyboard.press('Escape');
	await plan(other).getByRole('button', { name: '打开《采访提纲》' }).click();
	await expect(other.getByRole('region', { name: '采访提纲' })).toBeVisible();
});

test('how far it is stands on the tab, in the class and on the first page; what was removed comes back', async () => {
	const [one, other] = pages();
	await plan(one).getByRole('button', { name: '打开任务：买材料' }).click();
	await one.getByRole('button', { name: '删除任务' }).click();
	await expect(other.getByRole('tab', { name: /^计划.*1\/2/ })).toBeVisible();
	await plan(one).getByRole('button', { name: '撤销' }).click();
	await expect(other.getByRole('tab', { name: /^计划.*1\/3/ })).toBeVisible();
	await other.goto('/');
	const progress = other.getByRole('group', { name: '进度' }).first();
	await expect(progress).toContainText('完成 1／3');
	await expect(progress).toContainText('小组汇报');
});
