import { join, resolve } from 'node:path';
import { rm } from 'node:fs/promises';
import { DirectFileOutput, EgressClient } from 'livekit-server-sdk';
import type { EgressInfo } from '@livekit/protocol';
import { EgressStatus } from '@livekit/protocol';
import { newId } from '#lib/ids.ts';
import type { Id, PersonId } from '#lib/ids.ts';
import { trackFileOf } from '#lib/recordings/model.ts';
import { beginTrack, closeTrack } from '#lib/recordings/server/index.ts';
import type { Going } from '#lib/recordings/server/index.ts';
import type { Services } from '#lib/server/services.ts';
import type { MediaAddress } from '../livekit.ts';
import { joinUnseen } from './call.ts';
import type { SentTrack, UnseenCall } from './call.ts';
import { chosenOf } from './chosen.ts';
import type { Recorder, Recording } from './recorder.ts';

/** How often Egress is asked whether a file is whole, and for how long, in milliseconds. */
const asking = 500;
const patience = 60_000;
/** Pause before a call is joined again, in milliseconds. */
const pause = 1_000;

interface Kept {
	readonly id: Id<'recordingTrack'>;
	readonly egress: Promise<EgressInfo>;
}

const isOver = ({ status }: EgressInfo): boolean => status >= EgressStatus.EGRESS_COMPLETE;
const wait = (time: number) => new Promise((done) => setTimeout(done, time));

/**
 * Has LiveKit's Egress keep each track as it was sent, at sites that run it. `folder` is the space's data folder as
 * Egress sees it: both must reach the same files.
 */
export function egressRecorder(services: Services, address: MediaAddress, folder: string): Recorder {
	const egress = new EgressClient(address.httpUrl, address.apiKey, address.apiSecret, { requestTimeout: 5 });

	/** The file of one that has ended; null when nothing came of it. */
	async function outcome(egressId: string): Promise<{ duration: number; bytes: number } | null> {
		for (const until = Date.now() + patience; Date.now() < until; await wait(asking)) {
			const [info] = await egress.listEgress({ egressId }).catch(() => []);
			if (!info || !isOver(info)) continue;
			const [file] = info.fileResults;
			const result = file ?? (info.result.case === 'file' ? info.result.value : undefined);
			const duration = Number((result?.duration ?? 0n) / 1_000_000n);
			return result && duration > 0 ? { duration, bytes: Number(result.size) } : null;
		}
		return null;
	}

	async function finish(recordingId: string, { id, egress: begun }: Kept): Promise<void> {
		const info = await begun.catch(() => null);
		if (info) await egress.stopEgress(info.egressId).catch(() => undefined);
		const file = info && (await outcome(info.egressId));
		if (!file) await rm(resolve(services.env.SPACE_DATA, trackFileOf(recordingId, id)), { force: true });
		await closeTrack(services, id, file);
	}

	async function record(going: Going): Promise<Recording> {
		const kept = new Map<string, Kept>();
		const closing = new Set<Promise<void>>();
		let consents = going.consents;
		let sent: readonly SentTrack[] = [];
		let call: UnseenCall | undefined;
		let closed = false;
		let retry: NodeJS.Timeout | undefined;

		async function begin({ sid, personId, kind }: SentTrack, id: Id<'recordingTrack'>): Promise<EgressInfo> {
			const filepath = join(folder, trackFileOf(going.id, id));
			await beginTrack(services, going, { id, personId: personId as PersonId, kind, startedAt: services.now() });
			return egress.startTrackEgress(going.roomId, new DirectFileOutput({ filepath, disableManifest: true }), sid);
		}
		function end(sid: string): void {
			const track = kept.get(sid);
			kept.delete(sid);
			if (!track) return;
			const work = finish(going.id, track)
				.catch((error: unknown) => services.log.warn({ err: error, recordingId: going.id }, 'Egress did not end a file'))
				.finally(() => closing.delete(work));
			closing.add(work);
		}
		function choose(): void {
			const wanted = chosenOf(sent, consents);
			for (const sid of kept.keys()) if (!wanted.some((track) => track.sid === sid)) end(sid);
			for (const track of wanted) {
				if (kept.has(track.sid) || closed) continue;
				const id = newId<'recordingTrack'>();
				const begun = begin(track, id);
				kept.set(track.sid, { id, egress: begun });
				begun.catch((error: unknown) => {
					services.log.warn({ err: error, recordingId: going.id }, 'Egress did not begin a file');
					end(track.sid);
				});
			}
		}
		async function enter(): Promise<void> {
			try {
				const joined = await joinUnseen(address, going.roomId, {
					tracks(now) {
						sent = now;
						choose();
					},
					packet: () => {},
					lost() {
						sent = [];
						choose();
						soon();
					}
				});
				if (closed) joined.close();
				else call = joined;
			} catch (error) {
				services.log.warn({ err: error, recordingId: going.id }, 'a call could not be recorded; trying again');
				soon();
			}
		}
		function soon(): void {
			clearTimeout(retry);
			if (!closed) retry = setTimeout(() => void enter(), pause);
		}

		void enter();
		return {
			allow(now) {
				consents = now;
				choose();
			},
			trouble: () => null,
			async close() {
				closed = true;
				clearTimeout(retry);
				for (const sid of kept.keys()) end(sid);
				call?.close();
				await Promise.all(closing);
			}
		};
	}

	return {
		record,
		/** One that was going on when the recorder ended: Egress knows it by its file. */
		async mend(recordingId, trackId) {
			const name = trackFileOf(recordingId, trackId);
			const all = await egress.listEgress();
			const info = all.find(
				({ fileResults, result }) =>
					fileResults.some(({ filename }) => filename.endsWith(name)) ||
					(result.case === 'file' && result.value.filename.endsWith(name))
			);
			if (!info) return null;
			if (!isOver(info)) await egress.stopEgress(info.egressId).catch(() => undefined);
			return outcome(info.egressId);
		}
	};
}
