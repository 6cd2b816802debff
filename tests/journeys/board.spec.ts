import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { meetAround, take } from '../support/people.ts';
import type { Visitor } from '../support/people.ts';

// Two people draw on one board at once: nothing of the one is lost to the other, to a cut line or to a reload.

test.describe.configure({ mode: 'serial' });

let teacher: Visitor;
let student: Visitor;
const title = '水的循环';
const errors: string[] = [];

test.beforeAll(async ({ baseURL }) => {
	[teacher, student] = (await meetAround('白板', title, ['班主任', '学生'], baseURL)) as [Visitor, Visitor];
	for (const { page } of [teacher, student]) {
		page.on('pageerror', (error) => errors.push(String(error)));
		page.on('console', (message) => {
			if (/Content Security Policy/.test(message.text())) errors.push(message.text());
		});
	}
	for (const { page } of [teacher, student]) await opened(page);
});
test.afterAll(async () => {
	await Promise.all([teacher, student].map((visitor) => visitor?.browser.close()));
});

const opened = (page: Page) => expect(page.locator('.board [data-ready]')).toBeVisible({ timeout: 60_000 });
async function choose(page: Page): Promise<void> {
	await take(page, title);
	await opened(page);
}
const state = (page: Page) => page.locator('[data-save]').first();
const saved = (page: Page) => expect(state(page)).toHaveText(/已存服务器 \d\d:\d\d:\d\d/);

type Layer = 'static' | 'interactive';
type Box = readonly [x: number, y: number, width: number, height: number];

/** How many points of a part of the canvas are painted in a colour other than paper; `red`: only such as are red. */
const painted = (page: Page, box: Box, layer: Layer = 'static', red = false) =>
	page.evaluate(
		([[x, y, width, height], layer, red]) => {
			const canvas = document.querySelector<HTMLCanvasElement>(`canvas.excalidraw__canvas.${layer}`)!;
			const scale = canvas.width / canvas.clientWidth;
			const { data } = canvas.getContext('2d')!.getImageData(x * scale, y * scale, width * scale, height * scale);
			let count = 0;
			for (let at = 0; at < data.length; at += 4) {
				const [r, g, b, a] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
				if (a > 40 && (red ? r > 200 && g < 60 && b < 60 : r + g + b < 720)) count++;
			}
			return count;
		},
		[box, layer, red] as const
	);
const sees = (page: Page, box: Box, layer: Layer = 'static', red = false) =>
	expect.poll(() => painted(page, box, layer, red), { timeout: 15_000 }).toBeGreaterThan(20);
const seesNothing = (page: Page, box: Box, red = false) => expect.poll(() => painted(page, box, 'static', red)).toBe(0);

/** Presses the mouse at one point of the board and takes it to the others; lets go unless it is to hold on. */
async function drag(page: Page, tool: string, points: readonly (readonly [number, number])[], hold = false): Promise<void> {
	const { x, y } = (await page.locator('.board canvas.interactive').boundingBox())!;
	await page.locator(`.board [data-testid="toolbar-${tool}"]`).dispatchEvent('click');
	const [first, ...rest] = points;
	await page.mouse.move(x + first![0], y + first![1]);
	await page.mouse.down();
	for (const [toX, toY] of rest) await page.mouse.move(x + toX, y + toY, { steps: 6 });
	if (!hold) await page.mouse.up();
}

/** Who drew how many elements, as the page tells. */
async function artists(page: Page): Promise<string[]> {
	await page.getByRole('button', { name: '谁画的' }).click();
	const list = page.getByRole('region', { name: '谁画的' }).getByRole('listitem');
	await expect(list.first()).toBeVisible();
	const told = (await list.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim()).sort();
	await page.getByRole('button', { name: '回去画' }).click();
	return told;
}

const rectangle: Box = [250, 90, 150, 80];
const stroke: Box = [480, 90, 200, 80];

test('what one draws the other sees, while it is drawn, with a cursor that has a name', async () => {
	const box = (part: Box) => [part[0] + 5, part[1] + 5] as const;
	await Promise.all([
		drag(teacher.page, 'rectangle', [box(rectangle), [390, 160]]),
		drag(student.page, 'freedraw', [[490, 100], [540, 150], [600, 105], [670, 160]], true) // prettier-ignore
	]);
	await sees(student.page, rectangle);
	// Not let go of, and seen.
	await sees(teacher.page, stroke);
	await sees(teacher.page, [640, 130, 90, 90], 'interactive');
	await student.page.mouse.up();
	await Promise.all([saved(teacher.page), saved(student.page)]);
	expect(await artists(teacher.page)).toEqual([`${student.name} 1`, `${teacher.name} 1`].sort());
});

