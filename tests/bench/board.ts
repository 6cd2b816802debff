import { chromium } from '@playwright/test';
import type { BrowserContext, Page } from '@playwright/test';
import pg from 'pg';
import { v7 } from 'uuid';
import * as Y from 'yjs';
import { judge } from '#collab/gate.ts';
import { emptyDocument } from '#collab/replay.ts';
import { largestDocument } from '#collab/shared-document.ts';
import { BoardReading, elementsOf, writeChanges } from '#lib/boards/document.ts';
import { keptOf } from '#lib/boards/properties.ts';
import { findChromium } from '../../bin/servers/chromium.ts';
import { signIn } from '../support/people.ts';
import { closeSpace, machine, openSpace } from './space.ts';

/** A board that a file of Excalidraw would keep in so many megabytes: what it weighs here, and how long it takes to open and to save. */
const megabytes = Number(process.argv[2] ?? 50);
const pictures = 36;

console.log(machine());
const { updates, state, strokes, points, json } = drawBoard(megabytes * 1e6);
const log = updates.reduce((sum, { length }) => sum + length, 0);
console.log(`${strokes} strokes with ${points} points: ${mb(json)} as a file of Excalidraw`);
console.log(
	`${mb(state.length)} as a document, ${mb(log)} as a log of ${updates.length} updates; a document may have ${mb(largestDocument)}`
);
console.log(`${(state.length / points).toFixed(2)} bytes a point`);
measureGate();

const space = await openSpace(['postgres', 'web']);
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
try {
	await writeLog('大白板');
	await writeLog('图片白板', true);
	const context = await browser.newContext({ baseURL: `http://localhost:${space.port}`, locale: 'zh-CN', viewport: { width: 1440, height: 900 } }); // prettier-ignore
	const page = await context.newPage();
	const teacher = space.signIns.find(({ role }) => role === '班主任');
	if (!teacher) throw new Error('no teacher');
	await signIn(page, teacher);
	await measureStrokes(page);
	await measurePictures(page, context);
} finally {
	await browser.close();
	await closeSpace(space);
}

/** Strokes as hands draw them, on a board that is zoomed; each is an update, as it is when it is let go of. */
function drawBoard(bytes: number) {
	const doc = new Y.Doc();
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	let [json, strokes, points] = [0, 0, 0];
	while (json < bytes) {
		const element = stroke(strokes++);
		json += JSON.stringify(element).length + 2;
		points += element.points.length;
		writeChanges(doc, [{ id: element.id, before: null, after: keptOf(element) }]);
	}
	return { updates, state: Y.encodeStateAsUpdate(doc), strokes, points, json };
}

function stroke(number: number) {
	const dice = (step: number) => (Math.abs(Math.sin(number * 12.9898 + step * 78.233)) * 43_758.5453) % 1;
	const length = 60 + Math.floor(dice(1) * 240);
	const [wide, high, turn] = [40 + dice(2) * 160, 20 + dice(3) * 60, 6 + dice(4) * 14];
	const points = Array.from({ length }, (_, index) => [
		(index / length) * wide * 2 + wide * 0.2 * Math.sin(index / turn) + dice(index + 5) * 0.4,
		high * Math.sin(index / turn / 1.7) + dice(index + 9) * 0.4
	]);
	const column = number % 60;
	return {
		id: `stroke${number}`,
		type: 'freedraw',
		x: column * 460 + dice(6) * 100,
		y: Math.floor(number / 60) * 160 + dice(7) * 60,
		width: wide * 2,
		height: high * 2,
		angle: 0,
		strokeColor: ['#1e1e1e', '#0b62a8', '#b3261e'][number % 3],
		backgroundColor: 'transparent',
		fillStyle: 'solid',
		strokeWidth: 2,
		strokeStyle: 'solid',
		roughness: 0,
		opacity: 100,
		groupIds: [],
		frameId: null,
		index: `c${inBase62(number)}1`,
		roundness: null,
		seed: Math.floor(dice(8) * 2 ** 31),
		version: length,
		versionNonce: 1,
		isDeleted: false,
		boundElements: null,
		updated: 1_790_000_000_000,
		link: null,
		locked: false,
		points,
		pressures: [],
		simulatePressure: true,
		lastCommittedPoint: points.at(-1)
	};
}

