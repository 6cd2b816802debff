import { Acts } from '#lib/ui/acts.svelte.ts';
import { call, client, Refused } from '#lib/ui/client.ts';
import type { Handout, HandoutsView, PushHandout } from './model.ts';

const routes = client.rooms[':roomId'].handouts;
const copies = client.rooms[':roomId'].copies[':copyId'];

/** Shortest time between two readings, in milliseconds. */
const pause = 300;

/** What was handed out in one lesson, as one person's page knows it: made in the page, told by its live channel when to look. */
export class Handouts extends Acts {
	view = $state.raw<HandoutsView | null>(null);
	/** One of an earlier session whose copies are looked at. */
	of: string | null = null;
	readonly #roomId: string;
	readonly #arrived: (handout: Handout) => void;
	#reading = false;
	#again = false;

	/** `arrived`: something new was put in front of the one whose page this is. */
	constructor(roomId: string, arrived: (handout: Handout) => void) {
		super();
		this.#roomId = roomId;
		this.#arrived = arrived;
	}

	/** What belongs to the session that goes on, the newest first. */
	get current(): Handout[] {
		return this.view?.handouts.filter(({ current }) => current) ?? [];
	}

	/** Something may have changed. */
	look(): void {
		this.#again = this.#reading;
		if (this.#reading) return;
		this.#reading = true;
		void this.#read().finally(() =>
			setTimeout(() => {
				this.#reading = false;
				if (this.#again) this.look();
			}, pause)
		);
	}

	async #read(): Promise<void> {
		try {
			const view = await call(routes.$get({ param: { roomId: this.#roomId }, query: this.of ? { of: this.of } : {} }));
			const known = this.view && new Set(this.view.handouts.map(({ id }) => id));
			this.view = view;
			const fresh = known && view.handouts.find(({ id, current }) => current && !known.has(id));
			if (fresh) this.#arrived(fresh);
		} catch (error) {
			// Not inside any more shows nothing; without a line the live channel tells when to look again.
			if (error instanceof Refused && error.status < 500) this.view = null;
		}
	}

	push = (json: Omit<PushHandout, 'roomId'>) => this.#do(() => call(routes.$post({ param: { roomId: this.#roomId }, json })));
	collect = (handoutId: string) =>
		this.#do(() => call(routes[':handoutId'].collect.$post({ param: { roomId: this.#roomId, handoutId } })));
	giveBack = (copyId: string) => this.#do(() => call(copies.return.$post({ param: { roomId: this.#roomId, copyId } })));
	handIn = (documentId: string) =>
		this.#do(() => call(client.documents[':documentId']['hand-ins'].$post({ param: { documentId } })));

	/** Says that one's copy is in front of one. */
	async opened(copyId: string): Promise<void> {
		// Only a sign for the teacher: when it is lost, what is written says the same.
		await call(copies.open.$post({ param: { roomId: this.#roomId, copyId } })).catch(() => undefined);
	}

	async #do(act: () => Promise<unknown>): Promise<boolean> {
		const done = await this.do(act);
		this.look();
		return done;
	}
}
