import { setTimeout as wait } from 'node:timers/promises';
import type { DocumentId } from '#lib/ids.ts';
import type { Services } from '#lib/server/services.ts';
import { extendLogs } from './storage.ts';
import type { Extension, LogEntry, News, StoredEntry } from './storage.ts';

/** Where entries of one document come from, and who is told how its log grew. */
export interface Source<Entry extends LogEntry> {
	readonly id: DocumentId;
	/** Number of the last entry of the log that is known here. */
	readonly seq: number;
	/** Whether these entries of other processes leave what waits here as it is. */
	fits(others: readonly StoredEntry[]): boolean;
	/** This is on disk, in this order. */
	grown(news: readonly News<Entry>[]): void;
	/** The log has been read to its end since it was last asked for. */
	caughtUp(): void;
	/** The log has taken what waits here in another way: begin again from it. */
	clashed(): void;
	/** Entries of this document cannot be stored: forget what was accepted and begin again from the log. */
	lost(): void;
}

interface Waiting<Entry extends LogEntry> {
	source: Source<Entry>;
	entry: Entry;
}
type Batch<Entry extends LogEntry> = ReadonlyMap<Source<Entry>, readonly Entry[]>;

const largestBatch = { entries: 1_000, bytes: 8 * 1024 * 1024 };
/** How long accepted updates wait for a database that is away, in milliseconds. */
const patience = 30_000;
const longestPause = 1_000;
/**
 * From one batch to the next, in milliseconds: each costs this process and the database about the same, however much
 * is in it. Whoever writes alone never waits for it.
 */
const rhythm = 1;

/**
 * The one reader and writer of the logs in this process: collects what all documents append, and which are to be
 * read on, and does it together; the next batch gathers while one is under way. Entries of a document are
 * committed in their order.
 */
