import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { archiveDocument, listDocuments } from '#lib/documents/server/index.ts';
import { newId } from '#lib/ids.ts';
import type { PersonId, SessionId } from '#lib/ids.ts';
import { enterRoom } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, Unavailable } from '#lib/server/errors.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { timeOf } from '../words.ts';
import { isCaptioned, openNotes, readCaptions, recognise, seeNotes, switchCaptions, writeCaptions } from './index.ts';
import { openAiSpeech } from './openai.ts';

/** A recogniser as OpenAI's servers speak: what it was asked, and what it answers next. */
interface Asked {
	path: string;
	authorization: string | undefined;
	fields: Record<string, string>;
	bytes: number;
	type: string;
}
let asked: Asked[] = [];
let answer: (response: ServerResponse, asked: Asked) => void;
let server: Server;
let url: string;
const json =
	(body: unknown, status = 200) =>
	(response: ServerResponse) =>
		void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const parts: Buffer[] = [];
	for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
	const form = await new Response(Buffer.concat(parts), {
		headers: { 'content-type': request.headers['content-type'] ?? '' }
	}).formData();
	const file = form.get('file') as File;
	const fields = Object.fromEntries([...form].filter(([, value]) => typeof value === 'string')) as Record<string, string>;
	const one = {
		path: `${request.method} ${request.url}`,
		authorization: request.headers.authorization,
		fields,
		bytes: file.size,
		type: file.type
	};
	asked.push(one);
	answer(response, one);
}

let services: TestServices;
let bare: TestServices;
let clock = new Date('2026-03-05T00:30:00Z');
let make: ReturnType<typeof factories>;
let schoolClass: SpaceRow;
let teacher: Context;
let ming: Context;
let stranger: Context;
let room: RoomRow;
let sessionId: SessionId;

