import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { divideClass, enterLesson, goToEnd, picture, servers, take, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// A class works in groups: three clicks make them, everybody is there at once, the teacher sees each and speaks to all,
// and after the call back everything that a group made is still there.

test.describe.configure({ mode: 'serial' });

const people: Visitor[] = [];
const pages = () => people.map(({ page }) => page) as [Page, Page, Page];
let lesson = '';
const bar = (page: Page) => page.getByRole('region', { name: '分组', exact: true });
const openSet = (page: Page) => page.locator('[data-set="open"]');

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

test('three clicks make groups, and everybody is in theirs at once', async () => {
	const [teacher, first, second] = pages();
	for (const page of pages()) await enterLesson(page);
	lesson = new URL(teacher.url()).pathname;
	const set = await divideClass(teacher, 2);
	await picture(teacher, 'groups-made');
	await expect(set.locator('[data-group]')).toHaveCount(2);
	await set.getByRole('button', { name: '开始分组' }).click();
	for (const page of [first, second]) {
		await expect(page).not.toHaveURL(new RegExp(`${lesson}$`));
		await expect(bar(page)).toContainText(/您在第[12]组/);
	}
	expect(first.url()).not.toBe(second.url());
	// Both are there, as the teacher sees within two seconds or so.
	await expect(openSet(teacher).getByText('1 人在组里')).toHaveCount(2);
});

test('each group has its own text, and no other group gets at it', async () => {
	const [teacher, first, second] = pages();
	for (const [index, page] of [first, second].entries()) {
		await take(page, '讨论记录');
		const text = page.getByRole('textbox', { name: /^正文/ });
		await text.click();
		await goToEnd(text);
		await page.keyboard.insertText(`我是第 ${index + 1} 个人写的。`);
		await expect(page.getByText(/已存服务器/).first()).toBeVisible();
	}
	const foreign = new URL(second.url()).pathname;
	expect((await first.request.get(`/api/v1${foreign}`)).status()).toBe(404);
	expect((await first.request.post(`/api/v1${foreign}/call`)).status()).toBe(404);
	expect((await first.request.get(`/api/v1${foreign}/documents`)).status()).toBe(404);
	await picture(teacher, 'groups-at-work');
	await picture(first, 'groups-inside', '桌面');
});

test('the teacher speaks to all, looks into one, and everybody comes back at a word', async () => {
	const [teacher, first, second] = pages();
	await teacher.getByLabel('对所有小组说').fill('还有两分钟，请写下结论');
	await teacher.getByRole('button', { name: '发送', exact: true }).click();
	for (const page of [first, second]) await expect(bar(page).getByText('老师说：还有两分钟，请写下结论')).toBeVisible();

	const group = new URL(first.url()).pathname;
	await teacher.locator(`a[href="${group}"]`).click();
	await expect(teacher).toHaveURL(new RegExp(`${group}$`));
	await take(teacher, '讨论记录');
	await expect(teacher.getByRole('textbox', { name: /^正文/ })).toContainText('我是第 1 个人写的。');
	await teacher.getByRole('link', { name: '回到大课堂' }).click();
	await expect(teacher).toHaveURL(new RegExp(`${lesson}$`));

	// Who loses the page in a group finds it again.
	await second.reload();
	await expect(bar(second)).toContainText(/您在第[12]组/);

	await teacher.getByRole('button', { name: '分组', exact: true }).click();
	await teacher.getByRole('button', { name: '全部叫回' }).click();
	for (const page of [first, second]) {
		await expect(page).toHaveURL(new RegExp(`${lesson}$`));
		await expect(page.getByText('已连接').first()).toBeVisible();
	}
	// It was one lesson, and everybody was there all the time.
	const sheet = await (await teacher.request.get(`/api/v1${lesson}/attendance`)).json();
	const mine = (sheet as { rows: { name: string; presence: string }[] }).rows.filter(({ name }) =>
		people.slice(1).some((person) => person.name === name)
	);
	expect(mine.map(({ presence }) => presence)).toEqual(['there', 'there']);
	// What a group made is there when its members come again.
	await first.goto(group);
	await take(first, '讨论记录');
	await expect(first.getByRole('textbox', { name: /^正文/ })).toContainText('我是第 1 个人写的。');
});
