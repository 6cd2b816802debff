import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import type { Id } from '#lib/ids.ts';
import { endSession, enterRoom } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { api } from '#lib/server/api.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { makePdf } from '#tests/support/slides.ts';
import { within } from '../model.ts';
import { addDeck, convertDue, dropDeck, hideDeck, inspectDue, retryDeck, seeSlides, showDeck, turnsOf } from './index.ts';
import { inspectPdf } from './inspect.ts';
import { lookAtOffice } from './office.ts';
import { silence } from './prepare.ts';
import { runProgram } from './program.ts';
import { findConverter } from './soffice.ts';
import { slideDecks } from './table.ts';

let services: TestServices;
let clock = new Date('2026-03-05T08:00:00Z');
let schoolClass: SpaceRow;
let make: ReturnType<typeof factories>;
let teacher: Context;
let ming: Context;
let stranger: Context;
let room: RoomRow;
let folder: string;

beforeAll(async () => {
	services = await openServices({ now: () => clock });
	make = factories(services);
	const school = await make.space('school', await make.space('region'));
	schoolClass = await make.space('class', school);
	const nextDoor = await make.space('class', school);
	const someone = async (name: string, role: 'teacher' | 'student', space = schoolClass) =>
		make.as(await make.person(name, [[role, space]]), [[role, space]], name);
	teacher = await someone('王老师', 'teacher');
	ming = await someone('小明', 'student');
	stranger = await someone('李老师', 'teacher', nextDoor);
	folder = await mkdtemp(join(tmpdir(), 'slides-test-'));
});
beforeEach(async () => {
	room = await make.room('lesson', schoolClass);
	for (const ctx of [teacher, ming]) await enterRoom(ctx, { roomId: room.id });
});
afterEach(() =>
	// What a test left waiting is not the next one's.
	transaction(systemContext(services), (ctx) =>
		ctx.db.update(slideDecks).set({ archivedAt: ctx.now() }).where(eq(slideDecks.roomId, room.id))
	)
);
afterAll(async () => {
	await rm(folder, { recursive: true, force: true });
	await services.close();
});

const wait = (seconds: number) => (clock = new Date(clock.getTime() + seconds * 1000));
const tus = { 'tus-resumable': '1.0.0' };
const request = (ctx: Context, path: string, init: RequestInit) =>
	api.fetch(new Request(`http://localhost${path.startsWith('/api') ? path : `/api/v1${path}`}`, init), { ctx, locale: 'zh-CN' });

/** Brings a file into the room as a browser does. */
async function bring(ctx: Context, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
	const begun = await request(ctx, `/rooms/${room.id}/files`, {
		method: 'POST',
		headers: {
			...tus,
			'upload-length': String(bytes.length),
			'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`
		}
	});
	expect(begun.status).toBe(201);
	const place = begun.headers.get('location') ?? '';
	const headers = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
	expect((await request(ctx, place, { method: 'PATCH', headers, body: bytes })).status).toBe(204);
	const whole = await request(ctx, place.replace(/\/upload$/, '/finish'), { method: 'POST' });
	expect(whole.status).toBe(200);
	return ((await whole.json()) as { id: string }).id;
}
async function deckOf(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
	return (await addDeck(teacher, { roomId: room.id, fileId: await bring(teacher, name, bytes) })).id;
}
const view = async (deckId: string) => (await seeSlides(teacher, { roomId: room.id })).decks.find(({ id }) => id === deckId);
/** What comes of a PDF. */
async function outcome(name: string, bytes: Uint8Array<ArrayBuffer>) {
	const id = await deckOf(name, bytes);
	await inspectDue(services);
	const { state, trouble, pages, scripts } = (await view(id))!;
	return { state, trouble, pages, scripts };
}
const ready = async (pages = 3) => {
	const id = await deckOf('春天.pdf', makePdf(pages));
	await inspectDue(services);
	return id;
};

