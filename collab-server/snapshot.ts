import * as Y from 'yjs';
import type { DocumentKind } from '#lib/documents/model.ts';
import { contentOf } from './content.ts';
import { emptyDocument, replay } from './replay.ts';
import type { History } from './replay.ts';

export interface SnapshotOrder {
	readonly kind: DocumentKind;
	readonly history: History;
}
export type Snapshot = { readonly state: Uint8Array } | { readonly difference: string };

/** Makes a document from its log, encodes it, and reads it again: it is kept only when nothing differs. */
export function makeSnapshot({ kind, history }: SnapshotOrder): Snapshot {
	const { doc, skipped } = replay(kind, history);
	if (skipped.length > 0) return { difference: `updates ${skipped.join(', ')} cannot be applied` };
	const state = Y.encodeStateAsUpdate(doc);
	const again = emptyDocument(kind);
	Y.applyUpdate(again, state);
	if (again.store.pendingStructs || again.store.pendingDs) return { difference: 'the encoded state is not whole' };
	if (!sameVector(doc, again)) return { difference: 'the state vector differs' };
	if (contentOf(doc) !== contentOf(again)) return { difference: 'the content differs' };
	return { state };
}

function sameVector(one: Y.Doc, other: Y.Doc): boolean {
	const [a, b] = [one, other].map((doc) => Y.decodeStateVector(Y.encodeStateVector(doc)));
	return a?.size === b?.size && [...(a ?? [])].every(([client, clock]) => b?.get(client) === clock);
}
