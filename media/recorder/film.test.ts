import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { findFfmpeg } from '#tests/support/ffmpeg.ts';
import { temporaryFolder } from '#tests/support/folder.ts';
import { FilmFailed, makeFilm, partLength, partsOf, planPart } from './film.ts';
import type { FilmTrack } from './film.ts';

const run = promisify(execFile);
let ffmpeg: string;
beforeAll(async () => {
	ffmpeg = await findFfmpeg();
}, 120_000);

const anyTrack = fc
	.record({
		id: fc.uuid(),
		personId: fc.constantFrom('one', 'two'),
		kind: fc.constantFrom('microphone', 'camera', 'screen', 'screenSound'),
		from: fc.integer({ min: 0, max: 200_000 }),
		length: fc.integer({ min: 1, max: 100_000 })
	})
	.map(({ length, ...track }): FilmTrack => ({ ...track, to: track.from + length }));

test('each part takes what is sent in its time and nothing else, from where it is then', () => {
	fc.assert(
		fc.property(fc.array(anyTrack, { maxLength: 12 }), fc.integer({ min: 1_000, max: 300_000 }), (tracks, duration) => {
			for (let part = 0; part < partsOf(duration); part++) {
				const { inputs, length } = planPart(tracks, part, duration);
				expect(length).toBeLessThanOrEqual(partLength);
				const [from, to] = [part * partLength, Math.min(duration, (part + 1) * partLength)];
				const here = tracks.filter((track) => track.from < to && from < track.to);
				const sounds = here.filter(({ kind }) => kind === 'microphone' || kind === 'screenSound');
				for (const { id } of sounds) expect(inputs.map((input) => input.id)).toContain(id);
				for (const input of inputs) {
					const track = here.find(({ id }) => id === input.id);
					expect(input.from).toBe(Math.max(0, from - (track?.from ?? 0)));
				}
			}
		})
	);
});

/** A camera and a voice as long as three parts. */
async function somethingIn(folder: string): Promise<FilmTrack[]> {
	const length = 2 * partLength + 3_000;
	const source = (input: string, codec: string[], id: string) =>
		run(ffmpeg, [
			'-y',
			'-loglevel',
			'error',
			'-f',
			'lavfi',
			'-t',
			String(length / 1_000),
			'-i',
			input,
			...codec,
			join(folder, `${id}.webm`)
		]);
	await source('testsrc=size=320x180:rate=5', ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8'], 'face');
	await source('sine=frequency=440:sample_rate=48000', ['-c:a', 'libopus'], 'voice');
	return [
		{ id: 'face', personId: 'one', kind: 'camera', from: 0, to: length },
		{ id: 'voice', personId: 'one', kind: 'microphone', from: 1_000, to: length }
	];
}

test('what was done before it was stopped is not done again, and the film is whole', { timeout: 120_000 }, async () => {
	const folder = temporaryFolder();
	const tracks = await somethingIn(folder);
	const duration = 2 * partLength + 3_000;
	const stopped = new AbortController();
	const first = makeFilm({
		ffmpeg,
		folder,
		tracks,
		duration,
		signal: stopped.signal,
		onpart: async () => stopped.abort()
	});
	await expect(first).rejects.toThrow();
	const before = await stat(join(folder, 'film', '0.mp4'));
	const told: number[] = [];
	let kept = 0;
	const bytes = await makeFilm({
		ffmpeg,
		folder,
		tracks,
		duration,
		signal: new AbortController().signal,
		async onpart(done, of) {
			told.push(done / of);
			if (done === 1) kept = (await stat(join(folder, 'film', '0.mp4'))).mtimeMs;
		}
	});
	expect(kept).toBe(before.mtimeMs);
	expect(told).toEqual([1 / 3, 2 / 3, 1]);
	expect(bytes).toBe((await stat(join(folder, 'film.mp4'))).size);
	const { stderr } = await run(ffmpeg, ['-hide_banner', '-i', join(folder, 'film.mp4'), '-f', 'null', '-']);
	const [, minutes, seconds] = /Duration: 00:(\d\d):(\d\d\.\d\d)/.exec(stderr) ?? [];
	expect(Math.abs(Number(minutes) * 60_000 + Number(seconds) * 1_000 - duration)).toBeLessThan(300);
});

test('a file that is nothing, and no ffmpeg, are told apart', async () => {
	const folder = temporaryFolder();
	const job = {
		folder,
		tracks: [{ id: 'gone', personId: 'one', kind: 'camera', from: 0, to: 5_000 }] as const,
		duration: 5_000,
		signal: new AbortController().signal,
		onpart: async () => {}
	};
	const reasonOf = (error: unknown) => (error instanceof FilmFailed ? error.reason : String(error));
	expect(await makeFilm({ ...job, ffmpeg }).catch(reasonOf)).toBe('broken');
	expect(await makeFilm({ ...job, ffmpeg: '/no/such/program' }).catch(reasonOf)).toBe('noFfmpeg');
});
