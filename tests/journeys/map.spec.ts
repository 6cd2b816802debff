import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { meetAround } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// Two people draw one map: by keys alone, at once, in every layout; it goes to XMind and comes back, and its
// history shows how it came about.

test.describe.configure({ mode: 'serial' });

let people: Visitor[];
test.beforeAll(async ({ baseURL }) => {
	people = await meetAround('导图', '四季', ['班主任', '学生'], baseURL);
});
test.afterAll(async () => {
	await Promise.all((people ?? []).map(({ browser }) => browser.close()));
});

/** By its own words, whoever is there and whatever is folded. */
const node = (page: Page, text: string) =>
	page.locator('[data-node]').filter({ has: page.locator('.words', { hasText: new RegExp(`^\\s*${text}\\s*$`) }) });
/** For eyes, when a folder is named for it. */
const pictureOf = async (page: Page, name: string) => {
	const folder = process.env.PICTURES;
	if (folder) await page.screenshot({ path: `${folder}/map-${name}.png` });
};
const pair = () => people as [Visitor, Visitor];
const tool = (page: Page, name: string | RegExp) => page.getByRole('toolbar', { name: '导图工具' }).getByRole('button', { name });

test('a map is built by keys alone, and the other sees it grow', async () => {
	const [{ page }, other] = pair();
	await page.getByRole('button', { name: '写下中心主题' }).click();
	await page.keyboard.press('Enter');
	await page.keyboard.press('Tab');
	for (const season of ['春', '夏', '秋']) {
		await page.keyboard.type(season);
		await page.keyboard.press('Enter');
		await page.keyboard.press('Enter');
	}
	await page.keyboard.type('冬');
	await page.keyboard.press('Tab');
	await page.keyboard.type('雪');
	await page.keyboard.press('Enter');
	for (const text of ['四季', '春', '夏', '秋', '冬', '雪']) await expect(node(other.page, text)).toBeVisible();

	// Shift and Tab takes the node out, undo brings it back.
	await page.keyboard.press('Shift+Tab');
	await page.keyboard.press('Control+z');
	await page.keyboard.press('Control+x');
	await expect(node(other.page, '雪')).toHaveCount(0);
	await page.keyboard.press('Control+v');
	await expect(node(other.page, '雪')).toBeVisible();
});

test('two write at once, and words in a node that the other removes are not lost', async () => {
	const [{ page }, other] = pair();
	await node(page, '春').click();
	await node(other.page, '夏').click();
	await page.keyboard.press('Tab');
	await other.page.keyboard.press('Tab');
	await Promise.all([page.keyboard.type('燕子飞来'), other.page.keyboard.type('蝉在叫')]);
	await Promise.all([page.keyboard.press('Enter'), other.page.keyboard.press('Enter')]);
	for (const { page } of people) for (const text of ['燕子飞来', '蝉在叫']) await expect(node(page, text)).toBeVisible();

	// Undo takes back only what one did oneself.
	await page.keyboard.press('Control+z');
	await expect(node(other.page, '燕子飞来')).toHaveCount(0);
	await expect(node(other.page, '蝉在叫')).toBeVisible();
	await page.keyboard.press('Control+y');
	await expect(node(other.page, '燕子飞来')).toBeVisible();

	await node(other.page, '秋').click();
	await other.context.setOffline(true);
	await other.page.keyboard.press('F2');
	await other.page.keyboard.type('天');
	await node(page, '秋').click();
	await page.keyboard.press('Delete');
	await expect(node(page, '秋')).toHaveCount(0);
	await other.context.setOffline(false);
	await expect(node(page, '秋天')).toBeVisible({ timeout: 30_000 });
	await other.page.keyboard.press('Enter');
});

