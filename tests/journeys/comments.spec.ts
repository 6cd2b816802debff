import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { goToEnd, meetAround } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// A teacher comments a text and a pupil answers; the pupil suggests, the teacher accepts and refuses; colours show who wrote what.

test.describe.configure({ mode: 'serial' });

let teacher: Visitor;
let pupil: Visitor;
const both = () => [teacher, pupil].map(({ page }) => page);

test.beforeAll(async ({ baseURL }) => {
	[teacher, pupil] = (await meetAround('文档', '春天的日记', ['班主任', '学生'], baseURL)) as [Visitor, Visitor];
	await article(pupil.page).click();
	await pupil.page.keyboard.type('校园里的玉兰开了。');
	await pupil.page.keyboard.press('Enter');
	await pupil.page.keyboard.type('燕子在屋檐下做窝。');
	await expect(article(teacher.page)).toHaveText('校园里的玉兰开了。燕子在屋檐下做窝。');
});
test.afterAll(async () => {
	await Promise.all([teacher, pupil].map((visitor) => visitor?.browser.close()));
});

const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });
const line = (page: Page, index: number) => article(page).locator('p').nth(index);
const beside = (page: Page) => page.getByRole('complementary', { name: '评论和建议' });
const thread = (page: Page, quote: string) => beside(page).getByRole('region', { name: `评论：${quote}` });
const suggestions = (page: Page) => beside(page).getByRole('region', { name: '修改建议' });

/** Selects words as a mouse would. */
async function select(page: Page, words: string): Promise<void> {
	await article(page).evaluate((root: HTMLElement, words) => {
		root.focus();
		const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
		for (let text = texts.nextNode() as Text | null; text; text = texts.nextNode() as Text | null) {
			const at = text.data.indexOf(words);
			if (at < 0) continue;
			getSelection()?.setBaseAndExtent(text, at, text, at + words.length);
			return;
		}
		throw new Error(`${words} stands nowhere`);
	}, words);
	await expect.poll(() => page.evaluate(() => getSelection()?.toString())).toBe(words);
}

test('a comment and its answer are there for the other at once, and the draft outlives a reload', async () => {
	const { page } = teacher;
	await select(page, '玉兰开了');
	await page.getByRole('group', { name: '评论、建议和作者' }).getByRole('button', { name: '评论', exact: true }).click();
	await beside(page).getByPlaceholder('写评论…').fill('是什么颜色的？');
	await page.reload();
	await page.getByRole('tab', { name: '春天的日记' }).click();
	await expect(beside(page).getByPlaceholder('写评论…')).toHaveValue('是什么颜色的？');
	await beside(page).getByRole('button', { name: '评论', exact: true }).click();
	await expect(thread(pupil.page, '玉兰开了')).toContainText('是什么颜色的？');

	await article(pupil.page).locator('.commented', { hasText: '玉兰开了' }).click();
	await thread(pupil.page, '玉兰开了').getByPlaceholder('回复…').fill('白色的');
	const answered = Date.now();
	await pupil.page.keyboard.press('Control+Enter');
	await expect(thread(page, '玉兰开了')).toContainText('白色的');
	// The line of the room, not a reload or a look now and then.
	expect(Date.now() - answered).toBeLessThan(5_000);
});

test('whoever is named in a comment is told of it, and led there; other words behind the sign are only words', async () => {
	const { page } = teacher;
	await article(page).locator('.commented', { hasText: '玉兰开了' }).click();
	const field = thread(page, '玉兰开了').getByPlaceholder('回复…');
	await field.click();
	await page.keyboard.type('@没有这个人 ');
	await page.keyboard.type(`@${pupil.name.slice(0, 1)}`);
	await thread(page, '玉兰开了').getByRole('option', { name: pupil.name }).click();
	await expect(field).toHaveValue(`@没有这个人 @${pupil.name} `);
	await page.keyboard.type('请看');
	await page.keyboard.press('Control+Enter');
	await expect(thread(page, '玉兰开了').locator('.named')).toHaveText([`@${pupil.name}`]);
	const notice = pupil.page.getByRole('status').filter({ hasText: `${teacher.name}在评论里提到了你` });
	await expect(notice).toBeVisible();
	await notice.getByRole('button', { name: '去看看' }).click();
	await expect(notice).toHaveCount(0);
	await expect(thread(pupil.page, '玉兰开了')).toContainText('请看');
});

