import type { RoomEvent } from '#lib/analysis/event.ts';

let made = 0;

/** An act in a room, with whatever does not matter filled in. */
export function anEvent(event: Partial<RoomEvent> & Pick<RoomEvent, 'verb' | 'actorId' | 'start'>): RoomEvent {
	made += 1;
	return {
		id: `event-${made}`,
		role: 'student',
		targetId: null,
		documentId: null,
		end: event.start,
		amount: 0,
		inserted: 0,
		deleted: {},
		...event
	};
}

export const anUtterance = (actorId: string, start: number, end: number): RoomEvent =>
	anEvent({ verb: 'spoke', actorId, start, end });
