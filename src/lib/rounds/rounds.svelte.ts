import { calmly } from '#lib/calmly.ts';
import { Acts } from '#lib/ui/acts.svelte.ts';
import { call, client, Refused } from '#lib/ui/client.ts';
import type { RoundInput, RoundsView } from './model.ts';

const routes = client.rooms[':roomId'].rounds;
const one = routes[':roundId'];

/** Shortest time between two readings, in milliseconds: forty answers in a second are a few readings. */
const pause = 300;

/** What is asked in one room, as one person's page knows it: made in the page, told by its live channel when to look. */
export class Rounds extends Acts {
	view = $state.raw<RoundsView | null>(null);
	/** How far the server's clock is ahead of this machine's, in milliseconds. */
	ahead = 0;
	readonly #roomId: string;
	/** Something may have changed. */
	readonly look = calmly(pause, () => this.#read());

	constructor(roomId: string) {
		super();
		this.#roomId = roomId;
	}

	async #read(): Promise<void> {
		try {
			const view = await call(routes.$get({ param: { roomId: this.#roomId } }));
			this.ahead = Date.parse(view.now) - Date.now();
			this.view = view;
		} catch (error) {
			// Not inside any more shows nothing; without a line the live channel tells when to look again.
			if (error instanceof Refused && error.status < 500) this.view = null;
		}
	}

	#param = (roundId: string) => ({ param: { roomId: this.#roomId, roundId } });

	start = (json: RoundInput) => this.#do(() => call(routes.$post({ param: { roomId: this.#roomId }, json })));
	ask = (roundId: string) => this.#do(() => call(one.ask.$post(this.#param(roundId))));
	drop = (roundId: string) => this.#do(() => call(one.$delete(this.#param(roundId))));
	answer = (roundId: string, choice: number[]) =>
		this.#do(() => call(one.answer.$post({ ...this.#param(roundId), json: { choice } })));
	close = (roundId: string) => this.#do(() => call(one.close.$post(this.#param(roundId))));
	dismiss = (roundId: string) => this.#do(() => call(one.dismiss.$post(this.#param(roundId))));

	async #do(act: () => Promise<unknown>): Promise<boolean> {
		const done = await this.do(act);
		this.look();
		return done;
	}
}
