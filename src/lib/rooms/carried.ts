import type { DeviceChoice } from './devices.svelte.ts';

/**
 * The call that somebody is in, while they go from a lesson into one of its groups, on to another, and back: each is a
 * call of its own, and whoever was in the one is in the next with the same microphone. Made above the pages of rooms.
 */
export class CarriedCall {
	#call: { lessonId: string; roomId: string; choice: DeviceChoice } | null = null;
	#hungUpIn: string | null = null;
	#last: { lessonId: string; roomId: string } | null = null;

	/** One is in the call of this room, and brings this. */
	hold(lessonId: string, roomId: string, choice: DeviceChoice): void {
		this.#call = { lessonId, roomId, choice };
		this.#hungUpIn = null;
	}

	/** One hung up in this room: nothing to take along. */
	drop(roomId: string): void {
		if (this.#call?.roomId !== roomId) return;
		this.#hungUpIn = this.#call.lessonId;
		this.#call = null;
	}

	/** One wants to be in no call of this lesson. */
	hasHungUp(lessonId: string): boolean {
		return this.#hungUpIn === lessonId;
	}

	/** What one brings into the call of this room; null when one comes from no call of its lesson. */
	take(lessonId: string, roomId: string): DeviceChoice | null {
		const call = this.#call;
		return call && call.lessonId === lessonId && call.roomId !== roomId ? call.choice : null;
	}

	/** One is in this room now. Returns in which room of the same lesson one was before. */
	enter(lessonId: string, roomId: string): string | null {
		const last = this.#last;
		this.#last = { lessonId, roomId };
		return last?.lessonId === lessonId && last.roomId !== roomId ? last.roomId : null;
	}
}
