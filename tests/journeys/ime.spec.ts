import { expect, test } from '@playwright/test';
import type { CDPSession, Page } from '@playwright/test';
import { goToEnd, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// An input method composes a word letter by letter before it is there. Others write in the same place meanwhile.

test.describe.configure({ mode: 'serial' });

let composer: Visitor;
let writer: Visitor;
let keys: CDPSession;

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const sign = (role: string) => {
		const found = signIns.find((each) => each.role === role);
		if (!found) throw new Error(`the demonstration school has nobody who signs in as ${role}`);
		return visit(found, { baseURL: baseURL ?? '' });
	};
	[writer, composer] = await Promise.all([sign('班主任'), sign('学生')]);
	for (const { page } of [writer, composer]) {
		await page.goto('/');
		await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
		await expect(article(page)).toBeVisible();
	}
	keys = await composer.context.newCDPSession(composer.page);
});
test.afterAll(async () => {
	await Promise.all([composer, writer].map((visitor) => visitor?.browser.close()));
});

const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });
const lastLine = (page: Page) => article(page).locator('p').last();

/** The editor hears of a moved caret in the next frame; no hand is faster. */
const heard = (page: Page) => page.evaluate(() => new Promise(requestAnimationFrame));

/** The letters that the input method shows underlined, before a word is picked. */
const compose = (letters: string) =>
	keys.send('Input.imeSetComposition', { text: letters, selectionStart: letters.length, selectionEnd: letters.length });
const pick = (word: string) => keys.send('Input.insertText', { text: word });

test('what another person types in the same line waits until the word is there', async () => {
	await article(composer.page).click();
	await goToEnd(article(composer.page));
	await composer.page.keyboard.press('Enter');
	await composer.page.keyboard.insertText('结论：');
	await expect(lastLine(writer.page)).toHaveText('结论：');
	await lastLine(writer.page).click();
	await expect(article(writer.page)).toBeFocused();

	for (const [index, letters] of ['g', 'go', 'gon', 'gong', 'gong x', 'gong xing'].entries()) {
		await compose(letters);
		await writer.page.keyboard.press('Home');
		await heard(writer.page);
		await writer.page.keyboard.insertText(String(index));
		await expect(lastLine(composer.page)).toHaveText(`结论：${letters}`);
	}
	await expect(lastLine(writer.page)).toHaveText('543210结论：');
	await pick('拱形最结实');
	for (const { page } of [composer, writer]) await expect(lastLine(page)).toHaveText('543210结论：拱形最结实');
});

test('the letters never reach the others, and the word is one step of undo however long it took', async () => {
	const seen: string[] = [];
	await writer.page.exposeFunction('sawLine', (text: string) => void seen.push(text));
	await article(writer.page).evaluate((element) => {
		const watch = new MutationObserver(() =>
			(window as unknown as { sawLine(text: string): void }).sawLine(element.textContent ?? '')
		);
		watch.observe(element, { subtree: true, childList: true, characterData: true });
	});
	for (const letters of ['y', 'yi', 'yin wei']) {
		await compose(letters);
		// Longer than the half second in which an editor takes edits together as one step of undo.
		await composer.page.waitForTimeout(700);
	}
	await pick('因为');
	await expect(lastLine(writer.page)).toHaveText('543210结论：拱形最结实因为');
	expect(seen.join(' ')).not.toMatch(/y|yi|wei/);

	await composer.page.keyboard.press('Control+z');
	for (const { page } of [composer, writer]) await expect(lastLine(page)).toHaveText('543210结论：拱形最结实');
	await composer.page.keyboard.press('Control+y');
	for (const { page } of [composer, writer]) await expect(lastLine(page)).toHaveText('543210结论：拱形最结实因为');
});

test('the caret stays in its line when another adds to that line, though the next one reads the same', async () => {
	await article(composer.page).click();
	await goToEnd(article(composer.page));
	for (const line of ['姓名', '姓名']) {
		await composer.page.keyboard.press('Enter');
		await composer.page.keyboard.insertText(line);
	}
	const nextToLast = (page: Page) => article(page).locator('p').nth(-2);
	await expect(nextToLast(writer.page)).toHaveText('姓名');
	await composer.page.keyboard.press('ArrowUp');

	await nextToLast(writer.page).click();
	await heard(writer.page);
	await writer.page.keyboard.press('Home');
	await heard(writer.page);
	await writer.page.keyboard.insertText('你的');
	await expect(nextToLast(composer.page)).toHaveText('你的姓名');
	for (const letters of ['l', 'lin']) await compose(letters);
	await pick('林');
	for (const { page } of [composer, writer]) {
		await expect(nextToLast(page)).toHaveText('你的姓名林');
		await expect(lastLine(page)).toHaveText('姓名');
	}
});

test('a word is in the heading that another makes of the line while it is composed', async () => {
	await lastLine(composer.page).click();
	await goToEnd(article(composer.page));
	await composer.page.keyboard.press('Enter');
	await composer.page.keyboard.insertText('一个题目');
	await expect(lastLine(writer.page)).toHaveText('一个题目');
	await lastLine(writer.page).click();
	for (const letters of ['q', 'qiao']) await compose(letters);
	await writer.page.keyboard.press('Control+Alt+2');
	const heading = (page: Page) => article(page).locator('h2').last();
	await expect(heading(writer.page)).toHaveText('一个题目');
	await pick('桥梁');
	for (const { page } of [composer, writer]) await expect(heading(page)).toHaveText('一个题目桥梁');
	await composer.page.keyboard.insertText('设计');
	for (const { page } of [composer, writer]) await expect(heading(page)).toHaveText('一个题目桥梁设计');
	for (const left of ['一个题目桥梁', '一个题目']) {
		await composer.page.keyboard.press('Control+z');
		for (const { page } of [composer, writer]) await expect(heading(page)).toHaveText(left);
	}
});

test('on the map a word is composed straight onto a selected node', async () => {
	for (const { page } of [composer, writer]) await page.getByRole('tab', { name: '桥的结构' }).click();
	const words = (page: Page) => page.locator('[data-node]');
	await words(composer.page).filter({ hasText: '受力' }).click();
	await composer.page.keyboard.press('Tab');
	for (const letters of ['j', 'jian', 'jian li']) await compose(letters);
	await pick('剪力');
	await composer.page.keyboard.press('Enter');
	await expect(words(writer.page).filter({ hasText: '剪力' })).toBeVisible();

	for (const letters of ['n', 'niu', 'niu li']) await compose(letters);
	await pick('扭力');
	await composer.page.keyboard.press('Enter');
	await expect(words(writer.page).filter({ hasText: '扭力' })).toBeVisible();
	await expect(words(writer.page).filter({ hasText: '剪力' })).toHaveCount(0);

	await composer.page.keyboard.press('Control+z');
	await expect(words(writer.page).filter({ hasText: '剪力' })).toBeVisible();
});
