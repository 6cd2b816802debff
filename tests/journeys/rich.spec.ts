import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { goToEnd, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// One text with everything in it: pictures, files, formulas, names, notes, boxes, tables. Whoever opens it sees it all.

test.describe.configure({ mode: 'serial' });

let people: Visitor[];

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const writers = [...signIns.filter(({ role }) => role === '班主任'), ...signIns.filter(({ role }) => role === '学生')];
	people = await Promise.all(writers.slice(0, 2).map((writer) => visit(writer, { baseURL: baseURL ?? '' })));
	expect(people).toHaveLength(2);
	for (const { page } of people) {
		await page.goto('/');
		await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
		await expect(article(page)).toBeVisible();
	}
	const [maker] = people;
	await maker?.page.getByRole('button', { name: '新建文档' }).click();
	await maker?.page.getByRole('dialog').getByRole('textbox').fill('玉兰手册');
	await maker?.page.getByRole('dialog').getByRole('button', { name: '新建' }).click();
	for (const { page } of people) {
		// The newest: when all of this is tried again, the text of the first try is still there.
		await page.getByRole('tab', { name: '玉兰手册' }).last().click();
		await expect(page.getByRole('textbox', { name: '正文：玉兰手册' })).toBeVisible();
	}
});
test.afterAll(async () => {
	await Promise.all((people ?? []).map(({ browser }) => browser.close()));
});

const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });
const menu = (page: Page) => page.getByRole('listbox');
const both = () => people.map(({ page }) => page) as [Page, Page];

/** A picture of so many pixels, as the clipboard or the desktop hands it over. */
async function give(text: Locator, how: 'paste' | 'drop', name: string, type: string): Promise<void> {
	await text.evaluate(
		async (element, { how, name, type }) => {
			const canvas = document.createElement('canvas');
			[canvas.width, canvas.height] = [640, 400];
			const pen = canvas.getContext('2d');
			if (pen) {
				pen.fillStyle = '#d8a7b1';
				pen.fillRect(0, 0, 640, 400);
			}
			const blob = type.startsWith('image/')
				? await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type))
				: new Blob(['日期,气温\n3月1日,8\n']);
			const data = new DataTransfer();
			data.items.add(new File([blob ?? ''], name, { type }));
			const { left, bottom } = element.lastElementChild?.getBoundingClientRect() ?? element.getBoundingClientRect();
			element.dispatchEvent(
				how === 'paste'
					? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
					: new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true, clientX: left + 4, clientY: bottom - 4 })
			);
		},
		{ how, name, type }
	);
}

/** How many pictures of a text are really there. */
const drawn = (text: Locator): Promise<number> =>
	text.evaluate(
		(element) =>
			[...element.querySelectorAll<HTMLImageElement>('.picture img')].filter(
				({ naturalWidth, src }) => naturalWidth > 0 && src.includes('/api/v1/files/')
			).length
	);

test('a title by its pinyin, and a picture pasted and one dropped, are seen by the other', async () => {
	const [page, other] = both();
	await article(page).click();
	await page.keyboard.type('/yjbt');
	await expect(menu(page).getByRole('option').first()).toHaveText(/1级标题/);
	await page.keyboard.press('Enter');
	await page.keyboard.type('玉兰手册');
	await page.keyboard.press('Enter');
	await give(article(page), 'paste', '玉兰.png', 'image/png');
	await expect.poll(() => drawn(article(page))).toBe(1);
	await give(article(page), 'drop', '花瓣.jpg', 'image/jpeg');
	await expect.poll(() => drawn(article(other))).toBe(2);
	await give(article(page), 'drop', '气温.csv', 'text/csv');
	const link = article(other).getByRole('link', { name: '下载 气温.csv' });
	await expect(link).toBeVisible();
	const answer = await other.request.get((await link.getAttribute('href')) ?? '');
	expect([answer.headers()['content-disposition']?.split(';')[0], await answer.text()]).toEqual([
		'attachment',
		'日期,气温\n3月1日,8\n'
	]);
});

