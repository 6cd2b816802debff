import { loadavg } from 'node:os';
import { Client } from '#collab/test/support.ts';
import { chromium } from '@playwright/test';
import type { Page } from '@playwright/test';
import pg from 'pg';
import { v7 } from 'uuid';
import * as Y from 'yjs';
import { addBranches, addNode, forest, setText } from '#lib/maps/document.ts';
import type { Sprout } from '#lib/maps/document.ts';
import { findChromium } from '../../bin/servers/chromium.ts';
import { signIn } from '../support/people.ts';
import { closeSpace, machine, openSpace } from './space.ts';

/** A map of 3,000 nodes in Chromium: how smoothly it moves, how soon a new node stands, alone and with 20 who write. */
const size = Number(process.argv[2] ?? 3_000);
const editors = 20;
const documentId = v7();

console.log(machine());
console.log(`load before: ${loadavg()[0]!.toFixed(1)}`);
const doc = new Y.Doc();
const branches = Array.from({ length: size }, (_, index): Sprout & { children: Sprout[] } => ({
	text: index === 0 ? '桥为什么不塌' : `第 ${index} 个想法：${'拱形把压力传到两头'.slice(0, 3 + (index % 7))}`,
	children: []
}));
branches.slice(1).forEach((branch, index) => branches[Math.floor(index / 4)]!.children.push(branch));
addBranches(doc, null, branches.slice(0, 1));
const ids = [...forest(doc).nodes.keys()];
console.log(`${ids.length} nodes, ${(Y.encodeStateAsUpdate(doc).length / 1e3).toFixed(0)} kB`);

const space = await openSpace(['postgres', 'web']);
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
try {
	await writeMap();
	const context = await browser.newContext({
		baseURL: `http://localhost:${space.port}`,
		locale: 'zh-CN',
		viewport: { width: 1440, height: 900 }
	});
	const page = await context.newPage();
	const teacher = space.signIns.find(({ role }) => role === '班主任');
	if (!teacher) throw new Error('no teacher');
	await signIn(page, teacher);
	await page.goto('/');
	await page.getByRole('region', { name: '六年级1班' }).getByRole('link', { name: /课堂/ }).click();
	// The room and its first document stand before the map is opened.
	const tab = page.getByRole('tab', { name: '大导图' });
	await tab.waitFor();
	await page.locator('[contenteditable=true]').first().waitFor();
	await page.waitForLoadState('networkidle');
	const from = performance.now();
	await tab.click();
	await page.locator('[data-node]').first().waitFor({ timeout: 60_000 });
	console.log(`open the map: ${Math.round(performance.now() - from)} ms`);
	await measure(page, 'alone');

	const stop = await startEditors(page);
	await measure(page, `while ${editors} write, about one act a second each`);
	stop();
} finally {
	await browser.close();
	await closeSpace(space);
}

async function measure(page: Page, when: string): Promise<void> {
	console.log(`\n${when}`);
	const stage = await page.getByRole('group', { name: /^导图/ }).boundingBox();
	if (!stage) throw new Error('no map');
	const [x, y] = [stage.x + stage.width / 2, stage.y + stage.height / 2];
	await page.mouse.move(x, y);
	await frames(page, 'pan, nodes as elements', 300, (step) =>
		page.mouse.wheel(step % 150 < 75 ? 24 : -24, step % 100 < 50 ? 30 : -30)
	);
	await page.getByRole('button', { name: '看全图' }).click();
	await page.waitForFunction(() => new Promise((done) => setTimeout(() => done(true), 500)));
	await frames(page, 'pan, the whole map in sight', 200, (step) =>
		page.mouse.wheel(step % 60 < 30 ? 12 : -12, step % 40 < 20 ? 9 : -9)
	);
	await page.keyboard.down('Control');
	await frames(page, 'zoom, from the whole map to one branch and back', 300, (step) =>
		page.mouse.wheel(0, step % 150 < 75 ? -6 : 6)
	);
	await page.keyboard.up('Control');
	for (let step = 0; step < 12; step++) await page.getByRole('button', { name: '放大' }).click();
	await addNodes(page);
}

