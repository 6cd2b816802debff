import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { CDPSession, Page } from '@playwright/test';
import { goToEnd, openStage, servers, visit } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';
import { speak, speechSeconds, writeVoice } from '../support/voices.ts';

// The main job: three people of a class meet in a room, talk, write and map together, chat, leave, and find
// everything still there, with a picture of how they interacted.

test.describe.configure({ mode: 'serial' });

const folder = mkdtempSync(join(tmpdir(), 'space-voices-'));
/** What each one says: time to come in first, then phrases with pauses, the turns falling apart. */
const voices = [
	[
		{ silence: 14_000, speech: 4_000 },
		{ silence: 9_000, speech: 3_000 }
	],
	[
		{ silence: 20_000, speech: 3_000 },
		{ silence: 8_000, speech: 2_500 }
	],
	[{ silence: 25_000, speech: 3_500 }]
].map((phrases, index) => {
	const voice = speak(phrases, { seed: index + 1, pitch: 120 + index * 40, tail: 30_000 });
	const file = join(folder, `voice${index}.wav`);
	writeVoice(file, voice);
	return { file, seconds: speechSeconds(voice) };
});

const people: Visitor[] = [];
let room = '';
/** Where pictures of the lesson go, for whoever wants to look at them. */
const pictures = process.env.SPACE_TEST_PICTURES;
const begun = new Date();

test.beforeAll(async ({ baseURL }) => {
	const signIns = await servers.signIns();
	const head = signIns.find(({ role }) => role === '班主任');
	const students = signIns.filter(({ role }) => role === '学生');
	for (const [index, person] of [head, ...students.slice(0, 2)].entries()) {
		if (!person) throw new Error('the demonstration school has too few sign-ins');
		people.push(await visit(person, { voice: voices[index]?.file, baseURL: baseURL ?? '' }));
	}
});
test.afterAll(async () => {
	await Promise.all(people.map(({ browser }) => browser.close()));
	rmSync(folder, { recursive: true, force: true });
});

const pages = () => people.map(({ page }) => page);
const everyone = (run: (page: Page, index: number) => Promise<void>) => Promise.all(pages().map(run));
const article = (page: Page) => page.getByRole('textbox', { name: /^正文/ });

/** How many of these videos show a picture that goes on. */
const moving = (videos: Element[]): number =>
	videos.filter((video) => video instanceof HTMLVideoElement && video.videoWidth > 0 && video.currentTime > 0).length;

/** Types Chinese as an input method does: a composition that grows and is then committed. */
async function compose(session: CDPSession, steps: string[], text: string): Promise<void> {
	for (const step of steps)
		await session.send('Input.imeSetComposition', { text: step, selectionStart: step.length, selectionEnd: step.length });
	await session.send('Input.insertText', { text });
}

test('three people enter the same lesson by one click and see and hear each other', async () => {
	await everyone(async (page) => {
		await page.goto('/');
		await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
		await expect(page.getByText('已连接').first()).toBeVisible();
	});
	room = new URL(people[0]!.page.url()).pathname;
	await openStage(people[0]!.page, room);
	await everyone(async (page) => {
		await page.getByRole('button', { name: '加入通话' }).click();
		await expect.poll(() => page.locator('[data-person] video').evaluateAll(moving), { timeout: 30_000 }).toBe(3);
	});
});

test('they type Chinese in one document at the same time and none of it is lost', async () => {
	await everyone(async (page) => {
		await expect(article(page)).toBeVisible();
	});
	// Everybody begins a line of their own: who goes to the end of a line that another still writes splits it.
	for (const [index, page] of pages().entries()) {
		await article(page).click();
		await goToEnd(article(page));
		await page.keyboard.press('Enter');
		await page.keyboard.insertText(`${index + 1}号：`);
		await everyone((other) => expect(article(other)).toContainText(`${index + 1}号：`));
	}
	await everyone(async (page, index) => {
		const session = await page.context().newCDPSession(page);
		for (const turn of ['一', '二', '三']) {
			await compose(session, ['w', 'wo', 'wom', 'women'], `我们第${turn}次试验`);
			await page.keyboard.insertText(`（${index + 1}号）。`);
		}
	});
	await everyone(async (page) => {
		for (const writer of [1, 2, 3]) {
			for (const turn of ['一', '二', '三']) await expect(article(page)).toContainText(`我们第${turn}次试验（${writer}号）。`);
		}
		await expect(page.getByText(/已存服务器/).first()).toBeVisible();
		// Each line stands as it was typed, whatever the others did meanwhile.
		for (const writer of [1, 2, 3])
			await expect(article(page)).toContainText(
				['一', '二', '三'].map((turn) => `我们第${turn}次试验（${writer}号）。`).join('')
			);
	});
});

test('they build one map', async () => {
	await everyone(async (page) => {
		await page.getByRole('tab', { name: '桥的结构' }).click();
		await expect(page.locator('[data-node]').filter({ hasText: '桥为什么不塌' })).toBeVisible();
	});
	for (const [index, page] of pages().entries()) {
		await page.locator('[data-node]').filter({ hasText: '桥为什么不塌' }).click();
		await page.keyboard.press('Tab');
		await page.keyboard.insertText(`第${index + 1}人的想法`);
		await page.keyboard.press('Enter');
	}
	await everyone(async (page) => {
		await page.getByRole('button', { name: '大纲' }).click();
		for (const number of [1, 2, 3]) await expect(page.getByRole('tree')).toContainText(`第${number}人的想法`);
	});
});

