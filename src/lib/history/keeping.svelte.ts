import type { Doc } from 'yjs';
import { m } from '#lib/i18n/generated/messages.js';
import { call, client } from '#lib/ui/client.ts';
import { Turns } from '#lib/ui/turns.ts';
import { daysOf } from './entries.ts';
import { TextHistory } from './history.svelte.ts';
import type { DocumentHistory } from './model.ts';
import { settled } from './settled.svelte.ts';
import { momentOf } from './words.ts';

const routes = client.documents[':documentId'];

/** The document whose history is open, as it is shared now. */
export interface Shared {
	readonly doc: Doc;
	readonly unsaved: number;
	readonly writable: boolean;
}

/** The history of a document and what is kept of it: its versions, its lock, and what was handed in. Ends with the window. */
export class Keeping {
	readonly history: TextHistory;
	kept = $state.raw<DocumentHistory | null>(null);
	/** The author whose part alone is coloured. */
	chosen = $state<number | null>(null);
	coloured = $state(true);
	/** What was done, for a while. */
	news = $state('');
	readonly #names = $derived(new Map(this.kept?.people.map(({ id, name }) => [id, name])));
	readonly versions = $derived(this.kept?.versions ?? []);
	readonly days = $derived.by(() => (this.history.overview ? daysOf(this.history.overview, this.versions) : []));
	readonly isNow = $derived.by(() => this.history.moment === this.history.length);
	readonly lockedAt = $derived(this.kept?.lock.lockedAt ?? null);
	readonly #param: { documentId: string };
	readonly #shared: Shared;
	readonly #turns = new Turns();

	constructor(documentId: string, kind: 'text' | 'map', shared: Shared) {
		this.#param = { documentId };
		this.#shared = shared;
		this.history = new TextHistory(documentId, kind);
	}

	close(): void {
		this.history.close();
	}

	readonly nameOf = (place: number): string =>
		this.#names.get(this.history.overview?.people[place] ?? '') ?? m['history.someone']();

	/** When an update was written, in milliseconds; 0 when that is not known. */
	readonly timeOf = (seq: number): number => this.history.overview?.times[seq - 1] ?? 0;

	/** What one has just written belongs to the history, too. */
	async load(): Promise<void> {
		await settled(this.#shared, 3_000).catch(() => {});
		try {
			await Promise.all([this.#read(), this.history.load()]);
		} catch {
			this.history.failed = true;
		}
	}

	async name(seq: number, name: string): Promise<void> {
		await this.#turns.take(() => call(routes.versions.$post({ param: this.#param, json: { seq, name } })));
		await this.#read();
		this.news = m['history.named']({ name: name.trim() });
	}

	/** The document is now what it was at a moment: that is told, when it is saved. */
	async restored(seq: number): Promise<void> {
		await settled(this.#shared);
		await this.#turns.take(() => call(routes.restores.$post({ param: this.#param, json: { seq } })));
		this.news = m['history.restoredNow']({ at: momentOf(this.timeOf(seq)) });
		await this.load();
	}

	async handIn(): Promise<void> {
		await settled(this.#shared);
		await this.#turns.take(() => call(routes['hand-ins'].$post({ param: this.#param })));
		this.news = m['history.handedInNow']();
		await this.load();
	}

	async setLock(json: { onHandIn?: boolean; locked?: boolean }): Promise<void> {
		try {
			await this.#turns.take(() => call(routes.lock.$patch({ param: this.#param, json })));
			if (json.locked === false) this.news = m['history.reopened']();
		} catch {
			this.news = m['history.notDone']();
		}
		await this.#read().catch(() => {});
	}

	/** What was handed in as a version, with its hash. */
	handedIn(versionId: string) {
		return call(routes['hand-ins'][':versionId'].$get({ param: { ...this.#param, versionId } }));
	}

	async #read(): Promise<void> {
		this.kept = await call(routes.history.$get({ param: this.#param }));
	}
}
