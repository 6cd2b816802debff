import { calmly } from '#lib/calmly.ts';
import type { RoomId } from '#lib/ids.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import type { RoomState } from '../model.ts';
import { stateOf } from './state.ts';

type Listener = (state: RoomState) => void;

interface Watch {
	readonly listeners: Set<Listener>;
	look(): void;
	close(): void;
}

/** Shortest time between two readings of one room, in milliseconds: two hundred who come at once are told together. */
const pause = 150;

const watches = new WeakMap<Services, Map<RoomId, Watch>>();

/** One reading of a room for all of its channels in this process, at once after a change and again after the last of many. */
function openWatch(services: Services, roomId: RoomId): Watch {
	const listeners = new Set<Listener>();

	async function read(): Promise<boolean> {
		try {
			const state = await query(systemContext(services), (ctx) => stateOf(ctx, roomId));
			if (state) for (const listener of listeners) listener(state);
			return true;
		} catch (error) {
			services.log.warn({ err: error, roomId }, 'a room could not be read for its channels; trying again');
			return false;
		}
	}
	const look = calmly(pause, read, () => listeners.size > 0);
	const stops = [
		services.changes.on('session', (change) => change.roomId === roomId && look()),
		services.changes.on('missed', look)
	];
	return { listeners, look, close: () => stops.forEach((stop) => stop()) };
}

/** Tells the state of a room now and after each change. Returns how to ask again, and how to end it. */
export function watchRoom(services: Services, roomId: RoomId, listener: Listener): { look(): void; stop(): void } {
	const rooms = watches.get(services) ?? new Map<RoomId, Watch>();
	watches.set(services, rooms);
	const watch = rooms.get(roomId) ?? openWatch(services, roomId);
	rooms.set(roomId, watch);
	watch.listeners.add(listener);
	watch.look();
	return {
		look: watch.look,
		stop() {
			watch.listeners.delete(listener);
			if (watch.listeners.size > 0) return;
			watch.close();
			if (rooms.get(roomId) === watch) rooms.delete(roomId);
		}
	};
}
