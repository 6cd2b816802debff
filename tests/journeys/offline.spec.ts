import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { goToEnd, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// Whatever is typed is somewhere: on the server, or on this machine, and the page says where.

test.describe.configure({ mode: 'serial' });

let person: Visitor;
let reader: Visitor;

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const [first, second] = signIns.filter(({ role }) => role === '学生');
	if (!first || !second) throw new Error('the demonstration school has too few students who sign in');
	[person, reader] = await Promise.all([visit(first, { baseURL: baseURL ?? '' }), visit(second, { baseURL: baseURL ?? '' })]);
	for (const { page } of [person, reader]) await open(page);
});
test.afterAll(async () => {
	await Promise.all([person, reader].map((visitor) => visitor?.browser.close()));
});

async function open(page: Page): Promise<void> {
	await page.goto('/');
	await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
	await expect(article(page)).toBeVisible();
}

const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });
const state = (page: Page) => page.locator('[data-save]').first();

/** Cuts the documents off, and only them: the page itself can still be loaded. */
async function cut(page: Page): Promise<void> {
	await page.route('**/api/v1/documents/*/token*', (route) => route.abort());
	await page.evaluate(() => window.dispatchEvent(new Event('offline')));
	await expect(page.getByText(/没有连接/).first()).toBeVisible();
}

test('text typed while the line is cut is counted, outlives a reload and reaches the others afterwards', async () => {
	const { page } = person;
	await cut(page);
	await article(page).click();
	await goToEnd(article(page));
	await page.keyboard.press('Enter');
	await page.keyboard.type('断网时写的一句话。');
	await expect(state(page)).toHaveText(/仅存本机 \d+ 处/);
	await expect(article(reader.page)).not.toContainText('断网时写的一句话');

	await page.reload();
	await expect(article(page)).toContainText('断网时写的一句话。');
	await expect(state(page)).toHaveText(/仅存本机 \d+ 处/);

	await page.unroute('**/api/v1/documents/*/token*');
	await page.evaluate(() => window.dispatchEvent(new Event('online')));
	await expect(article(reader.page)).toContainText('断网时写的一句话。');
	await expect(state(page)).toHaveText(/已存服务器 \d\d:\d\d:\d\d/);
});

test('where the network lets no WebSocket through, one writes and reads all the same', async () => {
	const page = await reader.page.context().newPage();
	let tries = 0;
	await page.routeWebSocket(/\/collab\//, (socket) => {
		tries++;
		void socket.close({ code: 1011, reason: 'not in this network' });
	});
	await open(page);
	await expect(state(page)).toHaveText(/已存服务器/);
	expect(tries).toBeGreaterThanOrEqual(2);
	await article(page).click();
	await goToEnd(article(page));
	await page.keyboard.press('Enter');
	await page.keyboard.type('没有网络插座也写得成。');
	await expect(article(person.page)).toContainText('没有网络插座也写得成。');
	await expect(state(page)).toHaveText(/已存服务器 \d\d:\d\d:\d\d/);
	await article(person.page).click();
	await goToEnd(article(person.page));
	await person.page.keyboard.type('看得见吗？');
	await expect(article(page)).toContainText('看得见吗？');
	await page.close();
});

test('another person at the same machine sees no copy of it', async () => {
	const kept = await person.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));
	expect(kept.filter((name) => name.startsWith('xingtan:'))).not.toHaveLength(0);
	const owners = new Set(kept.map((name) => name.split(':')[1]));
	const others = await reader.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));
	expect(others.some((name) => owners.has(name.split(':')[1]))).toBe(false);
});

test('a room says when it has no connection, and comes back by itself', async () => {
	const { page } = reader;
	await expect(page.getByText('已连接').first()).toBeVisible();
	await page.context().setOffline(true);
	await expect(page.getByText('连接断开，正在重连…').first()).toBeVisible();
	await page.context().setOffline(false);
	await expect(page.getByText('已连接').first()).toBeVisible();
	await expect(state(page)).toHaveText(/已存服务器 \d\d:\d\d:\d\d/);
});