/** Frames a second while a hand moves the wheel, and the longest frame. */
async function frames(page: Page, what: string, steps: number, act: (step: number) => Promise<void>): Promise<void> {
	await page.evaluate(() => {
		const times: number[] = [];
		const tick = (now: number) => {
			times.push(now);
			Object.assign(window, { benchFrame: requestAnimationFrame(tick) });
		};
		Object.assign(window, { benchTimes: times, benchFrame: requestAnimationFrame(tick) });
	});
	for (let step = 0; step < steps; step++) await act(step);
	const times = await page.evaluate(() => {
		const { benchTimes, benchFrame } = window as unknown as { benchTimes: number[]; benchFrame: number };
		cancelAnimationFrame(benchFrame);
		return benchTimes;
	});
	const gaps = times.slice(1).map((time, index) => time - times[index]!);
	const seconds = (times.at(-1)! - times[0]!) / 1000;
	const sorted = gaps.toSorted((one, other) => one - other);
	const at = (share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(0);
	console.log(`${what}: ${(gaps.length / seconds).toFixed(0)} frames a second; p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`);
}

/** From the key to the frame that shows the new node. */
async function addNodes(page: Page): Promise<void> {
	// The map follows whoever goes through it by keys.
	await page.getByRole('group', { name: /^导图/ }).locator('textarea').focus();
	for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
	const waits: number[] = [];
	for (let count = 0; count < 20; count++) {
		await page.evaluate(() => {
			addEventListener(
				'keydown',
				(event) => {
					const begun = event.timeStamp;
					requestAnimationFrame(() => {
						// What comes after the frame is painted.
						const { port1, port2 } = new MessageChannel();
						port1.onmessage = () => Object.assign(window, { benchAdded: performance.now() - begun });
						port2.postMessage(null);
					});
				},
				{ once: true, capture: true }
			);
		});
		await page.keyboard.press('Enter');
		waits.push(
			await page
				.waitForFunction(() => (window as unknown as { benchAdded?: number }).benchAdded)
				.then((value) => value.jsonValue() as Promise<number>)
		);
		await page.evaluate(() => Object.assign(window, { benchAdded: undefined }));
		await page.keyboard.type('新');
		await page.keyboard.press('Enter');
	}
	const sorted = waits.toSorted((one, other) => one - other);
	console.log(
		`add a node, from the key to its frame: median ${sorted[10]!.toFixed(0)} ms, slowest ${sorted.at(-1)!.toFixed(0)} ms`
	);
}

/** A class at the same map, each with a sign-in of their own: they write in nodes, and add some. */
async function startEditors(page: Page): Promise<() => void> {
	const writers: Client[] = [];
	for (const token of await tokensOfStudents()) {
		const writer = new Client(space.url.replace(/^http/, 'ws'), documentId, token);
		await writer.synced();
		writers.push(writer);
	}
	const shown = forest(doc);
	let acts = 0;
	const timer = setInterval(() => {
		const writer = writers[acts++ % editors]!;
		const id = ids[(acts * 7_919) % ids.length]!;
		if (acts % 10 === 0) addNode(writer.doc, { parent: id, text: '大家一起写' }, shown);
		else setText(writer.doc, id, `第 ${acts} 次改写：${'桥'.repeat(acts % 9)}`);
	}, 1_000 / editors);
	await timeToScreen(page, writers[0]!.doc);
	return () => {
		clearInterval(timer);
		for (const writer of writers) writer.provider.destroy();
	};
}

/** From one person's change to the frame that shows it to another, while all write. */
async function timeToScreen(page: Page, writer: Y.Doc): Promise<void> {
	const node = (await page.locator('[data-node]').first().getAttribute('data-node'))!;
	const waits: number[] = [];
	for (let count = 0; count < 40; count++) {
		const text = `计时 ${count} 号`;
		const seen = page.evaluate(
			([node, text]) =>
				new Promise<number>((resolve) => {
					const look = (): unknown =>
						document.querySelector(`[data-node="${node}"]`)?.textContent?.includes(text!)
							? requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()))
							: requestAnimationFrame(look);
					look();
				}),
			[node, text]
		);
		// The page looks from here on.
		await page.evaluate(() => 0);
		const from = performance.timeOrigin + performance.now();
		setText(writer, node, text);
		waits.push((await seen) - from);
	}
	const sorted = waits.toSorted((one, other) => one - other);
	console.log(`\nfrom one's change to the other's frame: median ${sorted[20]!.toFixed(0)} ms, p95 ${sorted[37]!.toFixed(0)} ms`);
}

