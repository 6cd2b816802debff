import * as Y from 'yjs';
import { decodeLog } from '#lib/history/log.ts';
import type { LogEntry } from '#lib/history/log.ts';

/** A board as it was at a moment, from its log: forward it goes on, back it begins anew. */
export class BoardAt {
	doc: Y.Doc = $state.raw(new Y.Doc());
	/** Grows when there is something new to draw. */
	turn = $state(0);
	failed = $state(false);
	/** So many of its changes are in it. */
	applied = $state(0);
	readonly #documentId: string;
	#entries: LogEntry[] | null = null;
	#time = 0;

	constructor(documentId: string) {
		this.#documentId = documentId;
	}

	async load(): Promise<void> {
		try {
			const entries: LogEntry[] = [];
			for (let page = await this.#page(0); page.length > 0; page = await this.#page(entries.at(-1)?.seq ?? 0))
				entries.push(...page);
			this.#entries = entries;
			this.goTo(this.#time);
		} catch {
			this.failed = true;
		}
	}

	/** Shows it as it was at a time, in milliseconds since 1970. */
	goTo(time: number): void {
		this.#time = time;
		const entries = this.#entries;
		if (!entries) return;
		const later = entries.findIndex(({ at }) => at > time);
		const wanted = later < 0 ? entries.length : later;
		if (wanted < this.applied) {
			this.doc = new Y.Doc();
			this.applied = 0;
		}
		if (wanted === this.applied) return;
		const [doc, from] = [this.doc, this.applied];
		doc.transact(() => {
			for (const { update } of entries.slice(from, wanted)) {
				try {
					Y.applyUpdate(doc, update);
				} catch {
					// One that cannot be read leaves the rest as it is.
				}
			}
		});
		this.applied = wanted;
		this.turn++;
	}

	async #page(after: number): Promise<LogEntry[]> {
		const response = await fetch(`/api/v1/documents/${this.#documentId}/log?after=${after}`);
		if (!response.ok) throw new Error(`the log answered ${response.status}`);
		return decodeLog(new Uint8Array(await response.arrayBuffer()));
	}
}
