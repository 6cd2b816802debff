import { expect, test } from '@playwright/test';
import { picture, servers, signIn } from '../support/people.ts';

// Whoever is signed in presses one button, and knows whether this network carries a call and what a technician has to open.

test('the check finds every way open, and says what to open on paper and as text', async ({ page, context }) => {
	await context.grantPermissions(['camera', 'microphone', 'clipboard-read', 'clipboard-write']);
	const [person] = await servers.signIns();
	await page.goto('/sign-in');
	await page.getByRole('link', { name: '登录后检测网络和设备' }).click();
	await expect(page).toHaveURL(/to=%2Fcheck/);
	await signIn(page, person!);
	await page.goto('/check');
	const outcome = (item: string) => page.locator(`[data-item=${item}]`);
	await page.getByRole('button', { name: '开始检测' }).click();
	await expect(page.getByRole('button', { name: '再测一次' })).toBeVisible({ timeout: 90_000 });
	await picture(page, 'check');
	await page.setViewportSize({ width: 390, height: 844 });
	await picture(page, 'check-390');
	for (const item of ['hub', 'socket', 'collab', 'signalling'])
		await expect(outcome(item)).toHaveAttribute('data-outcome', /ok|slow/);
	for (const item of ['browser', 'udp', 'tcp', 'microphone', 'camera', 'speaker'])
		await expect(outcome(item)).toHaveAttribute('data-outcome', 'ok');
	await expect(outcome('turn')).toHaveAttribute('data-outcome', 'skipped');
	for (const item of ['quality', 'up', 'down']) await expect(outcome(item)).toHaveAttribute('data-outcome', /ok|slow|blocked/);
	for (const item of ['quality', 'up', 'down'])
		process.stderr.write(`${item}: ${await outcome(item).locator('.font-mono').innerText()}\n`);
	await outcome('udp').getByText('给网络管理员').click();
	await expect(outcome('udp').getByText(/放行从学校到 .* 的 UDP 端口 \d+/)).toBeVisible();
	await page.setViewportSize({ width: 1440, height: 900 });
	await page.getByRole('button', { name: '复制成文字' }).click();
	await expect(page.getByText('已复制，可以发给学校的网络管理员。')).toBeVisible();
	expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('[正常] 声音和画面（UDP）');
	await page.emulateMedia({ media: 'print' });
	await expect(page.getByRole('heading', { name: '网络检测 · Network check' })).toBeVisible();
	await page.setViewportSize({ width: 794, height: 1123 });
	await picture(page, 'check-print');
});

test('a line that is blocked is named, with a sentence for the teacher and one for the technician', async ({ page }) => {
	const [person] = await servers.signIns();
	await signIn(page, person!);
	await page.routeWebSocket(/\/(livekit|live)\//, (socket) => socket.close({ code: 1011 }));
	await page.goto('/check');
	await page.getByRole('button', { name: '开始检测' }).click();
	await expect(page.locator('[data-item=signalling]')).toHaveAttribute('data-outcome', 'blocked', { timeout: 60_000 });
	await expect(page.getByRole('button', { name: '再测一次' })).toBeVisible({ timeout: 60_000 });
	await expect(page.locator('[data-item=socket]')).toHaveAttribute('data-outcome', 'blocked');
	await expect(page.locator('[data-item=collab]')).toHaveAttribute('data-outcome', /ok|slow/);
	await expect(page.locator('[data-item=udp]')).toHaveAttribute('data-outcome', 'skipped');
	await expect(page.getByText('通话接不通，或要等很久。')).toBeVisible();
	await expect(page.locator('[data-item=signalling]').getByText(/放行 WebSocket：ws:\/\/localhost:\d+\/livekit\//)).toBeVisible();
	await picture(page, 'check-blocked');
});
