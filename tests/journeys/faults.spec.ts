import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { goToEnd, servers, visit } from '../support/people.ts';

const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });

test('the web server is killed while two people type, and no character that it acknowledged is lost', async ({ baseURL }) => {
	const students = (await servers.signIns()).filter(({ role }) => role === '学生');
	const [one, two] = await Promise.all(students.slice(0, 2).map((student) => visit(student, { baseURL: baseURL! })));
	try {
		await one!.page
			.getByRole('link', { name: /小组讨论/ })
			.first()
			.click();
		await one!.page.getByRole('button', { name: '新建文档' }).first().click();
		await one!.page.getByLabel('名称').fill('断电试验');
		await one!.page.getByRole('button', { name: '新建', exact: true }).click();
		await expect(article(one!.page)).toBeVisible();
		await two!.page.goto(one!.page.url());
		await two!.page.getByRole('tab', { name: '断电试验' }).click();
		await expect(article(two!.page)).toBeVisible();

		const acknowledged = { one: 0, two: 0 };
		const type = async (page: Page, who: 'one' | 'two', count: number) => {
			await article(page).click();
			await goToEnd(article(page));
			for (let index = 1; index <= count; index++) {
				await page.keyboard.insertText(`${who}${index};`);
				// Said on the screen as stored: from now on it may not be lost.
				if (
					index % 4 === 0 &&
					(await page
						.getByText(/已存服务器/)
						.first()
						.isVisible())
				)
					acknowledged[who] = index;
			}
		};
		const typing = Promise.all([type(one!.page, 'one', 60), type(two!.page, 'two', 60)]);
		await expect(article(one!.page)).toContainText('one20;');
		await servers.kill('web');
		await typing;

		// It comes back by itself, and so do the browsers; what was typed meanwhile is sent then.
		for (const { page } of [one!, two!]) {
			await expect(article(page)).toContainText('one60;', { timeout: 60_000 });
			await expect(article(page)).toContainText('two60;', { timeout: 60_000 });
			await expect(page.getByText(/已存服务器/).first()).toBeVisible({ timeout: 30_000 });
		}
		const fresh = await two!.context.newPage();
		await fresh.goto(one!.page.url());
		await fresh.getByRole('tab', { name: '断电试验' }).click();
		for (const who of ['one', 'two']) {
			await expect(article(fresh)).toContainText(`${who}60;`);
			const text = (await article(fresh).innerText()).replaceAll(/\s/g, '');
			for (let index = 1; index <= 60; index++) expect(text.split(`${who}${index};`).length - 1, `${who}${index}`).toBe(1);
		}
		expect(acknowledged.one + acknowledged.two).toBeGreaterThan(0);
	} finally {
		await one!.browser.close();
		await two!.browser.close();
	}
});

test('without voice and chat the room says so, and writing goes on', async ({ baseURL }) => {
	test.setTimeout(240_000);
	const student = (await servers.signIns()).find(({ role }) => role === '学生')!;
	const { page, browser } = await visit(student, { baseURL: baseURL! });
	try {
		await servers.stop('livekit');
		await servers.stop('synapse');
		const health = (await (await page.request.get('/api/v1/health')).json()) as Record<string, string>;
		expect(health).toMatchObject({ status: 'degraded', web: 'ok', database: 'ok', collab: 'ok' });
		expect(health.media).not.toBe('ok');
		expect(health.chat).not.toBe('ok');

		await page.goto('/');
		await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
		await page.getByRole('button', { name: '加入听讲' }).click();
		await expect(page.getByText(/语音和视频.*用不了/).first()).toBeVisible();
		await expect(page.getByText(/聊天.*用不了/).first()).toBeVisible();
		await page.getByRole('tab', { name: /桥为什么不塌/ }).click();
		await article(page).click();
		await goToEnd(article(page));
		await page.keyboard.insertText('没有声音也能写。');
		await expect(page.getByText(/已存服务器/).first()).toBeVisible();
	} finally {
		await browser.close();
		await servers.restart();
	}
});
