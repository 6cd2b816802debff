import { RoomServiceClient } from 'livekit-server-sdk';
import { idOf } from '#lib/ids.ts';
import type { PersonId, RoomId } from '#lib/ids.ts';
import type { Services } from '#lib/server/services.ts';
import { openEar } from './ear.ts';
import type { Ear } from './ear.ts';
import { hearing } from './hearing.ts';
import { standForLeader } from './leader.ts';
import { openLedger } from './ledger.ts';
import type { MediaAddress } from './livekit.ts';
import { followSpeech } from './speech.ts';
import { endLeftUtterances } from './utterances.ts';

/** How often the listener asks which rooms talk, in milliseconds. */
const round = 1_000;

const roomIdOf = (name: string): RoomId | undefined => idOf('room').safeParse(name).data;
const isPerson = (identity: string): identity is PersonId => idOf('person').safeParse(identity).success;

/** Hears who speaks in every live room, and keeps it as statements. */
export interface Listener {
	/** Bytes of sound that it was sent, in all rooms. */
	bytesHeard(): Promise<number>;
	/** Ends every utterance, keeps it, and leaves the rooms. */
	close(): Promise<void>;
}

/** Listens until closed. Of several listeners on one database, one listens and the others stand by. */
export function startListener(services: Services, address: MediaAddress): Listener {
	const { log } = services;
	const rooms = new RoomServiceClient(address.httpUrl, address.apiKey, address.apiSecret, { requestTimeout: 3 });
	const leader = standForLeader(services.env.DATABASE_APP_URL, log);
	const ledger = openLedger(services);
	const ears = new Map<RoomId, Promise<Ear>>();
	let led = false;
	let closed = false;
	let timer: NodeJS.Timeout | undefined;
	let running: Promise<void> | undefined;
	let hinted = false;

	async function lookAround(): Promise<void> {
		const leads = await leader.leads();
		if (leads && !led) await takeOver();
		led = leads;
		if (!leads) return leaveAll();
		const talking = new Set<RoomId>();
		for (const { name, numParticipants } of await rooms.listRooms()) {
			const roomId = roomIdOf(name);
			if (roomId && numParticipants > 0) talking.add(roomId);
		}
		for (const roomId of talking) if (!ears.has(roomId)) enter(roomId);
		await Promise.all([...ears.keys()].filter((roomId) => !talking.has(roomId)).map(leave));
	}

	async function takeOver(): Promise<void> {
		const count = await endLeftUtterances(services);
		if (count > 0) log.info({ count }, 'utterances that were left open were ended');
	}

	function enter(roomId: RoomId): void {
		const speech = followSpeech(hearing, {
			began: (personId, at) => ledger.began(roomId, personId as PersonId, at),
			ended: (personId, at) => ledger.ended(roomId, personId as PersonId, at)
		});
		const ear = openEar(address, roomId, {
			speakers: (identities) => speech.hear(new Set([...identities].filter(isPerson)), Date.now()),
			deaf: () => speech.silence(Date.now()),
			closed: () => ears.delete(roomId)
		});
		ears.set(roomId, ear);
		ear.catch((error: unknown) => {
			log.warn({ err: error, roomId }, 'a room could not be listened to; trying again');
			ears.delete(roomId);
		});
	}

	async function leave(roomId: RoomId): Promise<void> {
		const ear = ears.get(roomId);
		ears.delete(roomId);
		await ear?.then((ear) => ear.close()).catch((error: unknown) => log.warn({ err: error, roomId }, 'a room was not left in order'));
	}

	async function leaveAll(): Promise<void> {
		await Promise.all([...ears.keys()].map(leave));
	}

	function next(delay: number): void {
		clearTimeout(timer);
		if (closed) return;
		timer = setTimeout(() => {
			hinted = false;
			running = lookAround()
				.catch((error: unknown) => log.warn({ err: error }, 'the listener could not look around'))
				.finally(() => {
					running = undefined;
					next(hinted ? 0 : round);
				});
		}, delay);
	}

	const stopHints = services.changes.on('room', () => {
		hinted = true;
		if (!running) next(0);
	});
	next(0);

	return {
		async bytesHeard() {
			const heard = await Promise.all([...ears.values()].map(async (ear) => (await ear).bytesHeard()));
			return heard.reduce((sum, bytes) => sum + bytes, 0);
		},
		async close() {
			closed = true;
			clearTimeout(timer);
			stopHints();
			await running;
			await leaveAll();
			await ledger.close();
			await leader.close();
		}
	};
}
