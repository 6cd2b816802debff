import { IndexeddbPersistence } from 'y-indexeddb';
import type { Doc } from 'yjs';

/** What this machine keeps of a document, so that what is typed offline outlives a reload. */
export interface LocalCopy {
	/** Whom the document names as the origin of what came out of the copy. */
	readonly origin: unknown;
	/** How many changes were not on the server when the copy was last written; resolves when the copy is in the document. */
	readonly opened: Promise<{ unsaved: number }>;
	/** Resolves when all that the document holds now, and the number of its unsaved changes, are on this machine. */
	remember(unsaved: number): Promise<void>;
	/** Takes everything off this machine. */
	erase(): Promise<void>;
	close(): void;
}

const unsavedKey = 'unsaved';
/** A browser that keeps nothing (private windows) may never answer; the document must not wait for it. */
const openWithin = 3_000;

/**
 * The copy of one person on this machine: nobody else's sign-in on a shared computer reads it.
 * Null where the browser keeps nothing.
 */
export function openLocalCopy(personId: string, documentId: string, doc: Doc): LocalCopy | null {
	if (typeof indexedDB === 'undefined') return null;
	const persistence = new IndexeddbPersistence(`xingtan:${personId}:${documentId}`, doc);
	const read = persistence.whenSynced.then(async () => ({ unsaved: Number((await persistence.get(unsavedKey)) ?? 0) }));
	const gaveUp = new Promise<{ unsaved: number }>((resolve) => setTimeout(() => resolve({ unsaved: 0 }), openWithin));
	return {
		origin: persistence,
		opened: Promise.race([read, gaveUp]),
		remember: (unsaved) => remember(persistence.db, unsaved),
		erase: () => persistence.clearData(),
		close: () => void persistence.destroy()
	};
}

/** Transactions on the same store run in turn: when this one is through, every update before it is on the disk too. */
function remember(db: IDBDatabase | null, unsaved: number): Promise<void> {
	return new Promise((resolve, reject) => {
		if (!db) return reject(new Error('this browser keeps no copy'));
		const transaction = db.transaction(['updates', 'custom'], 'readwrite');
		transaction.objectStore('custom').put(unsaved, unsavedKey);
		transaction.oncomplete = () => resolve();
		transaction.onabort = () => reject(transaction.error);
	});
}
