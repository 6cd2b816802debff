import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { enterLesson, picture, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';
import { makePdf } from '../support/slides.ts';

// A teacher brings slides, turns their pages for all, lets everybody turn freely, and everybody finds the way back.

test.describe.configure({ mode: 'serial' });

const people: Visitor[] = [];
const pages = () => people.map(({ page }) => page) as [Page, Page, Page];
const stage = (page: Page) => page.getByRole('region', { name: '课件', exact: true });
const at = (page: Page, number: number) => expect(stage(page)).toHaveAttribute('data-page', String(number));
const drawn = (page: Page, number: number) =>
	expect(stage(page).locator(`[data-drawn="${number}"] canvas`).first()).toBeVisible();
const swipe = async (place: Locator, way: -1 | 1) => {
	const box = await place.boundingBox();
	if (!box) throw new Error('nothing to swipe over');
	const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
	const { mouse } = place.page();
	await mouse.move(x, y);
	await mouse.down();
	await mouse.move(x + way * 100, y + 5, { steps: 4 });
	await mouse.up();
};

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const head = signIns.find(({ role }) => role === '班主任');
	const students = signIns.filter(({ role }) => role === '学生');
	for (const [index, person] of [head, ...students.slice(0, 2)].entries()) {
		if (!person) throw new Error('the demonstration school has too few sign-ins');
		people.push(await visit(person, { baseURL: baseURL ?? '', phone: index === 2 }));
	}
});
test.afterAll(() => Promise.all(people.map(({ browser }) => browser.close())));

test('slides that are no slides are refused in plain words, and a PDF is ready in seconds', async () => {
	const [teacher] = pages();
	for (const page of pages()) await enterLesson(page);
	await teacher.getByRole('button', { name: '课件', exact: true }).click();
	const dialog = teacher.getByRole('dialog', { name: '课件' });
	await expect(dialog.getByText('还没有课件')).toBeVisible();
	await picture(teacher, 'slides-none');
	const file = dialog.locator('input[type="file"]');
	await file.setInputFiles({ name: '坏的.pdf', mimeType: 'application/pdf', buffer: Buffer.from(makePdf(2).slice(0, 70)) });
	await expect(dialog.getByText(/文件打不开/)).toBeVisible();
	await file.setInputFiles({ name: '春天的校园.pdf', mimeType: 'application/pdf', buffer: Buffer.from(makePdf(12)) });
	await expect(dialog.getByText('12 页')).toBeVisible();
	await picture(teacher, 'slides-panel');
});

test('each page that the teacher turns to is on every screen within a moment', async () => {
	const [teacher, first, phone] = pages();
	await teacher.getByRole('dialog', { name: '课件' }).getByRole('button', { name: '放映', exact: true }).click();
	for (const page of pages()) await drawn(page, 1);
	const times: number[] = [];
	for (const [index, step] of ['ArrowRight', 'PageDown', ' ', 'ArrowLeft', 'ArrowRight'].entries()) {
		const number = [2, 3, 4, 3, 4][index] ?? 0;
		const begun = Date.now();
		await teacher.keyboard.press(step);
		await first.locator(`[data-page="${number}"]`).waitFor({ timeout: 5_000 });
		times.push(Date.now() - begun);
	}
	// The median, as the browser of the test and the servers share a small machine.
	expect(times.sort((a, b) => a - b)[2]).toBeLessThan(300);
	for (const page of [first, phone]) await drawn(page, 4);
	// Whoever follows turns nothing.
	await first.keyboard.press('ArrowRight');
	await expect(stage(first).getByRole('button', { name: '下一页' })).toHaveCount(0);
	await at(first, 4);
	await picture(teacher, 'slides-shown');
	await picture(first, 'slides-follow');
	await picture(phone, 'slides-phone');
});

test('set free everybody turns for themselves, sees where the teacher is and comes back with one press', async () => {
	const [teacher, first, phone] = pages();
	await teacher.getByRole('button', { name: '自由翻看' }).click();
	await stage(first).getByRole('button', { name: '下一页' }).click();
	await at(first, 5);
	await swipe(stage(phone).locator('[data-drawn]').first(), -1);
	await at(phone, 5);
	await swipe(stage(phone).locator('[data-drawn]').first(), 1);
	await swipe(stage(phone).locator('[data-drawn]').first(), 1);
	await at(phone, 3);
	await at(teacher, 4);
	await stage(first).getByRole('button', { name: '所有页' }).click();
	await stage(first).getByRole('button', { name: '第 9 页' }).click();
	await at(first, 9);
	await drawn(first, 9);
	await picture(first, 'slides-free');
	await picture(phone, 'slides-free-phone');
	await stage(first)
		.getByRole('button', { name: /老师在第 4 页/ })
		.click();
	await at(first, 4);
	// Called back, all are where the teacher is.
	await teacher.getByRole('button', { name: '大家跟随' }).click();
	await at(phone, 4);
	await expect(stage(phone).getByText('跟着老师看')).toBeVisible();
});

