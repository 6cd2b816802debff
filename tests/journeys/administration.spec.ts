import { expect, test } from '@playwright/test';
import { openBrowser, servers, signIn, visit } from '../support/people.ts';

test('a pupil gets a first password, replaces it, enters a lesson, and is out of everything seconds after leaving the class', async ({
	baseURL
}) => {
	const admin = await visit(
		(await servers.signIns()).find(({ role }) => role === '学校管理员')!,
		{ baseURL: baseURL! }
	);
	const browser = await openBrowser();
	const context = await browser.newContext({ baseURL, locale: 'zh-CN', permissions: ['camera', 'microphone'] });
	const pupil = await context.newPage();
	try {
		await admin.page.goto('/admin');
		const row = admin.page.getByRole('row').filter({ hasText: '沈乐言' });
		const number = (await row.getByRole('cell').first().innerText()).trim();
		await row.getByRole('button', { name: '管理' }).click();
		const panel = admin.page.getByRole('dialog');
		await panel.getByRole('button', { name: '重置密码' }).click();
		const password = (await panel.getByRole('status').locator('p').last().innerText()).trim();

		// The first password opens one page only: the one that replaces it.
		await signIn(pupil, { login: number, password });
		await expect(pupil).toHaveURL(/\/first-password$/);
		await pupil.goto('/');
		await expect(pupil).toHaveURL(/\/first-password$/);
		expect((await pupil.request.get('/api/v1/rooms')).status()).toBe(403);
		await pupil.getByLabel('新密码').fill('石桥 纸桥 彩虹桥 哪座塌');
		await pupil.getByLabel('再输一次').fill('石桥 纸桥 彩虹桥 哪座塌');
		await pupil.getByRole('button', { name: '更换密码' }).click();
		await expect(pupil.getByRole('heading', { name: '正在进行' })).toBeVisible();

		await pupil.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
		await expect(pupil.getByRole('textbox', { name: /^正文/ })).toBeVisible();
		await pupil.getByRole('button', { name: '加入通话' }).click();
		await expect(pupil.getByRole('button', { name: '离开通话' })).toBeVisible();
		const room = new URL(pupil.url()).pathname;

		await panel.getByRole('button', { name: '移出 六年级1班 学生' }).click();
		await expect(pupil.getByText('您的权限变了，已离开这个房间。')).toBeVisible({ timeout: 5_000 });
		for (const path of ['', '/documents']) expect((await pupil.request.get(`/api/v1${room}${path}`)).status()).toBe(404);
		for (const path of ['/call', '/chat', '/enter'])
			expect((await pupil.request.post(`/api/v1${room}${path}`)).status()).toBe(404);

		await panel.getByLabel('空间', { exact: true }).selectOption({ label: '六年级1班' });
		await panel.getByLabel('角色', { exact: true }).selectOption({ label: '学生' });
		await panel.getByRole('button', { name: '加入', exact: true }).click();
		await expect(panel.getByRole('button', { name: '移出 六年级1班 学生' })).toBeVisible();
		await pupil.goto(room);
		await expect(pupil.getByRole('textbox', { name: /^正文/ })).toBeVisible();

		// All of it is in the audit, by whom and to whom, without a name or a password.
		await admin.page.goto('/admin/audit');
		await expect(admin.page.getByRole('row').filter({ hasText: '重置密码' }).first()).toBeVisible();
	} finally {
		await browser.close();
		await admin.browser.close();
	}
});
