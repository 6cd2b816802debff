import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asc, eq } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Id, PersonId } from '#lib/ids.ts';
import { filmFileOf, folderOf, trackFileOf } from '#lib/recordings/model.ts';
import {
	consent,
	filmNow,
	requestFilm,
	recordingNow,
	removeRecording,
	seeRecording,
	startRecording,
	stopRecording
} from '#lib/recordings/server/index.ts';
import { recordings, recordingTracks } from '#lib/recordings/server/table.ts';
import { enterRoom, leaveRoom } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { MediaGateway } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { readEnv } from '#src/env.ts';
import { joinCall } from '#tests/support/calls.ts';
import type { Call } from '#tests/support/calls.ts';
import { factories } from '#tests/support/factories.ts';
import { temporaryFolder } from '#tests/support/folder.ts';
import { findFfmpeg } from '#tests/support/ffmpeg.ts';
import { useMedia } from '#tests/support/servers.ts';
import { testLog, toolsFolder } from '#tests/support/settings.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { findSpeech, speak } from '#tests/support/voices.ts';
import { startLivekit } from '../../bin/servers/livekit.ts';
import { freePort } from '../../bin/servers/ports.ts';
import { keepSecrets } from '../../bin/servers/secrets.ts';
import { openMedia } from '../gateway.ts';
import { mediaAddress } from '../livekit.ts';
import type { MediaAddress } from '../livekit.ts';
import { ownRecorder } from './own-recorder.ts';
import { openStudio } from './studio.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

let services: TestServices;
let media: MediaGateway;
let address: MediaAddress;
let settings: Record<string, string>;
let schoolClass: SpaceRow;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
	const server = await useMedia();
	ffmpeg = await findFfmpeg();
	settings = { LIVEKIT_URL: server.url, LIVEKIT_API_KEY: server.apiKey, LIVEKIT_API_SECRET: server.apiSecret, FFMPEG: ffmpeg };
	const env = readEnv({
		NODE_ENV: 'test',
		SPACE_SECRET: 'a secret of the tests, thirty-two and more',
		DATABASE_APP_URL: 'postgres://none',
		...settings
	});
	services = await openServices({ media: openMedia(env, pino({ level: 'silent' })), settings });
	const [gateway, found] = [services.media, mediaAddress(env)];
	if (!gateway || !found) throw new Error('no media');
	media = gateway;
	address = found;
	const make = factories(services);
	schoolClass = await make.space('class', await make.space('school', await make.space('region')));
});
afterEach(async () => {
	for (const thing of open.splice(0).toReversed()) await thing.close();
});
afterAll(() => services.close());

const studio = () => {
	const opened = openStudio(services, ownRecorder(services, address));
	open.push(opened);
	return opened;
};
const eventually = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: 20_000, interval: 100 });

interface Somebody {
	personId: PersonId;
	call: Call;
	ctx: Context;
}
async function somebodyIn(room: RoomRow, role: 'teacher' | 'student'): Promise<Somebody> {
	const make = factories(services);
	const personId = await make.person(role, [[role, schoolClass]]);
	const ctx = make.as(personId, [[role, schoolClass]]);
	await enterRoom(ctx, { roomId: room.id });
	const call = await joinCall(
		address.url,
		await media.token({ roomId: room.id, personId, name: role, sends: ['microphone', 'camera', 'screen'] })
	);
	open.push({ close: call.leave });
	return { personId, call, ctx };
}
const newRoom = () => factories(services).room('group', schoolClass);
const tracksOf = (recordingId: string) =>
	query(systemContext(services), (ctx) =>
		ctx.db
			.select()
			.from(recordingTracks)
			.where(eq(recordingTracks.recordingId, recordingId as Id<'recording'>))
			.orderBy(asc(recordingTracks.startedAt))
	);
const isReady = (recordingId: string) =>
	eventually(async () => {
		const [row] = await query(systemContext(services), (ctx) =>
			ctx.db
				.select()
				.from(recordings)
				.where(eq(recordings.id, recordingId as Id<'recording'>))
		);
		expect(row?.readyAt).not.toBeNull();
		return row!;
	});
