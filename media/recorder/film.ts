import { spawn } from 'node:child_process';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrackKind } from '#lib/recordings/model.ts';

/** A film is made in parts of this length, in milliseconds: what is done stays done whatever happens to the rest. */
export const partLength = 30_000;
const [width, height] = [1280, 720];
/** So many faces stand beside a screen. */
const mostFaces = 4;
const faceWidth = 256;

export interface FilmTrack {
	readonly id: string;
	readonly personId: string;
	readonly kind: TrackKind;
	/** In milliseconds from the beginning of the recording. */
	readonly from: number;
	readonly to: number;
}

/** How many parts a film of so many milliseconds has. */
export const partsOf = (duration: number): number => Math.max(1, Math.ceil(duration / partLength));

/** What ffmpeg is told to make one part of a film: files and what is done with them. */
export interface PartPlan {
	readonly inputs: readonly { id: string; from: number }[];
	readonly filter: string;
	readonly length: number;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

/**
 * One part: the screen large and faces in a column beside it; without a screen the faces side by side; all voices
 * together. Whatever begins or ends within the part does so at its time.
 */
export function planPart(tracks: readonly FilmTrack[], part: number, duration: number): PartPlan {
	const [from, to] = [part * partLength, Math.min(duration, (part + 1) * partLength)];
	const length = Math.max(1_000, to - from);
	const here = tracks.filter((track) => track.from < to && from < track.to);
	const voices = here.filter(({ kind }) => kind === 'microphone' || kind === 'screenSound');
	const screen = here.filter(({ kind }) => kind === 'screen').at(-1);
	const faces = here.filter(({ kind }) => kind === 'camera').slice(0, screen ? mostFaces : 9);
	const pictures = [...(screen ? [screen] : []), ...faces];
	const inputs = [...pictures, ...voices].map((track) => ({ id: track.id, from: Math.max(0, from - track.from) }));
	const places = placesOf(screen !== undefined, faces.length);
	const chain: string[] = [`color=black:size=${width}x${height}:rate=25:duration=${seconds(length)}[base0]`];
	for (const [index, track] of pictures.entries()) {
		const place = places[index] ?? { x: 0, y: 0, width, height };
		const begins = Math.max(0, track.from - from);
		const ends = Math.min(length, track.to - from);
		const fit = `scale=${place.width}:${place.height}:force_original_aspect_ratio=decrease,pad=${place.width}:${place.height}:-1:-1`;
		chain.push(`[${index}:v]fps=25,${fit},setsar=1,setpts=PTS-STARTPTS+${seconds(begins)}/TB[picture${index}]`);
		chain.push(
			`[base${index}][picture${index}]overlay=${place.x}:${place.y}:eof_action=pass:enable='between(t,${seconds(begins)},${seconds(ends)})'[base${index + 1}]`
		);
	}
	chain.push(`[base${pictures.length}]format=yuv420p[video]`);
	for (const [index, track] of voices.entries()) {
		const delay = Math.round(Math.max(0, track.from - from));
		chain.push(`[${pictures.length + index}:a]aresample=48000:async=1,adelay=${delay}:all=1[voice${index}]`);
	}
	const silence = `anullsrc=channel_layout=mono:sample_rate=48000:duration=${seconds(length)}[silence]`;
	const all = ['[silence]', ...voices.map((_, index) => `[voice${index}]`)];
	chain.push(
		silence,
		`${all.join('')}amix=inputs=${all.length}:duration=first:normalize=0,alimiter,aformat=channel_layouts=mono[audio]`
	);
	return { inputs, filter: chain.join(';'), length };
}

interface Place {
	x: number;
	y: number;
	width: number;
	height: number;
}

/** Where the pictures stand, in even numbers as the coding wants them; the screen first. */
function placesOf(screen: boolean, faces: number): Place[] {
	if (screen && faces === 0) return [{ x: 0, y: 0, width, height }];
	if (screen) {
		const faceHeight = Math.floor(faceWidth * 0.5625);
		return [
			{ x: 0, y: 0, width: width - faceWidth, height },
			...Array.from({ length: faces }, (_, index) => ({
				x: width - faceWidth,
				y: index * faceHeight,
				width: faceWidth,
				height: faceHeight
			}))
		];
	}
	const columns = Math.ceil(Math.sqrt(Math.max(1, faces)));
	const rows = Math.ceil(faces / columns);
	const [wide, high] = [Math.floor(width / columns / 2) * 2, Math.floor(height / Math.max(1, rows) / 2) * 2];
	return Array.from({ length: faces }, (_, index) => ({
		x: (index % columns) * wide,
		y: Math.floor(index / columns) * high,
		width: wide,
		height: high
	}));
}

/** Why a film could not be made. */
export class FilmFailed extends Error {
	readonly reason: 'noFfmpeg' | 'diskFull' | 'broken';
	constructor(reason: FilmFailed['reason'], told: string) {
		super(told);
		this.reason = reason;
	}
}

export interface FilmJob {
	readonly ffmpeg: string;
	/** Of the recording, with a file `<id>.webm` for each track. */
	readonly folder: string;
	readonly tracks: readonly FilmTrack[];
	/** In milliseconds. */
	readonly duration: number;
	readonly signal: AbortSignal;
	/** After each part. */
	readonly onpart: (done: number, of: number) => Promise<void>;
}

/** Makes the film, going on after the parts that are there; returns its size in bytes. */
export async function makeFilm({ ffmpeg, folder, tracks, duration, signal, onpart }: FilmJob): Promise<number> {
	const parts = partsOf(duration);
	const workshop = join(folder, 'film');
	await mkdir(workshop, { recursive: true });
	for (let part = 0; part < parts; part++) {
		const path = join(workshop, `${part}.mp4`);
		if (!(await exists(path))) {
			await makePart(ffmpeg, folder, planPart(tracks, part, duration), `${path}.new`, signal);
			// Under its own name only when it is whole.
			await rename(`${path}.new`, path);
		}
		await onpart(part + 1, parts);
	}
	const list = join(workshop, 'parts.txt');
	await writeFile(list, Array.from({ length: parts }, (_, part) => `file '${part}.mp4'\n`).join(''));
	const film = join(folder, 'film.mp4');
	const joining = ['-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', `${film}.new`];
	await run(ffmpeg, joining, signal);
	await rename(`${film}.new`, film);
	await rm(workshop, { recursive: true, force: true });
	return (await stat(film)).size;
}

async function makePart(ffmpeg: string, folder: string, { inputs, filter, length }: PartPlan, to: string, signal: AbortSignal) {
	await run(
		ffmpeg,
		[
			...inputs.flatMap(({ id, from }) => [...(from > 0 ? ['-ss', seconds(from)] : []), '-i', join(folder, `${id}.webm`)]),
			'-filter_complex',
			filter,
			'-map',
			'[video]',
			'-map',
			'[audio]',
			'-t',
			seconds(length),
			...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '26', '-g', '50', '-threads', '1'],
			...['-c:a', 'aac', '-b:a', '64k', '-ac', '1', '-ar', '48000'],
			...['-video_track_timescale', '12800', '-f', 'mp4', to]
		],
		signal
	);
}

/** At the lowest priority: calls and lessons go first. */
function run(ffmpeg: string, args: readonly string[], signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const child = spawn('nice', ['-n', '19', ffmpeg, '-y', '-hide_banner', '-loglevel', 'error', '-nostdin', ...args], {
			stdio: ['ignore', 'ignore', 'pipe'],
			signal
		});
		let told = '';
		child.stderr.on('data', (data: Buffer) => (told = (told + data.toString()).slice(-4_000)));
		child.on('error', (error) => reject(signal.aborted ? error : new FilmFailed('noFfmpeg', error.message)));
		child.on('close', (code) => {
			if (code === 0) return resolve();
			const missing = code === 127 || code === 126;
			reject(new FilmFailed(missing ? 'noFfmpeg' : /No space left/i.test(told) ? 'diskFull' : 'broken', told || `exit ${code}`));
		});
	});
}

const exists = (path: string): Promise<boolean> =>
	stat(path).then(
		() => true,
		() => false
	);
