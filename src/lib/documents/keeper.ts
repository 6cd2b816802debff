import * as Y from 'yjs';
import type { Piece } from './moved.ts';
import { Look } from './look.ts';
import type { Selected } from './look.ts';
import { putParagraph, puttingBack } from './stranded.ts';
import type { KnownPiece, Rewrite, Self, Stranded } from './stranded.ts';

/** Words that somebody wrote into what this person has meanwhile deleted or written anew. */
interface Late {
	readonly id: Y.ID;
	readonly length: number;
	/** Empty for a format, and for what its writer has taken back. */
	readonly words: string;
	readonly rewrite: Rewrite;
	/** Behind (or, at its beginning, before) which character they belong; null in a text without any. */
	readonly beside: { readonly id: Y.ID; readonly isBehind: boolean } | Late | null;
	/** Where they are put. */
	put?: Y.RelativePosition;
}
type Beside = Pick<Late, 'rewrite' | 'beside'>;

const looks = new WeakMap<Y.Transaction, Look>();

/** Where what was selected is now, while a change is shown that has written the text anew elsewhere. */
export function followSelection(transaction: Y.Transaction, selected: Selected): Selected {
	return looks.get(transaction)?.follow(selected) ?? selected;
}

/**
 * Takes in what others do, so that no words are lost between two who did not know of each other: of both, the one who is
 * late puts them right, as only the late one is sure to be here. Whoever wrote into something that others had made anew
 * by then does it in `applyAndKeep`; here does whoever has made something anew (a heading, without a line) into which
 * others had written by then.
 */
export class Keeper {
	readonly #doc: Y.Doc;
	readonly #self: Self;
	/** What others do not know of yet, in its order, and with which change of this person's it was made. */
	#rewrites: { rewrite: Rewrite; change: number }[] = [];
	/** What was put right meanwhile: more may come that stands beside it. */
	#late: Late[] = [];

	constructor(doc: Y.Doc, self: Self) {
		this.#doc = doc;
		this.#self = self;
		doc.on('beforeObserverCalls', (transaction: Y.Transaction) => {
			if (!transaction.local || transaction.origin === puttingBack) return;
			const change = self.made() + 1;
			this.#rewrites = this.#unknown();
			for (const rewrite of rewrittenBy(transaction)) this.#rewrites.push({ rewrite, change });
		});
	}

	take(update: Uint8Array, origin: unknown): void {
		this.#rewrites = this.#unknown();
		if (this.#rewrites.length === 0) this.#late = [];
		const late = this.#rewrites.length > 0 ? this.#lateIn(update) : [];
		this.#late.push(...late);
		applyAndKeep(this.#doc, update, origin, this.#self);
		if (late.length > 0) this.#doc.transact(() => late.forEach((words) => this.#putRight(words)), puttingBack);
	}

	#unknown() {
		const out = this.#self.out();
		return this.#rewrites.filter(({ change }) => change > out);
	}

	/** Words of others in an update that stand beside something that this person has made anew. */
	#lateIn(update: Uint8Array): Late[] {
		const { structs, ds } = Y.decodeUpdate(update);
		const late: Late[] = [];
		let left = structs.filter((struct) => struct instanceof Y.Item && this.#isNews(struct)) as Y.Item[];
		// Those of one writer may stand beside those of another.
		for (let found = true; found;) {
			found = false;
			left = left.filter((item) => {
				const beside = this.#besideOf(item, late);
				if (!beside) return true;
				found = true;
				const { id, length, content } = item;
				const isDeleted = ds.clients
					.get(id.client)
					?.some(({ clock, len }) => clock <= id.clock && clock + len >= id.clock + length);
				const words = content instanceof Y.ContentString && !isDeleted ? content.str : '';
				late.push({ id, length, words, ...beside });
				return false;
			});
		}
		return late;
	}

	#isNews({ id, content }: Y.Item): boolean {
		const stands = content instanceof Y.ContentString || content instanceof Y.ContentFormat;
		return stands && !this.#self.isOwn(id.client) && id.clock >= Y.getState(this.#doc.store, id.client);
	}

	#besideOf({ origin, rightOrigin, parent }: Y.Item, late: readonly Late[]): Beside | null {
		const found = (there: Y.ID | null) =>
			there && [...this.#late, ...late].findLast(({ id, length }) => isWithin(there, { ...id, length }));
		const before = found(origin);
		if (before) return { rewrite: before.rewrite, beside: before };
		for (const { rewrite } of this.#rewrites) {
			const left = origin && offsetBehind(rewrite.known, origin);
			if (left !== null) return { rewrite, beside: besideAt(rewrite, left) };
			// At the edge of a stretch they may as well belong to what stays.
			if (!rewrite.isGone) continue;
			const right = rightOrigin && offsetBefore(rewrite.known, rightOrigin);
			if (right !== null) return { rewrite, beside: besideAt(rewrite, right) };
			const text = rewrite.text._item?.id;
			if (parent instanceof Y.ID && text && Y.compareIDs(parent, text)) return { rewrite, beside: besideAt(rewrite, 0) };
		}
		const behind = found(rightOrigin);
		return behind ? { rewrite: behind.rewrite, beside: behind.beside } : null;
	}