test('who reloads comes back to the page that is shown, and the lesson knows what was shown when', async () => {
	const [teacher, first] = pages();
	await first.reload();
	await at(first, 4);
	await teacher.getByRole('button', { name: '看桌面' }).click();
	await expect(stage(teacher)).toHaveCount(0);
	await teacher.getByRole('button', { name: '看课件' }).click();
	await teacher.getByRole('button', { name: '结束放映' }).click();
	await expect(stage(first)).toHaveCount(0);
	const room = new URL(teacher.url()).pathname;
	const sessions = (await (await teacher.request.get(`/api/v1${room}/analysis/sessions`)).json()) as { id: string }[];
	const turns = (await (await teacher.request.get(`/api/v1${room}/sessions/${sessions[0]?.id}/turns`)).json()) as {
		page: number | null;
	}[];
	expect(turns.map(({ page }) => page)).toEqual([1, 2, 3, 4, 3, 4, null]);
});

test('the notes of the session are one text for all, and the teacher is told in plain words why there are no captions', async () => {
	const [teacher, first] = pages();
	await teacher.getByRole('button', { name: '笔记与字幕' }).click();
	const panel = teacher.getByRole('dialog', { name: '笔记与字幕' });
	await expect(panel.getByText(/字幕没有开通/)).toBeVisible();
	await picture(teacher, 'notes-panel');
	await panel.getByRole('button', { name: '新建这一场的笔记' }).click();
	await expect(teacher.getByRole('region', { name: /^课堂笔记 / })).toBeVisible();
	await first.getByRole('button', { name: '笔记与字幕' }).click();
	await first.getByRole('dialog', { name: '笔记与字幕' }).getByRole('button', { name: '打开这一场的笔记' }).click();
	await expect(first.getByRole('region', { name: /^课堂笔记 / })).toBeVisible();
	await teacher.goto(`${new URL(teacher.url()).pathname}/analysis`);
	const link = teacher.getByRole('link', { name: '打开这一场的笔记' });
	await expect(link).toBeVisible();
	await picture(teacher, 'notes-analysis');
	await link.click();
	await expect(teacher.getByRole('region', { name: /^课堂笔记 / })).toBeVisible();
});

test('a plan is pasted from a table, drives the lesson with one press a step, and shows afterwards what each took', async () => {
	const [teacher, first, phone] = pages();
	await teacher.goto(new URL(phone.url()).pathname);
	await expect(teacher.getByText('已连接').first()).toBeVisible();
	await teacher.getByRole('button', { name: '流程', exact: true }).click();
	const panel = teacher.getByRole('dialog');
	await panel.getByRole('button', { name: '新建流程' }).click();
	await panel.getByLabel('流程名称').fill('桥为什么不塌');
	await panel.getByRole('button', { name: '从表格粘贴' }).click();
	await panel
		.getByLabel(/从 Word 或 Excel 复制/)
		.fill('环节\t时间\t活动\n导入\t5 分钟\t看桥的照片\n看课件\t10\t\n写提纲\t8 分\t每组一句\n小结\t3\t');
	await panel.getByRole('button', { name: '加入这 4 步' }).click();
	await panel.getByLabel('第 2 步打开什么').selectOption({ label: '春天的校园' });
	await panel.getByLabel('第 3 步打开什么').selectOption({ label: '桥的结构' });
	await panel.getByRole('checkbox', { name: '给大家倒计时' }).first().check();
	await picture(teacher, 'plan-editor');
	await panel.getByRole('button', { name: '保存' }).click();
	await expect(panel.locator('[data-sheet="桥为什么不塌"]')).toContainText('4 步，共 26 分钟');
	await picture(teacher, 'plan-list');
	await panel.getByRole('button', { name: '开始', exact: true }).click();

	const bar = (page: Page) => page.getByRole('region', { name: '课堂流程' });
	for (const page of [teacher, first, phone]) await expect(bar(page)).toHaveAttribute('data-step', '导入');
	await expect(first.locator('[data-round="timer"]')).toBeVisible();
	await expect(bar(teacher)).toContainText('看桥的照片');
	await expect(bar(first)).not.toContainText('看桥的照片');
	await teacher.getByRole('button', { name: '下一步：看课件' }).click();
	for (const page of [first, phone]) await drawn(page, 1);
	await picture(teacher, 'plan-running');
	await picture(phone, 'plan-phone');
	await teacher.getByRole('button', { name: '下一步：写提纲' }).click();
	await expect(first.getByRole('tab', { name: '桥的结构' })).toHaveAttribute('aria-selected', 'true');
	await expect(stage(first)).toHaveCount(0);
	// Something comes in between: back to the first step, and the rest in another order.
	await teacher.getByRole('button', { name: '所有环节' }).click();
	const steps = teacher.getByRole('dialog', { name: '桥为什么不塌' });
	await steps.getByRole('button', { name: '把“小结”往前移' }).click();
	await expect(steps.getByRole('listitem').nth(2)).toContainText('小结');
	await picture(teacher, 'plan-steps');
	await steps.getByRole('listitem').first().getByRole('button', { name: '再来一次' }).click();
	await expect(bar(first)).toHaveAttribute('data-step', '导入');
	await teacher.getByRole('button', { name: '所有环节' }).click();
	await steps.getByRole('button', { name: '结束流程' }).click();
	await expect(bar(first)).toHaveCount(0);

	await teacher.goto(`${new URL(teacher.url()).pathname}/steps`);
	await expect(teacher.getByRole('row', { name: /^小结/ })).toContainText('跳过');
	await expect(teacher.getByRole('row', { name: /^导入/ })).toContainText('5');
	await picture(teacher, 'plan-report');
	const download = teacher.waitForEvent('download');
	await teacher.getByRole('link', { name: '下载 Excel' }).click();
	expect((await download).suggestedFilename()).toMatch(/^计划与实际用时.*\.xlsx$/);
});
