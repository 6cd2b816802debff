import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { enterLesson, picture, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// Several screens at once, one of them in the middle for everybody, drawn upon from both ends, and a line that breaks.

test.describe.configure({ mode: 'serial' });

const people: Visitor[] = [];
let room = '';

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const head = signIns.find(({ role }) => role === '班主任');
	const students = signIns.filter(({ role }) => role === '学生');
	for (const person of [head, ...students.slice(0, 2)]) {
		if (!person) throw new Error('the demonstration school has too few sign-ins');
		people.push(await visit(person, { baseURL: baseURL ?? '' }));
	}
});
test.afterAll(async () => {
	await rules({ stage: 'invited' }).catch(() => undefined);
	await Promise.all(people.map(({ browser }) => browser.close()));
});

const pages = () => people.map(({ page }) => page) as [Page, Page, Page];
const rules = (data: object) => people[0]!.page.request.post(`/api/v1${room}/rules`, { data });
const screens = (page: Page) => page.locator('figure[data-screen]');
const strokes = (page: Page) => page.locator('[data-ink] [data-stroke]');
/** Where the last stroke begins, as a part of the picture. */
const place = (page: Page) =>
	page
		.locator('[data-ink]')
		.first()
		.evaluate((svg) => {
			const [, x, y] = /^M([\d.]+) ([\d.]+)/.exec(svg.querySelector('[data-stroke] path')?.getAttribute('d') ?? '') ?? [];
			return [Number(x) / Number(svg.getAttribute('width')), Number(y) / Number(svg.getAttribute('height'))];
		});

/** A screen of 1280 by 720 that moves, as the browser's own dialogue would give it. */
async function standInScreen(page: Page, color: string): Promise<void> {
	await page.addInitScript((color) => {
		const canvas = document.createElement('canvas');
		[canvas.width, canvas.height] = [1280, 720];
		const brush = canvas.getContext('2d')!;
		let turn = 0;
		setInterval(() => {
			brush.fillStyle = color;
			brush.fillRect(0, 0, 1280, 720);
			brush.fillStyle = '#fff';
			brush.font = '64px sans-serif';
			brush.fillText(`${color} ${turn++}`, 80, 140);
		}, 200);
		navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(5);
	}, color);
}

test('two screens are side by side for everybody, each with a name, and one looks at either', async () => {
	const [teacher, first, second] = pages();
	await standInScreen(teacher, 'teal');
	await standInScreen(first, 'indigo');
	await enterLesson(teacher);
	room = new URL(teacher.url()).pathname;
	await rules({ stage: 'open' });
	for (const page of [first, second]) await page.goto(room);
	for (const page of pages()) await page.getByRole('button', { name: '加入通话' }).click();
	await expect(teacher.getByText('通话中 3 人')).toBeVisible();
	for (const page of [teacher, first]) {
		await page.getByRole('button', { name: '共享屏幕' }).click();
		await expect(page.getByRole('button', { name: '停止共享' })).toBeVisible();
	}
	for (const page of pages()) {
		await expect(screens(page)).toHaveCount(2);
		await expect(page.getByText(`${people[1]!.name} 共享的屏幕`)).toBeVisible();
	}
	await picture(second, 'stage-two-screens', '通话');
	await second.locator(`figure[data-screen]`).nth(1).getByRole('button', { name: '放大看' }).click();
	await expect(screens(second)).toHaveCount(1);
	await expect(screens(teacher)).toHaveCount(2);
	await picture(second, 'stage-one-large', '通话');
	await second.getByRole('button', { name: '并排看' }).click();
	await expect(screens(second)).toHaveCount(2);
});

test('the teacher puts one screen in the middle for everybody; one may look away and return, and it ends for all', async () => {
	const [teacher, first, second] = pages();
	await screens(teacher).filter({ hasText: people[1]!.name }).getByRole('button', { name: '请大家一起看' }).click();
	for (const page of pages()) {
		await expect(screens(page)).toHaveCount(1);
		await expect(screens(page)).toContainText(people[1]!.name);
	}
	await expect(second.getByText('老师或主持人请大家看这里')).toBeVisible();
	await expect(second.getByRole('button', { name: '请大家一起看' })).toHaveCount(0);
	expect((await second.request.post(`/api/v1${room}/spotlight`, { data: { spotlight: null } })).status()).toBe(403);
	await picture(second, 'stage-spotlight', '通话');
	await second.getByRole('button', { name: '自己看别的' }).click();
	await expect(screens(second)).toHaveCount(2);
	await second.getByRole('button', { name: '回到大家在看的' }).click();
	await expect(screens(second)).toHaveCount(1);
	// A person, from their picture.
	const name = people[2]!.name;
	await teacher.locator(`[data-person]`).filter({ hasText: name }).hover();
	await teacher.getByRole('button', { name: `${name} 的画面怎么看` }).click();
	await teacher.getByRole('menuitem', { name: '请大家一起看' }).click();
	for (const page of [teacher, first]) await expect(screens(page)).toHaveCount(0);
	await picture(first, 'stage-spotlight-person', '通话');
	await teacher.getByRole('button', { name: '不再请大家看' }).first().click();
	for (const page of pages()) await expect(screens(page)).toHaveCount(2);
});

