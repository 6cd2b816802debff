import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { divideClass, enterLesson, goToEnd, openStage, picture, servers, take, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// While a class works in groups: everybody is in the call of their group without a click, the teacher sees all groups at
// once as they are now, and speaks to all of them.

test.describe.configure({ mode: 'serial' });

const people: Visitor[] = [];
const pages = () => people.map(({ page }) => page) as [Page, Page, Page];
let lesson = '';
const bar = (page: Page) => page.getByRole('region', { name: '分组', exact: true });
const stage = (page: Page) => page.locator('[data-stage]');
const tiles = (page: Page) => page.locator('[data-wall]');
/** Of the pupil with this number, 0 or 1. */
const nameOf = (index: number) => people[index + 1]!.name;
const tileOf = (page: Page, index: number) => tiles(page).filter({ hasText: nameOf(index) });

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const head = signIns.find(({ role }) => role === '班主任');
	const students = signIns.filter(({ role }) => role === '学生');
	for (const person of [head, ...students.slice(0, 2)]) {
		if (!person) throw new Error('the demonstration school has too few sign-ins');
		people.push(await visit(person, { baseURL: baseURL ?? '' }));
	}
});
test.afterAll(() => Promise.all(people.map(({ browser }) => browser.close())));

test('whoever is in the call of the lesson is in that of the group at once, with the microphone as it was', async () => {
	const [teacher, first, second] = pages();
	for (const page of pages()) await enterLesson(page);
	lesson = new URL(teacher.url()).pathname;
	await openStage(teacher, lesson);
	await first.getByRole('button', { name: '加入通话' }).click();
	await second.getByRole('button', { name: '不开麦克风和摄像头，直接加入' }).click();
	await teacher.getByRole('button', { name: '不开麦克风和摄像头，直接加入' }).click();
	for (const page of pages()) await expect(stage(page)).toHaveAttribute('data-stage', 'connected');
	await expect(first.getByRole('button', { name: '关闭麦克风' })).toBeVisible();

	const set = await divideClass(teacher, 2);
	// A name of its own, and somebody who is added by a part of the name and taken out again.
	await set.getByRole('button', { name: '给第1组改名' }).click();
	await set.getByLabel('小组名称').fill('飞鸟组');
	await set.getByRole('button', { name: '好', exact: true }).click();
	await set.getByRole('button', { name: '往第2组加人' }).click();
	const adding = teacher.getByRole('dialog', { name: '往第2组加人' });
	const third = (await adding.getByRole('listitem').getByRole('button').first().innerText()).trim();
	await adding.getByPlaceholder('找人').fill(third);
	await picture(teacher, 'groups-add');
	await adding.getByRole('button', { name: third, exact: true }).click();
	await expect(adding.getByRole('button', { name: third, exact: true })).toHaveCount(0);
	await adding.getByRole('button', { name: '关闭' }).click();
	await set
		.locator('[data-group="第2组"]')
		.getByRole('button', { name: `把${third}放到` })
		.click();
	await teacher
		.getByRole('dialog', { name: `把${third}放到` })
		.getByRole('button', { name: '不分组' })
		.click();
	await expect(set.locator('[data-group="第2组"]').getByRole('button', { name: `把${third}放到` })).toHaveCount(0);
	await set.getByRole('button', { name: '开始分组' }).click();
	const begun = Date.now();
	for (const page of [first, second]) {
		await expect(page).not.toHaveURL(new RegExp(`${lesson}$`));
		await expect(stage(page)).toHaveAttribute('data-stage', 'connected');
	}
	test.info().annotations.push({ type: 'until both are in the calls of their groups', description: `${Date.now() - begun} ms` });
	await expect(first.getByRole('button', { name: '关闭麦克风' })).toBeVisible();
	await expect(second.getByRole('button', { name: '打开麦克风' })).toBeVisible();
	await teacher.keyboard.press('Escape');
});