test('the comment stays on its words while others write, and shows them when they are gone', async () => {
	const commented = (page: Page) => article(page).locator('.commented');
	await line(pupil.page, 0).click();
	await pupil.page.keyboard.press('Home');
	await pupil.page.keyboard.type('今天，');
	await expect(line(teacher.page, 0)).toHaveText('今天，校园里的玉兰开了。');
	for (const page of both()) await expect(commented(page)).toHaveText('玉兰开了');
	await select(pupil.page, '玉兰开了');
	await pupil.page.keyboard.press('Delete');
	for (const page of both()) {
		await expect(thread(page, '玉兰开了')).toContainText('原文已删除');
		await expect(commented(page)).toHaveCount(0);
	}
	await pupil.page.keyboard.press('Control+z');
	await expect(line(teacher.page, 0)).toContainText('玉兰开了');
});

test('a pupil takes away nobody’s words but her own; a resolved thread is found among the resolved', async () => {
	const { page } = pupil;
	await thread(page, '玉兰开了').click({ position: { x: 120, y: 8 } });
	await expect(thread(page, '玉兰开了').getByRole('article').first().getByRole('button', { name: '删除' })).toHaveCount(0);
	const own = thread(page, '玉兰开了').getByRole('article').filter({ hasText: '白色的' });
	await own.getByRole('button', { name: '修改' }).click();
	await thread(page, '玉兰开了').getByRole('textbox', { name: '修改' }).fill('雪白雪白的');
	await thread(page, '玉兰开了').getByRole('button', { name: '保存' }).click();
	await expect(thread(teacher.page, '玉兰开了')).toContainText('雪白雪白的');

	await thread(teacher.page, '玉兰开了').getByRole('button', { name: '标为已解决' }).click();
	await expect(thread(page, '玉兰开了')).toHaveCount(0);
	await expect(article(page).locator('.commented:not(.active)')).toHaveCount(0);
	await beside(page).getByRole('button', { name: '已解决' }).click();
	await expect(thread(page, '玉兰开了')).toContainText(`${teacher.name} 已解决`);
	await beside(page).getByRole('button', { name: '待处理' }).click();
});

test('what a pupil suggests is seen by the teacher in her name, and is accepted or refused', async () => {
	const { page } = pupil;
	await page.getByRole('switch', { name: '建议' }).click();
	await select(page, '做窝');
	await page.keyboard.type('筑巢');
	await goToEnd(article(page));
	await page.keyboard.type('真热闹！');
	await expect(line(teacher.page, 1).locator('del')).toHaveText('做窝');
	await expect(line(teacher.page, 1).locator('ins')).toHaveText(['筑巢', '真热闹！']);
	await expect(suggestions(teacher.page)).toHaveCount(2);
	await expect(suggestions(teacher.page).first()).toContainText(`${pupil.name}`);
	await expect(suggestions(teacher.page).first()).toContainText('做窝→筑巢');

	await suggestions(teacher.page).first().getByRole('button', { name: '采纳', exact: true }).click();
	await suggestions(teacher.page).first().getByRole('button', { name: '不采纳', exact: true }).click();
	for (const each of both()) {
		await expect(line(each, 1)).toHaveText('燕子在屋檐下筑巢。');
		await expect(article(each).locator('ins, del')).toHaveCount(0);
	}
});