/** Three digits, as a key of the order has them after its head `c`. */
function inBase62(number: number): string {
	const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
	return [2, 1, 0].map((place) => digits[Math.floor(number / 62 ** place) % 62]).join('');
}

/** What the server does with each stroke, and what a browser does with all of them. */
function measureGate(): void {
	const doc = emptyDocument('board');
	const begun = performance.now();
	for (const update of updates) {
		const verdict = judge(doc, update, () => 'own');
		if (!verdict.accepted) throw new Error(verdict.refusal);
		Y.applyUpdate(doc, verdict.update);
	}
	console.log(`judged and applied: ${((performance.now() - begun) / updates.length).toFixed(3)} ms a stroke`);
	const reader = new Y.Doc();
	tell(
		'the document read from its snapshot',
		timeOf(() => Y.applyUpdate(reader, state))
	);
	let board: BoardReading | null = null;
	tell(
		'its elements validated',
		timeOf(() => (board = new BoardReading(reader)))
	);
	tell(
		'all its points unpacked',
		timeOf(() => board?.ids.forEach((id) => board?.drawn(id)))
	);
	if (elementsOf(reader).size !== strokes) throw new Error('a stroke is missing');
}

async function open(page: Page, title: string): Promise<number> {
	await page.goto('/');
	await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
	const tab = page.getByRole('tab', { name: title });
	await tab.waitFor();
	await page.evaluate(() => {
		const blocked: number[] = [];
		Object.assign(window, { blocked });
		new PerformanceObserver((list) => blocked.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' }); // prettier-ignore
	});
	const begun = performance.now();
	await tab.click();
	await page.locator('.board [data-ready]').waitFor({ timeout: 180_000 });
	await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
	return performance.now() - begun;
}

async function tellFreeze(page: Page): Promise<void> {
	const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { blocked: number[] }).blocked));
	tell('the longest that the page froze meanwhile', longest);
}

async function measureStrokes(page: Page): Promise<void> {
	tell('opened in the browser for the first time, from the click to the picture', await open(page, '大白板'));
	await tellFreeze(page);
	tell('opened again, with the copy of this machine', await open(page, '大白板'));
	await tellFreeze(page);
	const { x, y } = (await page.locator('.board canvas.interactive').boundingBox())!;
	await page.locator('.board [data-testid="toolbar-freedraw"]').dispatchEvent('click');
	const state = page.locator('[data-save]').first();
	const times: number[] = [];
	for (let turn = 0; turn < 5; turn++) {
		await page.mouse.move(x + 300, y + 120 + turn * 30);
		await page.mouse.down();
		for (let step = 1; step <= 40; step++) await page.mouse.move(x + 300 + step * 6, y + 120 + turn * 30 + 8 * Math.sin(step));
		const before = await state.textContent();
		const begun = performance.now();
		await page.mouse.up();
		await page.waitForFunction(
			(before) => {
				const shown = document.querySelector<HTMLElement>('[data-save]');
				return shown?.dataset.save === 'saved' && shown.textContent !== before;
			},
			before,
			{ polling: 20 }
		);
		times.push(performance.now() - begun);
		// The clock on the page tells seconds: the next stroke is to change it.
		await page.waitForTimeout(1_100);
	}
	tell('a stroke saved on the server, from letting go to the word of it, the slowest of 5', Math.max(...times));
	const frames = await page.evaluate(
		() =>
			new Promise<number>((resolve) => {
				const canvas = document.querySelector('.board canvas.interactive')!;
				let count = 0;
				const begun = performance.now();
				const frame = () => {
					count++;
					canvas.dispatchEvent(new WheelEvent('wheel', { deltaX: 12, deltaY: 5, bubbles: true, cancelable: true }));
					if (performance.now() - begun > 3_000) resolve(count / 3);
					else requestAnimationFrame(frame);
				};
				requestAnimationFrame(frame);
			})
	);
	console.log(`moving the board: ${frames.toFixed(0)} frames a second`);
}