test('the teacher sees all groups at once: who is there, who asks, and what is being written', async () => {
	const [teacher, first, second] = pages();
	const opened: string[] = [];
	teacher.on('request', (request) => request.url().includes('/token') && opened.push(request.url()));
	await bar(teacher).getByRole('button', { name: '看所有小组' }).click();
	await expect(tiles(teacher)).toHaveCount(2);
	for (const tile of [tileOf(teacher, 0), tileOf(teacher, 1)]) await expect(tile).toContainText('1/1 人在组里');

	await take(first, '讨论记录');
	const text = first.getByRole('textbox', { name: /^正文/ });
	await text.click();
	await goToEnd(text);
	await first.keyboard.insertText('水在桥下流，桥在水上走。');
	const written = Date.now();
	await expect(tileOf(teacher, 0).locator('[data-peek]')).toContainText('水在桥下流');
	test.info().annotations.push({ type: 'until the wall shows it', description: `${Date.now() - written} ms` });
	await expect(tileOf(teacher, 0)).toContainText(`${nameOf(0)}在写`);
	await expect(tileOf(teacher, 0)).toContainText(/(刚刚|秒前)有改动/);
	await expect(tileOf(teacher, 1).locator('[data-peek]')).toContainText('还没有内容');
	// Whoever writes does not see that somebody looks in from afar.
	await expect(first.locator('.pane .people li')).toHaveCount(0);

	await second.getByRole('button', { name: '举手' }).click();
	await expect(tileOf(teacher, 1)).toContainText(`${nameOf(1)} 举手或要帮忙`);
	// Each document is opened once, and stays open.
	await expect(tileOf(teacher, 0).locator('[data-peek]')).toContainText('水在桥下流');
	expect(opened).toHaveLength(2);
	await picture(teacher, 'wall-text', '桌面');

	await take(second, '思路');
	await second.getByRole('button', { name: '写下中心主题' }).click();
	await second.keyboard.type('为什么桥不会塌');
	await second.keyboard.press('Enter');
	await teacher.getByRole('button', { name: '导图', exact: true }).click();
	await expect(tileOf(teacher, 1).locator('[data-peek] svg')).toContainText('为什么桥不会塌');
	await picture(teacher, 'wall-map');
	await teacher.getByRole('button', { name: '白板', exact: true }).click();
	await expect(tileOf(teacher, 1).locator('[data-peek]')).toContainText('还没有内容');
});

test('one click leads into a group and one back to the wall', async () => {
	const [teacher] = pages();
	await tileOf(teacher, 0).getByRole('link', { name: /^进入/ }).click();
	await expect(stage(teacher)).toHaveAttribute('data-stage', 'connected');
	await expect(bar(teacher).getByRole('link', { name: '回到各组总览' })).toBeVisible();
	await picture(teacher, 'wall-inside');
	await bar(teacher).getByRole('link', { name: '回到各组总览' }).click();
	await expect(tiles(teacher)).toHaveCount(2);
	await expect(stage(teacher)).toHaveAttribute('data-stage', 'connected');
});

test('whoever comes back into a group is in its call, silently', async () => {
	const [, , second] = pages();
	await second.reload();
	await expect(stage(second)).toHaveAttribute('data-stage', 'connected');
	await expect(second.getByRole('button', { name: '打开麦克风' })).toBeVisible();
});

test('the teacher holds a button and is heard in every group, which says so', async () => {
	const [teacher, first, second] = pages();
	const hold = bar(teacher).getByRole('button', { name: /按住对全体讲话|正在接通|全体正在听/ });
	await hold.hover();
	await teacher.mouse.down();
	for (const page of [first, second]) {
		await expect(bar(page)).toContainText(`${people[0]!.name}正在对全体讲话`);
		await expect(page.locator('audio')).not.toHaveCount(0);
		// Beside the teacher nobody new is in the call.
		await expect(stage(page)).toContainText('通话中 1 人');
	}
	await expect(hold).toContainText('全体正在听您说');
	await picture(teacher, 'voice-teacher');
	await picture(first, 'voice-group', '桌面');
	await teacher.mouse.up();
	for (const page of [first, second]) await expect(bar(page)).not.toContainText('正在对全体讲话');
	// Switched on it goes on without being held; the second time the lines are there.
	await bar(teacher).getByRole('button', { name: '一直开着' }).click();
	for (const page of [first, second]) await expect(bar(page)).toContainText('正在对全体讲话');
	await bar(teacher).getByRole('button', { name: '停止', exact: true }).click();
	for (const page of [first, second]) await expect(bar(page)).not.toContainText('正在对全体讲话');
	await teacher.keyboard.press('Escape');
});

test('called back, everybody is in the call of the lesson again', async () => {
	const [teacher, first, second] = pages();
	await teacher.getByRole('button', { name: '分组', exact: true }).click();
	await teacher.getByRole('button', { name: '全部叫回' }).click();
	const begun = Date.now();
	for (const page of [first, second]) {
		await expect(page).toHaveURL(new RegExp(`${lesson}$`));
		await expect(stage(page)).toHaveAttribute('data-stage', 'connected');
		await expect(stage(page)).toContainText('通话中 3 人');
	}
	test.info().annotations.push({ type: 'until both are back', description: `${Date.now() - begun} ms` });
	await expect(first.getByRole('button', { name: '关闭麦克风' })).toBeVisible();
	await expect(second.getByRole('button', { name: '打开麦克风' })).toBeVisible();
	await expect(tiles(teacher)).toHaveCount(0);
	await expect(bar(teacher)).toHaveCount(0);
});