test('a word that is composed while suggesting is one suggestion and one step of undo', async () => {
	const { page } = pupil;
	const keys = await pupil.context.newCDPSession(page);
	const compose = (letters: string) =>
		keys.send('Input.imeSetComposition', { text: letters, selectionStart: letters.length, selectionEnd: letters.length });
	await goToEnd(article(page));
	for (const letters of ['h', 'hao', 'hao kan']) await compose(letters);
	await keys.send('Input.insertText', { text: '好看' });
	await expect(line(teacher.page, 1).locator('ins')).toHaveText('好看');
	await expect(line(page, 1)).toHaveText('燕子在屋檐下筑巢。好看');
	await expect(suggestions(teacher.page)).toHaveCount(1);
	await page.keyboard.press('Control+z');
	for (const each of both()) await expect(line(each, 1)).toHaveText('燕子在屋檐下筑巢。');
	await page.keyboard.press('Control+y');
	await expect(line(teacher.page, 1).locator('ins')).toHaveText('好看');

	// The pupil takes her own suggestion back, by keys.
	await line(page, 1).locator('ins').click();
	await expect(suggestions(page)).toHaveCount(1);
	await suggestions(page).getByRole('button', { name: '撤回我的建议' }).press('Enter');
	for (const each of both()) await expect(line(each, 1)).toHaveText('燕子在屋檐下筑巢。');
});

test('a list is suggested and shown, and made once the teacher accepts it', async () => {
	const { page } = pupil;
	await goToEnd(article(page));
	await page.keyboard.press('Control+Shift+8');
	await expect(line(teacher.page, 1)).toHaveAttribute('data-plan', '改为项目列表');
	await expect(suggestions(teacher.page)).toContainText('改为项目列表');
	for (const each of both()) await expect(article(each).locator('ul')).toHaveCount(0);
	await suggestions(teacher.page).getByRole('button', { name: '采纳', exact: true }).click();
	for (const each of both()) {
		await expect(article(each).locator('ul > li')).toHaveText('燕子在屋檐下筑巢。');
		await expect(article(each).locator('[data-plan]')).toHaveCount(0);
	}
});

test('what cannot be suggested is said, and nothing happens', async () => {
	const { page } = pupil;
	await line(page, 0).click();
	await page.keyboard.press('End');
	await page.keyboard.press('Enter');
	await page.keyboard.type('/biaoge');
	await expect(page.getByRole('listbox').getByRole('option').first()).toHaveText(/表格/);
	await page.keyboard.press('Enter');
	await expect(article(page).locator('table')).toBeVisible();
	await expect(suggestions(teacher.page)).toContainText('插入表格');
	await article(page).locator('td').first().click();
	await page.getByRole('button', { name: '表头', exact: false }).first().click();
	await expect(page.getByText('这一步不能作为建议')).toBeVisible();
	await expect(article(page).locator('th')).toHaveCount(3);
	await suggestions(teacher.page).getByRole('button', { name: '不采纳', exact: true }).click();
	for (const each of both()) await expect(article(each).locator('table')).toHaveCount(0);
	await page.getByRole('switch', { name: '建议' }).click();
});

test('who wrote what is shown in colours, with shares', async () => {
	const { page } = teacher;
	await goToEnd(article(page));
	await page.keyboard.type('老师写的。');
	await page.getByRole('switch', { name: '作者' }).click();
	const legend = page.getByRole('list', { name: '每种颜色是谁' });
	await expect(legend.getByRole('button', { name: new RegExp(pupil.name) })).toContainText('%');
	await expect(legend.getByRole('button', { name: new RegExp(teacher.name) })).toContainText('%');
	await expect(article(page).locator('.authored', { hasText: '老师写的。' })).toBeVisible();
	await page.reload();
	await page.getByRole('tab', { name: '春天的日记' }).click();
	await expect(page.getByRole('switch', { name: '作者' })).toBeChecked();
});

