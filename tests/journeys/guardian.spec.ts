import { expect, test } from '@playwright/test';
import { servers, visit } from '../support/people.ts';

test('a guardian enters home–school talk and nothing of the lesson room', async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const teacher = await visit(
		signIns.find(({ role }) => role === '班主任')!,
		{ baseURL: baseURL! }
	);
	const lesson = await teacher.page
		.getByRole('region', { name: '六年级1班' })
		.getByRole('link', { name: /课堂/ })
		.getAttribute('href');
	await teacher.browser.close();

	const { page, browser } = await visit(
		signIns.find(({ role }) => role === '家长')!,
		{ baseURL: baseURL!, phone: true }
	);
	try {
		await expect(page.getByRole('link', { name: /家校沟通/ }).first()).toBeVisible();
		await expect(page.getByRole('link', { name: /课堂/ })).toHaveCount(0);

		// By the address, it is not there either; nor its documents, call or chat.
		await page.goto(lesson!);
		await expect(page.getByRole('heading', { name: '打不开这个页面' })).toBeVisible();
		const missing = lesson!.replace(/[0-9a-f]{12}$/, '000000000000');
		for (const [method, path] of [
			['GET', ''],
			['GET', '/documents'],
			['POST', '/call'],
			['POST', '/chat'],
			['POST', '/enter']
		] as const) {
			const [foreign, none] = await Promise.all(
				[lesson!, missing].map((room) =>
					page.request.fetch(`/api/v1${room}${path}`, {
						method,
						headers: { 'content-type': 'application/json' },
						data: method === 'POST' ? {} : undefined
					})
				)
			);
			expect([path, foreign!.status()]).toEqual([path, 404]);
			expect(await foreign!.text()).toBe(await none!.text());
		}

		await page.goto('/');
		await page
			.getByRole('link', { name: /家校沟通/ })
			.first()
			.click();
		await expect(page.getByText('已连接').first()).toBeVisible();
		await page.getByRole('button', { name: '聊天' }).click();
		await page.getByRole('textbox', { name: /消息/ }).fill('老师好，孩子明天请假。');
		await page.keyboard.press('Enter');
		await expect(page.getByRole('log').getByText('老师好，孩子明天请假。')).toBeVisible();
	} finally {
		await browser.close();
	}
});

test('a teacher who is a parent switches roles in two clicks and sees nothing of the other one', async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const { page, browser } = await visit(
		signIns.find(({ role }) => role.includes('也是家长'))!,
		{ baseURL: baseURL! }
	);
	try {
		await expect(page.getByRole('link', { name: /答疑/ }).first()).toBeVisible();
		await page.getByRole('combobox').selectOption({ label: '家长' });
		await expect(page.locator('[data-hat="guardian"]')).toBeVisible();
		await expect(page.getByRole('link', { name: /家校沟通/ }).first()).toBeVisible();
		await expect(page.getByRole('link', { name: /答疑/ })).toHaveCount(0);
		await page.getByRole('combobox').selectOption({ label: '教师' });
		await expect(page.locator('[data-hat="teacher"]')).toBeVisible();
		await expect(page.getByRole('link', { name: /答疑/ }).first()).toBeVisible();
	} finally {
		await browser.close();
	}
});
