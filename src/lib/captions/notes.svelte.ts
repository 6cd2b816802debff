import { Acts } from '#lib/ui/acts.svelte.ts';
import { call, client, Refused } from '#lib/ui/client.ts';
import type { NotesNow } from './model.ts';

/** Shortest time between two readings, in milliseconds: a lively talk is a few readings. */
const pause = 500;

/** The notes and captions of the session that goes on, as one person's page knows them: made in the page. */
export class Notes extends Acts {
	view = $state.raw<NotesNow | null>(null);
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
			this.view = await call(client.rooms[':roomId'].captions.$get(this.#room));
		} catch (error) {
			if (error instanceof Refused && error.status < 500) this.view = null;
		}
	}

	/** The text for notes, made when there is none yet; null when it could not be opened. */
	async open(): Promise<string | null> {
		let id: string | null = null;
		await this.do(async () => {
			id = (await call(client.rooms[':roomId']['session-notes'].$post(this.#room))).documentId;
		});
		this.look();
		return id;
	}

	async setOn(on: boolean): Promise<boolean> {
		const done = await this.do(() => call(client.rooms[':roomId'].captions.switch.$post({ ...this.#room, json: { on } })));
		this.look();
		return done;
	}
}
