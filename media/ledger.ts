import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '#lib/ids.ts';
import type { Id, PersonId, RoomId } from '#lib/ids.ts';
import type { Services } from '#lib/server/services.ts';
import { hearing } from './hearing.ts';
import { beginUtterance, endUtterance, hearUtterances } from './utterances.ts';
import type { Utterance } from './utterances.ts';

/** Longest pause between two attempts to write while the database is away, in milliseconds. */
const longestPause = 5_000;

/** Writes utterances down as they happen, in order, and again when the database was away. */
export interface Ledger {
	began(roomId: RoomId, personId: PersonId, at: number): void;
	ended(roomId: RoomId, personId: PersonId, at: number): void;
	/** Resolves when all that ended is kept. */
	settled(): Promise<void>;
	close(): Promise<void>;
}

export function openLedger(services: Services): Ledger {
	const open = new Map<string, Utterance>();
	const begun = new Map<Id<'utterance'>, Promise<void>>();
	const ending = new Set<Promise<void>>();
	const place = (roomId: RoomId, personId: PersonId) => `${roomId}:${personId}`;

	const beating = setInterval(() => {
		hearUtterances(services, [...open.values()].map(({ id }) => id), services.now()).catch((error: unknown) =>
			services.log.warn({ err: error }, 'utterances that go on could not be noted')
		);
	}, hearing.beat);

	async function finish(utterance: Utterance, endedAt: Date): Promise<void> {
		await begun.get(utterance.id);
		begun.delete(utterance.id);
		for (let pause = 100; ; pause = Math.min(pause * 2, longestPause)) {
			try {
				await endUtterance(services, utterance, endedAt);
				return;
			} catch (error) {
				services.log.warn({ err: error }, 'an utterance could not be kept; trying again');
				await wait(pause);
			}
		}
	}

	return {
		began(roomId, personId, at) {
			const utterance: Utterance = { id: newId<'utterance'>(), roomId, personId, startedAt: new Date(at) };
			open.set(place(roomId, personId), utterance);
			// Its end is kept even when its beginning could not be.
			begun.set(
				utterance.id,
				beginUtterance(services, utterance).catch((error: unknown) => services.log.warn({ err: error }, 'the beginning of an utterance could not be noted'))
			);
		},
		ended(roomId, personId, at) {
			const utterance = open.get(place(roomId, personId));
			if (!utterance) return;
			open.delete(place(roomId, personId));
			const work = finish(utterance, new Date(at)).finally(() => ending.delete(work));
			ending.add(work);
		},
		async settled() {
			await Promise.all(ending);
		},
		async close() {
			clearInterval(beating);
			await Promise.all(ending);
		}
	};
}