test('a note is one click and then words, in Chinese too', async () => {
	const { page } = student;
	await page.getByRole('button', { name: '贴一张便签' }).click();
	const field = page.locator('textarea.excalidraw-wysiwyg');
	await expect(field).toBeFocused();
	await page.keyboard.type('蒸发：');
	const session = await page.context().newCDPSession(page);
	await session.send('Input.imeSetComposition', { text: 'shuiqi', selectionStart: 6, selectionEnd: 6 });
	await session.send('Input.insertText', { text: '水汽' });
	await expect(field).toHaveValue('蒸发：水汽');
	await page.keyboard.press('Escape');
	await saved(page);
	expect(await artists(teacher.page)).toEqual([`${student.name} 3`, `${teacher.name} 1`].sort());
});

/** A picture of one red colour, and a page of a PDF with a red square. */
const redSquare = (page: Page) =>
	page.evaluate(async () => {
		const canvas = new OffscreenCanvas(60, 60);
		const context = canvas.getContext('2d')!;
		context.fillStyle = '#ff0000';
		context.fillRect(0, 0, 60, 60);
		return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
	});
const pdf = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>endobj
4 0 obj<</Length 33>>stream
1 0 0 rg 20 20 160 60 re f
endstream endobj
trailer<</Root 1 0 R>>`;

test('a picture and a page of a PDF reach the other, and undo takes back only what one did oneself', async () => {
	const { page } = teacher;
	const everywhere: Box = [0, 0, 1000, 420];
	const buffer = Buffer.from(await redSquare(page));
	await page.locator('.board input[type=file]').first().setInputFiles({ name: '红.png', mimeType: 'image/png', buffer });
	await sees(page, everywhere, 'static', true);
	await sees(student.page, everywhere, 'static', true);

	await page.locator('.board canvas.interactive').click({ position: { x: 900, y: 300 } });
	await page.keyboard.press('Control+z');
	await seesNothing(page, everywhere, true);
	await seesNothing(student.page, everywhere, true);
	await sees(page, stroke);
	await page.keyboard.press('Control+z');
	await seesNothing(student.page, rectangle);
	await page.keyboard.press('Control+Shift+z');
	await sees(student.page, rectangle);
	// What the student did is not the teacher's to take back.
	for (let press = 0; press < 3; press++) await page.keyboard.press('Control+z');
	await seesNothing(student.page, rectangle);
	await sees(page, stroke);
	await page.keyboard.press('Control+y');
	await sees(student.page, rectangle);

	await page.locator('.board input[type=file]').first().setInputFiles({ name: '讲义.pdf', mimeType: 'application/pdf', buffer: Buffer.from(pdf) }); // prettier-ignore
	await sees(page, everywhere, 'static', true);
	await sees(student.page, everywhere, 'static', true);
	await saved(page);
});

test('the teacher asks everybody to look, everybody sees the same place, and everybody may leave', async () => {
	const wheel = async (down: number) => {
		await teacher.page.locator('.board canvas.interactive').hover({ position: { x: 500, y: 300 } });
		await teacher.page.mouse.wheel(0, down);
	};
	await teacher.page.getByRole('button', { name: '请大家看我这里' }).click();
	await expect(student.page.getByText(`正跟着 ${teacher.name} 看`)).toBeVisible();
	await sees(student.page, rectangle);
	await wheel(4_000);
	await seesNothing(student.page, rectangle);
	await student.page.getByRole('button', { name: '自己看' }).click();
	await expect(student.page.getByText(`${teacher.name} 请大家一起看`)).toBeVisible();
	await wheel(-4_000);
	await sees(teacher.page, rectangle);
	await seesNothing(student.page, rectangle);
	await student.page.getByRole('button', { name: '去看看' }).click();
	await sees(student.page, rectangle);
	await teacher.page.getByRole('button', { name: '不再带大家看' }).first().click();
	await expect(student.page.getByText(`正跟着 ${teacher.name} 看`)).toBeHidden();
});

test('the light of a laser pointer is seen by the other, and stays nowhere', async () => {
	const before = await artists(teacher.page);
	await teacher.page.locator('.board [data-testid="toolbar-LaserPointer"]').dispatchEvent('click');
	const { x, y } = (await teacher.page.locator('.board canvas.interactive').boundingBox())!;
	await teacher.page.mouse.move(x + 300, y + 250);
	await teacher.page.mouse.down();
	const light = student.page.locator('.board .SVGLayer path');
	// It fades within a second: the hand goes on.
	await expect(async () => {
		for (let step = 1; step <= 10; step++) await teacher.page.mouse.move(x + 300 + step * 20, y + 250 + (step % 2) * 30);
		const lines = await light.evaluateAll((paths) => paths.map((path) => path.getAttribute('d') ?? ''));
		expect(lines.some((line) => line.length > 40)).toBe(true);
	}).toPass({ timeout: 15_000 });
	await teacher.page.mouse.up();
	await teacher.page.locator('.board [data-testid="toolbar-selection"]').dispatchEvent('click');
	expect(await artists(teacher.page)).toEqual(before);
});

test('a finger draws', async () => {
	const { page } = student;
	const before = await artists(page);
	await page.locator('.board [data-testid="toolbar-freedraw"]').dispatchEvent('click');
	const { x, y } = (await page.locator('.board canvas.interactive').boundingBox())!;
	const session = await page.context().newCDPSession(page);
	const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number }[]) =>
		session.send('Input.dispatchTouchEvent', { type, touchPoints });
	await touch('touchStart', { x: x + 890, y: y + 130 });
	for (let step = 1; step <= 10; step++) await touch('touchMove', { x: x + 890 + step * 10, y: y + 130 + (step % 3) * 8 });
	await touch('touchEnd');
	await sees(teacher.page, [885, 120, 115, 50]);
	await page.getByRole('button', { name: '撤销我的上一步' }).click();
	await seesNothing(teacher.page, [885, 120, 115, 50]);
	expect(await artists(page)).toEqual(before);
});

test('a board that is locked is seen and not drawn on', async () => {
	const lock = (locked: boolean) =>
		teacher.page.evaluate(
			async ({ title, locked }) => {
				const room = location.pathname.split('/')[2];
				const documents = await (await fetch(`/api/v1/rooms/${room}/documents`)).json();
				const { id } = documents.find((document: { title: string }) => document.title === title);
				const body = JSON.stringify({ locked });
				const headers = { 'content-type': 'application/json' };
				return (await fetch(`/api/v1/documents/${id}/lock`, { method: 'PATCH', headers, body })).status;
			},
			{ title, locked }
		);
	expect(await lock(true)).toBe(200);
	const { page } = student;
	await expect(page.getByRole('button', { name: '贴一张便签' })).toBeHidden();
	await expect(page.locator('.board [data-testid="toolbar-freedraw"]')).toHaveCount(0);
	await expect(page.getByRole('button', { name: '谁画的' })).toBeVisible();
	await sees(page, rectangle);
	expect(await lock(false)).toBe(200);
	await expect(page.getByRole('button', { name: '贴一张便签' })).toBeVisible();
});

test('nothing of the board keeps out whoever sees little or has no mouse', async () => {
	for (const colorScheme of ['light', 'dark'] as const) {
		await student.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		const { violations } = await new AxeBuilder({ page: student.page })
			.include('.board')
			.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
			.analyze();
		const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
		expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)).toEqual([]);
	}
	await student.page.emulateMedia({ colorScheme: 'light' });
});

test('what is drawn without a line outlives a reload and reaches the other afterwards', async () => {
	const { page } = student;
	await page.route('**/api/v1/documents/*/token*', (route) => route.abort());
	await page.evaluate(() => window.dispatchEvent(new Event('offline')));
	await expect(page.getByText(/没有连接/).first()).toBeVisible();
	await drag(page, 'ellipse', [[730, 100], [830, 160]]); // prettier-ignore
	await expect(state(page)).toHaveText(/仅存本机 \d+ 处/);
	expect(await artists(teacher.page)).toEqual([`${student.name} 3`, `${teacher.name} 2`].sort());

	await page.reload();
	await choose(page);
	await expect(state(page)).toHaveText(/仅存本机 \d+ 处/);
	await page.unroute('**/api/v1/documents/*/token*');
	await page.evaluate(() => window.dispatchEvent(new Event('online')));
	await saved(page);

	await expect.poll(() => artists(teacher.page)).toEqual([`${student.name} 4`, `${teacher.name} 2`].sort());
	await teacher.page.reload();
	await choose(teacher.page);
	await sees(teacher.page, [0, 0, 1000, 420], 'static', true);
	expect(await artists(teacher.page)).toEqual([`${student.name} 4`, `${teacher.name} 2`].sort());
	expect(errors).toEqual([]);
});