/** Waits until so many tracks have something on the disk. */
const isKept = (recordingId: string, count: number) =>
	eventually(async () => {
		const kept = (await tracksOf(recordingId)).filter(({ bytes }) => bytes > 2_000);
		expect(kept).toHaveLength(count);
		return kept;
	});

/** What a player makes of a file: the speech in it, or its pictures. */
const run = promisify(execFile);
let ffmpeg: string;
async function decodedSound(path: string): Promise<Int16Array> {
	const { stdout } = await run(ffmpeg, ['-v', 'error', '-i', path, '-f', 's16le', '-ac', '1', '-ar', '48000', '-'], {
		encoding: 'buffer',
		maxBuffer: 256 * 1024 * 1024
	});
	return new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length - (stdout.length % 2)));
}
async function probe(path: string): Promise<string> {
	const { stderr } = await run(ffmpeg, ['-hide_banner', '-i', path, '-fps_mode', 'passthrough', '-f', 'null', '-']);
	return stderr;
}

test(
	'keeps each voice and each picture as it was sent, only of those who said yes, and is ready at once',
	{ timeout: 90_000 },
	async () => {
		const room = await newRoom();
		studio();
		const [teacher, yes, no] = [
			await somebodyIn(room, 'teacher'),
			await somebodyIn(room, 'student'),
			await somebodyIn(room, 'student')
		];
		const { id } = await startRecording(teacher.ctx, { roomId: room.id });
		expect((await startRecording(teacher.ctx, { roomId: room.id })).id).toBe(id);
		await consent(yes.ctx, { roomId: room.id, given: true });
		await consent(no.ctx, { roomId: room.id, given: false });
		await eventually(async () =>
			expect(await recordingNow(yes.ctx, { roomId: room.id })).toMatchObject({ trouble: null, consent: true })
		);

		const voice = speak(
			[
				{ silence: 3_000, speech: 2_500 },
				{ silence: 1_500, speech: 2_000 }
			],
			{ seed: 3 }
		);
		const camera = await teacher.call.show('camera', 640, 360);
		const screen = await yes.call.show('screen', 1280, 720);
		const saying = await Promise.all([teacher, yes, no].map(({ call }) => call.say(voice)));
		await Promise.all(saying.map(({ done }) => done));
		await isKept(id, 4);
		await Promise.all([camera.stop(), screen.stop()]);
		await stopRecording(teacher.ctx, { roomId: room.id });
		await isReady(id);

		const kept = await tracksOf(id);
		expect(kept.map(({ personId, kind }) => `${kind} ${personId}`).sort()).toEqual(
			[
				`camera ${teacher.personId}`,
				`microphone ${teacher.personId}`,
				`microphone ${yes.personId}`,
				`screen ${yes.personId}`
			].sort()
		);
		for (const track of kept) {
			const path = resolve(services.env.SPACE_DATA, trackFileOf(id, track.id));
			const told = await probe(path);
			// Whole, with its length and its index in it.
			expect(told).not.toMatch(/error|invalid data|corrupt|truncat|8x8/i);
			const [, minutes, seconds] = /Duration: 00:(\d\d):(\d\d\.\d\d)/.exec(told) ?? [];
			expect(Math.abs(Number(minutes) * 60_000 + Number(seconds) * 1_000 - track.duration)).toBeLessThan(200);
			if (track.kind === 'screen') expect(told).toContain('1280x720');
			if (track.kind === 'camera') expect(told).toContain('640x360');
			if (track.kind !== 'microphone') continue;
			const heard = findSpeech(await decodedSound(path), 48_000);
			const begun = saying[track.personId === teacher.personId ? 0 : 1]!.begunAt;
			expect(heard).toHaveLength(voice.speech.length);
			for (const [index, { from, to }] of voice.speech.entries()) {
				const [at, until] = [heard[index]!.from, heard[index]!.to].map((ms) => track.startedAt.getTime() + ms - begun);
				expect(Math.abs(at! - from)).toBeLessThan(350);
				expect(Math.abs(until! - to)).toBeLessThan(350);
			}
		}

		// One film of all of it, on request.
		await expect(requestFilm(yes.ctx, { recordingId: id })).rejects.toMatchObject({ status: 403 });
		await requestFilm(teacher.ctx, { recordingId: id });
		const film = await eventually(async () => {
			const now = await filmNow(yes.ctx, { recordingId: id });
			expect(now?.state).toBe('ready');
			return now!;
		});
		expect(film).toMatchObject({ done: film.of, reason: null });
		const made = resolve(services.env.SPACE_DATA, filmFileOf(id));
		expect(await probe(made)).toMatch(/Video: h264[^\n]*1280x720[\s\S]*Audio: aac/);
		const [startedAt] = [(await isReady(id)).startedAt.getTime()];
		const sound = findSpeech(await decodedSound(made), 48_000);
		expect(sound).toHaveLength(voice.speech.length);
		for (const [index, { from }] of voice.speech.entries())
			expect(Math.abs(sound[index]!.from - (saying[0]!.begunAt + from - startedAt))).toBeLessThan(400);

		const seen = await seeRecording(yes.ctx, { recordingId: id });
		expect(seen.state).toBe('ready');
		expect(seen.tracks).toHaveLength(4);
		expect(seen.people.map(({ personId }) => personId).sort()).toEqual([teacher.personId, yes.personId].sort());
		expect(seen.missing).toEqual(['chat']);
	}
);

