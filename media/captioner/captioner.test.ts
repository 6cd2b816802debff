import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readCaptions, switchCaptions } from '#lib/captions/server/index.ts';
import { enterRoom, sessionNow } from '#lib/rooms/server/index.ts';
import { query } from '#lib/server/transaction.ts';
import { readEnv } from '#src/env.ts';
import { joinCall } from '#tests/support/calls.ts';
import { factories } from '#tests/support/factories.ts';
import { findFfmpeg } from '#tests/support/ffmpeg.ts';
import { temporaryFolder } from '#tests/support/folder.ts';
import { useMedia } from '#tests/support/servers.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { findSpeech, speak } from '#tests/support/voices.ts';
import { openMedia } from '../gateway.ts';
import { mediaAddress } from '../livekit.ts';
import { openCaptioner } from './captioner.ts';
import { oggOf } from './ogg.ts';

/** A recogniser that answers with the number of the piece, and keeps what it was given. */
let server: Server;
const given: Buffer[] = [];
let services: TestServices;
let ffmpeg: string;

beforeAll(async () => {
	ffmpeg = await findFfmpeg();
	server = createServer((request, response) => {
		void (async () => {
			const parts: Buffer[] = [];
			for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
			const form = await new Response(Buffer.concat(parts), {
				headers: { 'content-type': request.headers['content-type'] ?? '' }
			}).formData();
			given.push(Buffer.from(await (form.get('file') as File).arrayBuffer()));
			const text = `第${given.length}句`;
			response
				.writeHead(200, { 'content-type': 'application/json' })
				.end(JSON.stringify({ text, segments: [{ start: 0, end: 1, text }] }));
		})();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const media = await useMedia();
	const settings = {
		LIVEKIT_URL: media.url,
		LIVEKIT_API_KEY: media.apiKey,
		LIVEKIT_API_SECRET: media.apiSecret,
		SPEECH_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
	};
	const env = readEnv({
		NODE_ENV: 'test',
		SPACE_SECRET: 'a secret of the tests, thirty-two and more',
		DATABASE_APP_URL: 'postgres://none',
		...settings
	});
	services = await openServices({ media: openMedia(env, pino({ level: 'silent' })), settings });
}, 60_000);
afterAll(async () => {
	await services?.close();
	server?.close();
});

const decoded = (bytes: Uint8Array): Int16Array => {
	const file = join(temporaryFolder(), 'piece.ogg');
	writeFileSync(file, bytes);
	const pcm = execFileSync(ffmpeg, ['-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '48000', '-']);
	return new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length - (pcm.length % 2)));
};

test('silence as Opus codes it is an Ogg file that every player reads', () => {
	const packets = Array.from({ length: 260 }, () => ({ data: Buffer.from([0xf8, 0xff, 0xfe]), length: 20 }));
	expect(decoded(oggOf(packets)).length / 48).toBeCloseTo(5_200, -2);
});

test('what somebody says is cut where they pause, and becomes captions at its second', { timeout: 60_000 }, async () => {
	const address = mediaAddress(services.env);
	if (!address || !services.media) throw new Error('no media');
	const make = factories(services);
	const schoolClass = await make.space('class', await make.space('school', await make.space('region')));
	const room = await make.room('group', schoolClass);
	const personId = await make.person('王老师', [['teacher', schoolClass]]);
	const teacher = make.as(personId, [['teacher', schoolClass]]);
	await enterRoom(teacher, { roomId: room.id });
	await switchCaptions(teacher, { roomId: room.id, on: true });
	const captioner = openCaptioner(services, address);
	const call = await joinCall(
		address.url,
		await services.media.token({ roomId: room.id, personId, name: '王老师', sends: ['microphone'] })
	);
	try {
		// The first second may go by before somebody listens.
		const { done } = await call.say(
			speak([
				{ silence: 2_500, speech: 2_000 },
				{ silence: 2_000, speech: 1_500 }
			])
		);
		await done;
		const sessionId = await query(teacher, (ctx) => sessionNow(ctx, room.id));
		const { captions } = await vi.waitFor(
			async () => {
				const found = await readCaptions(teacher, { roomId: room.id, sessionId: sessionId ?? '' });
				expect(found.captions).toHaveLength(2);
				return found;
			},
			{ timeout: 15_000, interval: 100 }
		);
		expect(captions.map(({ text, personId: by }) => [text, by])).toEqual([
			['第1句', personId],
			['第2句', personId]
		]);
		// A coder that has only just begun sends silence as if it were speech for up to a second.
		const between = captions[1]!.from - captions[0]!.from;
		expect(between).toBeGreaterThan(3.5);
		expect(between).toBeLessThan(5.5);
		for (const [index, length] of [2_000, 1_500].entries()) {
			const [heard] = findSpeech(decoded(given[index]!), 48_000);
			expect(Math.abs(heard!.to - heard!.from - length)).toBeLessThan(400);
		}
		// Switched off, nothing more is heard.
		await switchCaptions(teacher, { roomId: room.id, on: false });
	} finally {
		await call.leave();
		await captioner.close();
	}
});
