import type { DocumentId } from '#lib/ids.ts';
import type { Services } from '#lib/server/services.ts';
import { Appender } from './appender.ts';
import type { Compactor } from './compactor.ts';
import { SharedDocument } from './shared-document.ts';
import type { Entry } from './shared-document.ts';
import { archivedAmong, endsOfLogs, loadDocument } from './storage.ts';
import { alone } from './wire.ts';
import type { Wire, Word } from './wire.ts';

/** How long a document stays in memory when nobody has it open, in milliseconds. */
const idleTime = 30_000;

/**
 * How often the library looks whether the logs reach further than the documents, in milliseconds: words of other
 * processes may be lost, and for a process that is alone there should be none.
 */
const looks = { inTouch: 1_000, outOfTouch: 300, alone: 10_000 };

export interface LibraryOptions {
	idleTime?: number;
	patience?: number;
	stored?: (id: DocumentId) => void;
	wire?: Wire;
}

/** The documents in memory; each is read once, however many open it at the same moment. */
export class Library {
	readonly appender: Appender<Entry>;
	readonly #services: Services;
	readonly #compactor: Compactor;
	readonly #idleTime: number;
	readonly #stored: (id: DocumentId) => void;
	readonly #documents = new Map<DocumentId, Promise<SharedDocument>>();
	readonly #open = new Map<DocumentId, SharedDocument>();
	readonly #timers = new Set<NodeJS.Timeout>();
	readonly #stopListening: () => void;
	readonly #wire: Wire;
	#looking: NodeJS.Timeout | undefined;
	#closed = false;

	constructor(services: Services, compactor: Compactor, options: LibraryOptions = {}) {
		this.#services = services;
		this.#compactor = compactor;
		this.#idleTime = options.idleTime ?? idleTime;
		this.#stored = options.stored ?? (() => undefined);
		this.appender = new Appender(services, options);
		const stops = [
			services.changes.on('room', ({ roomId }) => this.#closeArchived(roomId)),
			services.changes.on('missed', () => this.#closeArchived(null))
		];
		this.#stopListening = () => stops.forEach((stop) => stop());
		this.#wire = options.wire ?? alone;
		this.#wire.onReturn(() => this.#afterSilence());
		this.#lookLater();
	}

	/** The document, from memory or from the database. Throws NotFound. */
	async open(id: DocumentId): Promise<SharedDocument> {
		const opening = this.#documents.get(id) ?? this.#read(id);
		const document = await opening;
		return document.isLost ? this.open(id) : document;
	}

	/** A connection has left: when it was the last, the document may go, a little later. */
	left(document: SharedDocument): void {
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			if (document.isLost || document.members.size > 0) return;
			if (document.isIdle) this.#forget(document);
			else this.left(document);
		}, this.#idleTime);
		timer.unref();
		this.#timers.add(timer);
	}

	get size(): number {
		return this.#open.size;
	}

	/** Waits until everything accepted is on disk, then lets go of all documents. */
	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#looking);
		this.#stopListening();
		await this.appender.drained();
		for (const timer of this.#timers) clearTimeout(timer);
		for (const document of this.#open.values()) document.end('restarting');
	}

	#read(id: DocumentId): Promise<SharedDocument> {
		const load = () => loadDocument(this.#services, id);
		let opened: SharedDocument | null = null;
		const early: [word: Word, from: string][] = [];
		const hear = (word: Word, from: string) => {
			if (opened) this.#hear(opened, word, from);
			else early.push([word, from]);
		};
		// First the ears, then the eyes: what comes in between is heard.
		const reading = this.#wire
			.listen(id, hear)
			.then(load)
			.then((stored) => {
				const document: SharedDocument = new SharedDocument(stored, {
					appender: this.appender,
					log: this.#services.log,
					isAlone: this.#wire.inTouch === null,
					load,
					forget: () => this.#forget(document),
					stored: () => this.#stored(id),
					tell: (word) => this.#wire.tell(id, word),
					compact: () => this.#compactor.compact(document)
				});
				opened = document;
				this.#open.set(id, document);
				for (const [word, from] of early) this.#hear(document, word, from);
				this.#wire.tell(id, { kind: 'whoIsHere' });
				document.compactWhenLong();
				return document;
			});
		this.#documents.set(id, reading);
		reading.catch(() => {
			this.#documents.delete(id);
			this.#wire.leave(id);
		});
		return reading;
	}

	#hear(document: SharedDocument, word: Word, from: string): void {
		if (word.kind === 'grown') document.heard(word.seq);
		else if (word.kind === 'presence') document.presence.hear(from, word.update);
		else document.presence.tellAll();
	}

	#lookLater(): void {
		const { inTouch } = this.#wire;
		const pause = inTouch === null ? looks.alone : inTouch ? looks.inTouch : looks.outOfTouch;
		this.#looking = setTimeout(() => {
			void this.#look().finally(() => {
				if (!this.#closed) this.#lookLater();
			});
		}, pause);
	}

	async #look(): Promise<void> {
		try {
			const ends = await endsOfLogs(this.#services, [...this.#open.keys()]);
			for (const [id, seq] of ends) this.#open.get(id)?.heard(seq);
		} catch (error) {
			this.#services.log.warn({ err: error }, 'it could not be seen how far the logs of documents reach');
		}
	}

	/** The line to the other processes is there again: reads what they wrote meanwhile, and asks who is where. */
	#afterSilence(): void {
		void this.#look();
		for (const [id, document] of this.#open) {
			document.presence.tellAll();
			this.#wire.tell(id, { kind: 'whoIsHere' });
		}
	}

	#forget(document: SharedDocument): void {
		if (this.#open.get(document.id) !== document) return;
		this.#open.delete(document.id);
		this.#documents.delete(document.id);
		this.#wire.leave(document.id);
		document.destroy();
	}

	/** Documents of a room that have been put away are closed. */
	#closeArchived(roomId: string | null): void {
		const open = [...this.#open.values()].filter((document) => roomId === null || document.roomId === roomId);
		archivedAmong(
			this.#services,
			open.map(({ id }) => id)
		).then(
			(archived) => archived.forEach((id) => this.#open.get(id)?.end('missing')),
			(error: unknown) => this.#services.log.warn({ err: error }, 'it could not be seen which documents are put away')
		);
	}
}
