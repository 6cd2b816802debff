import * as Y from 'yjs';
import type { DocumentKind } from '#lib/documents/model.ts';

/** The newest snapshot of a document and the updates after it. */
export interface History {
	readonly snapshot: Uint8Array | null;
	readonly snapshotSeq: number;
	readonly tail: readonly { seq: number; update: Uint8Array }[];
}

/** An empty document whose roots have the types that its kind gives them. */
export function emptyDocument(kind: DocumentKind): Y.Doc {
	const doc = new Y.Doc();
	if (kind === 'text') doc.getXmlFragment('default');
	if (kind === 'board') {
		doc.getMap('elements');
		doc.getMap('files');
	}
	if (kind === 'map') {
		doc.getMap('nodes');
		doc.getMap('links');
	}
	return doc;
}

/** Makes a document from its history; an update that throws is left out, so that the rest can be opened. */
export function replay(kind: DocumentKind, history: History): { doc: Y.Doc; skipped: number[] } {
	const skipped: number[] = [];
	for (;;) {
		const doc = emptyDocument(kind);
		let applying = 0;
		try {
			if (history.snapshot) Y.applyUpdate(doc, history.snapshot);
			doc.transact(() => {
				for (const { seq, update } of history.tail) {
					applying = seq;
					if (!skipped.includes(seq)) Y.applyUpdate(doc, update);
				}
			});
			return { doc, skipped };
		} catch (error) {
			doc.destroy();
			if (applying === 0 || skipped.includes(applying)) throw error;
			skipped.push(applying);
		}
	}
}
