/** Pictures that are on no server yet, kept on this machine so that they outlive a reload without a line. */
export interface KeptFile {
	readonly id: string;
	readonly file: File;
}

const store = 'files';

/** What one person put on one board; nobody else's sign-in on a shared computer reads it. */
export class KeptFiles {
	readonly #name: string;
	#db: Promise<IDBDatabase> | null = null;

	constructor(personId: string, documentId: string) {
		this.#name = `xingtan:${personId}:${documentId}:files`;
	}

	/** Resolves when it is on the disk, or when this browser keeps nothing. */
	async put(id: string, file: File): Promise<void> {
		await this.#run('readwrite', (files) => files.put(file, id));
	}

	async delete(id: string): Promise<void> {
		await this.#run('readwrite', (files) => files.delete(id));
	}

	async all(): Promise<KeptFile[]> {
		const [ids, files] = await Promise.all([
			this.#run('readonly', (all) => all.getAllKeys()),
			this.#run('readonly', (all) => all.getAll() as IDBRequest<unknown[]>)
		]);
		return (ids ?? []).flatMap((id, index) => {
			const file = files?.[index];
			return file instanceof File ? [{ id: String(id), file }] : [];
		});
	}

	close(): void {
		void this.#db?.then((db) => db.close()).catch(() => undefined);
	}

	async #run<Result>(mode: IDBTransactionMode, work: (files: IDBObjectStore) => IDBRequest<Result>): Promise<Result | null> {
		try {
			const db = await (this.#db ??= open(this.#name));
			return await new Promise((resolve, reject) => {
				const request = work(db.transaction(store, mode).objectStore(store));
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
		} catch {
			return null;
		}
	}
}

function open(name: string): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.open(name, 1);
		request.onupgradeneeded = () => request.result.createObjectStore(store);
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}