test('who takes the yes back is kept no further; who mutes and speaks again has two files', { timeout: 60_000 }, async () => {
	const room = await newRoom();
	studio();
	const teacher = await somebodyIn(room, 'teacher');
	const student = await somebodyIn(room, 'student');
	const { id } = await startRecording(teacher.ctx, { roomId: room.id });
	await consent(student.ctx, { roomId: room.id, given: true });
	const voice = speak([{ silence: 100, speech: 20_000 }], { seed: 4 });
	await Promise.all([teacher.call.say(voice), student.call.say(voice)]);
	await isKept(id, 2);
	await consent(student.ctx, { roomId: room.id, given: false });
	const ended = await eventually(async () => {
		const mine = (await tracksOf(id)).find(({ personId }) => personId === student.personId);
		expect(mine?.closedAt).not.toBeNull();
		return mine!;
	});
	await wait(2_500);
	const later = (await tracksOf(id)).filter(({ personId }) => personId === student.personId);
	expect(later.map(({ duration }) => duration)).toEqual([ended.duration]);
	// The session ends it, at the moment the last one leaves.
	await Promise.all([teacher, student].map(({ ctx }) => leaveRoom(ctx, { roomId: room.id })));
	const row = await isReady(id);
	expect(row.stoppedAt).not.toBeNull();
	// Put away, its files are gone.
	await removeRecording(teacher.ctx, { recordingId: id });
	const { sweepRecordings } = await import('#lib/recordings/server/index.ts');
	await sweepRecordings(services);
	expect(existsSync(resolve(services.env.SPACE_DATA, folderOf(id)))).toBe(false);
});

test(
	'killed in the middle, it loses a second, goes on as the same recording, and everything can be played',
	{ timeout: 90_000 },
	async () => {
		const room = await newRoom();
		const recorder = (): ChildProcess =>
			spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'media/recorder/main.ts')], {
				env: {
					...process.env,
					NODE_ENV: 'test',
					SPACE_SECRET: services.env.SPACE_SECRET,
					SPACE_DATA: services.env.SPACE_DATA,
					DATABASE_APP_URL: services.env.DATABASE_APP_URL,
					LOG_LEVEL: 'warn',
					...settings
				},
				stdio: 'inherit'
			});
		const first = recorder();
		open.push({ close: async () => first.kill('SIGKILL') });
		const teacher = await somebodyIn(room, 'teacher');
		const { id } = await startRecording(teacher.ctx, { roomId: room.id });
		const { begunAt } = await teacher.call.say(speak([{ silence: 100, speech: 40_000 }], { seed: 5 }));
		await isKept(id, 1);
		await wait(2_000);
		const killedAt = Date.now();
		first.kill('SIGKILL');
		await once(first, 'exit');
		const second = recorder();
		open.push({
			async close() {
				second.kill('SIGTERM');
				await once(second, 'exit');
			}
		});
		await isKept(id, 2);
		await stopRecording(teacher.ctx, { roomId: room.id });
		await isReady(id);
		const [before, after] = await tracksOf(id);
		expect(before!.startedAt.getTime() - begunAt).toBeLessThan(5_000);
		const lost = killedAt - (before!.startedAt.getTime() + before!.duration);
		expect(lost).toBeLessThan(1_600);
		for (const track of [before, after]) {
			const path = resolve(services.env.SPACE_DATA, trackFileOf(id, track!.id));
			expect(await probe(path)).not.toMatch(/error|invalid data|corrupt|truncat|8x8/i);
			const [heard] = findSpeech(await decodedSound(path), 48_000);
			expect(heard!.to - heard!.from).toBeGreaterThan(track!.duration - 1_000);
		}
	}
);

