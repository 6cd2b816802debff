import * as Y from 'yjs';
import { plainText } from '#lib/writing/document.ts';
import type { HandedIn } from './model.ts';
import { isSegment } from './timeline.ts';
import type { Segment, ShownNode } from './timeline.ts';

/**
 * Whether what was handed in still has the hash that was kept with it, and is the text that the log gives for
 * that moment.
 */
export async function isIntact({ version, state, intact }: HandedIn, logged: readonly ShownNode[]): Promise<boolean> {
	const bytes = Uint8Array.from(atob(state), (character) => character.charCodeAt(0));
	const hash = await hashOf(bytes);
	if (!intact || (hash !== null && hash !== version.hash)) return false;
	const doc = new Y.Doc();
	Y.applyUpdate(doc, bytes);
	const words = plainText(doc).replaceAll('\n', '');
	doc.destroy();
	return words === wordsOf(logged).replaceAll('\n', '');
}

/** Null where the browser computes none: it does so only for pages that came over a safe line. */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
	const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
	if (!subtle) return null;
	return Array.from(new Uint8Array(await subtle.digest('SHA-256', bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const wordsOf = (parts: readonly (ShownNode | Segment)[]): string =>
	parts.map((part) => (isSegment(part) ? part.text : wordsOf(part.content))).join('');
