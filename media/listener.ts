import { RoomServiceClient } from 'livekit-server-sdk';
import { idOf } from '#lib/ids.ts';
import type { RoomId } from '#lib/ids.ts';
import { enforce } from '#lib/rooms/server/index.ts';
import type { Services } from '#lib/server/services.ts';
import { standForLeader } from './leader.ts';
import { openLedger } from './ledger.ts';
import { isMissing } from './livekit.ts';
import type { MediaAddress } from './livekit.ts';
import { hearRoom } from './room.ts';
import type { HeardRoom } from './room.ts';
import { watchStrangers } from './strangers.ts';
import { endLeftUtterances } from './utterances.ts';

/** How often the listener asks which rooms talk, in milliseconds. */
const round = 1_000;

const roomIdOf = (name: string): RoomId | undefined => idOf('room').safeParse(name).data;

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
	const leader = standForLeader(services.env.DATABASE_APP_URL, log, 'listener');
	const ledger = openLedger(services);
	const strangers = watchStrangers(services);
	const heard = new Map<RoomId, Promise<HeardRoom>>();
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
		for (const roomId of talking) if (!heard.has(roomId)) enter(roomId);
		await Promise.all([...heard.keys()].filter((roomId) => !talking.has(roomId)).map(leave));
		await turnOutStrangers();
		await Promise.all([...talking].map(keepInLine));
	}

	/** What was forbidden while LiveKit did not answer, or between a token and its use. */
	async function keepInLine(roomId: RoomId): Promise<void> {
		if (services.media) await enforce(services, services.media, roomId);
	}

	async function turnOutStrangers(): Promise<void> {
		const present = await Promise.all(
			[...heard].map(async ([roomId, room]) => ({ roomId, people: (await room.catch(() => null))?.present() ?? [] }))
		);
		for (const { roomId, personId } of await strangers.among(present)) {
			log.warn({ roomId }, 'somebody in a call who is not in its room is taken out');
			await rooms.removeParticipant(roomId, personId).catch((error: unknown) => !isMissing(error) && Promise.reject(error));
		}
	}

	async function takeOver(): Promise<void> {
		const count = await endLeftUtterances(services);
		if (count > 0) log.info({ count }, 'utterances that were left open were ended');
	}

	function enter(roomId: RoomId): void {
		const room = hearRoom(roomId, { address, ledger, log, lost: () => heard.delete(roomId) });
		heard.set(roomId, room);
		room.catch((error: unknown) => {
			log.warn({ err: error, roomId }, 'a room could not be listened to; trying again');
			heard.delete(roomId);
		});
	}

	async function leave(roomId: RoomId): Promise<void> {
		const left = heard.get(roomId);
		heard.delete(roomId);
		await left
			?.then((room) => room.close())
			.catch((error: unknown) => log.warn({ err: error, roomId }, 'a room was not left in order'));
	}

	async function leaveAll(): Promise<void> {
		await Promise.all([...heard.keys()].map(leave));
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

	const stopHints = services.changes.on('session', () => {
		hinted = true;
		if (!running) next(0);
	});
	next(0);

	return {
		async bytesHeard() {
			const bytes = await Promise.all([...heard.values()].map(async (room) => (await room).bytesHeard()));
			return bytes.reduce((sum, count) => sum + count, 0);
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
