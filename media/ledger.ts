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
	/** A person's utterance began; returns how to say, once, that it ended. */
	begin(roomId: RoomId, personId: PersonId, at: number): (at: number) => void;
	/** Resolves when all that ended is kept. */
	close(): Promise<void>;
}

export function openLedger(services: Services): Ledger {
	const open = new Set<Id<'utterance'>>();
	const ending = new Set<Promise<void>>();

	const beating = setInterval(() => {
		hearUtterances(services, [...open], services.now()).catch((error: unknown) =>
			services.log.warn({ err: error }, 'utterances that go on could not be noted')
		);
	}, hearing.beat);

	async function finish(utterance: Utterance, endedAt: Date): Promise<void> {
		for (let pause = 100; ; pause = Math.min(pause * 2, longestPause)) {
			try {
				return await endUtterance(services, utterance, endedAt);
			} catch (error) {
				services.log.warn({ err: error }, 'an utterance could not be kept; trying again');
				await wait(pause);
			}
		}
	}

	return {
		begin(roomId, personId, at) {
			const utterance: Utterance = { id: newId<'utterance'>(), roomId, personId, startedAt: new Date(at) };
			open.add(utterance.id);
			// Its end is kept even when its beginning could not be.
			const begun = beginUtterance(services, utterance).catch((error: unknown) =>
				services.log.warn({ err: error }, 'the beginning of an utterance could not be noted')
			);
			return (endedAt) => {
				open.delete(utterance.id);
				const work = begun.then(() => finish(utterance, new Date(endedAt))).finally(() => ending.delete(work));
				ending.add(work);
			};
		},
		async close() {
			clearInterval(beating);
			await Promise.all(ending);
		}
	};
}