test('a picture is described, captioned and made smaller without a mouse', async () => {
	const [page, other] = both();
	const picture = article(page).locator('.picture').first();
	await picture.locator('img').click();
	await picture.getByRole('button', { name: '替代文字' }).click();
	await picture.getByRole('textbox').fill('校门口的玉兰');
	await picture.getByRole('textbox').press('Enter');
	await expect(article(other).getByRole('img', { name: '校门口的玉兰' })).toBeVisible();
	await picture.getByRole('button', { name: '写图注' }).click();
	await page.keyboard.type('三月一日摄');
	await expect(article(other).locator('figcaption').first()).toHaveText('三月一日摄');
	await picture.getByRole('button', { name: '宽度 50%' }).click();
	await picture.getByRole('slider').focus();
	await page.keyboard.press('ArrowLeft');
	await expect(article(other).locator('.picture .image').first()).toHaveAttribute('style', /width: 45%/);
});

test('a formula is written as it looks', async () => {
	const [page, other] = both();
	await goToEnd(article(page));
	await page.keyboard.type('/gongshi');
	await expect(menu(page).getByRole('option').first()).toHaveText(/公式/);
	await page.keyboard.press('Enter');
	const panel = page.getByRole('dialog', { name: '公式' });
	await expect(panel.locator('math-field')).toBeFocused();
	await page.keyboard.type('x=1/2');
	await expect(panel.getByLabel('LaTeX')).toHaveValue(/x=\\frac\{?1\}?\{?2\}?/);
	await page.keyboard.press('Enter');
	await expect(panel).toBeHidden();
	await expect(article(other).locator('.formula.block .katex')).toBeVisible();
	await goToEnd(article(page));
	await page.keyboard.type('每天长 $$\\Delta h$$ 厘米');
	await expect(article(other).locator('span.formula .katex')).toBeVisible();
});

test('somebody is named by pinyin, with a note at the foot and a box', async () => {
	const [page, other] = both();
	const name = people[1]?.name ?? '';
	const { pinyin } = await import('pinyin-pro');
	const initials = pinyin(name, { pattern: 'first', toneType: 'none', type: 'array' }).join('');
	await page.keyboard.type(`，由@${initials}`);
	await expect(menu(page).getByRole('option').first()).toHaveText(new RegExp(name));
	await page.keyboard.press('Enter');
	await expect(article(other).locator('.mention')).toHaveText(`@${name}`);
	await page.keyboard.type('记录');
	await page.getByRole('button', { name: '插入', exact: true }).click();
	await page.getByRole('menuitem', { name: '脚注' }).click();
	await page.keyboard.type('又名望春花');
	await page.keyboard.press('Enter');
	await page.keyboard.type('。');
	await expect(article(other).locator('aside.note')).toContainText('又名望春花');
	await expect(article(other).locator('sup[aria-label="脚注 1"]')).toBeVisible();
	await expect(article(page).locator('p', { hasText: '记录' })).toHaveText(/记录。$/);
	await article(page).locator('sup').click();
	await page.keyboard.type('。');
	await expect(article(other).locator('aside.note')).toContainText('又名望春花。');
	await article(page).getByRole('button', { name: '回到正文中脚注 1 的位置' }).click();
	await page.keyboard.press('End');
	// The page tells of a moved caret a moment after the key.
	await page.waitForFunction(() => {
		const { anchorNode: node, anchorOffset: at } = getSelection() ?? {};
		return node?.textContent?.endsWith('。') && at === node.textContent.length;
	});
	await page.keyboard.press('Enter');
	await page.keyboard.type('、zhuyi');
	await expect(menu(page).getByRole('option').first()).toHaveText(/注意/);
	await page.keyboard.press('Enter');
	await page.keyboard.type('不要摘花');
	await expect(article(other).locator('.callout[data-callout="attention"]')).toHaveText('不要摘花');
	await page.getByRole('toolbar', { name: '提示框工具' }).getByRole('button', { name: '重点' }).click();
	await expect(article(other).locator('.callout[data-callout="key"]')).toBeVisible();
});