	#putRight(late: Late): void {
		if (late.words === '') return;
		this.#takeAway(late);
		const place = this.#placeOf(late);
		if (place && !place.text._item?.deleted) {
			place.text.insert(place.index, late.words);
			late.put = Y.createRelativePositionFromTypeIndex(place.text, place.index + late.words.length, -1);
		} else putParagraph((late.rewrite.place ?? late.rewrite.text)._item as Y.Item, late.words);
	}

	/** From what is left of the text, where the words are still shown. */
	#takeAway({ id, words, rewrite }: Late): void {
		if (rewrite.isGone) return;
		const there = this.#find(new Y.RelativePosition(null, null, id, 0));
		if (there?.text === rewrite.text) there.text.delete(there.index, words.length);
	}

	#placeOf({ beside, rewrite }: Late): { text: Y.XmlText; index: number } | null {
		if (beside === null) return rewrite.place && { text: rewrite.place, index: 0 };
		if ('words' in beside) return beside.put ? this.#find(beside.put) : this.#placeOf(beside);
		let { id } = beside;
		// It may have been made anew once more.
		for (const { rewrite } of this.#rewrites) {
			const offset = offsetBefore(rewrite.known, id);
			id = (offset !== null && idAt(rewrite.made, offset)) || id;
		}
		return this.#find(new Y.RelativePosition(null, null, id, beside.isBehind ? -1 : 0));
	}

	#find(position: Y.RelativePosition): { text: Y.XmlText; index: number } | null {
		const there = Y.createAbsolutePositionFromRelativePosition(position, this.#doc);
		return there?.type instanceof Y.XmlText ? { text: there.type, index: there.index } : null;
	}
}

const isWithin = ({ client, clock }: Y.ID, piece: Piece): boolean =>
	client === piece.client && clock >= piece.clock && clock < piece.clock + piece.length;

/** How many characters stand before something; null when it is not there. */
function offsetBefore(pieces: readonly KnownPiece[], id: Y.ID): number | null {
	let at = 0;
	for (const piece of pieces) {
		if (isWithin(id, piece)) return at + (piece.isWord ? id.clock - piece.clock : 0);
		at += piece.isWord ? piece.length : 0;
	}
	return null;
}

function offsetBehind(pieces: readonly KnownPiece[], id: Y.ID): number | null {
	const before = offsetBefore(pieces, id);
	const isWord = pieces.some((piece) => piece.isWord && isWithin(id, piece));
	return before !== null && isWord ? before + 1 : before;
}

function idAt(pieces: readonly Piece[], offset: number): Y.ID | null {
	let at = 0;
	for (const { client, clock, length } of pieces) {
		if (offset < at + length) return Y.createID(client, clock + offset - at);
		at += length;
	}
	return null;
}

/** The character behind which something belongs that had so many before it; the first one, where there were none. */
function besideAt({ made }: Rewrite, offset: number): Late['beside'] {
	const id = idAt(made, Math.max(0, offset - 1));
	return id && { id, isBehind: offset > 0 };
}

/**
 * Applies what others did, and keeps what this person wrote meanwhile. An editor that makes a heading or a list of a
 * paragraph deletes it and writes it anew, and one that parts it does so with one half: Yjs deletes with it, or leaves
 * behind, whatever somebody else has written there that the other could not know. Whoever wrote it, and so is here, puts
 * it where the paragraph went; where it went nowhere, it becomes a paragraph of its own.
 */
function applyAndKeep(doc: Y.Doc, update: Uint8Array, origin: unknown, self: Self): void {
	let look: Look | null = null;
	let stranded: Stranded[] = [];
	const begin = (transaction: Y.Transaction) => {
		if (transaction.origin !== origin) return;
		look = new Look(transaction, update, self);
		looks.set(transaction, look);
		stranded = [...look.stranded(), ...secondBeginnings(transaction, self)];
	};
	doc.on('beforeObserverCalls', begin);
	try {
		Y.applyUpdate(doc, update, origin);
	} finally {
		doc.off('beforeObserverCalls', begin);
	}
	if (stranded.length === 0) return;
	doc.transact((transaction) => {
		if (look) looks.set(transaction, look);
		for (const putBack of stranded) putBack();
	}, puttingBack);
}

/** What a change of this person's own, which is being made, has deleted and written anew. */
function rewrittenBy(transaction: Y.Transaction): Rewrite[] {
	if (transaction.deleteSet.clients.size === 0) return [];
	return new Look(transaction, null, { isOwn: () => false, outClock: () => Infinity, made: () => 0, out: () => 0 }).rewritten();
}

/**
 * Two who begin an empty line at once make two texts of it, which an editor makes one of at the next letter: two editors
 * would do it twice. So whoever began the second one puts its words into the first.
 */
function secondBeginnings({ changed }: Y.Transaction, self: Self): Stranded[] {
	const joins: Stranded[] = [];
	for (const line of changed.keys() as Iterable<unknown>) {
		if (!(line instanceof Y.XmlElement) || line._item?.deleted) continue;
		for (const [index, text] of line.toArray().entries()) {
			const before = index > 0 ? line.get(index - 1) : null;
			if (!(text instanceof Y.XmlText && before instanceof Y.XmlText) || !self.isOwn(text._item?.id.client ?? -1)) continue;
			joins.push(() => {
				before.applyDelta([{ retain: before.length }, ...(text.toDelta() as object[])]);
				line.delete(line.toArray().indexOf(text), 1);
			});
		}
	}
	return joins;
}
