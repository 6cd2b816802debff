import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Id } from '#lib/ids.ts';
import { trackFileOf } from '#lib/recordings/model.ts';
import {
	closeTrack,
	finishRecordings,
	goingRecordings,
	openTracks,
	stopEnded,
	sweepRecordings,
	tendRecording
} from '#lib/recordings/server/index.ts';
import type { Services } from '#lib/server/services.ts';
import { standForLeader } from '../leader.ts';
import { openFilmStudio } from './film-studio.ts';
import type { Recorder, Recording } from './recorder.ts';

/** How often it is asked what is to be recorded, in milliseconds; a change is heard of at once. */
const round = 1_000;
/** How often what was kept long enough is looked for, in milliseconds. */
const sweeping = 60_000;

/** Records what is to be recorded, and finishes what has ended. */
export interface Studio {
	/** Ends it; recordings that go on are taken up by the next one. */
	close(): Promise<void>;
}

/** Works until closed. Of several on one database one works, and the others stand by. */
export function openStudio(services: Services, recorder: Recorder): Studio {
	const { log } = services;
	const leader = standForLeader(services.env.DATABASE_APP_URL, log, 'recorder');
	const held = new Map<Id<'recording'>, Promise<Recording>>();
	const films = openFilmStudio(services);
	const finishing = new Set<Id<'recording'>>();
	let closed = false;
	let hinted = false;
	let timer: NodeJS.Timeout | undefined;
	let running: Promise<void> | undefined;
	let swept = 0;

	async function lookAround(): Promise<void> {
		if (!(await leader.leads())) return releaseAll();
		await stopEnded(services);
		const going = await goingRecordings(services);
		const wanted = new Set(going.map(({ id }) => id));
		for (const id of held.keys()) if (!wanted.has(id)) release(id);
		for (const one of going) {
			const recording = held.get(one.id) ?? recorder.record(one);
			held.set(one.id, recording);
			try {
				const now = await recording;
				now.allow(one.consents);
				await tendRecording(services, one, now.trouble());
			} catch (error) {
				log.warn({ err: error, recordingId: one.id }, 'a recording could not begin; trying again');
				held.delete(one.id);
			}
		}
		await mendLeft();
		await finishRecordings(services);
		films.look();
		if (Date.now() - swept > sweeping) {
			swept = Date.now();
			await sweepRecordings(services);
		}
	}

	/** Ends one beside the round: closing its files must keep no other waiting. */
	function release(id: Id<'recording'>): void {
		const recording = held.get(id);
		held.delete(id);
		finishing.add(id);
		recording
			?.then((one) => one.close())
			.catch((error: unknown) => log.warn({ err: error, recordingId: id }, 'a recording was not ended in order'))
			.finally(() => {
				finishing.delete(id);
				next(0);
			});
	}

	/** Files that a crash left open. */
	async function mendLeft(): Promise<void> {
		for (const { id, recordingId } of await openTracks(services)) {
			if (held.has(recordingId) || finishing.has(recordingId)) continue;
			await mend(recordingId, id);
		}
	}

	async function mend(recordingId: string, id: Id<'recordingTrack'>): Promise<void> {
		const path = resolve(services.env.SPACE_DATA, trackFileOf(recordingId, id));
		const size = await recorder.mend(recordingId, id);
		const whole = size && size.duration > 0 ? size : null;
		if (!whole) await rm(path, { force: true });
		await closeTrack(services, id, whole);
	}

	async function releaseAll(): Promise<void> {
		const all = [...held.values()];
		held.clear();
		await Promise.all(all.map(async (recording) => (await recording.catch(() => null))?.close()));
	}

	function next(delay: number): void {
		clearTimeout(timer);
		if (closed) return;
		if (running) {
			hinted ||= delay === 0;
			return;
		}
		timer = setTimeout(() => {
			hinted = false;
			running = lookAround()
				.catch((error: unknown) => log.warn({ err: error }, 'the recorder could not look around'))
				.finally(() => {
					running = undefined;
					next(hinted ? 0 : round);
				});
		}, delay);
	}
	const stopHints = services.changes.on('recording', () => next(0));
	next(0);

	return {
		async close() {
			closed = true;
			clearTimeout(timer);
			stopHints();
			await running;
			await releaseAll();
			await films.close();
			await leader.close();
		}
	};
}
