import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { meetAround } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// A text goes out as a file and comes in again: the same words, headings and tables.

test.describe.configure({ mode: 'serial' });

let visitor: Visitor;

test.beforeAll(async ({ baseURL }) => {
	[visitor] = (await meetAround('文档', '观察记录', ['班主任'], baseURL)) as [Visitor];
	const { page } = visitor;
	const text = article(page);
	await text.click();
	await page.keyboard.type('# 第一周');
	await page.keyboard.press('Enter');
	await page.keyboard.type('玉兰开了，花瓣是白的。');
	await page.keyboard.press('Enter');
	await page.keyboard.type('- 早上八度');
	await page.keyboard.press('Enter');
	await page.keyboard.type('中午十五度');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Enter');
	await page.keyboard.type('/表格');
	await page.getByRole('option', { name: /表格/ }).first().click();
	await page.keyboard.type('日期');
	await page.keyboard.press('Tab');
	await page.keyboard.type('气温');
	await expect(text.locator('table')).toContainText('气温');
});
test.afterAll(async () => {
	await visitor?.browser.close();
});

const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });

async function takeAway(page: Page, name: RegExp): Promise<{ name: string; bytes: Buffer }> {
	await page.getByRole('button', { name: '导出、导入' }).click();
	const [download] = await Promise.all([
		page.waitForEvent('download', { timeout: 90_000 }),
		page.getByRole('dialog').getByRole('button', { name }).click()
	]);
	await expect(page.getByRole('dialog')).toHaveCount(0);
	return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

async function bringIn(page: Page, name: string, bytes: Buffer): Promise<void> {
	await page.getByRole('button', { name: '导出、导入' }).click();
	await page
		.getByRole('dialog')
		.locator('input[type="file"]')
		.setInputFiles({ name, mimeType: 'application/octet-stream', buffer: bytes });
}

for (const [format, ending] of [
	['Word 文件', 'docx'],
	['Markdown', 'md'],
	['网页', 'html']
] as const) {
	test(`a text goes out as ${ending} and comes in again as it was`, async () => {
		const { page } = visitor;
		await page.getByRole('tab', { name: '观察记录', exact: true }).click();
		const { name, bytes } = await takeAway(page, new RegExp(format));
		expect(name).toMatch(new RegExp(`^观察记录.*\\.${ending}$`));
		await bringIn(page, `取回的 ${ending}.${ending}`, bytes);
		await expect(page.getByRole('tab', { name: `取回的 ${ending}` })).toHaveAttribute('aria-selected', 'true', {
			timeout: 30_000
		});
		const text = article(page);
		await expect(text.getByRole('heading', { name: '第一周' })).toBeVisible();
		await expect(text).toContainText('玉兰开了，花瓣是白的。');
		await expect(text.getByRole('listitem')).toHaveText(['早上八度', '中午十五度']);
		await expect(text.locator('table')).toContainText('气温');
		await expect(page.getByText(/已存服务器/)).toBeVisible();
	});
}

test('a text goes out as a PDF that carries its letters', async () => {
	test.setTimeout(180_000);
	const { page } = visitor;
	await page.getByRole('tab', { name: '观察记录', exact: true }).click();
	const { name, bytes } = await takeAway(page, /PDF/);
	expect(name).toMatch(/^观察记录.*\.pdf$/);
	expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
	expect(bytes.length).toBeLessThan(1024 * 1024);
});

test('a file that is broken or something else gets a sentence, and nothing is made of it', async () => {
	const { page } = visitor;
	const tabs = await page.getByRole('tab').count();
	await bringIn(page, '坏的.docx', Buffer.from('PK\u0003\u0004坏了'));
	await expect(page.getByRole('dialog').getByRole('alert')).toHaveText('这份文件已损坏，打不开。');
	await page
		.getByRole('dialog')
		.locator('input[type="file"]')
		.setInputFiles({
			name: '旧的.doc',
			mimeType: 'application/msword',
			buffer: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0])
		});
	await expect(page.getByRole('dialog').getByRole('alert')).toContainText('旧版 Word');
	await page.keyboard.press('Escape');
	await expect(page.getByRole('tab')).toHaveCount(tabs);
});

test('a file is put in where the caret is, and one step takes it out again', async () => {
	const { page } = visitor;
	await page.getByRole('tab', { name: '观察记录', exact: true }).click();
	const text = article(page);
	await text.getByText('玉兰开了，花瓣是白的。').click();
	await page.keyboard.press('End');
	await page.getByRole('button', { name: '导出、导入' }).click();
	const [chooser] = await Promise.all([
		page.waitForEvent('filechooser'),
		page.getByRole('dialog').getByRole('button', { name: '插入到光标处…' }).click()
	]);
	await chooser.setFiles({
		name: '摘抄.md',
		mimeType: 'text/markdown',
		buffer: Buffer.from('## 摘抄\n\n草色遥看近却无[^1]。\n\n[^1]: 韩愈\n')
	});
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await expect(text.getByRole('heading')).toHaveText(['第一周', '摘抄']);
	await expect(text.locator('.note')).toContainText('韩愈');
	const words = (await text.innerText()).replace(/\s+/g, ' ');
	expect(words.indexOf('花瓣是白的')).toBeLessThan(words.indexOf('草色遥看'));
	expect(words.indexOf('草色遥看')).toBeLessThan(words.indexOf('早上八度'));
	await page.keyboard.press('Control+z');
	await expect(text).not.toContainText('草色遥看');
	await expect(text).toContainText('早上八度');
});

test('on paper the text stands alone', async () => {
	const { page } = visitor;
	await page.emulateMedia({ media: 'print' });
	await expect(article(page)).toBeVisible();
	await expect(page.getByRole('tab', { includeHidden: true }).first()).toBeHidden();
	await expect(page.getByRole('toolbar', { includeHidden: true }).first()).toBeHidden();
	await page.emulateMedia({ media: 'screen' });
});

test('a document is renamed beside its title, for everybody', async () => {
	const { page } = visitor;
	await page.getByRole('button', { name: '重命名' }).click();
	await page.getByRole('dialog').getByRole('textbox').fill('第一周的观察');
	await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
	await expect(page.getByRole('tab', { name: '第一周的观察' })).toBeVisible();
	await expect(page.getByRole('heading', { name: '第一周的观察', exact: true })).toBeVisible();
});
