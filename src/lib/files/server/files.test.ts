import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClassroom } from '#collab/test/support.ts';
import type { Classroom, TestPerson } from '#collab/test/support.ts';
import { archiveDocument } from '#lib/documents/server/index.ts';
import { documents } from '#lib/documents/server/table.ts';
import { newId } from '#lib/ids.ts';
import { audit } from '#lib/records/server/table.ts';
import { api } from '#lib/server/api.ts';
import { requestContext, systemContext } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { largestFile, mostUploads } from '../model.ts';
import type { FileView } from '../model.ts';
import { files } from './table.ts';

// Files through the API, as the browser's tus client and as worse ones send them.

let services: TestServices;
let classroom: Classroom;
let student: TestPerson;
beforeAll(async () => {
	services = await openServices();
	classroom = await makeClassroom(services);
	[student] = classroom.students;
});
afterAll(() => services.close());

type Init = RequestInit & { duplex?: 'half' };
/** One request in the name of somebody, or of nobody. */
async function send(who: TestPerson | null, path: string, init: Init = {}, on = services): Promise<Response> {
	const ctx = who
		? { ...(await classroom.as(who)), services: on, now: on.now }
		: requestContext(on, { actor: null, address: null, requestId: null });
	return api.fetch(new Request(`http://localhost${path.startsWith('/api') ? path : `/api/v1${path}`}`, init), {
		ctx,
		locale: 'zh-CN'
	});
}

