import { Acts } from '#lib/ui/acts.svelte.ts';
import { call, client } from '#lib/ui/client.ts';
import type { Audience, Film } from './model.ts';

const one = client.recordings[':recordingId'];

/** What one does to a recording; made in the page that shows it. */
export class RecordingActs extends Acts {
	readonly #param: { param: { recordingId: string } };

	constructor(recordingId: string) {
		super();
		this.#param = { param: { recordingId } };
	}

	mark = (json: { at: number; until?: number; text: string }) => this.do(() => call(one.marks.$post({ ...this.#param, json })));
	unmark = (markId: string) => this.do(() => call(one.marks[':markId'].$delete({ param: { ...this.#param.param, markId } })));
	change = (json: { title?: string; audience?: Audience }) => this.do(() => call(one.$patch({ ...this.#param, json })));
	remove = () => this.do(() => call(one.$delete(this.#param)));
	film = () => this.do(() => call(one.film.$post(this.#param)));
	/** How far the film is; null when nobody asked for one, or nobody can say. */
	async filmNow(): Promise<Film | null> {
		return (await call(one.film.$get(this.#param)).catch(() => ({ film: null }))).film;
	}
}
