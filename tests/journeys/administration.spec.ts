import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
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
		await pupil.getByRole('button', { name: '加入听讲' }).click();
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

test('a school administrator makes a class, and its teacher finds its rooms there', async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const by = (role: string) => signIns.find((person) => person.role === role)!;
	const admin = await visit(by('学校管理员'), { baseURL: baseURL! });
	const teacher = await visit(by('班主任'), { baseURL: baseURL!, phone: true });
	try {
		await admin.page.getByRole('link', { name: '云川区实验小学', exact: true }).click();
		await admin.page.getByRole('button', { name: '新建班级' }).press('Enter');
		const dialog = admin.page.getByRole('dialog', { name: '新建班级' });
		const name = dialog.getByLabel('班级名称');
		await name.press('Enter');
		await expect(dialog.getByText('请填写名称。')).toBeVisible();
		await name.fill('班'.repeat(81));
		await name.press('Enter');
		await expect(dialog.getByText(/最多 80 个字/)).toBeVisible();
		await name.fill('六年级1班');
		await name.press('Enter');
		await expect(dialog.getByText('已经有叫这个名字的了，请换一个名字。')).toBeVisible();
		await name.fill('六年级9班');
		await name.press('Enter');
		await expect(admin.page.getByRole('heading', { level: 1, name: '六年级9班' })).toBeVisible();
		await expect(dialog).toBeHidden();
		// There are rooms, and she is not the one to enter them.
		await expect(admin.page.getByText('管理员不进房间')).toBeVisible();
		await expect(admin.page.getByRole('button', { name: '添加成员' })).toBeVisible();

		await add(admin.page, { number: by('班主任').login, role: '班主任', name: teacher.name });
		await teacher.page.reload();
		const region = teacher.page.getByRole('region', { name: '六年级9班' });
		await expect(region.getByRole('link', { name: /课堂/ })).toBeVisible();
		await expect(region.getByRole('link', { name: /家校沟通/ })).toBeVisible();
	} finally {
		await teacher.browser.close();
		await admin.browser.close();
	}
});

test('a roster comes as a file, chosen by keyboard or dropped, and can be taken back', async ({ baseURL }) => {
	const admin = await visit(
		(await servers.signIns()).find(({ role }) => role === '学校管理员')!,
		{ baseURL: baseURL! }
	);
	const { page } = admin;
	const csv = (number: string) => `编号,姓名,角色,班级\n${number},林晓晓,学生,六年级1班\n`;
	try {
		await page.goto('/admin/roster');
		const choose = page.getByRole('button', { name: '选择文件' });
		const asked = page.waitForEvent('filechooser');
		await choose.press('Enter');
		await (await asked).setFiles({ name: '名单.csv', mimeType: 'text/csv', buffer: Buffer.from(csv('S0001')) });
		await expect(page.getByText('名单.csv')).toBeVisible();
		await page.getByRole('button', { name: '不用 名单.csv' }).press('Enter');
		await expect(choose).toBeFocused();
		await expect(page.getByRole('button', { name: '看看会改动什么' })).toBeDisabled();

		const dropped = await page.evaluateHandle((text) => {
			const data = new DataTransfer();
			data.items.add(new File([text], '拖来的.csv', { type: 'text/csv' }));
			return data;
		}, csv('S0002'));
		await page.getByText('或把文件拖到这里').dispatchEvent('drop', { dataTransfer: dropped });
		await expect(page.getByText('拖来的.csv')).toBeVisible();
		await page.getByRole('button', { name: '看看会改动什么' }).press('Enter');
		await expect(page.getByText('新增 1 人')).toBeVisible();
	} finally {
		await admin.browser.close();
	}
});

test('a teacher founds a workshop on a phone, takes in a teacher of another school and lets go again', async ({ baseURL }) => {
	const host = await visit(
		(await servers.signIns()).find(({ role }) => role === '班主任')!,
		{ baseURL: baseURL!, phone: true }
	);
	const { page } = host;
	try {
		await page.getByRole('button', { name: '办工作坊' }).press('Enter');
		await page.getByLabel('工作坊名称').fill('小学阅读教研');
		await page.getByLabel('工作坊名称').press('Enter');
		await expect(page.getByRole('heading', { level: 1, name: '小学阅读教研' })).toBeVisible();
		await expect(page.getByRole('link', { name: /研修/ })).toBeVisible();

		await add(page, { number: 't102002', role: '教师', name: '苏晓棠', refused: ['X999', '102220101'] });
		await page.getByRole('button', { name: '移出 苏晓棠（教师）' }).press('Enter');
		await page.getByRole('dialog', { name: '移出成员' }).getByRole('button', { name: '移出', exact: true }).press('Enter');
		await expect(page.getByText('苏晓棠 已移出。')).toBeVisible();
		await expect(page.getByRole('listitem').filter({ hasText: '苏晓棠' })).toBeHidden();
		await expect(page.getByRole('button', { name: /^移出/ })).toHaveCount(0);
	} finally {
		await host.browser.close();
	}
});

/** Adds somebody to the list of the page by the keyboard, after numbers that find nobody. */
async function add(
	page: Page,
	{ number, role, name, refused = [] }: { number: string; role: string; name: string; refused?: string[] }
): Promise<void> {
	await page.getByRole('button', { name: '添加成员' }).press('Enter');
	const dialog = page.getByRole('dialog', { name: '添加成员' });
	const field = dialog.getByLabel('学号或工号');
	await dialog.getByLabel('角色').selectOption({ label: role });
	for (const other of refused) {
		await field.fill(other);
		await field.press('Enter');
		await expect(dialog.getByText('没有找到可以加入的人，请核对号码和角色。')).toBeVisible();
	}
	await field.fill(number);
	await field.press('Enter');
	await expect(dialog.getByRole('status')).toContainText(name);
	await field.press('Enter');
	await expect(dialog.getByText(`${name} 已加入。`)).toBeVisible();
	await expect(field).toBeFocused();
	await field.press('Escape');
	await expect(page.getByRole('listitem').filter({ hasText: name })).toBeVisible();
}