/** Pictures of noise, which no format makes smaller: put on the board, and opened by somebody who comes later. */
async function measurePictures(page: Page, context: BrowserContext): Promise<void> {
	await open(page, '图片白板');
	const chooser = page.locator('.board input[type=file]').first();
	const begun = performance.now();
	const bytes = await chooser.evaluate(async (input: HTMLInputElement, count) => {
		const files = new DataTransfer();
		for (let number = 0; number < count; number++) {
			const canvas = new OffscreenCanvas(1_200, 900);
			const context = canvas.getContext('2d')!;
			const image = context.createImageData(1_200, 900);
			for (let start = 0; start < image.data.length; start += 65_536)
				crypto.getRandomValues(image.data.subarray(start, start + 65_536));
			for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
			context.putImageData(image, 0, 0);
			const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
			files.items.add(new File([blob], `${number}.jpg`, { type: 'image/jpeg' }));
		}
		const bytes = [...files.files].reduce((sum, { size }) => sum + size, 0);
		input.files = files.files;
		input.dispatchEvent(new Event('change', { bubbles: true }));
		return bytes;
	}, pictures);
	await page.getByText(/张图片正在上传/).waitFor();
	await page.getByText(/张图片正在上传/).waitFor({ state: 'hidden', timeout: 300_000 });
	tell(`${pictures} pictures of together ${mb(bytes)} made, put on the board and uploaded`, performance.now() - begun);
	const later = await context.newPage();
	let arrived = 0;
	const all = new Promise<void>((resolve) =>
		later.on('requestfinished', (request) => {
			if (/\/api\/v1\/files\//.test(request.url()) && ++arrived === pictures) resolve();
		})
	);
	const opened = performance.now();
	tell('the board with them opened by somebody else', await open(later, '图片白板'));
	await all;
	tell('all of them there', performance.now() - opened);
}

async function writeLog(title: string, empty = false): Promise<void> {
	const client = new pg.Client({ connectionString: space.database?.ownerUrl });
	await client.connect();
	try {
		await client.query(`select set_config('app.scope', '*', false)`);
		const {
			rows: [room]
		} = await client.query<{ id: string; space_path: string }>(
			`select id, space_path from rooms where kind = 'lesson' and space_id in (select id from spaces where name = '六年级1班')`
		);
		if (!room) throw new Error('no room');
		const {
			rows: [person]
		} = await client.query<{ id: string }>(
			`select person_id as id from memberships where space_path = $1::ltree and role = 'student' limit 1`,
			[room.space_path]
		);
		const id = v7();
		await client.query(
			`insert into documents (id, room_id, space_path, kind, title, position) values ($1, $2, $3, 'board', $4, 9)`,
			[id, room.id, room.space_path, title]
		);
		if (empty) return;
		const [first] = Y.decodeUpdate(updates[0] ?? new Uint8Array()).structs;
		await client.query(`insert into document_clients values ($1, $2, $3, now())`, [id, first?.id.client, person?.id]);
		await client.query(`insert into document_recorded values ($1, $2)`, [id, updates.length]);
		const effects = JSON.stringify({ inserted: 0, deleted: {}, nodesCreated: ['x'], nodesMoved: [], nodesLinked: [], nodesDeleted: [] }); // prettier-ignore
		await client.query(
			`insert into document_updates (document_id, seq, person_id, role, update, effects, at)
			select $1, seq, $2, 'student', update, $3::jsonb, now() - interval '7 days' + seq * interval '1 second'
			from unnest($4::bigint[], $5::bytea[]) as log (seq, update)`,
			[id, person?.id, effects, updates.map((_, index) => index + 1), updates.map((update) => Buffer.from(update))]
		);
		await client.query(`insert into document_snapshots values ($1, $2, $3, now())`, [id, updates.length, Buffer.from(state)]);
	} finally {
		await client.end();
	}
}

function timeOf(work: () => unknown): number {
	const begun = performance.now();
	work();
	return performance.now() - begun;
}

function tell(what: string, milliseconds: number): void {
	console.log(`${what}: ${Math.round(milliseconds)} ms`);
}

function mb(bytes: number): string {
	return `${(bytes / 1e6).toFixed(1)} MB`;
}
