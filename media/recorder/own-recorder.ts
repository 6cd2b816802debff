import { mkdir, rm, statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { newId } from '#lib/ids.ts';
import type { Id } from '#lib/ids.ts';
import { folderOf, trackFileOf } from '#lib/recordings/model.ts';
import type { TrackKind } from '#lib/recordings/model.ts';
import { beginTrack, closeTrack, noteTracks } from '#lib/recordings/server/index.ts';
import type { Going } from '#lib/recordings/server/index.ts';
import type { Services } from '#lib/server/services.ts';
import type { MediaAddress } from '../livekit.ts';
import { joinUnseen } from './call.ts';
import type { Packet, SentTrack, UnseenCall } from './call.ts';
import { chosenOf } from './chosen.ts';
import { pictureFrames, soundFrames } from './frames.ts';
import type { Framer } from './frames.ts';
import type { Recorder, Recording } from './recorder.ts';
import { createTrackFile, mendTrackFile } from './track-file.ts';
import type { TrackFile } from './track-file.ts';

/** A pause in what comes of a track ends its file, in milliseconds; what comes later has a file of its own. */
const longestPause = 10_000;
/** How often a picture is asked for that needs none before it, in milliseconds: one can jump to these. */
const wholeEvery = 10_000;
/** How soon a picture is asked for again that something was lost of, in milliseconds. */
const mendAfter = 500;
/** How often it is noted how much there is, in milliseconds. */
const beat = 2_000;
/** Pause before a call is joined again, or a disk tried again that was full, in milliseconds. */
const pause = 1_000;
/** Less room on the disk than this is none: the database and the documents need it, in bytes. */
const leastRoom = 512 * 1024 * 1024;

/** One track as it is being kept. */
interface Kept {
	readonly kind: TrackKind;
	readonly framer: Framer;
	readonly id: Id<'recordingTrack'>;
	file: Promise<TrackFile> | undefined;
	heardAt: number;
	askedAt: number;
	ended: boolean;
	failed: boolean;
}

const isPicture = (kind: TrackKind): boolean => kind === 'camera' || kind === 'screen';

/** Keeps each track as it is sent, without decoding anything: a file for each, in the folder of the recording. */
export function ownRecorder(services: Services, address: MediaAddress, room = leastRoom): Recorder {
	return {
		record: (going) => record(services, address, going, room),
		mend: (recordingId, trackId) => mendTrackFile(resolve(services.env.SPACE_DATA, trackFileOf(recordingId, trackId)))
	};
}

async function record(services: Services, address: MediaAddress, going: Going, leastRoom: number): Promise<Recording> {
	const { log, env } = services;
	const at = (path: string) => resolve(env.SPACE_DATA, path);
	let consents = going.consents;
	let sent: readonly SentTrack[] = [];
	const kept = new Map<string, Kept>();
	const closing = new Set<Promise<void>>();
	let call: UnseenCall | undefined;
	let closed = false;
	let full = false;
	let retry: NodeJS.Timeout | undefined;

	await mkdir(at(folderOf(going.id)), { recursive: true });

	function choose(): void {
		const now = chosenOf(sent, consents).filter(({ muted }) => !muted);
		const sids = new Set(now.map(({ sid }) => sid));
		for (const sid of kept.keys()) if (!sids.has(sid)) end(sid);
		call?.take(sids);
	}

	function end(sid: string): void {
		const track = kept.get(sid);
		kept.delete(sid);
		if (!track || track.ended) return;
		track.ended = true;
		const work = closeOne(track).finally(() => closing.delete(work));
		closing.add(work);
	}

	async function closeOne({ id, file }: Kept): Promise<void> {
		if (!file) return;
		try {
			const written = await (await file).close();
			// A moment that nobody could play is nothing.
			if (written.duration === 0) await rm(at(trackFileOf(going.id, id)), { force: true });
			await again(() => closeTrack(services, id, written.duration === 0 ? null : written), log);
		} catch (error) {
			// What is on the disk is mended when the recording is finished.
			log.warn({ err: error, recordingId: going.id }, 'a file of a recording was not closed in order');
		}
	}

	function begin(sid: string, kind: TrackKind): Kept {
		const track: Kept = {
			kind,
			framer: isPicture(kind) ? pictureFrames() : soundFrames(),
			id: newId<'recordingTrack'>(),
			file: undefined,
			heardAt: Date.now(),
			askedAt: 0,
			ended: false,
			failed: false
		};
		kept.set(sid, track);
		return track;
	}

	function hear(sid: string, packet: Packet): void {
		const source = sent.find((one) => one.sid === sid);
		if (!source || closed || full || !consents.has(source.personId)) return;
		const now = Date.now();
		let track = kept.get(sid);
		if (track && now - track.heardAt > longestPause) {
			end(sid);
			track = undefined;
		}
		track ??= begin(sid, source.kind);
		track.heardAt = now;
		const { frames, broken } = track.framer.take(packet, now);
		if (isPicture(track.kind)) {
			const due = broken ? mendAfter : wholeEvery;
			if (now - track.askedAt > due) {
				track.askedAt = now;
				call?.askWholePicture(sid);
			}
		}
		const coded = track.framer.coded();
		if (!coded || frames.length === 0 || track.failed) return;
		const { id } = track;
		track.file ??= (async () => {
			await again(
				() =>
					beginTrack(services, going, {
						id,
						personId: source.personId as Parameters<typeof beginTrack>[2]['personId'],
						kind: source.kind,
						startedAt: new Date(now)
					}),
				log
			);
			return createTrackFile(at(trackFileOf(going.id, id)), coded);
		})();
		const writing = track;
		track.file
			.then((file) => Promise.all(frames.map((frame) => file.add(frame))))
			.catch((error: NodeJS.ErrnoException) => {
				if (writing.failed) return;
				writing.failed = true;
				log.error({ err: error, recordingId: going.id }, 'a recording cannot be written');
				end(sid);
				if (error.code === 'ENOSPC' || error.code === 'EDQUOT') full = true;
			});
	}

	async function join(): Promise<void> {
		try {
			const joined = await joinUnseen(address, going.roomId, {
				tracks(now) {
					sent = now;
					choose();
				},
				packet: hear,
				lost() {
					call = undefined;
					for (const sid of kept.keys()) end(sid);
					sent = [];
					soon();
				}
			});
			if (closed) return joined.close();
			call = joined;
			choose();
		} catch (error) {
			log.warn({ err: error, recordingId: going.id }, 'a call could not be recorded; trying again');
			soon();
		}
	}

	function soon(): void {
		clearTimeout(retry);
		if (!closed) retry = setTimeout(() => void join(), pause);
	}

	async function look(): Promise<void> {
		const { bavail, bsize } = await statfs(at(folderOf(going.id)));
		full = bavail * bsize < leastRoom;
		if (full) for (const sid of kept.keys()) end(sid);
		const sizes = await Promise.all(
			[...kept.values()].map(async ({ id, file, ended }) => (file && !ended ? { id, ...(await file).written() } : null))
		);
		await noteTracks(
			services,
			sizes.filter((size) => size !== null)
		);
	}
	let looking = Promise.resolve();
	const beating = setInterval(() => {
		looking = looking.then(look).catch((error: unknown) => log.warn({ err: error }, 'a recording could not be looked after'));
	}, beat);

	await look();
	void join();
	return {
		allow(now) {
			consents = now;
			choose();
		},
		trouble: () => (full ? 'diskFull' : null),
		async close() {
			closed = true;
			clearInterval(beating);
			clearTimeout(retry);
			for (const sid of kept.keys()) end(sid);
			call?.close();
			await looking;
			await Promise.all(closing);
		}
	};
}

/** The database may be away for a moment; what was kept is on the disk already. */
async function again(work: () => Promise<unknown>, log: Logger): Promise<void> {
	for (let wait = 100, left = 40; ; wait = Math.min(wait * 2, 2_000), left--) {
		try {
			await work();
			return;
		} catch (error) {
			if (left === 0) throw error;
			log.warn({ err: error }, 'a recording could not be noted; trying again');
			await new Promise((resolve) => setTimeout(resolve, wait));
		}
	}
}