test('a relation, a summary, markers and a formula are seen by the other', async () => {
	const [{ page }, other] = pair();
	await node(page, '燕子飞来').click();
	await tool(page, '关联另一个节点').click();
	await node(page, '蝉在叫').click();
	await page.getByRole('button', { name: '写关联文字' }).click();
	await page.keyboard.type('都是动物');
	await page.keyboard.press('Enter');
	await expect(other.page.getByRole('button', { name: '写关联文字' })).toHaveText('都是动物');

	await node(page, '春').click();
	await node(page, '夏').click({ modifiers: ['Shift'] });
	await tool(page, /^添加概要/).click();
	await page.keyboard.type('上半年 $x^2$');
	await page.keyboard.press('Enter');
	await expect(other.page.locator('[data-node] .katex')).toBeVisible();

	await node(page, '冬').click();
	await tool(page, '标记和备注').click();
	await page.getByRole('button', { name: '优先级 1' }).click();
	await page.getByLabel('备注', { exact: true }).fill('一年中最冷的时候');
	await expect(other.page.locator('[data-node] .marker')).toBeVisible();
	await expect(other.page.locator('[data-node]').getByRole('button', { name: '备注' })).toHaveAttribute(
		'title',
		'一年中最冷的时候'
	);
	await tool(page, '标记和备注').click();
});

test('the other button, a resting finger and a key open what can be done to a node', async () => {
	const [{ page }, other] = pair();
	const menu = (of: Page, text: string) => of.getByRole('menu', { name: `「${text}」可以做的事` });
	await node(page, '夏').click({ button: 'right' });
	await expect(menu(page, '夏').getByRole('menuitem').first()).toBeFocused();
	await pictureOf(page, 'menu');
	await menu(page, '夏').getByRole('menuitem', { name: '收起下级' }).click();
	await expect(node(other.page, '蝉在叫')).toHaveCount(0);
	await page.keyboard.press('Control+/');
	await expect(node(other.page, '蝉在叫')).toBeVisible();

	// By the key, then by arrows; Escape goes back to the node.
	await page.keyboard.press('Shift+F10');
	await expect(menu(page, '夏')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(menu(page, '夏')).toBeHidden();
	await page.keyboard.press('Shift+F10');
	await expect(menu(page, '夏').getByRole('menuitem').first()).toBeFocused();
	await page.keyboard.press('ArrowDown');
	await expect(menu(page, '夏').getByRole('menuitem', { name: '添加同级节点' })).toBeFocused();
	await page.keyboard.press('Enter');
	await page.keyboard.type('雨季');
	await page.keyboard.press('Enter');
	await expect(node(other.page, '雨季')).toBeVisible();

	const session = await other.context.newCDPSession(other.page);
	const box = await node(other.page, '雨季').boundingBox();
	const at = { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 };
	await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
	await expect(menu(other.page, '雨季')).toBeVisible();
	await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
	await menu(other.page, '雨季').getByRole('menuitem', { name: '删除节点' }).click();
	await expect(node(page, '雨季')).toHaveCount(0);
});

test('the layout is that of the map, and the outline shows and changes the same', async () => {
	const [{ page }, other] = pair();
	await tool(page, '布局和作者').click();
	const below = async () => {
		const [root, leaf] = await Promise.all(['四季', '冬'].map((text) => node(other.page, text).first().boundingBox()));
		return root && leaf ? leaf.y - (root.y + root.height) : -1;
	};
	await page.getByRole('radio', { name: /向下/ }).click();
	await expect.poll(below).toBeGreaterThan(0);
	await page.getByRole('radio', { name: '鱼骨图' }).click();
	await page.getByRole('radio', { name: '两侧' }).click();
	await page.getByLabel('按作者着色').check();
	await expect(page.locator('.legend li').filter({ hasText: other.name })).toBeVisible();
	await page.getByLabel('按作者着色').uncheck();
	await tool(page, '布局和作者').click();

	await tool(other.page, '大纲').click();
	await other.page.getByRole('treeitem').filter({ hasText: '燕子飞来' }).click();
	await other.page.keyboard.press('F2');
	await other.page.keyboard.press('End');
	await other.page.keyboard.type('了');
	await other.page.keyboard.press('Enter');
	await expect(node(page, '燕子飞来了')).toBeVisible();
	// Line after line, as one writes a list: each keeps its own words.
	for (const text of ['柳树发芽', '桃花开了']) {
		await other.page.keyboard.press('Enter');
		await other.page.keyboard.type(text);
		await other.page.keyboard.press('Enter');
	}
	for (const text of ['燕子飞来了', '柳树发芽', '桃花开了']) await expect(node(page, text)).toBeVisible();
	await tool(other.page, '大纲').click();
});

test('it goes out to XMind and comes in again', async () => {
	const [{ page }] = pair();
	await tool(page, '导入和导出').click();
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		page.getByRole('button', { name: 'XMind', exact: true }).click()
	]);
	expect(download.suggestedFilename()).toBe('四季.xmind');
	const file = readFileSync(await download.path());
	await page
		.locator('.panel input[type="file"]')
		.setInputFiles({ name: '四季.xmind', mimeType: 'application/zip', buffer: file });
	await expect(node(page, '燕子飞来了')).toHaveCount(2);
	await expect(page.getByRole('button', { name: '写关联文字' })).toHaveCount(2);
	await tool(page, '导入和导出').click();
	await page
		.locator('.panel input[type="file"]')
		.setInputFiles({ name: 'x.xmind', mimeType: 'application/zip', buffer: Buffer.from('PK坏了') });
	await expect(page.getByRole('alert')).toHaveText('这个文件已损坏，无法读取。');
	await tool(page, '导入和导出').click();
});

