import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { cluster, end, head, survey } from './webm.ts';
import type { Coded, Cue, Frame, Head } from './webm.ts';

/** How much is held before it is written, in milliseconds: what a crash of the recorder costs. */
const held = 1_000;
/** How often what was written is made to outlive a crash of the machine, in milliseconds. */
const synced = 5_000;

export interface Written {
	/** When the last frame is, in milliseconds from the first. */
	readonly duration: number;
	readonly bytes: number;
}

/** One track on the disk, written as it goes on. Errors of the disk are thrown by the call that meets them. */
export interface TrackFile {
	/** In the order of their time. */
	add(frame: Frame): Promise<void>;
	written(): Written;
	/** Writes what is left and the index. */
	close(): Promise<Written>;
}

export async function createTrackFile(path: string, coded: Coded): Promise<TrackFile> {
	const file = await open(path, 'wx');
	const start: Head = head(coded);
	let size = 0;
	let last = 0;
	let lastSync = 0;
	let frames: Frame[] = [];
	const cues: Cue[] = [];
	// What is written is written in order, one after the other.
	let writing: Promise<void> = append(start.bytes);

	async function append(bytes: Buffer): Promise<void> {
		await writeAll(file, bytes, size);
		size += bytes.length;
	}

	async function flush(): Promise<void> {
		const [first] = frames;
		if (!first) return;
		if (first.whole) cues.push({ at: first.at, position: size });
		const bytes = cluster(frames);
		frames = [];
		await append(bytes);
		if (last - lastSync < synced) return;
		lastSync = last;
		await file.datasync();
	}

	const next = (work: () => Promise<void>): Promise<void> => (writing = writing.then(work));
	await writing;
	return {
		add(frame) {
			return next(async () => {
				const [first] = frames;
				if (first && (frame.at - first.at >= held || (frame.whole && frames.length > 1 && !frames[1]?.whole))) await flush();
				frames.push(frame);
				last = frame.at;
			});
		},
		written: () => ({ duration: last, bytes: size }),
		async close() {
			try {
				await next(async () => {
					await flush();
					size += await finish(file, start.places, cues, size, last);
				});
				return { duration: last, bytes: size };
			} finally {
				await file.close();
			}
		}
	};
}

/** Ends a file that a crash left open: what is whole of it stays. Null when nothing of it can be read. */
export async function mendTrackFile(path: string): Promise<Written | null> {
	const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return null;
		throw error;
	});
	if (!file) return null;
	try {
		const { size } = await file.stat();
		const found = await survey(async (at, length) => {
			const bytes = Buffer.alloc(length);
			const { bytesRead } = await file.read(bytes, 0, length, at);
			return bytes.subarray(0, bytesRead);
		}, size);
		if (!found || found.cues.length === 0) return null;
		if (found.ended) return { duration: found.last, bytes: size };
		await file.truncate(found.size);
		const more = await finish(file, found.places, found.cues, found.size, found.last);
		return { duration: found.last, bytes: found.size + more };
	} finally {
		await file.close();
	}
}

async function finish(file: FileHandle, places: Head['places'], cues: readonly Cue[], size: number, last: number) {
	const { index, over } = end(places, cues, size, last);
	await writeAll(file, index, size);
	for (const { at, bytes } of over) await writeAll(file, bytes, at);
	await file.sync();
	return index.length;
}

/** A disk that is full may take a part without a word. */
async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
	for (let done = 0; done < bytes.length;) {
		const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
		done += bytesWritten;
	}
}
