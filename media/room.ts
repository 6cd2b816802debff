import type { Logger } from 'pino';
import { idOf } from '#lib/ids.ts';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { openEar, openUsher } from './ear.ts';
import type { Ear } from './ear.ts';
import { hearing } from './hearing.ts';
import type { Ledger } from './ledger.ts';
import type { MediaAddress } from './livekit.ts';
import { followSpeech } from './speech.ts';
import type { Speech } from './speech.ts';

/** One live room that is listened to: an usher who sees the microphones, and an ear for each. */
export interface HeardRoom {
	/** Bytes of sound that have come in; next to none should. */
	bytesHeard(): Promise<number>;
	/** Identities of all who are in the call. */
	present(): string[];
	close(): Promise<void>;
}

interface Deps {
	address: MediaAddress;
	ledger: Ledger;
	log: Logger;
	/** The call ended, or the connection to it; what was said is kept. */
	lost: () => void;
}

/** Pause before an ear whose connection was lost is opened again, in milliseconds. */
const pause = 1_000;

const personIdOf = (identity: string): PersonId | undefined => idOf('person').safeParse(identity).data;

/** Listens to the call of a room: whatever a person of the roster says becomes an utterance. */
export async function hearRoom(roomId: RoomId, { address, ledger, log, lost }: Deps): Promise<HeardRoom> {
	const people = new Map<string, { speech: Speech; ear: Promise<Ear | undefined> }>();
	let closed = false;

	function arrived(identity: string): void {
		const personId = personIdOf(identity);
		if (!personId || people.has(identity) || closed) return;
		let end: ((at: number) => void) | undefined;
		const speech = followSpeech(hearing, {
			began: (at) => (end = ledger.begin(roomId, personId, at)),
			ended: (at) => end?.(at)
		});
		const again = () => {
			speech.end(Date.now());
			setTimeout(() => people.delete(identity) && arrived(identity), pause).unref();
		};
		// An ear that is being closed still hears: whoever has left begins nothing more, which nobody would end.
		const speaks = (now: boolean) => {
			if (people.get(identity)?.speech === speech) speech.hear(now, Date.now());
		};
		const ear = openEar(address, roomId, personId, { speaks, lost: again }).catch((error: unknown) => {
			log.warn({ err: error, roomId }, 'a person could not be listened to; trying again');
			again();
			return undefined;
		});
		people.set(identity, { speech, ear });
	}

	async function left(identity: string): Promise<void> {
		const person = people.get(identity);
		people.delete(identity);
		person?.speech.end(Date.now());
		const ear = await person?.ear;
		await ear?.close().catch((error: unknown) => log.warn({ err: error, roomId }, 'an ear was not closed in order'));
	}

	async function close(): Promise<void> {
		closed = true;
		await Promise.all([...people.keys()].map(left));
	}

	const usher = await openUsher(address, roomId, {
		arrived,
		left: (identity) => void left(identity),
		lost: () => {
			void close();
			lost();
		}
	});
	return {
		async bytesHeard() {
			const heard = await Promise.all([...people.values()].map(async ({ ear }) => (await ear)?.bytesHeard() ?? 0));
			return heard.reduce((sum, bytes) => sum + bytes, 0);
		},
		present: usher.present,
		async close() {
			await Promise.all([close(), usher.close()]);
		}
	};
}