test('a stroke is seen by everybody at once and at the same place, is taken back, and all are wiped away', async () => {
	const [teacher, first, second] = pages();
	await screens(teacher).filter({ hasText: people[1]!.name }).getByRole('button', { name: '请大家一起看' }).click();
	for (const page of pages()) await expect(screens(page)).toHaveCount(1);
	await first.setViewportSize({ width: 700, height: 900 });
	await first
		.getByRole('navigation')
		.getByRole('button', { name: '通话' })
		.click()
		.catch(() => undefined);
	await teacher.getByRole('button', { name: '在屏幕上画' }).click();
	const svg = teacher.locator('[data-ink]');
	const box = (await svg.boundingBox())!;
	const line = async (x: number, y: number, to = 0.2) => {
		await teacher.mouse.move(box.x + box.width * x, box.y + box.height * y);
		await teacher.mouse.down();
		await teacher.mouse.move(box.x + box.width * (x + to / 2), box.y + box.height * y, { steps: 8 });
		await teacher.mouse.move(box.x + box.width * (x + to), box.y + box.height * (y + 0.1), { steps: 8 });
		await teacher.mouse.up();
	};
	await line(0.25, 0.5);
	for (const page of pages()) await expect(strokes(page)).toHaveCount(1);
	for (const page of [first, second]) {
		const [x = 0, y = 0] = await place(page);
		expect(Math.abs(x - 0.25)).toBeLessThan(0.005);
		expect(Math.abs(y - 0.5)).toBeLessThan(0.005);
	}
	await expect(second.locator('[data-ink] text')).toHaveText(people[0]!.name);

	// From the hand to the other screen.
	await second.evaluate(() => {
		const svg = document.querySelector('[data-ink]')!;
		new MutationObserver(() => {
			(globalThis as { seenAt?: number }).seenAt ??= Date.now();
		}).observe(svg, { childList: true, subtree: true });
	});
	await teacher.getByRole('button', { name: '箭头' }).click();
	await teacher.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.3);
	const begun = Date.now();
	await teacher.mouse.down();
	await expect(strokes(second)).toHaveCount(2);
	const took = (await second.evaluate(() => (globalThis as { seenAt?: number }).seenAt ?? Infinity)) - begun;
	process.stderr.write(`a stroke was seen on another screen after ${took} ms\n`);
	// Some 100 ms on a quiet machine; here three browsers film, share and draw on two cores.
	expect(took).toBeLessThan(2_000);
	await teacher.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.5, { steps: 4 });
	await teacher.mouse.up();

	// A pupil may draw where all may speak, and wipes away only their own; this pupil's own screen is another matter.
	await second.getByRole('button', { name: '在屏幕上画' }).click();
	await second.getByRole('button', { name: '荧光笔', exact: true }).click();
	const own = (await second.locator('[data-ink]').boundingBox())!;
	await second.mouse.move(own.x + own.width * 0.3, own.y + own.height * 0.75);
	await second.mouse.down();
	await second.mouse.move(own.x + own.width * 0.7, own.y + own.height * 0.75, { steps: 10 });
	await second.mouse.up();
	for (const page of pages()) await expect(strokes(page)).toHaveCount(3);
	await picture(second, 'stage-ink', '通话');
	await picture(teacher, 'stage-ink-teacher', '通话');
	await second.getByRole('button', { name: '擦掉我画的' }).click();
	for (const page of pages()) await expect(strokes(page)).toHaveCount(2);
	await second.getByRole('button', { name: '画好了' }).click();

	// Who comes late sees what stands.
	await second.reload();
	await second.getByRole('button', { name: '加入通话' }).click();
	await expect(strokes(second)).toHaveCount(2, { timeout: 20_000 });

	await teacher.getByRole('button', { name: '撤销我的上一笔' }).click();
	for (const page of pages()) await expect(strokes(page)).toHaveCount(1);
	await teacher.getByRole('button', { name: '激光笔' }).click();
	// It shines for a second and a half only: a busy machine looks too seldom, so the page itself keeps whether it was there.
	await second.evaluate(() => {
		const svg = document.querySelector('[data-ink]')!;
		new MutationObserver(() => {
			if (svg.querySelector('[data-stroke=laser]')) (globalThis as { shone?: boolean }).shone = true;
		}).observe(svg, { childList: true, subtree: true });
	});
	await line(0.4, 0.3);
	await expect.poll(() => second.evaluate(() => (globalThis as { shone?: boolean }).shone ?? false)).toBe(true);
	await expect(second.locator('[data-stroke=laser]')).toHaveCount(0);
	await teacher.getByRole('button', { name: '擦掉大家画的' }).click();
	for (const page of pages()) await expect(strokes(page)).toHaveCount(0);
	await first.setViewportSize({ width: 1440, height: 900 });
});

