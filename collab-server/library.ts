import type { DocumentId } from '#lib/ids.ts';
import type { Services } from '#lib/server/services.ts';
import { Appender } from './appender.ts';
import type { Compactor } from './compactor.ts';
import { SharedDocument } from './shared-document.ts';
import type { Entry } from './shared-document.ts';
import { archivedAmong, loadDocument } from './storage.ts';

/** How long a document stays in memory when nobody has it open, in milliseconds. */
const idleTime = 30_000;

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

	constructor(
		services: Services,
		compactor: Compactor,
		options: { idleTime?: number; patience?: number; stored?: (id: DocumentId) => void } = {}
	) {
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
		this.#stopListening();
		await this.appender.drained();
		for (const timer of this.#timers) clearTimeout(timer);
		for (const document of this.#open.values()) document.end('restarting');
	}

	#read(id: DocumentId): Promise<SharedDocument> {
		const load = () => loadDocument(this.#services, id);
		const reading = load().then((stored) => {
			const document: SharedDocument = new SharedDocument(stored, {
				appender: this.appender,
				log: this.#services.log,
				load,
				forget: () => this.#forget(document),
				stored: () => this.#stored(id),
				compact: () => this.#compactor.compact(document)
			});
			this.#open.set(id, document);
			document.compactWhenLong();
			return document;
		});
		this.#documents.set(id, reading);
		reading.catch(() => this.#documents.delete(id));
		return reading;
	}

	#forget(document: SharedDocument): void {
		if (this.#open.get(document.id) !== document) return;
		this.#open.delete(document.id);
		this.#documents.delete(document.id);
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
