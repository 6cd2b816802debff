import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { goToEnd, meetAround } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// Three people write one text; its history says who wrote what, how it came about, and keeps what is handed in.

test.describe.configure({ mode: 'serial' });

const sentences = ['春天来了，校园里的玉兰开了。', '燕子从南方飞回来，在屋檐下做窝。', '我们每天放学都去看一看它们。'];
let people: Visitor[];

test.beforeAll(async ({ baseURL }) => {
	people = await meetAround('文档', '观察日记', ['班主任', '学生', '学生'], baseURL);
});
test.afterAll(async () => {
	await Promise.all((people ?? []).map(({ browser }) => browser.close()));
});

const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });
const history = (page: Page) => page.getByRole('dialog', { name: /观察日记/ });
const text = (page: Page) => history(page).getByRole('document');

test('three people write, and each sentence is shown with its author', async () => {
	for (const [index, { page }] of people.entries()) {
		await expect(article(page)).toHaveText(sentences.slice(0, index).join(''));
		await article(page).click();
		await goToEnd(article(page));
		await page.keyboard.type(sentences[index] ?? '');
	}
	const [{ page }] = people as [Visitor];
	await expect(article(page)).toHaveText(sentences.join(''));
	await expect(page.getByText('已存服务器')).toBeVisible();
	await page.getByRole('button', { name: '历史' }).click();
	await expect(text(page)).toHaveText(sentences.join(''));
	for (const [index, { name }] of people.entries()) {
		await text(page)
			.getByText(sentences[index] ?? '', { exact: true })
			.hover();
		await expect(history(page).getByText(name, { exact: true }).last()).toBeVisible();
		await expect(
			history(page).getByRole('button', { name: new RegExp(`^${name}.*现有 ${[...(sentences[index] ?? '')].length} 字`) })
		).toBeVisible();
	}
});

test('everything in it is reached and read without eyes and without a mouse', async () => {
	const [{ page }] = people as [Visitor];
	for (const [width, height, colorScheme] of [
		[390, 844, 'dark'],
		[1440, 900, 'light']
	] as const) {
		await page.setViewportSize({ width, height });
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page })
			.include('dialog.history')
			.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
			.analyze();
		expect(violations.map(({ id, nodes }) => [width, colorScheme, id, nodes.map(({ html }) => html)])).toEqual([]);
		expect(await page.evaluate(() => document.querySelector('dialog.history')?.scrollWidth)).toBeLessThanOrEqual(width);
	}
	await text(page).focus();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowRight');
	await expect(page.locator(':focus')).toHaveText(sentences[1] ?? '');
	await expect(history(page).getByText(`${people[1]?.name}`, { exact: true }).last()).toBeVisible();
});

test('the replay goes to the beginning and to the end', async () => {
	const [{ page }] = people as [Visitor];
	const slider = history(page).getByRole('slider');
	await slider.focus();
	await slider.press('Home');
	await expect(text(page)).toHaveText('（空白）');
	await expect(slider).toHaveAttribute('aria-valuetext', /开头/);
	await page.keyboard.press('Shift+ArrowRight');
	await expect(text(page)).toHaveText(sentences[0] ?? '');
	await history(page).getByLabel('速度').selectOption('4×');
	await history(page).getByRole('button', { name: '播放' }).click();
	await expect(text(page)).toHaveText(sentences.join(''));
	await expect(history(page).getByRole('button', { name: '播放' })).toBeVisible();
});

test('a version is named, compared and restored, and nobody’s words are lost', async () => {
	const [{ page }, other] = people as [Visitor, Visitor];
	await history(page).getByRole('button', { name: '命名' }).click();
	await page.getByLabel('版本名称').fill('第一稿');
	await page.getByRole('button', { name: '保存' }).click();
	await expect(history(page).getByRole('button', { name: /第一稿/ })).toBeVisible();
	await page.getByRole('button', { name: '返回文档' }).click();

	await article(other.page).click();
	await goToEnd(article(other.page));
	await other.page.keyboard.type('一共有四只小燕子。');
	await expect(article(page)).toHaveText(`${sentences.join('')}一共有四只小燕子。`);
	await page.getByRole('button', { name: '历史' }).click();
	await history(page)
		.getByRole('button', { name: /第一稿/ })
		.click();
	await expect(text(page)).toHaveText(sentences.join(''));
	await history(page).getByRole('button', { name: '和现在比较' }).click();
	await expect(history(page).getByText('增加 9 字')).toBeVisible();
	await expect(text(page).locator('ins')).toHaveText('一共有四只小燕子。');
	await history(page).getByRole('button', { name: '结束比较' }).click();

	await history(page).getByRole('button', { name: '恢复成这样' }).click();
	await page.getByRole('dialog', { name: '恢复到以前的样子？' }).getByRole('button', { name: '恢复成这样' }).click();
	await expect(article(other.page)).toHaveText(sentences.join(''));
	await expect(history(page).getByRole('button', { name: /^恢复成 .*的样子/ })).toBeVisible();
	await history(page).getByRole('switch', { name: '删去的' }).click();
	await expect(text(page).locator('.gone')).toHaveText('一共有四只小燕子。');
});

test('what is handed in keeps its hash, and is locked until the teacher opens it again', async () => {
	const [{ page }, , student] = people as [Visitor, Visitor, Visitor];
	await history(page).getByRole('button', { name: '上交' }).click();
	const asked = page.getByRole('dialog', { name: '上交“观察日记”' });
	await asked.getByLabel('上交后锁定文档').check();
	await expect(asked.getByText('文档会锁定')).toBeVisible();
	await asked.getByRole('button', { name: '上交' }).click();
	await history(page).getByRole('button', { name: '核对' }).click();
	await expect(history(page).getByText('核对无误')).toBeVisible();
	await expect(student.page.getByText('这份文档已上交并锁定')).toBeVisible();
	await expect(article(student.page)).toHaveAttribute('contenteditable', 'false');

	await history(page).getByRole('button', { name: '重新开放' }).click();
	await expect(article(student.page)).toHaveAttribute('contenteditable', 'true');
});