test('LiveKit killed and back, it is one recording, with both halves in it', { timeout: 90_000 }, async () => {
	const home = temporaryFolder();
	const program = join(toolsFolder, 'livekit-server');
	const server = await startLivekit({
		program,
		folder: home,
		port: await freePort(),
		udpPort: await freePort(),
		tcpPort: await freePort(),
		secrets: keepSecrets(home),
		log: testLog,
		logFile: join(home, 'livekit.log')
	});
	open.push({ close: () => server.stop() });
	const { livekitKey: apiKey, livekitSecret: apiSecret } = keepSecrets(home);
	const own = { url: server.url, httpUrl: server.url.replace('ws', 'http'), apiKey, apiSecret };
	const gateway = openMedia(
		{ ...services.env, LIVEKIT_URL: own.url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret },
		services.log
	)!;
	open.push(openStudio(services, ownRecorder(services, own)));

	const room = await newRoom();
	const make = factories(services);
	const personId = await make.person('王老师', [['teacher', schoolClass]]);
	const ctx = make.as(personId, [['teacher', schoolClass]]);
	await enterRoom(ctx, { roomId: room.id });
	const come = async () => {
		const call = await joinCall(
			own.url,
			await gateway.token({ roomId: room.id, personId, name: '王老师', sends: ['microphone'] })
		);
		open.push({ close: call.leave });
		return call;
	};
	const { id } = await startRecording(ctx, { roomId: room.id });
	await (await come()).say(speak([{ silence: 100, speech: 20_000 }], { seed: 6 }));
	await isKept(id, 1);
	await server.kill('SIGKILL');
	await (await eventually(come)).say(speak([{ silence: 100, speech: 20_000 }], { seed: 7 }));
	await isKept(id, 2);
	expect(await recordingNow(ctx, { roomId: room.id })).toMatchObject({ id, trouble: null });
	await stopRecording(ctx, { roomId: room.id });
	await isReady(id);
	expect((await tracksOf(id)).every(({ closedAt, duration }) => closedAt && duration > 500)).toBe(true);
});

test('with too little room on the disk it keeps nothing, says so, and the lesson goes on', { timeout: 60_000 }, async () => {
	const room = await newRoom();
	open.push(openStudio(services, ownRecorder(services, address, Number.MAX_SAFE_INTEGER)));
	const teacher = await somebodyIn(room, 'teacher');
	const { id } = await startRecording(teacher.ctx, { roomId: room.id });
	await teacher.call.say(speak([{ silence: 100, speech: 5_000 }], { seed: 8 }));
	await eventually(async () =>
		expect(await recordingNow(teacher.ctx, { roomId: room.id })).toMatchObject({ trouble: 'diskFull' })
	);
	await stopRecording(teacher.ctx, { roomId: room.id });
	await isReady(id);
	expect(await tracksOf(id)).toEqual([]);
});

test('what is not written cannot be played: an empty or foreign file is no track', async () => {
	const { mendTrackFile } = await import('./track-file.ts');
	const { writeFile } = await import('node:fs/promises');
	const path = join(services.env.SPACE_DATA, 'x.webm');
	expect(await mendTrackFile(path)).toBeNull();
	for (const bytes of [Buffer.alloc(0), Buffer.from('<html>'), Buffer.alloc(5_000, 0x1a)]) {
		await writeFile(path, bytes);
		expect(await mendTrackFile(path)).toBeNull();
	}
	await rm(path);
});