export class Appender<Entry extends LogEntry> {
	readonly #services: Services;
	readonly #patience: number;
	#queue: Waiting<Entry>[] = [];
	/** Documents whose logs are to be read on. */
	readonly #behind = new Set<Source<Entry>>();
	/** Documents that other processes write, too, or whose last try ended without an answer. */
	readonly #shared = new WeakSet<Source<Entry>>();
	#under: { batch: Batch<Entry>; done: Promise<void> } | null = null;
	#running: Promise<void> | null = null;
	/** Since when nothing could be stored, in milliseconds; null while all is well. */
	#failingSince: number | null = null;
	#failure = '';
	/** When the last batch was begun. */
	#begunAt = 0;

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
		this.#start();
	}

	/** Reads the log of a document on; other processes may have written there. */
	catchUp(source: Source<Entry>): void {
		this.#shared.add(source);
		this.#behind.add(source);
		this.#start();
	}

	/** Takes back what waits of a document; resolves when nothing of it is under way either. */
	async withdraw(source: Source<Entry>): Promise<void> {
		const take = () => {
			this.#remove(source);
			this.#behind.delete(source);
		};
		take();
		if (this.#under?.batch.has(source)) await this.#under.done;
		take();
	}

	/** Resolves when nothing waits to be stored any more, be it stored or lost. */
	async drained(): Promise<void> {
		while (this.#running) await this.#running;
	}

	#start(): void {
		this.#running ??= this.#run().finally(() => {
			this.#running = null;
			if (this.#queue.length > 0 || this.#behind.size > 0) this.#start();
		});
	}

	async #run(): Promise<void> {
		for (let tries = 0; this.#queue.length > 0 || this.#behind.size > 0;) {
			await this.#gather();
			const batch = this.#batch();
			const begun = (this.#begunAt = performance.now());
			try {
				await this.#store(batch);
				tries = 0;
				this.#failingSince = null;
			} catch (error) {
				tries++;
				for (const source of batch.keys()) this.#shared.add(source);
				// Another process was faster: what it wrote comes first.
				if (isTaken(error)) continue;
				if (isRefusal(error) || isBusy(error)) await this.#oneByOne(batch);
				else await this.#hold(error, tries, begun);
			}
		}
		this.#failingSince = null;
	}

	/** Whatever arrives in the same turn of the event loop goes into one batch; while much is written, a little more. */
	async #gather(): Promise<void> {
		const early = this.#begunAt + rhythm - performance.now();
		if (early >= 1) await wait(early);
		else await new Promise((resolve) => setImmediate(resolve));
	}

	/**
	 * Writes and reads on, or throws when the database says nothing for too long, as behind a dead line. Should it
	 * be written after all, the next try finds it.
	 */
	async #store(batch: Batch<Entry>): Promise<void> {
		const sources = [...batch.keys()];
		// Whoever asks from now on means a later reading.
		const asked = sources.filter((source) => this.#behind.delete(source));
		const extensions = sources.map((source): Extension<Entry> => ({
			documentId: source.id,
			after: source.seq,
			entries: batch.get(source) ?? [],
			shared: this.#shared.has(source),
			fits: (others) => source.fits(others)
		}));
		const stored = extendLogs(this.#services, extensions);
		const done = Promise.withResolvers<void>();
		this.#under = { batch, done: done.promise };
		try {
			const news = await this.#inTime(stored);
			this.#take(batch);
			for (const [index, source] of sources.entries()) this.#tell(source, news[index] ?? null, asked.includes(source));
		} catch (error) {
			for (const source of asked) this.#behind.add(source);
			throw error;
		} finally {
			this.#under = null;
			done.resolve();
		}
	}

	/** What is stored waits no more; most of the time it is how the queue begins. */
	#take(batch: Batch<Entry>): void {
		const stored = new Set([...batch.values()].flat());
		const isBeginning = this.#queue.slice(0, stored.size).every(({ entry }) => stored.has(entry));
		if (isBeginning) this.#queue.splice(0, stored.size);
		else this.#queue = this.#queue.filter(({ entry }) => !stored.has(entry));
	}

	/** Without an AbortController: making and breaking one costs more than the rest of a small batch. */
	#inTime<Result>(work: Promise<Result>): Promise<Result> {
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => reject(new Error(`the database has not answered for ${this.#patience} ms`)), this.#patience);
			work.then(resolve, reject).finally(() => clearTimeout(late));
		});
	}

	#batch(): Batch<Entry> {
		const batch = new Map<Source<Entry>, Entry[]>([...this.#behind].map((source) => [source, []]));
		let bytes = 0;
		let count = 0;
		for (const { source, entry } of this.#queue) {
			bytes += entry.update.length;
			if (count === largestBatch.entries || (count > 0 && bytes > largestBatch.bytes)) break;
			count++;
			const entries = batch.get(source);
			if (entries) entries.push(entry);
			else batch.set(source, [entry]);
		}
		return batch;
	}

	#tell(source: Source<Entry>, news: readonly News<Entry>[] | null, asked: boolean): void {
		try {
			if (news === null) {
				this.#remove(source);
				source.clashed();
				return;
			}
			if (news.length > 0) source.grown(news);
			if (asked && !this.#behind.has(source)) source.caughtUp();
		} catch (error) {
			this.#services.log.error({ err: error, documentId: source.id }, 'a document could not take in what is stored');
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
		const sources = new Set([...this.#queue.map(({ source }) => source), ...this.#behind]);
		this.#services.log.error(
			{ waiting: this.#queue.length, documents: sources.size },
			'updates of documents were given up; their writers keep them and send them again'
		);
		this.#queue = [];
		this.#behind.clear();
		this.#failingSince = null;
		for (const source of sources) source.lost();
	}

	/** Something in the batch is refused for good, or held up: find whose it is, so that no other document suffers. */
	async #oneByOne(batch: Batch<Entry>): Promise<void> {
		for (const source of batch.keys()) {
			// What still waits: a document may have taken its entries back meanwhile.
			const entries = this.#queue.filter((waiting) => waiting.source === source).map(({ entry }) => entry);
			if (entries.length === 0 && !this.#behind.has(source)) continue;
			try {
				await this.#store(new Map([[source, entries]]));
			} catch (error) {
				if (isBusy(error) || isTaken(error)) continue;
				// The database went away meanwhile: the loop above goes on with what is left.
				if (!isRefusal(error)) return;
				this.#services.log.error(
					{ err: error, documentId: source.id },
					'the log of a document refused an update; the document is opened again'
				);
				this.#remove(source);
				this.#behind.delete(source);
				source.lost();
			}
		}
	}

	#remove(source: Source<Entry>): void {
		this.#queue = this.#queue.filter((waiting) => waiting.source !== source);
	}
}

/** The SQLSTATE of an error, and the constraint that it names. */
function stateOf(error: unknown): { code: string; constraint?: unknown } | null {
	for (let cause = error; cause instanceof Error; cause = cause.cause) {
		if ('code' in cause && typeof cause.code === 'string')
			return { code: cause.code, ...('constraint' in cause && { constraint: cause.constraint }) };
	}
	return null;
}

/** Another process has written the number of the log that was to be ours. */
function isTaken(error: unknown): boolean {
	const state = stateOf(error);
	return state?.code === '23505' && state.constraint === 'document_updates_document_id_seq_pk';
}

/** Another process holds a log, longer than one waits, or both held what the other needed. */
const isBusy = (error: unknown): boolean => ['55P03', '40P01'].includes(stateOf(error)?.code ?? '');

/** Whether PostgreSQL will say the same again: a broken constraint, a wrong value, a missing right (SQLSTATE classes 22, 23, 42). */
const isRefusal = (error: unknown): boolean => !isTaken(error) && /^(22|23|42)...$/.test(stateOf(error)?.code ?? '');
