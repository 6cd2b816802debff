import { uploadFile } from '#lib/files/upload.ts';
import type { LiveEvent } from '#lib/rooms/model.ts';
import { Acts, sentenceOf } from '#lib/ui/acts.svelte.ts';
import { call, client, Refused } from '#lib/ui/client.ts';
import { within } from './model.ts';
import type { Show, SlidesView } from './model.ts';

const routes = client.rooms[':roomId'].slides;
const one = routes[':deckId'];
type Shown = NonNullable<Extract<LiveEvent, { kind: 'slides' }>['show']>;
/** Shortest time between two readings, in milliseconds. */
const pause = 300;

/** The slides of one room, as one person's page knows them: made in the page, told by its live channel. */
export class Slides extends Acts {
	view = $state.raw<SlidesView | null>(null);
	/** What is shown to all, as far as this screen has heard. */
	show = $state.raw<Show | null>(null);
	/** The page that one turned to oneself, where everybody turns freely; null: where the teacher is. */
	own = $state<number | null>(null);
	/** How much of a file has been sent, from 0 to 1; null: none is. */
	sent = $state<number | null>(null);
	/** How far the server's clock is ahead of this machine's, in milliseconds. */
	ahead = 0;
	/** The page on this screen. */
	readonly page = $derived(this.show === null ? 1 : this.show.together ? this.show.page : (this.own ?? this.show.page));
	readonly #roomId: string;
	#reading = false;
	#again = false;
	/** What whoever leads turned to while the last turn was on its way. */
	#next: { page: number; together: boolean } | null = null;
	#turning = false;
	/** Something was told meanwhile. */
	#stale = false;

	constructor(roomId: string) {
		super();
		this.#roomId = roomId;
	}

	get #room() {
		return { param: { roomId: this.#roomId } };
	}
	#deck = (deckId: string) => ({ param: { roomId: this.#roomId, deckId } });

	/** What the live channel tells: a page that is shown now, or that something else may have changed. */
	hear(shown: Shown | null): void {
		if (!shown || shown.deckId !== this.show?.deckId) return this.look();
		// Whoever turns quickly is not turned back by what was asked for a moment before.
		if (this.#turning) return void (this.#stale = true);
		if (shown.turn > this.show.turn) this.#set({ ...this.show, ...shown });
	}

	#set(show: Show | null): void {
		if (show?.together || show?.deckId !== this.show?.deckId) this.own = null;
		this.show = show;
	}

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
			const view = await call(routes.$get(this.#room));
			this.ahead = Date.parse(view.now) - Date.now();
			this.view = view;
			// What was heard since it was asked is newer.
			if (this.#turning) this.#stale = true;
			else if (!view.show || view.show.deckId !== this.show?.deckId || view.show.turn >= this.show.turn) this.#set(view.show);
		} catch (error) {
			if (error instanceof Refused && error.status < 500) this.#set(null);
		}
	}

	/** Turns to a page: for all when one leads, else on this screen, where that is free. */
	turn(page: number, leads: boolean): void {
		const show = this.show;
		if (!show) return;
		const wanted = within(page, show.pages);
		if (leads) void this.#lead({ page: wanted, together: show.together });
		else if (!show.together) this.own = wanted === show.page ? null : wanted;
	}

	/** All follow, or everybody turns freely. */
	setWay(together: boolean): void {
		if (this.show) void this.#lead({ page: this.show.page, together });
	}

	/** Shown here at once; of turns that come faster than the server answers the last one counts. */
	async #lead(to: { page: number; together: boolean }): Promise<void> {
		if (!this.show) return;
		this.show = { ...this.show, ...to };
		this.#next = to;
		if (this.#turning) return;
		this.#turning = true;
		while (this.#next && this.show) {
			const [json, deckId]: [typeof to, string] = [this.#next, this.show.deckId];
			this.#next = null;
			const done = await this.do(() => call(one.show.$post({ ...this.#deck(deckId), json })));
			if (!done) this.look();
		}
		this.#turning = false;
		if (this.#stale) this.look();
		this.#stale = false;
	}

	/** Brings a file and makes slides of it. Whether that began. */
	async bring(file: File): Promise<boolean> {
		this.sent = 0;
		try {
			const { id: fileId } = await uploadFile({ roomId: this.#roomId }, file, { onprogress: (part) => (this.sent = part) });
			await call(routes.$post({ ...this.#room, json: { fileId } }));
			this.trouble = '';
			return true;
		} catch (error) {
			this.trouble = sentenceOf(error);
			return false;
		} finally {
			this.sent = null;
			this.look();
		}
	}

	start = (deckId: string) =>
		this.#do(() => call(one.show.$post({ ...this.#deck(deckId), json: { page: 1, together: this.show?.together ?? true } })));
	hide = () => this.#do(() => call(routes.hide.$post(this.#room)));
	retry = (deckId: string) => this.#do(() => call(one.retry.$post(this.#deck(deckId))));
	drop = (deckId: string) => this.#do(() => call(one.$delete(this.#deck(deckId))));

	async #do(act: () => Promise<unknown>): Promise<boolean> {
		const done = await this.do(act);
		this.look();
		return done;
	}
}
