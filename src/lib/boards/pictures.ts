import { uploadFile } from '#lib/files/upload.ts';
import type { Doc } from 'yjs';
import { filesOf, readFile, writeFile } from './document.ts';
import { dataUrlOf, fileFrom } from './images.ts';
import { KeptFiles } from './kept-files.ts';

/** Where pictures are shown. */
export interface Wall {
	hasFile(id: string): boolean;
	addFile(id: string, type: string, dataUrl: string): void;
}

/** Pictures that are fetched at the same time. */
const atOnce = 4;

/** Brings the pictures of a board to the server and from it. */
export class Pictures {
	/** Told when the number of pictures under way, or of those that did not make it, is another. */
	onchange: () => void = () => undefined;
	readonly #doc: Doc;
	readonly #documentId: string;
	readonly #wall: Wall;
	readonly #kept: KeptFiles;
	readonly #sending = new Set<string>();
	readonly #failed = new Map<string, File>();
	/** Wanted and not fetched yet, and those that are being fetched. */
	#wanted: string[] = [];
	readonly #fetching = new Set<string>();
	readonly #missing = new Set<string>();
	readonly #stop = new AbortController();

	constructor(doc: Doc, documentId: string, personId: string, wall: Wall) {
		this.#doc = doc;
		this.#documentId = documentId;
		this.#wall = wall;
		this.#kept = new KeptFiles(personId, documentId);
		filesOf(doc).observe(this.#onFiles);
		window.addEventListener('online', this.retry);
	}

	/** How many pictures nobody else can see yet. */
	get underWay(): number {
		return this.#sending.size;
	}
	get failed(): number {
		return this.#failed.size;
	}

	/** Shows and sends what an earlier visit could not. */
	async begin(): Promise<void> {
		for (const { id, file } of await this.#kept.all()) {
			if (readFile(this.#doc, id)) {
				await this.#kept.delete(id);
				continue;
			}
			this.#wall.addFile(id, file.type, await dataUrlOf(file));
			void this.#send(id, file);
		}
	}

	close(): void {
		this.#stop.abort();
		filesOf(this.#doc).unobserve(this.#onFiles);
		window.removeEventListener('online', this.retry);
		this.#kept.close();
	}

	/** Pictures that are shown on the board: those that the server lacks are sent, those that are not here are fetched. */
	want(ids: readonly string[], local: (id: string) => string | undefined): void {
		for (const id of ids) {
			if (readFile(this.#doc, id)) {
				if (!this.#wall.hasFile(id) && !this.#fetching.has(id) && !this.#missing.has(id) && !this.#wanted.includes(id))
					this.#wanted.push(id);
			} else {
				const dataUrl = local(id);
				const file = dataUrl && !this.#sending.has(id) && !this.#failed.has(id) ? fileFrom(dataUrl, id.slice(0, 12)) : null;
				if (file) void this.#send(id, file);
			}
		}
		this.#fetchSome();
	}

	/** Sends a picture that was just put on the board. */
	async add(id: string, file: File): Promise<void> {
		this.#wall.addFile(id, file.type, await dataUrlOf(file));
		void this.#send(id, file);
	}

	readonly retry = (): void => {
		this.#missing.clear();
		for (const [id, file] of [...this.#failed]) {
			this.#failed.delete(id);
			void this.#send(id, file);
		}
		this.#fetchSome();
	};

	async #send(id: string, file: File): Promise<void> {
		if (this.#sending.has(id)) return;
		this.#sending.add(id);
		this.onchange();
		await this.#kept.put(id, file);
		try {
			const { url, type } = await uploadFile(this.#documentId, file, { signal: this.#stop.signal });
			if (this.#stop.signal.aborted) return;
			writeFile(this.#doc, id, { url, type });
			await this.#kept.delete(id);
		} catch {
			if (!this.#stop.signal.aborted) this.#failed.set(id, file);
		} finally {
			this.#sending.delete(id);
			this.onchange();
		}
	}

	#fetchSome(): void {
		while (this.#fetching.size < atOnce && this.#wanted.length > 0) {
			const id = this.#wanted.shift() as string;
			this.#fetching.add(id);
			void this.#fetch(id).finally(() => {
				this.#fetching.delete(id);
				if (!this.#stop.signal.aborted) this.#fetchSome();
			});
		}
	}

	async #fetch(id: string): Promise<void> {
		const file = readFile(this.#doc, id);
		if (!file) return;
		try {
			const response = await fetch(file.url, { signal: this.#stop.signal });
			if (!response.ok) throw new Error(`HTTP ${response.status}`);
			const blob = await response.blob();
			this.#wall.addFile(id, file.type, await dataUrlOf(new Blob([blob], { type: file.type })));
		} catch {
			// Asked for again when the line is back.
			this.#missing.add(id);
		}
	}

	readonly #onFiles = () => this.onchange();
}