test('they chat and reply', async () => {
	const [teacher, first, second] = pages() as [Page, Page, Page];
	const say = async (page: Page, text: string) => {
		await page.getByRole('textbox', { name: /消息/ }).fill(text);
		await page.keyboard.press('Enter');
	};
	await say(teacher, '拱桥为什么能承重？');
	await expect(first.getByText('拱桥为什么能承重？').last()).toBeVisible();
	await first.getByText('拱桥为什么能承重？').last().hover();
	await first.getByRole('button', { name: /^回复/ }).first().click();
	await say(first, '因为力沿着拱传到两头');
	await expect(second.getByText('因为力沿着拱传到两头').last()).toBeVisible();
	await say(second, '两头要顶住');
	await everyone(async (page) => {
		await expect(page.getByRole('log').getByText('两头要顶住').last()).toBeVisible();
	});
	if (pictures) {
		await teacher.getByRole('tab', { name: /桥为什么不塌/ }).click();
		await expect(article(teacher)).toBeVisible();
		await teacher.screenshot({ path: join(pictures, 'lesson.png') });
		await first.setViewportSize({ width: 390, height: 844 });
		for (const [name, word] of [
			['stage', '通话'],
			['table', '桌面'],
			['chat', '聊天'],
			['people', '成员']
		] as const) {
			await first.getByRole('navigation').getByRole('button', { name: word }).click();
			await first.screenshot({ path: join(pictures, `lesson-390-${name}.png`) });
		}
		await first.setViewportSize({ width: 1440, height: 900 });
	}
});

test('they leave, everything is stopped and started, and everything is still there', async () => {
	test.setTimeout(240_000);
	// What the microphones say is over before anybody leaves.
	await expect
		.poll(async () => (await shortOf()).join('，'), { timeout: 90_000, message: 'who has not been heard to the end' })
		.toBe('');
	await everyone(async (page) => {
		await page.getByRole('button', { name: '离开', exact: true }).click();
		await expect(page).toHaveURL(/\/spaces\//);
	});
	await servers.restart();
	await everyone(async (page) => {
		await page.goto(room);
		await expect(article(page)).toContainText('我们第三次试验（3号）。', { timeout: 30_000 });
		await expect(page.getByRole('log').getByText('因为力沿着拱传到两头').last()).toBeVisible({ timeout: 30_000 });
		await page.getByRole('tab', { name: '桥的结构' }).click();
		await page.getByRole('button', { name: '大纲' }).click();
		await expect(page.getByRole('tree')).toContainText('第3人的想法');
	});
});

test('the analysis page shows the speech, text, nodes and messages of all three', async () => {
	const { page } = people[0]!;
	await page.goto(`${room}/analysis?from=${begun.toISOString()}&to=${new Date().toISOString()}`);
	for (const { name } of people) {
		const row = page.getByRole('row').filter({ hasText: name }).first();
		await expect(row).toBeVisible();
		await expect(row, `${name} has spoken`).not.toContainText('0:00');
	}
	if (pictures) await page.screenshot({ path: join(pictures, 'analysis-of-lesson.png'), fullPage: true });
	const heard = await analysis(page);
	for (const [index, { name }] of people.entries()) {
		const person = heard.get(name);
		expect(person, name).toBeDefined();
		const said = voices[index]!.seconds;
		expect(person!.speech, `${name} spoke ${said} s`).toBeGreaterThanOrEqual(said * 0.9);
		expect(person!.speech, `${name} spoke ${said} s`).toBeLessThanOrEqual(said * 1.1);
		expect(person!.inserted, name).toBeGreaterThanOrEqual(3 * '我们第一次试验（1号）。'.length);
		expect(person!.nodes, name).toBe(1);
		expect(person!.messages, name).toBe(1);
	}
});

interface Statement {
	name: string;
	verb: string;
	amount: number;
}

/** The statements of the lesson so far, read as the teacher's page reads them. */
async function events(page: Page): Promise<Statement[]> {
	const all: Statement[] = [];
	const window = { from: begun.toISOString(), to: new Date(Date.now() + 60_000).toISOString() };
	for (let after: string | null = ''; after !== null;) {
		const answer = await page.request.get(`/api/v1${room}/analysis/events`, {
			params: { ...window, ...(after ? { after } : {}) }
		});
		expect(answer.status()).toBe(200);
		const read = (await answer.json()) as {
			events: { person: { name: string }; verb: string; amount: number }[];
			next: string | null;
		};
		all.push(...read.events.map(({ person, verb, amount }) => ({ name: person.name, verb, amount })));
		after = read.next;
	}
	return all;
}

/** Who has not been heard to the end yet. */
async function shortOf(): Promise<string[]> {
	const heard = await analysis(people[0]!.page);
	return people.flatMap(({ name }, index) => ((heard.get(name)?.speech ?? 0) < voices[index]!.seconds * 0.9 ? [name] : []));
}

async function analysis(page: Page) {
	const all = await events(page);
	const sum = (name: string, verbs: string[]) => all.filter((event) => event.name === name && verbs.includes(event.verb));
	return new Map(
		people.map(({ name }) => [
			name,
			{
				speech: sum(name, ['spoke']).reduce((total, { amount }) => total + amount, 0) / 1000,
				inserted: sum(name, ['edited']).reduce((total, { amount }) => total + amount, 0),
				nodes: sum(name, ['mapped']).length,
				messages: sum(name, ['posted', 'replied']).length
			}
		])
	);
}
