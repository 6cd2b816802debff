import { Acts } from '#lib/ui/acts.svelte.ts';
import { call, client, Refused } from '#lib/ui/client.ts';
import type { SheetsView, StepInput } from './model.ts';

const room = client.rooms[':roomId'];
const routes = room['run-sheets'];
const one = routes[':sheetId'];
/** Shortest time between two readings, in milliseconds. */
const pause = 300;

/** The plans of one room and the step that goes on, as one person's page knows them: made in the page. */
export class Sheets extends Acts {
	view = $state.raw<SheetsView | null>(null);
	/** How far the server's clock is ahead of this machine's, in milliseconds. */
	ahead = 0;
	/** What the step that was begun last could not open. */
	unopened = $state('');
	readonly #roomId: string;
	#reading = false;
	#again = false;

	constructor(roomId: string) {
		super();
		this.#roomId = roomId;
	}

	get #room() {
		return { param: { roomId: this.#roomId } };
	}
	#sheet = (sheetId: string) => ({ param: { roomId: this.#roomId, sheetId } });

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
			const view = await call(routes.$get(this.#room));
			this.ahead = Date.parse(view.now) - Date.now();
			this.view = view;
		} catch (error) {
			if (error instanceof Refused && error.status < 500) this.view = null;
		}
	}

	/** Keeps a plan: a new one, or changes of one that there is. */
	keep = (sheetId: string | null, json: { title: string; steps: StepInput[] }) =>
		this.#do(async () => {
			if (sheetId) await call(one.$put({ ...this.#sheet(sheetId), json }));
			else await call(routes.$post({ ...this.#room, json }));
		});
	copy = (sheetId: string) => this.#do(() => call(one.copy.$post(this.#sheet(sheetId))));
	drop = (sheetId: string) => this.#do(() => call(one.$delete(this.#sheet(sheetId))));
	run = (sheetId: string) => this.#begin(() => call(one.run.$post(this.#sheet(sheetId))));
	start = (stepId: string) => this.#begin(() => call(room.run.step.$post({ ...this.#room, json: { stepId } })));
	order = (order: string[]) => this.#do(() => call(room.run.order.$post({ ...this.#room, json: { order } })));
	end = () => this.#do(() => call(room.run.end.$post(this.#room)));

	#begin(act: () => Promise<{ trouble: string | null }>): Promise<boolean> {
		return this.#do(async () => {
			this.unopened = (await act()).trouble ?? '';
		});
	}

	async #do(act: () => Promise<unknown>): Promise<boolean> {
		const done = await this.do(act);
		this.look();
		return done;
	}
}