/** Twenty new students of the class sign in; each gets a token for the map. */
async function tokensOfStudents(): Promise<string[]> {
	return withDatabase(async (client) => {
		const { rows } = await client.query<{ token: string }>(
			`with class as (
				select id, path, subpath(path, 0, nlevel(path) - 1) as home from spaces where name = '六年级1班'
			), fresh as (
				select gen_random_uuid() as person, 'bench-' || gen_random_uuid() as key, number from generate_series(1, $2) as number
			), known as (
				insert into people (id, name, number, home_path) select person, '同学' || number, key, home from fresh, class
			), joined as (
				insert into memberships (id, person_id, space_id, space_path, role, since)
				select gen_random_uuid(), person, id, path, 'student', current_date - 1 from fresh, class
			), ready as (
				insert into accounts (id, name, email, person_id, must_change_password)
				select key, '同学' || number, key || '@bench.example', person, false from fresh
			), signed as (
				insert into sign_ins (id, token, user_id, expires_at) select key, key, key, now() + interval '1 hour' from fresh
			), given as (
				insert into document_tokens (hash, document_id, person_id, sign_in_id, role, "right", expires_at)
				select encode(sha256(key::bytea), 'hex'), $1, person, key, 'student', 'write', now() + interval '1 minute' from fresh
			)
			select key as token from fresh`,
			[documentId, editors]
		);
		return rows.map(({ token }) => token);
	});
}

async function withDatabase<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
	const client = new pg.Client({ connectionString: space.database?.ownerUrl });
	await client.connect();
	try {
		await client.query(`select set_config('app.scope', '*', false)`);
		return await work(client);
	} finally {
		await client.end();
	}
}

async function writeMap(): Promise<void> {
	await withDatabase(async (client) => {
		const {
			rows: [room]
		} = await client.query<{ id: string; space_path: string }>(
			`select id, space_path from rooms where kind = 'lesson' and space_id in (select id from spaces where name = '六年级1班')`
		);
		if (!room) throw new Error('no room');
		const {
			rows: [person]
		} = await client.query<{ id: string }>(
			`select person_id as id from memberships where space_path = $1::ltree and role = 'headTeacher'`,
			[room.space_path]
		);
		await client.query(
			`insert into documents (id, room_id, space_path, kind, title, position) values ($1, $2, $3, 'map', '大导图', 9)`,
			[documentId, room.id, room.space_path]
		);
		await client.query(`insert into document_clients values ($1, $2, $3, now())`, [documentId, doc.clientID, person?.id]);
		await client.query(`insert into document_recorded values ($1, 1)`, [documentId]);
		const update = Buffer.from(Y.encodeStateAsUpdate(doc));
		const effects = JSON.stringify({
			inserted: 0,
			deleted: {},
			nodesCreated: [],
			nodesMoved: [],
			nodesLinked: [],
			nodesDeleted: []
		});
		await client.query(
			`insert into document_updates (document_id, seq, person_id, role, update, effects, at) values ($1, 1, $2, 'headTeacher', $3, $4::jsonb, now())`,
			[documentId, person?.id, update, effects]
		);
	});
}
