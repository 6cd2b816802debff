import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { enterLesson, goToEnd, make, picture, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// A teacher puts a sheet in front of everybody to work on, sees how far each is, collects all, looks at two side by side and
// hands one back; and puts a page in front of one person.

test.describe.configure({ mode: 'serial' });

const people: Visitor[] = [];
const pages = () => people.map(({ page }) => page) as [Page, Page, Page];
const nameOf = (index: number) => people[index + 1]!.name;
const sheet = `观察记录${Date.now() % 10_000}`;
const text = (page: Page, of: string) =>
	page.getByRole('region', { name: of, exact: true }).getByRole('textbox', { name: /^正文/ });
const notice = (page: Page) => page.getByRole('region', { name: '发放', exact: true });
const copy = (page: Page, index: number) => page.locator(`[data-copy="${nameOf(index)}"]`);
const mine = (index: number) => `${sheet} · ${nameOf(index)}`;

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

test('a sheet to work on opens in front of everybody at once, each their own', async () => {
	const [teacher, first, second] = pages();
	for (const page of pages()) await enterLesson(page);
	await make(teacher, '文档', sheet);
	await text(teacher, sheet).click();
	await teacher.keyboard.insertText('我看到的桥：');
	await expect(teacher.getByText(/已存服务器/).first()).toBeVisible();

	await teacher.getByRole('button', { name: '发放', exact: true }).click();
	const panel = teacher.getByRole('dialog');
	await panel.getByRole('button', { name: new RegExp(`^${sheet}`) }).click();
	await panel.getByLabel('让每人或每组在自己的一份上做').check();
	await picture(teacher, 'handouts-push');
	await panel.getByRole('button', { name: '发出去' }).click();
	const pushed = Date.now();
	for (const [index, page] of [first, second].entries()) {
		await expect(text(page, mine(index))).toContainText('我看到的桥：');
		await expect(notice(page)).toContainText(`${people[0]!.name}发来`);
	}
	test.info().annotations.push({ type: 'until it is open in front of both', description: `${Date.now() - pushed} ms` });
	await expect(panel.getByRole('listitem').filter({ hasText: sheet }).last()).toContainText('2/');
	await picture(teacher, 'handouts-given');
	await picture(first, 'handouts-got', '桌面');
	// On a phone as well.
	await first.setViewportSize({ width: 390, height: 844 });
	await expect(notice(first).getByRole('button', { name: '交上去' })).toBeInViewport();
	await first.setViewportSize({ width: 1440, height: 900 });
});

test('the teacher sees who writes what, and any two copies side by side with two clicks', async () => {
	const [teacher, first, second] = pages();
	for (const [index, page] of [first, second].entries()) {
		await text(page, mine(index)).click();
		await goToEnd(text(page, mine(index)));
		await page.keyboard.insertText(index === 0 ? '石拱桥，有三个孔。' : '木桥，很老了。');
		await expect(page.getByText(/已存服务器/).first()).toBeVisible();
	}
	await teacher.getByRole('dialog').getByRole('button', { name: '看各份' }).first().click();
	await expect(copy(teacher, 0)).toContainText('在做');
	await expect(copy(teacher, 0)).toContainText('写了 9 字');
	await copy(teacher, 0).getByRole('button').first().click();
	await copy(teacher, 1).getByRole('button').first().click();
	await expect(text(teacher, mine(0))).toContainText('石拱桥，有三个孔。');
	await expect(text(teacher, mine(1))).toContainText('木桥，很老了。');
	await picture(teacher, 'handouts-side', '桌面');
});

test('collected, nobody writes any more; one is handed back and handed in', async () => {
	const [teacher, first, second] = pages();
	await teacher.getByRole('button', { name: '收回所有份' }).click();
	for (const [index, page] of [first, second].entries()) {
		await expect(text(page, mine(index))).toHaveAttribute('contenteditable', 'false');
		await expect(notice(page)).toContainText('老师已经收回，现在只能看');
	}
	await expect(copy(teacher, 1)).toContainText('已收回');
	await picture(first, 'handouts-collected');
	await copy(teacher, 0)
		.getByRole('button', { name: /退回再做/ })
		.click();
	await expect(text(first, mine(0))).toHaveAttribute('contenteditable', 'true');
	await expect(text(second, mine(1))).toHaveAttribute('contenteditable', 'false');
	await text(first, mine(0)).click();
	await goToEnd(text(first, mine(0)));
	await first.keyboard.insertText('水很清。');
	await expect(first.getByText(/已存服务器/).first()).toBeVisible();
	await notice(first).getByRole('button', { name: '交上去' }).click();
	await first.getByRole('dialog').getByRole('button', { name: '交上去' }).click();
	await expect(notice(first)).toContainText('已经交了');
	await expect(copy(teacher, 0)).toContainText('已交');
	await picture(teacher, 'handouts-in');
	// It is kept: who comes back finds it, and the teacher finds all.
	await first.reload();
	await expect(notice(first)).toContainText(sheet);
	await notice(first).getByRole('button', { name: '打开' }).click();
	await expect(text(first, mine(0))).toContainText('水很清。');
	await teacher
		.getByRole('region', { name: /的各份$/ })
		.getByRole('button', { name: '关闭' })
		.click();
});

test('a page of the space opens in front of one person, and of nobody else', async () => {
	const [teacher, first, second] = pages();
	await teacher.getByRole('button', { name: '发放', exact: true }).click();
	const panel = teacher.getByRole('dialog');
	await panel.getByRole('button', { name: '本空间的页面' }).click();
	const space = await teacher.locator('header a').first().getAttribute('href');
	await panel.getByLabel('页面地址').fill(`${new URL(teacher.url()).origin}${space}`);
	await panel.getByLabel('叫什么').fill('我们班的空间');
	await panel
		.getByRole('group', { name: '发给谁' })
		.getByRole('button', { name: nameOf(1) })
		.click();
	await panel.getByRole('button', { name: '发出去' }).click();
	const front = second.getByRole('dialog', { name: '我们班的空间' });
	await expect(front.getByRole('link', { name: '打开' })).toHaveAttribute('href', space!);
	await picture(second, 'handouts-page');
	await expect(first.getByRole('dialog')).toHaveCount(0);
	await expect(notice(first)).not.toContainText('我们班的空间');
});
