import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import type { DocumentId } from '#lib/ids.ts';

/** What processes that serve the same document tell one another. */
export type Word =
	/** The log has entries up to `seq`; whoever lacks some reads them there. */
	| { readonly kind: 'grown'; readonly seq: number }
	/** What people at the sender's connections say of themselves; see `presence.ts`. */
	| { readonly kind: 'presence'; readonly update: Uint8Array }
	/** Somebody has opened the document anew and asks for everybody's presence. */
	| { readonly kind: 'whoIsHere' };

/** `from` names the process that tells. */
export type Hear = (word: Word, from: string) => void;

/**
 * The line between the processes. Words may be lost, come twice or late, and in any order: what is true stands in
 * the database, and the library looks there by itself, the sooner the less it trusts this line.
 */
export interface Wire {
	/** Whether words arrive at the moment; null when there is no other process to hear. */
	readonly inTouch: boolean | null;
	tell(documentId: DocumentId, word: Word): void;
	/** Resolves when words about the document are heard, or cannot be for now. */
	listen(documentId: DocumentId, hear: Hear): Promise<void>;
	leave(documentId: DocumentId): void;
	/** Calls back whenever the line is there again after a time in which words were lost. */
	onReturn(back: () => void): void;
	close(): Promise<void>;
}

/** The only process: it has nobody to tell. */
export const alone: Wire = {
	inTouch: null,
	tell: () => undefined,
	listen: async () => undefined,
	leave: () => undefined,
	onReturn: () => undefined,
	close: async () => undefined
};

const kinds = { grown: 0, presence: 1, whoIsHere: 2 } as const;

export function encodeWord(from: string, word: Word): Uint8Array {
	const encoder = createEncoder();
	writeVarString(encoder, from);
	writeVarUint(encoder, kinds[word.kind]);
	if (word.kind === 'grown') writeVarUint(encoder, word.seq);
	if (word.kind === 'presence') writeVarUint8Array(encoder, word.update);
	return toUint8Array(encoder);
}

/** Throws when it is none of ours. */
export function decodeWord(bytes: Uint8Array): { from: string; word: Word } {
	const decoder = createDecoder(bytes);
	const from = readVarString(decoder);
	switch (readVarUint(decoder)) {
		case kinds.grown:
			return { from, word: { kind: 'grown', seq: readVarUint(decoder) } };
		case kinds.presence:
			return { from, word: { kind: 'presence', update: readVarUint8Array(decoder) } };
		case kinds.whoIsHere:
			return { from, word: { kind: 'whoIsHere' } };
		default:
			throw new Error('an unknown word');
	}
}