beforeAll(async () => {
	server = createServer((request, response) => void serve(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
	services = await openServices({
		now: () => clock,
		settings: { SPEECH_URL: url, SPEECH_KEY: 'secret', SPEECH_MODEL: 'whisper-large' }
	});
	bare = await openServices({ databaseUrl: services.env.DATABASE_APP_URL, now: () => clock });
	make = factories(services);
	const school = await make.space('school', await make.space('region'));
	schoolClass = await make.space('class', school);
	const nextDoor = await make.space('class', school);
	const someone = async (name: string, role: 'teacher' | 'student', space = schoolClass) =>
		make.as(await make.person(name, [[role, space]]), [[role, space]], name);
	teacher = await someone('王老师', 'teacher');
	ming = await someone('小明', 'student');
	stranger = await someone('李老师', 'teacher', nextDoor);
});
beforeEach(async () => {
	asked = [];
	answer = json({ text: '' });
	room = await make.room('lesson', schoolClass, '语文课');
	sessionId = (await enterRoom(teacher, { roomId: room.id })).sessionId as SessionId;
	await enterRoom(ming, { roomId: room.id });
});
afterAll(async () => {
	await services.close();
	await bare.close();
	await new Promise((resolve) => server.close(resolve));
});

const wait = (seconds: number) => (clock = new Date(clock.getTime() + seconds * 1000));
const audio = new TextEncoder().encode('OggS, some sound');
const said = (about: object = {}) => ({
	sessionId,
	personId: ming.actor!.personId,
	startedAt: clock,
	audio,
	type: 'audio/ogg' as const,
	...about
});
const on = () => switchCaptions(teacher, { roomId: room.id, on: true });

describe('what is said', () => {
	test('becomes captions with their seconds, once, when somebody who leads wants it', async () => {
		answer = json({
			text: '春天来了。我们去看花。',
			duration: 6,
			segments: [
				{ start: 0.5, end: 2, text: ' 春天来了。' },
				{ start: 2.5, end: 5, text: '我们去看花。', no_speech_prob: 0.1 },
				{ start: 5, end: 6, text: '请订阅', no_speech_prob: 0.97 }
			]
		});
		expect(await recognise(services, said())).toBe(0);
		expect(asked).toEqual([]);
		await on();
		expect(await isCaptioned(services, sessionId)).toBe(true);
		wait(60);
		const heard: string[] = [];
		const stop = services.changes.on('captions', ({ roomId }) => heard.push(roomId));
		const piece = said();
		expect(await recognise(services, piece)).toBe(2);
		expect(await recognise(services, piece)).toBe(0);
		expect(asked[0]).toEqual({
			path: 'POST /v1/audio/transcriptions',
			authorization: 'Bearer secret',
			fields: { model: 'whisper-large', language: 'zh', response_format: 'verbose_json' },
			bytes: audio.length,
			type: 'audio/ogg'
		});
		const now = await seeNotes(ming, { roomId: room.id });
		expect(now).toMatchObject({ on: true, available: true });
		expect(now.captions.map(({ name, from, to, text }) => [name, from, to, text])).toEqual([
			['小明', 60.5, 62, '春天来了。'],
			['小明', 62.5, 65, '我们去看花。']
		]);
		await expect.poll(() => heard).toEqual([room.id]);
		stop();
		const read = (about: object) => readCaptions(ming, { roomId: room.id, sessionId, ...about });
		expect((await read({ q: '看花' })).captions.map(({ text }) => text)).toEqual(['我们去看花。']);
		expect((await read({ q: '%' })).captions).toEqual([]);
		expect((await read({ after: 61 })).captions).toHaveLength(1);
		await expect(readCaptions(stranger, { roomId: room.id, sessionId })).rejects.toMatchObject({ status: 404 });
		await expect(read({ sessionId: newId() })).rejects.toMatchObject({ key: 'captions.noSession' });
	});

	test('is turned on and off by those who lead, and only where the space can', async () => {
		await expect(switchCaptions(ming, { roomId: room.id, on: true })).rejects.toThrow(Forbidden);
		const here = { ...teacher, services: bare };
		await expect(switchCaptions(here, { roomId: room.id, on: true })).rejects.toMatchObject({ key: 'captions.none' });
		expect(await seeNotes(here, { roomId: room.id })).toMatchObject({ available: false, on: false });
		await on();
		expect(await recognise(bare, said())).toBe(0);
		await switchCaptions(teacher, { roomId: room.id, on: false });
		expect(await recognise(services, said())).toBe(0);
	});

	test('is written down by listeners only, and nothing of a session that never was', async () => {
		const personId = ming.actor!.personId;
		const pieces = [{ from: clock, to: clock, text: '好' }];
		await expect(writeCaptions(teacher, { sessionId, personId, pieces })).rejects.toThrow(Forbidden);
		expect(
			await writeCaptions(systemContext(services), {
				sessionId: newId<'session'>() as SessionId,
				personId: newId() as PersonId,
				pieces
			})
		).toBe(0);
	});

	test('is refused before it is sent when it is nothing, too much or something else', async () => {
		await on();
		for (const wrong of [
			{ audio: new Uint8Array() },
			{ audio: new Uint8Array(10 * 1024 * 1024 + 1) },
			{ type: 'video/mp4' },
			{ sessionId: 'x' },
			{ startedAt: new Date(Number.NaN) }
		])
			await expect(recognise(services, said(wrong) as Parameters<typeof recognise>[1])).rejects.toThrow();
		expect(asked).toEqual([]);
	});
});

describe('a recogniser', () => {
	const speech = (about: object = {}) => openAiSpeech({ url, model: 'm', language: 'zh', patience: 400, ...about });

	test('that knows no times gives one caption for the whole piece, and is not asked for them again', async () => {
		answer = (response, { fields }) =>
			fields.response_format === 'json' ? json({ text: '你好' })(response) : json({ error: 'no such format' }, 400)(response);
		const one = speech();
		expect(await one.recognise(audio, 'audio/wav')).toEqual([{ from: 0, to: 0, text: '你好' }]);
		await one.recognise(audio, 'audio/wav');
		expect(asked.map(({ fields }) => fields.response_format)).toEqual(['verbose_json', 'json', 'json']);
	});

	test.each([
		['is broken', json({ error: 'down' }, 500)],
		['refuses the key', json({ error: 'key' }, 401)],
		['says garbage', (response: ServerResponse) => void response.end('<html>\u0000')],
		['says something else', json({ words: 'nothing' })],
		['says too much', (response: ServerResponse) => void response.end('x'.repeat(3_000_000))],
		['points elsewhere', (response: ServerResponse) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
		['hangs up', (response: ServerResponse) => void response.destroy()],
		['never answers', () => undefined],
		[
			'never ends',
			(response: ServerResponse) => {
				response.writeHead(200).write('{"text":"');
			}
		]
	])('that %s is told to be unavailable, soon', async (_, what) => {
		answer = what;
		const begun = Date.now();
		await expect(speech().recognise(audio, 'audio/ogg')).rejects.toThrow(Unavailable);
		expect(Date.now() - begun).toBeLessThan(3_000);
	});

	test('that is not there is unavailable too', async () => {
		await expect(speech({ url: 'http://127.0.0.1:9/v1' }).recognise(audio, 'audio/ogg')).rejects.toMatchObject({
			key: 'captions.unavailable'
		});
	});

	test('may say anything: what is kept are words with times in order', async () => {
		const number = fc.oneof(fc.double(), fc.integer());
		await fc.assert(
			fc.asyncProperty(
				fc.string({ maxLength: 3_000, unit: 'binary' }),
				fc.array(fc.record({ start: number, end: number, text: fc.string({ unit: 'binary' }) }), { maxLength: 300 }),
				async (text, segments) => {
					answer = json({ text, duration: 3, segments });
					const heard = await speech()
						.recognise(audio, 'audio/ogg')
						.catch(() => []);
					expect(heard.length).toBeLessThanOrEqual(200);
					for (const piece of heard) {
						expect(piece.from).toBeGreaterThanOrEqual(0);
						expect(piece.to).toBeGreaterThanOrEqual(piece.from);
						expect(piece.text).toMatch(/^[^\n]+$/u);
						expect([...piece.text].length).toBeLessThanOrEqual(1_000);
					}
				}
			),
			{ numRuns: 40 }
		);
	});
});

describe('the notes of a session', () => {
	test('are one text, named by the day and the room, whoever opens them and however many at once', async () => {
		const opened = await Promise.all([teacher, ming, ming].map((ctx) => openNotes(ctx, { roomId: room.id }, 'zh-CN')));
		expect(new Set(opened.map(({ documentId }) => documentId)).size).toBe(1);
		const documents = await listDocuments(ming, { roomId: room.id });
		expect(documents.map(({ title }) => title)).toEqual(['课堂笔记 3月5日 语文课']);
		expect(await seeNotes(ming, { roomId: room.id })).toMatchObject({ documentId: opened[0]!.documentId });
		expect(await readCaptions(ming, { roomId: room.id, sessionId })).toMatchObject({ documentId: opened[0]!.documentId });
		await on();
		expect(await seeNotes(ming, { roomId: room.id })).toMatchObject({ documentId: opened[0]!.documentId, on: true });
		await archiveDocument(teacher, { documentId: opened[0]!.documentId });
		const again = await openNotes(ming, { roomId: room.id }, 'zh-CN');
		expect(again.documentId).not.toBe(opened[0]!.documentId);
		await expect(openNotes(stranger, { roomId: room.id }, 'zh-CN')).rejects.toMatchObject({ status: 404 });
	});

	test('need a session: an empty room has none', async () => {
		const empty = await make.room('lesson', schoolClass);
		await expect(openNotes(teacher, { roomId: empty.id }, 'zh-CN')).rejects.toMatchObject({ key: 'rooms.enterFirst' });
		expect(await seeNotes(teacher, { roomId: empty.id })).toMatchObject({ documentId: null, captions: [] });
	});
});

test('seconds are told as a clock tells them', () => {
	expect([timeOf(5.9), timeOf(245), timeOf(3_723), timeOf(-1)]).toEqual(['0:05', '4:05', '1:02:03', '0:00']);
});
