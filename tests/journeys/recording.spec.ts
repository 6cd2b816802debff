import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { enterLesson, goToEnd, openStage, picture, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';
import { speak, writeVoice } from '../support/voices.ts';

// A lesson is recorded with a red sign for all, only of those who say yes; afterwards everything of it is at the same
// second: voices, pictures, text, chat and questions.

test.describe.configure({ mode: 'serial' });

const folder = mkdtempSync(join(tmpdir(), 'space-voices-'));
const people: Visitor[] = [];
let room = '';
let replay = '';
let begun = 0;

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const cast = [...signIns.filter(({ role }) => role === '班主任'), ...signIns.filter(({ role }) => role === '学生').slice(0, 2)];
	for (const [index, person] of cast.entries()) {
		const voice = join(folder, `voice${index}.wav`);
		writeVoice(
			voice,
			speak([{ silence: 6_000 + index * 4_000, speech: 20_000 }], { seed: index + 1, pitch: 120 + index * 60, tail: 30_000 })
		);
		people.push(await visit(person, { voice, baseURL: baseURL ?? '' }));
	}
	expect(people).toHaveLength(3);
});
test.afterAll(async () => {
	await Promise.all(people.map(({ browser }) => browser.close()));
	rmSync(folder, { recursive: true, force: true });
});

const pages = () => people.map(({ page }) => page) as [Page, Page, Page];
const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });

test('the teacher records with one click, all see it, and each one decides', async () => {
	const [teacher, yes, no] = pages();
	await enterLesson(teacher);
	room = new URL(teacher.url()).pathname;
	await openStage(teacher, room);
	for (const page of [yes, no]) await enterLesson(page);
	for (const page of pages()) {
		await page.getByRole('button', { name: '加入通话' }).click();
		await expect(page.locator('[data-person] video').first()).toBeVisible();
	}
	await teacher.getByRole('button', { name: '录制', exact: true }).click();
	for (const page of pages()) await expect(page.getByText('正在录制', { exact: true })).toBeVisible();
	begun = Date.now();
	await picture(yes, 'recording-asked');
	await yes.getByRole('button', { name: '可以', exact: true }).click();
	await expect(yes.getByText('在录我的声音和画面')).toBeVisible();
	await no.getByRole('button', { name: '不要录我' }).click();
	await expect(no.getByText('没有录我')).toBeVisible();
	await expect(teacher.getByText('3 人中 2 人同意录自己')).toBeVisible();
	// The recorder is at work.
	await expect(teacher.getByText(/录制程序没有回应/)).toHaveCount(0);
	await picture(teacher, 'recording-on');
});

test('what is written, said and asked meanwhile belongs to it', async () => {
	const [teacher, yes] = pages();
	await goToEnd(article(yes));
	await yes.keyboard.press('Enter');
	await yes.keyboard.type('玉兰花期二十天');
	await expect(article(teacher)).toContainText('玉兰花期二十天');
	await teacher.getByRole('textbox', { name: /消息/ }).fill('请看校门口的玉兰');
	await teacher.keyboard.press('Enter');
	await expect(yes.getByText('请看校门口的玉兰')).toBeVisible();
	await teacher.getByRole('button', { name: '发起互动' }).click();
	await teacher.getByRole('menuitem', { name: 'A B C D' }).click();
	await yes.getByRole('region', { name: '互动' }).getByRole('button', { name: 'B', exact: true }).click();
	// Long enough that both have spoken.
	await expect.poll(() => Date.now() - begun, { timeout: 30_000 }).toBeGreaterThan(18_000);
	await teacher.getByRole('button', { name: '结束录制' }).click();
	for (const page of pages()) await expect(page.getByText('正在录制', { exact: true })).toHaveCount(0);
});

test('a minute later at most it is there to be seen, by those who were in the room', async () => {
	const [teacher, yes] = pages();
	await teacher.goto(`${room}/recordings`);
	const card = teacher.getByRole('link', { name: /^回放/ }).first();
	await expect(card).toContainText('可以看了', { timeout: 15_000 });
	await picture(teacher, 'recordings');
	replay = (await card.getAttribute('href')) ?? '';
	await yes.goto(replay);
	await expect(yes.getByRole('button', { name: '播放' })).toBeVisible();
});