describe('slides', () => {
	test('become pages of a PDF that a teacher brings, and each turn is shown to all', async () => {
		const deckId = await ready(3);
		expect(await view(deckId)).toMatchObject({ title: '春天', state: 'ready', pages: 3, trouble: null });
		expect(await seeSlides(ming, { roomId: room.id })).toMatchObject({ show: null, decks: [], converter: false });
		const heard: unknown[] = [];
		const stop = services.changes.on('slides', (change) => change.show && heard.push(change.show));
		const first = await showDeck(teacher, { roomId: room.id, deckId, page: 1, together: true });
		const second = await showDeck(teacher, { roomId: room.id, deckId, page: 2, together: false });
		expect(second.turn).toBe(first.turn + 1);
		const { show } = await seeSlides(ming, { roomId: room.id });
		expect(show).toMatchObject({ deckId, title: '春天', page: 2, pages: 3, together: false, turn: second.turn });
		await expect
			.poll(() => heard)
			.toEqual([
				{ deckId, page: 1, together: true, turn: first.turn },
				{ deckId, page: 2, together: false, turn: second.turn }
			]);
		stop();
		expect((await request(ming, show!.url, {})).status).toBe(200);
		expect((await request(stranger, show!.url, {})).status).toBe(404);
	});

	test('leave behind which page was shown from which second on, and a new way of turning is no new page', async () => {
		const deckId = await ready(3);
		const show = (page: number, together = true) => showDeck(teacher, { roomId: room.id, deckId, page, together });
		wait(10);
		await show(1);
		wait(20);
		await show(3);
		await show(3, false);
		wait(5);
		await hideDeck(teacher, { roomId: room.id });
		await hideDeck(teacher, { roomId: room.id });
		const [session] = await query(systemContext(services), ({ db }) =>
			db.select().from(sessions).where(eq(sessions.roomId, room.id))
		);
		const turns = await turnsOf(ming, { roomId: room.id, sessionId: session!.id });
		expect(turns.map(({ seconds, page }) => [seconds, page])).toEqual([
			[10, 1],
			[30, 3],
			[35, null]
		]);
		await expect(turnsOf(stranger, { roomId: room.id, sessionId: session!.id })).rejects.toMatchObject({ status: 404 });
		await expect(turnsOf(ming, { roomId: room.id, sessionId: newId() })).rejects.toMatchObject({ key: 'slides.noSession' });
	});

	test('are off the screens when the session is over', async () => {
		const deckId = await ready();
		await showDeck(teacher, { roomId: room.id, deckId, page: 2, together: true });
		await endSession(teacher, { roomId: room.id });
		await enterRoom(ming, { roomId: room.id });
		expect((await seeSlides(ming, { roomId: room.id })).show).toBeNull();
	});

	test('are brought, turned and put away by those who lead, and only of their own room', async () => {
		const deckId = await ready();
		for (const act of [
			() => showDeck(ming, { roomId: room.id, deckId, page: 1, together: true }),
			() => hideDeck(ming, { roomId: room.id }),
			() => dropDeck(ming, { roomId: room.id, deckId }),
			() => retryDeck(ming, { roomId: room.id, deckId }),
			() => addDeck(ming, { roomId: room.id, fileId: newId() })
		])
			await expect(act()).rejects.toThrow(Forbidden);
		const headers = { ...tus, 'upload-length': '3', 'upload-metadata': `filename ${Buffer.from('a.pdf').toString('base64')}` };
		expect((await request(ming, `/rooms/${room.id}/files`, { method: 'POST', headers })).status).toBe(403);
		expect((await request(stranger, `/rooms/${room.id}/files`, { method: 'POST', headers })).status).toBe(404);
		const other = await make.room('lesson', schoolClass);
		const act = showDeck(teacher, { roomId: other.id, deckId, page: 1, together: true });
		await expect(act).rejects.toMatchObject({ status: 409 });
		const fileId = await bring(teacher, '别处.pdf', makePdf(1));
		await expect(addDeck(teacher, { roomId: other.id, fileId })).rejects.toMatchObject({ key: 'slides.noFile' });
		await expect(addDeck(teacher, { roomId: room.id, fileId: newId() })).rejects.toMatchObject({ key: 'slides.noFile' });
		await expect(showDeck(teacher, { roomId: room.id, deckId, page: 4, together: true })).rejects.toMatchObject({ status: 409 });
		for (const page of [0, -1, 1.5, Number.NaN, 1e9])
			await expect(showDeck(teacher, { roomId: room.id, deckId, page, together: true })).rejects.toThrow();
		await dropDeck(teacher, { roomId: room.id, deckId });
		await expect(showDeck(teacher, { roomId: room.id, deckId, page: 1, together: true })).rejects.toMatchObject({
			key: 'slides.gone'
		});
	});

	test('that are no slides say so in plain words, whatever they are', async () => {
		const text = new TextEncoder();
		expect(await outcome('坏.pdf', makePdf(2).slice(0, 60))).toMatchObject({ state: 'failed', trouble: 'broken' });
		expect(await outcome('假.pdf', text.encode('%PDF-1.7\n<script>alert(1)</script>'))).toMatchObject({ trouble: 'broken' });
		expect(await outcome('锁.pdf', makePdf(1, { locked: true }))).toMatchObject({ state: 'failed', trouble: 'locked' });
		expect(await outcome('长.pdf', makePdf(500))).toMatchObject({ state: 'failed', trouble: 'tooManyPages' });
		expect(await outcome('脚本.pdf', makePdf(1, { script: 'app.alert(1)' }))).toMatchObject({ state: 'ready', scripts: true });
		const add = async (name: string, bytes: Uint8Array<ArrayBuffer>) =>
			addDeck(teacher, { roomId: room.id, fileId: await bring(teacher, name, bytes) });
		await expect(add('程序.exe', text.encode('MZ'))).rejects.toMatchObject({ status: 422, key: 'slides.wrongKind' });
		await expect(add('假.pdf', text.encode('<html>'))).rejects.toMatchObject({ status: 422, key: 'slides.wrongKind' });
		const huge = {
			...tus,
			'upload-length': String(200 * 1024 * 1024),
			'upload-metadata': `filename ${Buffer.from('a.pdf').toString('base64')}`
		};
		const refused = await request(teacher, `/rooms/${room.id}/files`, { method: 'POST', headers: huge });
		expect([refused.status, ((await refused.json()) as { title: string }).title]).toEqual([413, expect.stringContaining('100')]);
	}, 60_000);

	test('are taken up again when the process that worked on them is gone, and left alone when they end each', async () => {
		const deckId = await deckOf('春天.pdf', makePdf(2));
		const gone = (tries: number) =>
			transaction(systemContext(services), (ctx) =>
				ctx.db
					.update(slideDecks)
					.set({ state: 'checking', workedAt: clock, tries })
					.where(eq(slideDecks.id, deckId as Id<'deck'>))
			);
		await gone(1);
		expect(await inspectDue(services)).toBe(0);
		wait(silence / 1000 + 1);
		expect(await inspectDue(services)).toBe(1);
		expect(await view(deckId)).toMatchObject({ state: 'ready', pages: 2 });
		await gone(3);
		wait(silence / 1000 + 1);
		await inspectDue(services);
		expect(await view(deckId)).toMatchObject({ state: 'failed', trouble: 'broken' });
	});
});