test('a node leads to a document of the room that is found by its name, and opens with one press', async () => {
	const [{ page }, other] = pair();
	await node(page, '春').first().click();
	await tool(page, '标记和备注').click();
	const field = page.getByRole('combobox', { name: '链接' });
	await field.fill('桥的');
	await page.getByRole('option', { name: '桥的结构' }).click();
	const link = other.page.locator('[data-node]').getByRole('link', { name: '桥的结构' }).first();
	await expect(link).toBeVisible();
	await pictureOf(page, 'link');
	await tool(page, '标记和备注').click();
	await link.click();
	await expect(other.page.getByRole('tab', { name: '桥的结构' })).toHaveAttribute('aria-selected', 'true');
	await other.page.getByRole('tab', { name: '四季' }).click();
	await expect(node(other.page, '四季').first()).toBeVisible();
});

test('the map and its history are reached without eyes and fit a phone', async () => {
	const [{ page }] = pair();
	for (const [width, height, colorScheme] of [
		[390, 844, 'dark'],
		[1440, 900, 'light']
	] as const) {
		await page.setViewportSize({ width, height });
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page })
			.include('.map')
			.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
			.analyze();
		expect(violations.map(({ id, nodes }) => [width, colorScheme, id, nodes.slice(0, 3).map(({ html }) => html)])).toEqual([]);
	}
});

test('the replay goes from the blank map to now, and an earlier map is brought back', async () => {
	const [{ page }, other] = pair();
	await page.getByRole('button', { name: '历史' }).click();
	const history = page.getByRole('dialog', { name: /四季/ });
	const slider = history.getByRole('slider');
	await slider.focus();
	await slider.press('Home');
	await expect(history.locator('[data-node]')).toHaveCount(0);
	await slider.press('ArrowRight');
	await expect(history.getByText(/^添加了/)).toBeVisible();
	await slider.press('End');
	await expect(history.locator('[data-node]').filter({ hasText: '燕子飞来了' })).toHaveCount(2);
	await expect(history.getByRole('button', { name: new RegExp(`^${other.name}`) })).toBeVisible();
	for (let step = 0; step < 400 && (await history.locator('[data-node]').filter({ hasText: '燕子飞来了' }).count()) > 1; step++)
		await slider.press('ArrowLeft');
	await history.getByRole('button', { name: '和现在比较' }).click();
	const differences = history.getByRole('region', { name: '不同之处' });
	await expect(differences.getByRole('button', { name: /燕子飞来了/ }).first()).toBeVisible();
	await pictureOf(page, 'compared');
	await history.getByRole('button', { name: '结束比较' }).click();
	await history.getByRole('button', { name: '恢复成这样' }).click();
	await page.getByRole('dialog', { name: '恢复到以前的样子？' }).getByRole('button', { name: '恢复成这样' }).click();
	await expect(history.getByRole('button', { name: /^恢复成 .*的样子/ })).toBeVisible();
	await expect(node(other.page, '燕子飞来了')).toHaveCount(1);
});