test('everything beside the text is read without eyes, also on a phone in the dark', async () => {
	const { page } = teacher;
	await select(page, '校园');
	await page.keyboard.press('Control+Alt+m');
	await expect(beside(page).getByPlaceholder('写评论…')).toBeFocused();
	await page.keyboard.type('补充地点');
	await page.keyboard.press('Control+Enter');
	await expect(thread(page, '校园')).toBeVisible();
	for (const [width, height, colorScheme] of [
		[1440, 900, 'light'],
		[390, 844, 'dark']
	] as const) {
		await page.setViewportSize({ width, height });
		await page.emulateMedia({ colorScheme });
		if (width < 500) await page.getByRole('button', { name: /^评论和建议/ }).click();
		await expect(thread(page, '校园')).toBeVisible();
		const { violations } = await new AxeBuilder({ page })
			.include('.editor')
			.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
			.analyze();
		expect(violations.map(({ id, nodes }) => [width, id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
	}
});

test('who only reads a locked text may comment it, and neither writes nor answers suggestions', async () => {
	const { page } = pupil;
	await page.setViewportSize({ width: 1440, height: 900 });
	const documentId = await page.evaluate(async () => {
		const room = location.pathname.split('/')[2];
		const documents = (await (await fetch(`/api/v1/rooms/${room}/documents`)).json()) as { id: string; title: string }[];
		return documents.find(({ title }) => title === '春天的日记')?.id ?? '';
	});
	await teacher.page.evaluate(
		(id) =>
			fetch(`/api/v1/documents/${id}/lock`, {
				method: 'PATCH',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ locked: true })
			}),
		documentId
	);
	await expect(article(page)).toHaveAttribute('contenteditable', 'false');
	await expect(page.getByRole('switch', { name: '建议' })).toHaveCount(0);
	await select(page, '燕子');
	await page.getByRole('group', { name: '评论、建议和作者' }).getByRole('button', { name: '评论', exact: true }).click();
	await beside(page).getByPlaceholder('写评论…').fill('锁了也能说');
	await beside(page).getByRole('button', { name: '评论', exact: true }).click();
	await expect(thread(page, '燕子')).toContainText('锁了也能说');
});

test('who may only comment proposes other words, and the teacher puts them in place with one click', async () => {
	const { page } = pupil;
	await select(page, '屋檐');
	await page.getByRole('group', { name: '评论、建议和作者' }).getByRole('button', { name: '评论', exact: true }).click();
	await beside(page).getByRole('button', { name: '建议改为…' }).click();
	const words = beside(page).getByRole('textbox', { name: '建议改为' });
	await expect(words).toHaveValue('屋檐');
	await expect(beside(page).getByRole('button', { name: '评论', exact: true })).toBeDisabled();
	await words.fill('房檐');
	await beside(page).getByRole('button', { name: '评论', exact: true }).click();
	await expect(thread(page, '屋檐')).toContainText('房檐');
	await expect(thread(page, '屋檐').getByRole('button', { name: '采纳，替换原文' })).toHaveCount(0);

	// A locked text stays as it is for the teacher, too.
	await teacher.page.setViewportSize({ width: 1440, height: 900 });
	await expect(thread(teacher.page, '屋檐')).toContainText('房檐');
	await expect(thread(teacher.page, '屋檐').getByRole('button', { name: '采纳，替换原文' })).toHaveCount(0);
	await teacher.page.evaluate(async () => {
		const room = location.pathname.split('/')[2];
		const documents = (await (await fetch(`/api/v1/rooms/${room}/documents`)).json()) as { id: string; title: string }[];
		await fetch(`/api/v1/documents/${documents.find(({ title }) => title === '春天的日记')?.id}/lock`, {
			method: 'PATCH',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ locked: false })
		});
	});
	await expect(article(teacher.page)).toHaveAttribute('contenteditable', 'true');
	await thread(teacher.page, '屋檐').getByRole('button', { name: '采纳，替换原文' }).click();
	for (const each of both()) await expect(article(each)).toContainText('燕子在房檐下筑巢。');
	await expect(thread(page, '屋檐')).toHaveCount(0);
});
