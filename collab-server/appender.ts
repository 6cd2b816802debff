import { setTimeout as wait } from 'node:timers/promises';
import type { Services } from '#lib/server/services.ts';
import { appendEntries } from './storage.ts';
import type { LogEntry } from './storage.ts';

/** Where entries of one document come from, and who is told how it went. */
export interface Source<Entry extends LogEntry> {
	/** These entries, in order, are on disk. */
	committed(entries: readonly Entry[]): void;
	/** Entries of this document cannot be stored: forget what was accepted and begin again from the log. */
	lost(): void;
}

interface Waiting<Entry extends LogEntry> {
	source: Source<Entry>;
	entry: Entry;
}

const largestBatch = { entries: 1_000, bytes: 8 * 1024 * 1024 };
/** How long accepted updates wait for a database that is away, in milliseconds. */
const patience = 30_000;
const longestPause = 1_000;

/**
 * The one writer of the log: collects what all documents append and commits it together; the next batch
 * gathers while one is under way. Entries of a document are committed in their order.
 */
export class Appender<Entry extends LogEntry> {
	readonly #services: Services;
	readonly #patience: number;
	#queue: Waiting<Entry>[] = [];
	#running: Promise<void> | null = null;
	/** Since when nothing could be stored, in milliseconds; null while all is well. */
	#failingSince: number | null = null;
	#failure = '';

	constructor(services: Services, options: { patience?: number } = {}) {
		this.#services = services;
		this.#patience = options.patience ?? patience;
	}

	/** Why nothing can be stored at the moment; null when it can. */
	get failure(): string | null {
		return this.#failingSince === null ? null : this.#failure;
	}

	append(source: Source<Entry>, entry: Entry): void {
		this.#queue.push({ source, entry });
		this.#running ??= this.#run().finally(() => (this.#running = null));
	}

	/** Resolves when nothing waits to be stored any more, be it stored or lost. */
	async drained(): Promise<void> {
		while (this.#running) await this.#running;
	}

	async #run(): Promise<void> {
		// Whatever arrives in the same turn of the event loop goes into the first batch.
		await new Promise((resolve) => setImmediate(resolve));
		for (let tries = 0; this.#queue.length > 0;) {
			const batch = this.#batch();
			const begun = performance.now();
			try {
				await this.#store(
					batch.map(({ entry }) => entry),
					tries > 0
				);
				tries = 0;
				this.#failingSince = null;
				this.#queue.splice(0, batch.length);
				this.#tell(batch);
			} catch (error) {
				tries++;
				if (isRefusal(error)) await this.#oneByOne(batch);
				else await this.#hold(error, tries, begun);
			}
		}
		this.#failingSince = null;
	}

	/**
	 * Writes entries, or throws when the database says nothing for too long, as behind a dead line. Should they
	 * be written after all, the log has grown without us, and its numbers tell.
	 */
	async #store(entries: readonly Entry[], again: boolean): Promise<void> {
		const answered = new AbortController();
		const late = wait(this.#patience, undefined, { signal: answered.signal }).then(
			() => Promise.reject(new Error(`the database has not answered for ${this.#patience} ms`)),
			() => undefined
		);
		const stored = appendEntries(this.#services, entries, again);
		stored.catch(() => undefined);
		await Promise.race([stored, late]).finally(() => answered.abort());
	}

	#batch(): Waiting<Entry>[] {
		let bytes = 0;
		const end = this.#queue.findIndex(
			({ entry }, index) => index === largestBatch.entries || (index > 0 && (bytes += entry.update.length) > largestBatch.bytes)
		);
		return this.#queue.slice(0, end === -1 ? undefined : end);
	}

	#tell(batch: Waiting<Entry>[]): void {
		for (const [source, entries] of bySource(batch)) {
			try {
				source.committed(entries);
			} catch (error) {
				this.#services.log.error(
					{ err: error, documentId: entries[0]?.documentId },
					'a document could not take in that its updates are stored'
				);
			}
		}
	}

	/** The database is away: everything stays in memory and is tried again, for a while. */
	async #hold(error: unknown, tries: number, since: number): Promise<void> {
		const now = performance.now();
		this.#failingSince ??= since;
		this.#failure = error instanceof Error ? error.message : String(error);
		this.#services.log.warn(
			{ err: error, waiting: this.#queue.length },
			'updates of documents could not be stored; trying again'
		);
		if (now - this.#failingSince >= this.#patience) return this.#giveUp();
		await wait(Math.min(50 * 2 ** Math.min(tries, 10), longestPause));
	}

	#giveUp(): void {
		const sources = new Set(this.#queue.map(({ source }) => source));
		this.#services.log.error(
			{ waiting: this.#queue.length, documents: sources.size },
			'updates of documents were given up; their writers keep them and send them again'
		);
		this.#queue = [];
		this.#failingSince = null;
		for (const source of sources) source.lost();
	}

	/** Something in the batch is refused for good: find whose it is, so that no other document suffers. */
	async #oneByOne(batch: Waiting<Entry>[]): Promise<void> {
		for (const [source, entries] of bySource(batch)) {
			try {
				await this.#store(entries, true);
				this.#remove(source, entries.length);
				source.committed(entries);
			} catch (error) {
				// The database went away meanwhile: the loop above goes on with what is left.
				if (!isRefusal(error)) return;
				this.#services.log.error(
					{ err: error, documentId: entries[0]?.documentId },
					'the log of a document refused an update; the document is opened again'
				);
				this.#remove(source, Infinity);
				source.lost();
			}
		}
	}

	#remove(source: Source<Entry>, count: number): void {
		let left = count;
		this.#queue = this.#queue.filter((waiting) => waiting.source !== source || left-- <= 0);
	}
}

function bySource<Entry extends LogEntry>(batch: readonly Waiting<Entry>[]): Map<Source<Entry>, Entry[]> {
	const groups = new Map<Source<Entry>, Entry[]>();
	for (const { source, entry } of batch) {
		const entries = groups.get(source);
		if (entries) entries.push(entry);
		else groups.set(source, [entry]);
	}
	return groups;
}

/** Whether PostgreSQL will say the same again: a broken constraint, a wrong value, a missing right (SQLSTATE classes 22, 23, 42). */
function isRefusal(error: unknown): boolean {
	for (let cause = error; cause instanceof Error; cause = cause.cause) {
		if ('code' in cause && typeof cause.code === 'string' && /^(22|23|42)...$/.test(cause.code)) return true;
	}
	return false;
}