const tus = { 'tus-resumable': '1.0.0' };
const creation = (name: string, bytes: number | string) => ({
	method: 'POST',
	headers: {
		...tus,
		'upload-length': String(bytes),
		'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`
	}
});
const part = (offset: number, body: Uint8Array | ReadableStream<Uint8Array>): Init => ({
	method: 'PATCH',
	headers: { ...tus, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
	body: body as BodyInit,
	duplex: 'half'
});
const finish = (place: string) => place.replace(/\/upload$/, '/finish');

async function begin(who: TestPerson, documentId: string, name: string, bytes: number): Promise<string> {
	const answer = await send(who, `/documents/${documentId}/files`, creation(name, bytes));
	expect(answer.status).toBe(201);
	return answer.headers.get('location') ?? '';
}
const offsetOf = async (who: TestPerson, place: string, on = services) =>
	Number((await send(who, place, { method: 'HEAD', headers: tus }, on)).headers.get('upload-offset'));

async function bring(who: TestPerson, documentId: string, name: string, bytes: Uint8Array): Promise<FileView> {
	const place = await begin(who, documentId, name, bytes.length);
	if (bytes.length > 0) expect((await send(who, place, part(0, bytes))).status).toBe(204);
	const answer = await send(who, finish(place), { method: 'POST' });
	expect(answer.status).toBe(200);
	return (await answer.json()) as FileView;
}

const dot = new Uint8Array(
	Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
);
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const keyOf = async (response: Response) => [response.status, ((await response.json()) as { key: string }).key];

describe('a file', () => {
	test('is brought by who may write and fetched by who may read, and its coming is audited', async () => {
		const documentId = await classroom.document();
		const file = await bring(student, documentId, '春天 的"画".png', dot);
		expect(file).toEqual({
			id: expect.any(String) as string,
			url: `/api/v1/files/${file.id}`,
			name: '春天 的"画".png',
			type: 'image/png',
			bytes: dot.length,
			width: 1,
			height: 1
		});
		const got = await send(classroom.teacher, file.url);
		expect(await bytesOf(got)).toEqual(dot);
		expect(Object.fromEntries(got.headers)).toMatchObject({
			'content-type': 'image/png',
			'content-length': String(dot.length),
			'content-disposition': "inline; filename*=UTF-8''%E6%98%A5%E5%A4%A9%20%E7%9A%84%22%E7%94%BB%22.png",
			'cache-control': 'private, max-age=31536000, immutable',
			vary: 'cookie',
			'x-content-type-options': 'nosniff'
		});
		expect((await send(student, `${file.url}?download=1`)).headers.get('content-disposition')).toMatch(/^attachment/);
		const acts = await query(systemContext(services), ({ db }) =>
			db.select({ verb: audit.verb, detail: audit.detail }).from(audit).where(eq(audit.objectId, documentId))
		);
		expect(acts).toMatchObject([{ verb: 'file.add', detail: { file: file.id, bytes: dot.length } }]);
	});

	test('is listed for every document of its table, for those only who may read there', async () => {
		const [documentId, other] = [await classroom.document(), await classroom.document()];
		const file = await bring(student, documentId, '桥.png', dot);
		const unfinished = await begin(student, documentId, '一半.png', dot.length);
		const listed = (await (await send(student, `/documents/${other}/files`)).json()) as FileView[];
		expect(listed).toContainEqual(file);
		expect(listed.some(({ url }) => unfinished.startsWith(url))).toBe(false);
		expect((await send(classroom.stranger, `/documents/${other}/files`)).status).toBe(404);
		expect((await send(null, `/documents/${other}/files`)).status).toBe(404);
	});

	test('is told by its bytes, whatever its name says', async () => {
		const documentId = await classroom.document();
		const page = await bring(student, documentId, 'photo.png', new TextEncoder().encode('<script>alert(1)</script>'));
		expect(page.type).toBe('application/octet-stream');
		expect((await send(student, page.url)).headers.get('content-disposition')).toMatch(/^attachment/);
		const drawing = await bring(
			student,
			documentId,
			'图.txt',
			new TextEncoder().encode('<svg width="10" height="20"><script>alert(1)</script></svg>')
		);
		expect(drawing).toMatchObject({ type: 'image/svg+xml', width: 10, height: 20 });
		expect((await send(student, drawing.url)).headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
	});

	test('lies on the disk once, however often it is brought', async () => {
		const documentId = await classroom.document();
		const same = randomBytes(1000);
		const [one, other] = [
			await bring(student, documentId, 'a', same),
			await bring(classroom.teacher, await classroom.document(), 'b', same)
		];
		expect(one.id).not.toBe(other.id);
		const sha256 = createHash('sha256').update(same).digest('hex');
		const folder = join(services.env.SPACE_DATA, 'files', sha256.slice(0, 2));
		expect(readdirSync(folder).filter((name) => name === sha256)).toHaveLength(1);
		expect(readdirSync(join(services.env.SPACE_DATA, 'files/arriving')).filter((name) => name.includes(one.id))).toEqual([]);
		expect(await bytesOf(await send(student, other.url))).toEqual(new Uint8Array(same));
	});

	test('of no bytes is one too', async () => {
		const file = await bring(student, await classroom.document(), '空.txt', new Uint8Array());
		expect(file.bytes).toBe(0);
		expect(await bytesOf(await send(student, file.url))).toEqual(new Uint8Array());
	});

	test('is sent in parts and not sent again to who has it', async () => {
		const bytes = new Uint8Array(randomBytes(10_000));
		const { url } = await bring(student, await classroom.document(), 'a.bin', bytes);
		const range = (value: string, more = {}) => send(student, url, { headers: { range: value, ...more } });
		const first = await range('bytes=0-99');
		expect([first.status, first.headers.get('content-range')]).toEqual([206, 'bytes 0-99/10000']);
		expect(await bytesOf(first)).toEqual(bytes.subarray(0, 100));
		expect(await bytesOf(await range('bytes=-50'))).toEqual(bytes.subarray(-50));
		expect(await bytesOf(await range('bytes=9990-20000'))).toEqual(bytes.subarray(9990));
		expect((await range('bytes=10000-')).status).toBe(416);
		for (const nonsense of ['bytes=5-1', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,5-6', 'bytes=-', '-1']) {
			expect([nonsense, (await range(nonsense)).status]).toEqual([nonsense, 200]);
		}
		const tag = (await send(student, url)).headers.get('etag') ?? '';
		expect((await send(student, url, { headers: { 'if-none-match': `"other", W/${tag}` } })).status).toBe(304);
		expect((await range('bytes=0-99', { 'if-range': '"other"' })).status).toBe(200);
		const head = await send(student, url, { method: 'HEAD' });
		expect([head.status, head.headers.get('content-length'), (await bytesOf(head)).length]).toEqual([200, '10000', 0]);
	});

	test('that is no longer on the disk is said to be out of reach', async () => {
		const file = await bring(student, await classroom.document(), 'a.bin', new Uint8Array(randomBytes(10)));
		const [row] = await query(systemContext(services), ({ db }) =>
			db
				.select()
				.from(files)
				.where(eq(files.id, file.id as never))
		);
		await rm(join(services.env.SPACE_DATA, 'files', row?.sha256?.slice(0, 2) ?? '', row?.sha256 ?? ''));
		expect(await keyOf(await send(student, file.url))).toEqual([503, 'files.noDisk']);
	});
});

describe('rights', () => {
	test('what is foreign answers like what is missing, to upload, to fetch and to go on', async () => {
		const documentId = await classroom.document();
		const { url } = await bring(student, documentId, 'a.png', dot);
		const place = await begin(student, documentId, 'b.png', 100);
		const stranger = classroom.stranger;
		const missing = newId();
		for (const [foreign, nothing, init] of [
			[`/documents/${documentId}/files`, `/documents/${missing}/files`, creation('x', 1)],
			[url, `/files/${missing}`, {}],
			[place, `/files/${missing}/upload`, { method: 'HEAD', headers: tus }],
			[place, `/files/${missing}/upload`, part(0, dot)],
			[place, `/files/${missing}/upload`, { method: 'DELETE', headers: tus }],
			[finish(place), `/files/${missing}/finish`, { method: 'POST' }]
		] as const) {
			const [there, not] = [await send(stranger, foreign, init), await send(stranger, nothing, init)];
			expect([foreign, there.status]).toEqual([foreign, 404]);
			// The sentence may not tell them apart either.
			const { title, status } = (await there.json().catch(() => ({}))) as Record<string, string>;
			expect([title, status]).toEqual(
				await not.json().then(
					({ title, status }) => [title, status],
					() => [undefined, undefined]
				)
			);
		}
		// An upload is its person's, also among those who write in the same document.
		expect((await send(classroom.teacher, place, part(0, dot))).status).toBe(404);
		expect((await send(classroom.teacher, finish(place), { method: 'POST' })).status).toBe(404);
		expect(await offsetOf(student, place)).toBe(0);
	});

	test('a sign-in that has ended stops an upload; after the next it goes on', async () => {
		const bytes = new Uint8Array(randomBytes(2000));
		const place = await begin(student, await classroom.document(), 'a.bin', bytes.length);
		await send(student, place, part(0, bytes.subarray(0, 700)));
		for (const init of [part(700, bytes.subarray(700)), { method: 'HEAD', headers: tus }, { method: 'DELETE', headers: tus }]) {
			expect((await send(null, place, init)).status).toBe(401);
		}
		expect((await send(null, finish(place), { method: 'POST' })).status).toBe(401);
		expect(await offsetOf(student, place)).toBe(700);
		await send(student, place, part(700, bytes.subarray(700)));
		const { url } = (await (await send(student, finish(place), { method: 'POST' })).json()) as FileView;
		expect((await send(null, url)).status).toBe(401);
		expect(await bytesOf(await send(student, url))).toEqual(bytes);
	});

	test('a locked document takes no file in, also not one that was on its way', async () => {
		const documentId = await classroom.document();
		const { url } = await bring(student, documentId, 'a.png', dot);
		const place = await begin(student, documentId, 'b.png', dot.length);
		await send(student, place, part(0, dot));
		await transaction(systemContext(services), ({ db }) =>
			db.update(documents).set({ lockedAt: new Date() }).where(eq(documents.id, documentId))
		);
		expect(await keyOf(await send(student, finish(place), { method: 'POST' }))).toEqual([409, 'files.locked']);
		expect(await keyOf(await send(student, `/documents/${documentId}/files`, creation('c', 1)))).toEqual([409, 'files.locked']);
		expect((await send(student, url)).status).toBe(200);
	});

	test('what lies in a document that was taken off the table is not fetched any more', async () => {
		const documentId = await classroom.document();
		const { url } = await bring(student, documentId, 'a.png', dot);
		await archiveDocument(await classroom.as(classroom.teacher), { documentId });
		expect((await send(student, url)).status).toBe(404);
	});
});

describe('an upload', () => {
	test('that is cut goes on where it stopped, also at a server that knows nothing of it', async () => {
		const bytes = new Uint8Array(randomBytes(300_000));
		const place = await begin(student, await classroom.document(), 'a.bin', bytes.length);
		let pulled = 0;
		const cut = new ReadableStream<Uint8Array>({
			pull(controller) {
				if (pulled === 4) return controller.error(new Error('the line is cut'));
				controller.enqueue(bytes.slice(pulled * 20_000, ++pulled * 20_000));
			}
		});
		await send(student, place, part(0, cut)).catch(() => undefined);
		const arrived = await offsetOf(student, place);
		expect(arrived).toBeLessThanOrEqual(80_000);
		expect(await keyOf(await send(student, finish(place), { method: 'POST' }))).toEqual([409, 'files.notWhole']);

		// The same disk and database, and nothing remembered: as after kill -9.
		const next = { ...services };
		expect(await offsetOf(student, place, next)).toBe(arrived);
		expect((await send(student, place, part(0, bytes), next)).status).toBe(arrived === 0 ? 204 : 409);
		if (arrived > 0) await send(student, place, part(arrived, bytes.subarray(arrived)), next);
		const file = (await (await send(student, finish(place), { method: 'POST' }, next)).json()) as FileView;
		expect(await bytesOf(await send(student, file.url))).toEqual(bytes);
		// Whoever did not hear the answer asks again and hears the same.
		const again = await send(student, finish(place), { method: 'POST' });
		expect(await again.json()).toEqual(file);
		expect(await offsetOf(student, place)).toBe(bytes.length);
	});

	test('whose server ended between the disk and the database becomes a file all the same', async () => {
		const documentId = await classroom.document();
		const place = await begin(student, documentId, 'a.bin', dot.length);
		await send(student, place, part(0, dot));
		// The last step of all fails: the audit that is written with the row.
		const broken = {
			...services,
			now: () => {
				throw new Error('killed');
			}
		};
		expect((await send(student, finish(place), { method: 'POST' }, broken)).status).toBe(500);
		const whole = await send(student, finish(place), { method: 'POST' });
		expect(await whole.json()).toMatchObject({ type: 'image/png' });
	});

	test('is given up, and nothing of it is left', async () => {
		const place = await begin(student, await classroom.document(), 'a.bin', 100);
		await send(student, place, part(0, dot.subarray(0, 50)));
		const path = join(services.env.SPACE_DATA, 'files/arriving', place.split('/').at(-2) ?? '');
		expect(existsSync(path)).toBe(true);
		expect((await send(student, place, { method: 'DELETE', headers: tus })).status).toBe(204);
		expect(existsSync(path)).toBe(false);
		expect((await send(student, place, part(50, dot))).status).toBe(404);
	});

	test('does not bring more than it said, and none is too large', async () => {
		const documentId = await classroom.document();
		const place = await begin(student, documentId, 'a.bin', 10);
		expect((await send(student, place, part(0, new Uint8Array(11)))).status).toBe(413);
		const refused = await send(student, `/documents/${documentId}/files`, creation('a.bin', largestFile + 1));
		expect(refused.status).toBe(413);
		expect(((await refused.json()) as { title: string }).title).toContain('100 MB');
	});

	test('of garbage is refused with a sentence', async () => {
		const documentId = await classroom.document();
		const to = `/documents/${documentId}/files`;
		const place = await begin(student, documentId, 'a.bin', 10);
		const requests: [string, Init][] = [
			[to, { method: 'POST' }],
			[to, creation('a', -1)],
			[to, creation('a', '1e3')],
			[to, creation('a', '99999999999999999999')],
			[to, creation('', 1)],
			[to, creation('\u0000\u202e', 1)],
			[to, { method: 'POST', headers: { ...tus, 'upload-length': '1', 'upload-metadata': 'filename //79' } }],
			[to, { method: 'POST', headers: { ...tus, 'upload-length': '1', 'upload-metadata': '%%%' } }],
			[place, { method: 'PATCH', headers: tus, body: dot }],
			[place, { ...part(0, dot), headers: { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' } }],
			[place, part(5, dot)],
			[place, part(-1, dot)],
			[place, { ...part(0, dot), headers: { ...tus, 'upload-offset': 'x', 'content-type': 'application/offset+octet-stream' } }],
			[place, { method: 'GET' }],
			['/files/../../etc/passwd', {}],
			['/files/01980000-0000-7000-8000-000000000000%2f..%2f..', {}],
			['/files/nothing/upload', part(0, dot)]
		];
		for (const [path, init] of requests) {
			const answer = await send(student, path, init);
			const { title } = (await answer.json()) as { title: string };
			expect([path, init.headers, answer.status >= 400 && answer.status < 500, title.endsWith('。')]).toEqual([
				path,
				init.headers,
				true,
				true
			]);
		}
		expect(await offsetOf(student, place)).toBe(0);
	});

	test('is one of so many, and a document holds only so much', async () => {
		const documentId = await classroom.document();
		for (let index = 0; index < mostUploads; index++) await begin(student, documentId, `${index}`, 1);
		const to = `/documents/${documentId}/files`;
		expect(await keyOf(await send(student, to, creation('x', 1)))).toEqual([429, 'files.tooManyUploads']);
		// What nobody went on with is forgotten after a day.
		await transaction(systemContext(services), ({ db }) =>
			db
				.update(files)
				.set({ at: new Date(Date.now() - 25 * 3_600_000) })
				.where(eq(files.documentId, documentId))
		);
		expect((await send(student, to, creation('x', 1))).status).toBe(201);
		await transaction(systemContext(services), ({ db }) =>
			db.insert(files).values(
				Array.from({ length: 11 }, () => ({
					documentId,
					personId: student.id,
					name: 'x',
					bytes: 93 * 1024 * 1024,
					sha256: '0'.repeat(64),
					type: 'application/zip',
					at: new Date()
				}))
			)
		);
		expect(await keyOf(await send(student, to, creation('x', 2 * 1024 * 1024)))).toEqual([409, 'files.documentFull']);
	});
});
