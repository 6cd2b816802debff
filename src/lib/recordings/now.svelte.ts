import { calmly } from '#lib/calmly.ts';
import { Acts } from '#lib/ui/acts.svelte.ts';
import { call, client, Refused } from '#lib/ui/client.ts';
import type { RecordingNow } from './model.ts';

/** Shortest time between two readings, in milliseconds. */
const pause = 300;

/** The recording of the session that goes on in a room: made in the page, told by its live channel when to look. */
export class Recorded extends Acts {
	now = $state.raw<RecordingNow | null>(null);
	/** Something may have changed. */
	readonly look = calmly(pause, () => this.#read());
	readonly #roomId: string;

	constructor(roomId: string) {
		super();
		this.#roomId = roomId;
	}

	get #room() {
		return { param: { roomId: this.#roomId } };
	}

	async #read(): Promise<void> {
		try {
			this.now = (await call(client.rooms[':roomId'].recording.$get(this.#room))).recording;
		} catch (error) {
			if (error instanceof Refused && error.status < 500) this.now = null;
		}
	}

	start = () => this.#act(() => call(client.rooms[':roomId'].recording.$post(this.#room)));
	stop = () => this.#act(() => call(client.rooms[':roomId'].recording.$delete(this.#room)));
	agree = (given: boolean) =>
		this.#act(() => call(client.rooms[':roomId'].recording.consent.$put({ ...this.#room, json: { given } })));

	async #act(act: () => Promise<unknown>): Promise<boolean> {
		const done = await this.do(act);
		this.look();
		return done;
	}
}