// Written, and not yet seen to pass.
test.fixme('one may choose sound alone, and have pictures again', async () => {
	const [, , second] = pages();
	await second.getByRole('button', { name: '设备' }).click();
	await second.getByRole('checkbox', { name: '只要声音' }).check();
	await second.getByRole('button', { name: '好了' }).click();
	await expect(second.getByText('现在只要声音，画面都关着。')).toBeVisible();
	await expect(second.locator('[data-person] video')).toHaveCount(0);
	await picture(second, 'stage-only-sound', '通话');
	await second.getByRole('button', { name: '恢复画面' }).click();
	await expect(screens(second).first()).toBeVisible();
});

// Written, and not yet seen to pass.
test.fixme('on a line that loses what is sent, cameras pause for the voices and come back by themselves', async () => {
	test.setTimeout(180_000);
	const [, , second] = pages();
	const line = await second.context().newCDPSession(second);
	const lose = (packetLoss: number) =>
		line.send('Network.emulateNetworkConditions', {
			offline: false,
			latency: 0,
			downloadThroughput: -1,
			uploadThroughput: -1,
			packetLoss
		});
	await lose(40);
	await expect(second.locator('[data-thrift]')).toBeVisible({ timeout: 60_000 });
	await expect(second.getByText('先保证声音')).toBeVisible();
	await picture(second, 'stage-weak', '通话');
	await lose(0);
	await expect(second.locator('[data-thrift]')).toHaveCount(0, { timeout: 90_000 });
	await line.detach();
});

test('after a cut one is back in the call and the room within three seconds', async () => {
	const [teacher, , second] = pages();
	await teacher.getByRole('button', { name: '画好了' }).click();
	await teacher.getByRole('button', { name: '不再请大家看' }).first().click();
	const stage = second.getByRole('region', { name: '通话', exact: true });
	await expect(stage).toHaveAttribute('data-stage', 'connected');
	await second.context().setOffline(true);
	await expect(second.getByText('连接断开，正在重连…').first()).toBeVisible();
	await second.context().setOffline(false);
	const begun = Date.now();
	await expect(second.getByText('已连接').first()).toBeVisible();
	await expect(stage).toHaveAttribute('data-stage', 'connected');
	process.stderr.write(`the room was back after ${Date.now() - begun} ms\n`);
	expect(Date.now() - begun).toBeLessThan(3_000);

	// The media server itself: gone, and back.
	await servers.kill('livekit');
	await expect(stage).toHaveAttribute('data-stage', 'reconnecting');
	await expect(stage.getByText('网络断了一下，正在接回通话。您不用做什么，写的内容都在。')).toBeVisible();
	await picture(second, 'stage-coming-back');
	const answers = Date.now();
	await expect(stage).toHaveAttribute('data-stage', 'connected', { timeout: 30_000 });
	process.stderr.write(`the call was back ${Date.now() - answers} ms after the media server was killed\n`);
	expect(new URL(second.url()).pathname).toBe(room);
});

// Written, and not yet seen to pass.
test.fixme('a second device of the same person only watches, without a sound, and does not push the first one out', async ({
	browser,
	baseURL
}) => {
	const [, , second] = pages();
	const context = await browser.newContext({ baseURL, locale: 'zh-CN', storageState: await second.context().storageState() });
	const tablet = await context.newPage();
	await tablet.goto(room);
	await tablet.getByRole('button', { name: '加入通话' }).click();
	// Whoever joins anew has the call; where one was before one is asked.
	await expect(second.getByText('您在另一台设备上加入了通话，这里已断开。')).toBeVisible({ timeout: 30_000 });
	await picture(second, 'stage-elsewhere');
	await second.getByRole('button', { name: '这台只看，不出声' }).click();
	await expect(second.getByText('这台设备不出声，也不收声，用旁边那台说和听。')).toBeVisible();
	await expect(screens(second)).toHaveCount(2, { timeout: 30_000 });
	await expect(second.getByRole('button', { name: '打开麦克风' })).toHaveCount(0);
	await expect(second.locator('audio')).toHaveCount(0);
	await expect(tablet.getByRole('region', { name: '通话', exact: true })).toHaveAttribute('data-stage', 'connected');
	await expect(tablet.getByText('通话中 3 人')).toBeVisible();
	await picture(second, 'stage-companion', '通话');
	await context.close();
});