test('it plays voices and pictures together, and text, chat and questions at the same second', async () => {
	const [, yes, no] = pages();
	await yes.getByRole('button', { name: '播放' }).click();
	await expect
		.poll(
			() => yes.locator('video').evaluateAll((all) => all.filter((one) => (one as HTMLVideoElement).currentTime > 1).length),
			{ timeout: 20_000 }
		)
		.toBe(2);
	// Every file is within a moment of the clock.
	const spread = await yes.evaluate(() => {
		const times = [...document.querySelectorAll<HTMLMediaElement>('video, audio')]
			.filter((one) => !one.paused)
			.map((one) => one.currentTime);
		return {
			count: times.length,
			sounding: [...document.querySelectorAll<HTMLMediaElement>('audio')].filter((one) => !one.muted && !one.paused).length
		};
	});
	expect(spread.sounding).toBe(2);
	// Whoever said no is neither seen nor heard.
	await expect(yes.getByText(people[2]!.name)).toHaveCount(0);
	await yes.getByRole('button', { name: '暂停' }).click();

	await yes
		.getByRole('group', { name: '文档' })
		.getByRole('button', { name: /探究提纲/ })
		.click();
	const slider = yes.getByRole('slider', { name: '时间' });
	await slider.fill('0');
	await expect(yes.locator('article')).not.toContainText('玉兰花期二十天');
	await yes.getByRole('searchbox').fill('玉兰花期');
	await yes.getByRole('searchbox').press('Enter');
	const hit = yes.getByRole('button', { name: /玉兰花期/ }).first();
	await expect(hit).toBeVisible({ timeout: 15_000 });
	await hit.click();
	await expect(yes.locator('article')).toContainText('玉兰花');
	await yes.getByRole('searchbox').fill('');
	await yes.getByRole('tab', { name: '聊天' }).click();
	await slider.press('End');
	await expect(yes.getByRole('button', { name: /请看校门口的玉兰/ })).toBeVisible();
	await yes.getByRole('tab', { name: '章节' }).click();
	await expect(yes.getByRole('button', { name: /提问/ })).toBeVisible();
	await yes.getByRole('button', { name: /提问/ }).click();
	await picture(yes, 'replay');
	expect((await new AxeBuilder({ page: yes }).analyze()).violations).toEqual([]);
	await no.goto(replay);
	await expect(no.getByRole('button', { name: '播放' })).toBeVisible();
});

test('a moment is remarked upon, a part is named and linked, and one goes on where one stopped', async () => {
	const [teacher, yes] = pages();
	await yes.getByRole('tab', { name: '评论' }).click();
	await yes.getByRole('slider', { name: '时间' }).fill('8000');
	await yes.getByRole('textbox', { name: /写一句/ }).fill('这里讲得很清楚');
	await yes.getByRole('button', { name: '写下' }).click();
	await expect(yes.getByRole('button', { name: /0:08.*这里讲得很清楚/ })).toBeVisible();
	await yes.getByRole('button', { name: '截一段' }).click();
	await yes.getByRole('slider', { name: '时间' }).fill('12000');
	await yes.getByRole('button', { name: /到这里为止/ }).click();
	await yes.getByRole('textbox', { name: '这一段叫什么' }).fill('玉兰的花期');
	await yes.getByRole('button', { name: '保存这一段' }).click();
	await expect(yes.getByText('片段 0:08–0:12')).toBeVisible();
	await yes.waitForTimeout(2_100);
	await yes.reload();
	await expect(yes.getByText('从上次看到的 0:12 接着播放。')).toBeVisible();
	await teacher.goto(`${replay}?t=8&to=12`);
	await expect(teacher.getByText(/^0:08 \//)).toBeVisible();
});

test('one film is made on request, and who may watch is the teacher’s to say', async () => {
	test.setTimeout(120_000);
	const [teacher, yes] = pages();
	await teacher.getByRole('button', { name: '录像' }).click();
	await teacher.getByRole('button', { name: '做成 MP4' }).click();
	const link = teacher.getByRole('link', { name: /下载 MP4/ });
	await expect(link).toBeVisible({ timeout: 90_000 });
	const film = await teacher.request.get((await link.getAttribute('href')) ?? '', { headers: { range: 'bytes=0-1023' } });
	expect([film.status(), film.headers()['content-type']]).toEqual([206, 'video/mp4']);
	await picture(teacher, 'recording-manage');
	await teacher.getByRole('radio', { name: '只有老师' }).check();
	await expect.poll(async () => (await yes.request.get(`/api/v1${replay}`)).status()).toBe(404);
	await teacher.getByRole('button', { name: '删除录像' }).click();
	await teacher.getByRole('button', { name: '删除录像' }).click();
	await expect(teacher).toHaveURL(/\/recordings$/);
	expect((await teacher.request.get(`/api/v1${replay}`)).status()).toBe(404);
});
