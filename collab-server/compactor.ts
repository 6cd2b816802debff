import { Worker } from 'node:worker_threads';
import type { DocumentKind } from '#lib/documents/model.ts';
import type { DocumentId } from '#lib/ids.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import type { Snapshot, SnapshotOrder } from './snapshot.ts';
import { keepSnapshot, readHistory } from './storage.ts';

/** What asks for a snapshot, and hears how it went. */
export interface Compactable {
	readonly id: DocumentId;
	readonly kind: DocumentKind;
	compacted(seq: number, bytes: number): void;
}

/** Makes snapshots, one at a time, from the log and beside the server; a wrong one is never kept. */
export class Compactor {
	readonly #services: Services;
	readonly #waiting = new Set<Compactable>();
	/** Documents whose log does not give the same twice: they keep their old snapshot and their log. */
	readonly #quarantined = new Set<DocumentId>();
	#running: Promise<void> | null = null;
	#closed = false;

	constructor(services: Services) {
		this.#services = services;
	}

	compact(document: Compactable): void {
		if (this.#closed || this.#quarantined.has(document.id)) return;
		this.#waiting.add(document);
		this.#running ??= this.#run().finally(() => (this.#running = null));
	}

	async close(): Promise<void> {
		this.#closed = true;
		this.#waiting.clear();
		await this.#running;
	}

	async #run(): Promise<void> {
		for (let [document] = this.#waiting; document; [document] = this.#waiting) {
			await this.#make(document).catch((error: unknown) => {
				this.#services.log.warn({ err: error, documentId: document?.id }, 'a snapshot could not be made; the log stands');
			});
			// After the work, so that what it had asked for meanwhile is not done twice.
			this.#waiting.delete(document);
		}
	}

	async #make(document: Compactable): Promise<void> {
		const history = await query(systemContext(this.#services), (ctx) => readHistory(ctx, document.id));
		const seq = history.tail.at(-1)?.seq;
		if (seq === undefined) return;
		const snapshot = await inWorker({ kind: document.kind, history });
		if ('difference' in snapshot) {
			this.#quarantined.add(document.id);
			this.#services.log.error(
				{ documentId: document.id, seq, difference: snapshot.difference },
				'a document did not read back as it was; no snapshot is kept'
			);
			return;
		}
		await keepSnapshot(this.#services, document.id, seq, snapshot.state);
		document.compacted(seq, snapshot.state.length);
	}
}

function inWorker(order: SnapshotOrder): Promise<Snapshot> {
	return new Promise((resolve, reject) => {
		const worker = new Worker(new URL('./compaction-worker.ts', import.meta.url), { workerData: order });
		worker.once('message', resolve);
		worker.once('error', reject);
		worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
	});
}