test('a table gets rows, columns and joined cells', async () => {
	const [page, other] = both();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.type('/biaoge');
	await expect(menu(page).getByRole('option').first()).toHaveText(/表格/);
	await page.keyboard.press('Enter');
	await page.keyboard.type('日期');
	const tools = page.getByRole('toolbar', { name: '表格工具' });
	await tools.getByRole('button', { name: '在下方加一行' }).click();
	await tools.getByRole('button', { name: '在右侧加一列' }).click();
	await expect(article(other).locator('tr')).toHaveCount(4);
	await expect(article(other).locator('tr').first().locator('th')).toHaveCount(4);
	await page.keyboard.press('Shift+ArrowRight');
	await tools.getByRole('button', { name: '合并单元格' }).click();
	await expect(article(other).locator('th[colspan="2"]')).toBeVisible();
	await tools.getByRole('button', { name: '删除这一行' }).click();
	await expect(article(other).locator('tr')).toHaveCount(3);
});

test('a file goes on coming when the server is killed under it', async () => {
	const [page, other] = both();
	await goToEnd(article(page));
	// Parts of it wait, so that the server ends in the middle.
	let parts = 0;
	await page.route(/\/api\/v1\/files\/[^/]+\/upload$/, async (route) => {
		if (route.request().method() === 'PATCH' && ++parts === 2) await servers.kill('web');
		await route.continue();
	});
	const [chooser] = await Promise.all([
		page.waitForEvent('filechooser'),
		(async () => {
			await page.getByRole('button', { name: '插入', exact: true }).click();
			await page.getByRole('menuitem', { name: '文件' }).click();
		})()
	]);
	const buffer = Buffer.alloc(11 * 1024 * 1024, '春天来了');
	await chooser.setFiles({ name: '录音.wav', mimeType: 'audio/wav', buffer });
	const link = article(other).getByRole('link', { name: '下载 录音.wav' });
	await expect(link).toHaveAttribute('href', /files/, { timeout: 90_000 });
	expect(parts).toBeGreaterThan(2);
	const answer = await other.request.get((await link.getAttribute('href')) ?? '');
	expect(Buffer.compare(await answer.body(), buffer)).toBe(0);
	await page.unroute(/\/api\/v1\/files\/[^/]+\/upload$/);
});

test('after a reload everything is there, also in the history, and read without eyes', async () => {
	const [page, other] = both();
	await expect(page.getByText('已存服务器')).toBeVisible();
	for (const each of [page, other]) {
		await each.reload();
		await each.getByRole('tab', { name: '玉兰手册' }).click();
		await expect(article(each)).toContainText('不要摘花');
	}
	await expect.poll(() => drawn(article(other))).toBe(2);
	for (const part of [
		'h1',
		'.formula.block .katex',
		'span.formula .katex',
		'.mention',
		'sup.footnote',
		'aside.note',
		'.callout',
		'table',
		'.attachment'
	]) {
		await expect(article(other).locator(part).first()).toBeVisible();
	}
	for (const [width, height, colorScheme] of [
		[390, 844, 'dark'],
		[1440, 900, 'light']
	] as const) {
		await page.setViewportSize({ width, height });
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page })
			.include('.editor')
			.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
			.analyze();
		expect(violations.map(({ id, nodes }) => [width, colorScheme, id, nodes.map(({ html }) => html.slice(0, 300))])).toEqual([]);
	}
	await other.getByRole('button', { name: '历史' }).click();
	const past = other.getByRole('dialog', { name: /玉兰手册/ }).getByRole('document');
	await expect(past).toContainText('不要摘花');
	for (const part of ['.formula.block .katex', '.mention', 'sup.footnote', 'aside.note', '.callout', 'table', 'figure img']) {
		await expect(past.locator(part).first()).toBeVisible();
	}
});
