import type { Inside, LiveEvent } from './model.ts';

export type LiveState = 'connecting' | 'connected' | 'reconnecting' | 'removed';

/** What a live channel needs from its page. */
interface LiveDeps {
	/** Something on the table changed: read it again. */
	changed: () => void;
}

/**
 * One screen's live channel of a room: made in the page, one is inside while it is open. It comes back by
 * itself after a cut, and stays away when the room says that one must go.
 */
export class RoomLive {
	state = $state<LiveState>('connecting');
	inside = $state.raw<Inside[]>([]);
	readonly #address: string;
	readonly #deps: LiveDeps;
	#source: EventSource | undefined;
	#retry: ReturnType<typeof setTimeout> | undefined;
	#wait = 500;

	constructor(roomId: string, inside: Inside[], deps: LiveDeps) {
		this.#address = `/api/v1/rooms/${roomId}/live`;
		this.#deps = deps;
		this.inside = inside;
		this.#open();
	}

	close(): void {
		clearTimeout(this.#retry);
		this.#source?.close();
	}

	#open(): void {
		const source = new EventSource(this.#address);
		this.#source = source;
		source.addEventListener('inside', (message) => {
			this.state = 'connected';
			this.#wait = 500;
			const event = JSON.parse(message.data) as LiveEvent;
			if (event.kind === 'inside') this.inside = event.inside;
		});
		source.addEventListener('changed', () => this.#deps.changed());
		source.addEventListener('removed', () => {
			this.state = 'removed';
			this.close();
		});
		source.addEventListener('error', () => {
			if (this.state === 'removed') return;
			this.state = 'reconnecting';
			// The browser comes back by itself after a cut, but not after a refusal: then we ask again, ever less often.
			if (source.readyState !== EventSource.CLOSED) return;
			this.#retry = setTimeout(() => this.#open(), this.#wait);
			this.#wait = Math.min(this.#wait * 2, 10_000);
		});
	}
}
