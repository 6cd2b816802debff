import { join } from 'node:path';
import { chromium, expect } from '@playwright/test';
import type { Browser, BrowserContext, Locator, Page } from '@playwright/test';
import { findChromium } from '../../bin/servers/chromium.ts';
import type { SignIn } from '../../bin/servers/demonstration.ts';
import { ask } from './control.ts';

const control = () => process.env.SPACE_TEST_CONTROL ?? '';

/** The servers of the journeys: who may sign in, where the database is, restart, kill and stop. */
export const servers = {
	signIns: () => ask<SignIn[]>(control(), 'signIns'),
	databaseUrl: () => ask<string>(control(), 'databaseUrl'),
	restart: () => ask<void>(control(), 'restart'),
	kill: (part: string) => ask<void>(control(), 'kill', part),
	stop: (part: string) => ask<void>(control(), 'stop', part)
};

export interface Visitor {
	name: string;
	browser: Browser;
	context: BrowserContext;
	page: Page;
}

/** A browser of its own, as on a device of its own; its microphone plays `voice` once, when given. */
export async function openBrowser(voice?: string): Promise<Browser> {
	return chromium.launch({
		executablePath: findChromium(),
		args: [
			'--no-sandbox',
			'--use-fake-ui-for-media-stream',
			// Pictures that change five times a second show that they move; at twenty, three people of one lesson keep a small
			// machine so busy that its false microphones drop sound.
			'--use-fake-device-for-media-stream=fps=5',
			'--autoplay-policy=no-user-gesture-required',
			...(voice ? [`--use-file-for-fake-audio-capture=${voice}%noloop`] : [])
		]
	});
}

/** Signs in as a person would, on the sign-in page. */
export async function signIn(page: Page, { login, password }: Pick<SignIn, 'login' | 'password'>): Promise<void> {
	await page.goto('/sign-in');
	await page.getByLabel('学号、工号或邮箱').fill(login);
	await page.getByLabel('密码', { exact: true }).fill(password);
	await page.getByRole('button', { name: '登录', exact: true }).click();
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	await page.waitForURL((url) => url.pathname !== '/sign-in');
}

/** Someone at a device, signed in. */
export async function visit(person: SignIn, options: { voice?: string; baseURL: string; phone?: boolean }): Promise<Visitor> {
	const browser = await openBrowser(options.voice);
	const context = await browser.newContext({
		baseURL: options.baseURL,
		locale: 'zh-CN',
		timezoneId: 'Asia/Shanghai',
		permissions: ['camera', 'microphone'],
		viewport: options.phone ? { width: 390, height: 844 } : { width: 1440, height: 900 }
	});
	const page = await context.newPage();
	await signIn(page, person);
	return { name: person.name, browser, context, page };
}

/**
 * Puts the caret of a text at its end. The browser tells the editor of a moved caret a frame later, sooner
 * than any person can go on typing, but not sooner than a test.
 */
export async function goToEnd(text: Locator): Promise<void> {
	await text.press('Control+End');
	await text.page().evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** What lies on a table, by the word of the button that makes it. */
type Made = '文档' | '导图' | '白板';

/** Goes to the lesson of the class, as one does: from the first page. */
export async function enterLesson(page: Page): Promise<void> {
	await page.goto('/');
	await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
	await expect(page.getByText('已连接').first()).toBeVisible();
}

/** Everybody speaks in this room from now on: in a lesson students are invited up first. */
export async function openStage(page: Page, room: string): Promise<void> {
	const answer = await page.request.post(`/api/v1${room}/rules`, { data: { stage: 'open' } });
	expect(answer.status()).toBe(200);
}

/** Makes something new on the table of the room. */
export async function make(page: Page, kind: Made, title: string): Promise<void> {
	await page
		.getByRole('button', { name: `新建${kind}` })
		.first()
		.click();
	await page.getByRole('dialog').getByRole('textbox').fill(title);
	await page.getByRole('dialog').getByRole('button', { name: '新建' }).click();
	await expect(page.getByRole('region', { name: title, exact: true })).toBeVisible();
}

/** Opens what lies on the table; a page that has only just come may not hear the first click. */
export async function take(page: Page, title: string): Promise<void> {
	// Tried again, a journey has made another of the same name: the last one.
	const tab = page.getByRole('tab', { name: title }).last();
	await expect(async () => {
		await tab.click();
		await expect(tab).toHaveAttribute('aria-selected', 'true', { timeout: 1_000 });
	}).toPass();
}

/** People of a class by their roles, in its lesson around something new that the first of them made. */
export async function meetAround(kind: Made, title: string, roles: readonly string[], baseURL?: string): Promise<Visitor[]> {
	const free = await servers.signIns();
	const chosen = roles.map((role) => {
		const [person] = free.splice(
			Math.max(
				0,
				free.findIndex((each) => each.role === role)
			),
			1
		);
		if (person?.role !== role) throw new Error(`the demonstration school has too few who sign in as ${role}`);
		return person;
	});
	const people = await Promise.all(chosen.map((person) => visit(person, { baseURL: baseURL ?? '' })));
	for (const { page } of people) await enterLesson(page);
	const [maker] = people;
	if (maker) await make(maker.page, kind, title);
	for (const { page } of people) await take(page, title);
	return people;
}

/** Divides who is in the room into so many groups, and leaves the panel open; returns the new set. */
export async function divideClass(page: Page, into: number): Promise<Locator> {
	await page.getByRole('button', { name: '分组', exact: true }).click();
	const again = page.getByRole('button', { name: '新建分组' });
	const count = page.getByLabel('分成几组');
	const sets = page.locator('[data-set]');
	await expect(again.or(count)).toBeVisible();
	// Other classes of the same journey may have left sets of theirs.
	const before = (await again.isVisible()) ? await sets.count() : 0;
	if (await again.isVisible()) await again.click();
	await count.fill(String(into));
	await page.getByLabel('只分现在在房间里的人').check();
	await page.getByRole('button', { name: '建好分组' }).click();
	await expect(sets).toHaveCount(before + 1);
	return sets.first();
}

/** A picture for whoever wants to look, where SPACE_TEST_PICTURES says; and one of a phone, with a part of the room. */
export async function picture(page: Page, name: string, part?: string): Promise<void> {
	const folder = process.env.SPACE_TEST_PICTURES;
	if (!folder) return;
	await page.screenshot({ path: join(folder, `${name}.png`) });
	if (!part) return;
	await page.setViewportSize({ width: 390, height: 844 });
	await page.getByRole('navigation').getByRole('button', { name: part }).click();
	await page.screenshot({ path: join(folder, `${name}-390.png`) });
	await page.setViewportSize({ width: 1440, height: 900 });
}