describe('PowerPoint', () => {
	const converter = findConverter(process.env.SOFFICE);
	const slide = (text: string) =>
		`<draw:page draw:name="${text}"><draw:frame svg:width="20cm" svg:height="5cm" svg:x="2cm" svg:y="2cm"><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame></draw:page>`;
	const odp = (...pages: string[]) =>
		zipSync({
			mimetype: [Buffer.from('application/vnd.oasis.opendocument.presentation'), { level: 0 }],
			'content.xml': Buffer.from(
				`<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"><office:body><office:presentation>${pages.map(slide).join('')}</office:presentation></office:body></office:document-content>`
			),
			'META-INF/manifest.xml': Buffer.from(
				'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.presentation"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
			)
		}) as Uint8Array<ArrayBuffer>;

	test('waits for no converter that is not there: the sentence says what to do, and it is tried again when asked', async () => {
		const deckId = await deckOf('春天.pptx', odp('春天'));
		await convertDue(services, null);
		expect(await view(deckId)).toMatchObject({ state: 'failed', trouble: 'noConverter' });
		await retryDeck(teacher, { roomId: room.id, deckId });
		expect(await view(deckId)).toMatchObject({ state: 'waiting', trouble: null });
		await expect(retryDeck(teacher, { roomId: room.id, deckId })).rejects.toMatchObject({ status: 409 });
	});

	test.runIf(converter)(
		'is made into a PDF by LibreOffice, with Chinese in it',
		async () => {
			const deckId = await deckOf('-o 春天 "$(id)".odp', odp('春天的校园', '樱花'));
			await convertDue(services, converter);
			await inspectDue(services);
			const deck = await view(deckId);
			expect(deck).toMatchObject({ state: 'ready', pages: 2 });
			const pdf = Buffer.from(await (await request(teacher, deck!.url!, {})).arrayBuffer());
			expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
			expect(pdf.toString('latin1')).toMatch(/CJK|Noto/);
		},
		120_000
	);

	test.runIf(converter)(
		'has a serif where it asks for 宋体, though nobody has that font',
		async () => {
			const fonts = async (name: string) => {
				const parts = unzipSync(odp('直角'));
				const text = Buffer.from(parts['content.xml'] ?? []).toString();
				const faces = `<office:font-face-decls><style:font-face style:name="F" svg:font-family="${name}"/></office:font-face-decls>`;
				const style = `<office:automatic-styles><style:style style:name="T" style:family="text"><style:text-properties style:font-name-asian="F"/></style:style></office:automatic-styles>`;
				parts['content.xml'] = Buffer.from(
					text
						.replace('office:version', 'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" office:version')
						.replace('<office:body>', `${faces}${style}<office:body>`)
						.replace('<text:p>直角</text:p>', '<text:p><text:span text:style-name="T">直角</text:span></text:p>')
				);
				const deckId = await deckOf(`${name}.odp`, zipSync(parts) as Uint8Array<ArrayBuffer>);
				await convertDue(services, converter);
				await inspectDue(services);
				const answer = await request(teacher, (await view(deckId))!.url!, {});
				return /FontName\/\S*?(Noto\w+CJK)/.exec(Buffer.from(await answer.arrayBuffer()).toString('latin1'))?.[1];
			};
			expect([await fonts('宋体'), await fonts('微软雅黑')]).toEqual(['NotoSerifCJK', 'NotoSansCJK']);
		},
		120_000
	);

	test.runIf(converter)(
		'that LibreOffice makes nothing of is said to be broken',
		async () => {
			const deckId = await deckOf(
				'坏.pptx',
				zipSync({ 'ppt/presentation.xml': Buffer.from('<nothing') }) as Uint8Array<ArrayBuffer>
			);
			await convertDue(services, converter);
			expect(await view(deckId)).toMatchObject({ state: 'failed', trouble: 'broken' });
		},
		120_000
	);

	test('that takes too long is stopped, with all that it began', async () => {
		const mark = join(folder, 'still-there');
		const started = Date.now();
		const { late } = await runProgram({
			command: '/bin/sh',
			args: ['-c', `(sleep 3; echo > ${mark}) & sleep 30`],
			env: { PATH: '/usr/bin:/bin' },
			patience: 300
		});
		expect(late).toBe(true);
		expect(Date.now() - started).toBeLessThan(3_000);
		await new Promise((resolve) => setTimeout(resolve, 3_200 - (Date.now() - started)));
		expect(existsSync(mark)).toBe(false);
	});

	const look = async (bytes: Uint8Array) => {
		const path = join(folder, newId());
		await writeFile(path, bytes);
		return lookAtOffice(path);
	};
	test('that is a bomb, locked or something else never reaches the converter', async () => {
		expect(await look(odp('春天'))).toBeNull();
		expect(await look(zipSync({ 'word/document.xml': Buffer.from('x') }))).toBe('broken');
		const compound = (name: string) =>
			Buffer.concat([
				Buffer.from('d0cf11e0a1b11ae1', 'hex'),
				Buffer.alloc(2_000_000),
				Buffer.from(name, 'utf16le'),
				Buffer.alloc(512)
			]);
		expect(await look(compound('EncryptedPackage'))).toBe('locked');
		expect(await look(compound('PowerPoint Document'))).toBeNull();
		expect(await look(compound('WordDocument'))).toBe('broken');
		const bomb = Buffer.from(zipSync({ 'ppt/presentation.xml': Buffer.from('x'), 'ppt/media/a': Buffer.from('y') }));
		// The central directory says how large a part is when unpacked.
		bomb.writeUInt32LE(0xf0000000, bomb.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1')) + 24);
		expect(await look(bomb)).toBe('tooHeavy');
	});

	test('may be any bytes: a look at them ends with a word', async () => {
		const start = fc.constantFrom('PK\x03\x04', 'PK\x03\x04PK\x05\x06', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', '');
		await fc.assert(
			fc.asyncProperty(start, fc.uint8Array({ maxLength: 400 }), async (head, rest) => {
				const said = await look(Buffer.concat([Buffer.from(head, 'latin1'), rest]));
				expect(['broken', 'tooHeavy', 'locked', null]).toContain(said);
			}),
			{ numRuns: 200 }
		);
	});
});

test('a PDF that was cut anywhere or whose bytes were changed ends with a word', async () => {
	const whole = makePdf(2);
	const path = join(folder, 'hurt.pdf');
	await fc.assert(
		fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, value) => {
			const hurt = whole.slice();
			hurt[at] = value;
			await writeFile(path, value % 2 ? hurt : hurt.slice(0, at));
			const found = await inspectPdf(path);
			expect(typeof found === 'string' || found.pages > 0).toBe(true);
		}),
		{ numRuns: 8 }
	);
}, 120_000);

test('a page asked for is always one that exists', () => {
	fc.assert(
		fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 400 }), (page, pages) => {
			const at = within(page, pages);
			expect(at).toBeGreaterThanOrEqual(1);
			expect(at).toBeLessThanOrEqual(Math.max(1, pages));
			expect(Number.isInteger(at)).toBe(true);
		})
	);
});
