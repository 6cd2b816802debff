import { chromium } from '@playwright/test';
import pg from 'pg';
import { v7 } from 'uuid';
import * as Y from 'yjs';
import { findChromium } from '../../bin/servers/chromium.ts';
import { signIn } from '../support/people.ts';
import { edits, updatesOf } from '../support/trace.ts';
import { closeSpace, machine, openSpace } from './space.ts';

/** The history of a document of 259,778 edits: how long it takes to open and to jump, and what freezes meanwhile. */
const trace = process.argv[2] ?? null;
/** Longer than this, in milliseconds, a page does not answer to a hand. */
const bearable = 100;

console.log(machine());
console.log(trace ? `trace ${trace.split('/').at(-1)}` : 'made-up edits');
const { updates, state } = updatesOf(edits(trace));
console.log(`${updates.length} updates, ${(updates.reduce((sum, { length }) => sum + length, 0) / 1e6).toFixed(1)} MB`);

const space = await openSpace(['postgres', 'web']);
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
try {
	await writeLog();
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
	await page.getByRole('tab', { name: '长文档' }).click();
	await page.getByRole('button', { name: '历史' }).click({ timeout: 120_000 });
	await page.evaluate(() => {
		const blocked: number[] = [];
		Object.assign(window, { blocked });
		new PerformanceObserver((list) => blocked.push(...list.getEntries().map(({ duration }) => duration))).observe({
			type: 'longtask'
		});
	});
	const from = performance.now();
	const waits: number[] = [];
	const slider = page.getByRole('slider');
	let open = false;
	const opened = slider.waitFor({ timeout: 120_000 }).then(() => (open = true));
	while (!open) waits.push(await timeOf(() => fetch(`${space.url}/api/v1/health`)));
	await opened;
	tell('open the history', performance.now() - from);
	tell('slowest answer of the server to somebody else meanwhile', Math.max(...waits));
	const blocked = () =>
		page.evaluate(() => {
			const { blocked } = window as unknown as { blocked: number[] };
			return blocked.splice(0);
		});
	report('opening', await blocked());

	/** From the wish to the picture of that moment. */
	const jump = (moment: number) =>
		slider.evaluate(async (input: HTMLInputElement, moment: number) => {
			const begun = performance.now();
			input.value = String(moment);
			input.dispatchEvent(new Event('input', { bubbles: true }));
			const sheet = document.querySelector('[role="document"]');
			await new Promise<void>((resolve) => {
				const watch = new MutationObserver(() => {
					watch.disconnect();
					requestAnimationFrame(() => resolve());
				});
				if (sheet) watch.observe(sheet, { subtree: true, childList: true, characterData: true });
			});
			return performance.now() - begun;
		}, moment);
	for (const share of [0, 0.25, 0.5, 0.75, 1]) tell(`jump to ${share * 100} %`, await jump(Math.round(updates.length * share)));
	report('jumping', await blocked());
	const steps: number[] = [];
	for (let step = 1; step <= 50; step++) steps.push(await jump(updates.length - step));
	tell('one edit back, the slowest of 50', Math.max(...steps));
	await slider.press('Home');
	await page.getByRole('button', { name: '播放' }).click();
	const frames = await page.evaluate(
		() =>
			new Promise<number>((resolve) => {
				let count = 0;
				const begun = performance.now();
				const frame = () => {
					count++;
					if (performance.now() - begun > 5_000) resolve(count / 5);
					else requestAnimationFrame(frame);
				};
				requestAnimationFrame(frame);
			})
	);
	console.log(`playing: ${frames.toFixed(0)} frames a second`);
	report('playing', await blocked());
} finally {
	await browser.close();
	await closeSpace(space);
}

async function writeLog(): Promise<void> {
	const client = new pg.Client({ connectionString: space.database?.ownerUrl });
	await client.connect();
	try {
		await fillLog(client);
	} finally {
		await client.end();
	}
}

async function fillLog(client: pg.Client): Promise<void> {
	await client.query(`select set_config('app.scope', '*', false)`);
	const {
		rows: [room]
	} = await client.query<{ id: string; space_path: string }>(
		`select id, space_path from rooms where kind = 'lesson' and space_id in (select id from spaces where name = '六年级1班')`
	);
	if (!room) throw new Error('no room');
	const { rows: people } = await client.query<{ id: string }>(
		`select person_id as id from memberships where space_path = $1::ltree and role in ('student', 'headTeacher') order by role limit 3`,
		[room.space_path]
	);
	const id = v7();
	await client.query(
		`insert into documents (id, room_id, space_path, kind, title, position) values ($1, $2, $3, 'text', '长文档', 9)`,
		[id, room.id, room.space_path]
	);
	const [first] = Y.decodeUpdate(updates[0] ?? new Uint8Array()).structs;
	for (const person of people.slice(0, 1))
		await client.query(`insert into document_clients values ($1, $2, $3, now())`, [id, first?.id.client, person.id]);
	// Statements about it are no part of this.
	await client.query(`insert into document_recorded values ($1, $2)`, [id, updates.length]);
	const effects = JSON.stringify({
		inserted: 1,
		deleted: {},
		nodesCreated: [],
		nodesMoved: [],
		nodesLinked: [],
		nodesDeleted: []
	});
	const batch = 10_000;
	for (let start = 0; start < updates.length; start += batch) {
		const part = updates.slice(start, start + batch);
		await client.query(
			`insert into document_updates (document_id, seq, person_id, role, update, effects, at)
			select $1, seq, person, 'student', update, $2::jsonb, now() - interval '7 days' + seq * interval '1 second'
			from unnest($3::bigint[], $4::uuid[], $5::bytea[]) as log (seq, person, update)`,
			[
				id,
				effects,
				part.map((_, index) => start + index + 1),
				part.map((_, index) => people[Math.floor((start + index) / 700) % people.length]?.id),
				part.map((update) => Buffer.from(update))
			]
		);
	}
	// Opening the document itself is another matter: it has its snapshot.
	await client.query(`insert into document_snapshots values ($1, $2, $3, now())`, [id, updates.length, Buffer.from(state)]);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
	const from = performance.now();
	await work();
	return performance.now() - from;
}

function tell(what: string, milliseconds: number): void {
	console.log(`${what}: ${Math.round(milliseconds)} ms`);
}

function report(what: string, blocked: readonly number[]): void {
	const long = blocked.filter((duration) => duration > bearable);
	console.log(
		`${what}: the page froze for at most ${Math.round(Math.max(0, ...blocked))} ms, ${long.length} times over ${bearable} ms`
	);
}
