import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { servers, signIn, visit } from '../support/people.ts';

// Every page, wide and narrow, light and dark: nothing that keeps people with a screen reader, a keyboard or
// weak eyes out, and nothing wider than its screen.

async function look(page: Page, name: string): Promise<void> {
	await expect(page.locator('main')).toBeVisible();
	for (const [width, height] of [
		[1440, 900],
		[390, 844]
	] as const) {
		await page.setViewportSize({ width, height });
		for (const colorScheme of ['light', 'dark'] as const) {
			await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
			// Colours that fade over have arrived when the next picture is drawn.
			await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
			const { violations } = await new AxeBuilder({ page })
				.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
				.analyze();
			const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
			expect(
				serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(' | ')}`),
				`${name} ${width} ${colorScheme}`
			).toEqual([]);
			const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
			expect(content, `${name} ${width}: width`).toBeLessThanOrEqual(screen);
			if (process.env.SPACE_TEST_PICTURES)
				await page.screenshot({ path: `${process.env.SPACE_TEST_PICTURES}/${name}-${width}-${colorScheme}.png` });
		}
	}
}

test('before one is signed in', async ({ page }) => {
	await page.goto('/sign-in');
	await expect(page.getByRole('button', { name: '登录', exact: true })).toBeVisible();
	await look(page, 'sign-in');
});

test('of a teacher', async ({ baseURL }) => {
	test.setTimeout(300_000);
	const { page, browser } = await visit(
		(await servers.signIns()).find(({ role }) => role === '班主任')!,
		{ baseURL: baseURL! }
	);
	try {
		await look(page, 'home');
		await page.goto((await page.getByRole('link', { name: '六年级1班', exact: true }).getAttribute('href'))!);
		await look(page, 'space');
		const lesson = (await page.getByRole('link', { name: /课堂/ }).getAttribute('href'))!;
		await page.goto(lesson);
		await expect(page.getByRole('textbox', { name: /^正文/ })).toBeVisible();
		await look(page, 'room');
		await page.setViewportSize({ width: 1440, height: 900 });
		await page.getByRole('tab', { name: '桥的结构' }).click();
		await expect(page.getByLabel(/^导图：/)).toBeVisible();
		await look(page, 'map');
		await page.goto(`${lesson}/analysis`);
		await look(page, 'analysis');
		await page.goto('/account');
		await look(page, 'account');
		await page.goto('/rooms/01980000-0000-7000-8000-000000000000');
		await look(page, 'missing');
	} finally {
		await browser.close();
	}
});

test('of whoever signs in for the first time', async ({ baseURL, page }) => {
	const admin = await visit(
		(await servers.signIns()).find(({ role }) => role === '学校管理员')!,
		{ baseURL: baseURL! }
	);
	try {
		await admin.page.goto('/admin');
		const row = admin.page.getByRole('row').filter({ hasText: '许诺' });
		const login = (await row.getByRole('cell').first().innerText()).trim();
		await row.getByRole('button', { name: '管理' }).click();
		const panel = admin.page.getByRole('dialog');
		await panel.getByRole('button', { name: '重置密码' }).click();
		const password = (await panel.getByRole('status').locator('p').last().innerText()).trim();
		await signIn(page, { login, password });
		await expect(page).toHaveURL(/\/first-password$/);
		await look(page, 'first-password');
	} finally {
		await admin.browser.close();
	}
});

test('of a school administrator', async ({ baseURL }) => {
	test.setTimeout(300_000);
	const { page, browser } = await visit(
		(await servers.signIns()).find(({ role }) => role === '学校管理员')!,
		{ baseURL: baseURL! }
	);
	try {
		for (const path of ['/admin', '/admin/roster', '/admin/policy', '/admin/audit']) {
			await page.goto(path);
			await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
			await look(page, path.slice(1).replace('/', '-'));
		}
	} finally {
		await browser.close();
	}
});
