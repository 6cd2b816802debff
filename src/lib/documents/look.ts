import * as Y from 'yjs';
import {
	ancestor,
	beginningOf,
	element,
	emptyLine,
	formatted,
	holderOf,
	inLines,
	inLists,
	insertBehind,
	insertRuns,
	insides,
	isPlain,
	isWithin,
	moveRuns,
	piecesIn,
	putBehind,
	rootOf,
	textOf,
	wordsOf
} from './stranded.ts';
import type { Format, KnownPiece, Old, Place, Rewrite, Run, Self, Stranded, Words } from './stranded.ts';

type Ranges = ReadonlyMap<number, readonly { clock: number; len: number }[]>;
/** A place in a text that is gone: characters before it that whoever deleted it knew, and own ones that they did not. */
interface Caret {
	readonly old: Old;
	known: number;
	own: number;
}
/** A text that a change has written or written to. */
interface New {
	readonly text: Y.XmlText;
	readonly words: string;
}
/** Two places in a text, as of a selection. */
export interface Selected {
	anchor: Y.RelativePosition;
	head: Y.RelativePosition;
}

/** Looks at one change, before Yjs forgets what it deleted. */
export class Look {
	readonly #transaction: Y.Transaction;
	/** Null where all that is deleted was meant. */
	readonly #update: Uint8Array | null;
	readonly #self: Self;
	#meant: Ranges | null = null;
	readonly #old: Old[] = [];
	readonly #new: New[] = [];
	#isRead = false;
	/** Where texts that are gone are now. */
	readonly #went = new Map<Old, Place>();
	#selected: { anchor: Caret | null; head: Caret | null } | null = null;

	constructor(transaction: Y.Transaction, update: Uint8Array | null, self: Self) {
		this.#transaction = transaction;
		this.#update = update;
		this.#self = self;
	}

	stranded(): Stranded[] {
		const stranded: Stranded[] = [];
		for (const old of this.#partedTexts()) {
			const place = old.runs.length > 0 ? this.#placeOf(old) : null;
			if (place) stranded.push(() => moveRuns(old, place));
		}
		const items = this.#strandedItems();
		for (const root of new Set(items.map(rootOf))) this.#readTexts(root);
		const among = new Set(items);
		const texts = new Set<Y.XmlText>();
		for (const item of items) {
			const parent = item.parent as Y.XmlElement | Y.XmlText;
			// What is put back takes with it all that is in it.
			if (parent._item && among.has(parent._item)) continue;
			if (!(parent instanceof Y.XmlText)) stranded.push(this.#part(item));
			else if (!texts.has(parent)) {
				texts.add(parent);
				stranded.push(this.#words(parent));
			}
		}
		return stranded;
	}

	/** What the change has deleted, and written anew elsewhere or nowhere. */
	rewritten(): Rewrite[] {
		const gone: Y.Item[] = [];
		Y.iterateDeletedStructs(this.#transaction, this.#transaction.deleteSet, (item) => {
			const isText = item instanceof Y.Item && item.content instanceof Y.ContentType && item.content.type instanceof Y.XmlText;
			if (isText && !this.#isNew(item)) gone.push(item);
		});
		if (gone[0]) this.#readTexts(rootOf(gone[0]));
		else if (this.#partedTexts().length === 0) return [];
		return this.#old.flatMap((old) => {
			const { text, known } = old;
			const isGone = text._item?.deleted === true;
			const place = this.#placeOf(old);
			const made = place ? piecesIn(place.text, place.at ?? 0, known.length) : [];
			return place || isGone ? [{ text, isGone, known: this.#piecesOf(old), place: place?.text ?? null, made }] : [];
		});
	}

	#piecesOf({ from, to }: Old): KnownPiece[] {
		const pieces: KnownPiece[] = [];
		for (let item = from; item && item !== to; item = item.right) {
			const isWord = item.content instanceof Y.ContentString && this.#isGone(item);
			pieces.push({ ...item.id, length: item.length, isWord });
		}
		return pieces;
	}

	/** Asked once when the change is shown, and once when what was stranded is back. */
	follow(selected: Selected): Selected {
		const isBack = this.#selected !== null;
		this.#selected ??= { anchor: this.#caret(selected.anchor), head: this.#caret(selected.head) };
		const { anchor, head } = this.#selected;
		return { anchor: this.#follow(anchor, isBack) ?? selected.anchor, head: this.#follow(head, isBack) ?? selected.head };
	}

	#follow(caret: Caret | null, isBack: boolean): Y.RelativePosition | null {
		const there = caret && this.#went.get(caret.old);
		if (!there) return null;
		const known = there.at === null ? 0 : there.at + caret.known;
		return Y.createRelativePositionFromTypeIndex(there.text, known + (isBack ? caret.own : 0), -1);
	}

	/** Where in a text that is gone a place is; null when it is elsewhere. */
	#caret({ item: id, type, assoc }: Y.RelativePosition): Caret | null {
		const struct = (id ?? type) && Y.getItem(this.#transaction.doc.store, (id ?? type) as Y.ID);
		if (!(struct instanceof Y.Item)) return null;
		const text = id ? struct.parent : struct.content instanceof Y.ContentType ? struct.content.type : null;
		if (!(text instanceof Y.XmlText && text._item)) return null;
		if (!this.#isGone(text._item) && !this.#partedTexts().some((old) => old.text === text)) return null;
		this.#readTexts(rootOf(text._item));
		for (const old of this.#old) {
			const caret = old.text === text ? this.#caretIn(old, id, assoc) : null;
			if (caret) return caret;
		}
		return null;
	}

	#caretIn(old: Old, id: Y.ID | null, assoc: number): Caret | null {
		const caret = { old, known: 0, own: 0 };
		for (let item = old.from; item && item !== old.to; item = item.right) {
			const { client, clock } = item.id;
			const isHere = id?.client === client && id.clock >= clock && id.clock < clock + item.length;
			const upTo = isHere ? id.clock - clock + (assoc < 0 ? 1 : 0) : item.length;
			for (const [from, to] of this.#unknownIn(item)) {
				const length = Math.max(0, Math.min(to, upTo) - from);
				caret.known -= this.#isGone(item) ? length : 0;
				if (this.#self.isOwn(client)) caret.own += length;
			}
			if (this.#isGone(item) && item.content instanceof Y.ContentString) caret.known += upTo;
			if (isHere) return this.#placeOf(old) && caret;
		}
		return id === null ? this.#placeOf(old) && caret : null;
	}

	/** What is gone although nobody meant it: its block was deleted by somebody who did not know of it. */
	#strandedItems(): Y.Item[] {
		const { deleteSet, beforeState } = this.#transaction;
		const items: Y.Item[] = [];
		if (![...deleteSet.clients.keys()].some((client) => this.#self.isOwn(client))) return items;
		Y.iterateDeletedStructs(this.#transaction, deleteSet, (item) => {
			if (!(item instanceof Y.Item) || item.parentSub !== null || !this.#self.isOwn(item.id.client)) return;
			if (item.id.clock >= (beforeState.get(item.id.client) ?? 0)) return;
			const { content, parent } = item;
			const counts = content instanceof Y.ContentString || content instanceof Y.ContentType;
			const isIn = parent instanceof Y.XmlText || parent instanceof Y.XmlElement;
			const isOut = item.id.clock + item.length <= this.#self.outClock(item.id.client);
			if (counts && isIn && !isOut && parent._item?.deleted && this.#unmeant(item).length > 0) items.push(item);
		});
		return items;
	}

	/** The parts of an item that the change itself does not name, as offsets. */
	#unmeant({ id, length }: Y.Item): [from: number, to: number][] {
		const parts: [number, number][] = [];
		if (!this.#update) return parts;
		let at = id.clock;
		this.#meant ??= Y.decodeUpdate(this.#update).ds.clients;
		for (const { clock, len } of this.#meant.get(id.client) ?? []) {
			if (clock + len <= at) continue;
			if (clock >= id.clock + length) break;
			if (clock > at) parts.push([at - id.clock, clock - id.clock]);
			at = clock + len;
		}
		if (at < id.clock + length) parts.push([at - id.clock, length]);
		return parts;
	}

	#isGone = ({ id }: Y.Item): boolean => Y.isDeleted(this.#transaction.deleteSet, id);

	#isNew = ({ id }: Y.Item): boolean => id.clock >= (this.#transaction.beforeState.get(id.client) ?? 0);

	/** All texts, in the order of the document, those that are gone among them. */
	#readTexts(root: Y.AbstractType<unknown>): void {
		if (this.#isRead) return;
		this.#isRead = true;
		const read = (parent: Y.AbstractType<unknown>) => {
			for (let item = parent._start; item; item = item.right) {
				if (!(item.content instanceof Y.ContentType) || (item.deleted && !this.#isGone(item))) continue;
				const { type } = item.content;
				if (!(type instanceof Y.XmlText)) read(type);
				else if (item.deleted) this.#old.push(this.#oldText(type, type._start, null));
				else if (this.#isNew(item)) this.#new.push({ text: type, words: wordsOf(type) });
				else if (this.#transaction.changed.has(type as never)) {
					this.#new.push({ text: type, words: wordsOf(type) });
					this.#old.push(...this.#stretches(type));
				}
			}
		};
		read(root);
	}

	/** Stretches of texts that are still there, which somebody may have put into a text of its own. */
	#partedTexts(): Old[] {
		const { changed, deleteSet, beforeState, afterState, doc } = this.#transaction;
		if (deleteSet.clients.size === 0) return [];
		const texts = ([...changed.keys()] as unknown[]).filter(
			(type) => type instanceof Y.XmlText && !type._item?.deleted
		) as Y.XmlText[];
		const isText = (struct: Y.Item | Y.GC) =>
			struct instanceof Y.Item && struct.content instanceof Y.ContentType && struct.content.type instanceof Y.XmlText;
		const makesText = () =>
			[...afterState].some(([client, clock]) => {
				const before = beforeState.get(client) ?? 0;
				const structs = doc.store.clients.get(client) ?? [];
				return clock > before && structs.slice(Y.findIndexSS(structs, before)).some(isText);
			});
		if (texts.length === 0 || !makesText()) return [];
		this.#readTexts(rootOf(texts[0]?._item as Y.Item));
		return this.#old.filter(({ text }) => !text._item?.deleted);
	}

	/** Where a change has deleted something of a text, with what this person wrote in between. */
	#stretches(text: Y.XmlText): Old[] {
		const stretches: Old[] = [];
		let from: Y.Item | null = null;
		let last: Y.Item | null = null;
		const end = (to: Y.Item | null) => {
			if (from) stretches.push(this.#oldText(text, from, to));
			from = last = null;
		};
		/** Whether nobody knows yet of what stands behind what was deleted last. */
		let isOpen = true;
		for (let item = text._start; item; item = item.right) {
			if (!(item.content instanceof Y.ContentString)) continue;
			if (this.#isGone(item)) {
				from ??= item;
				last = item;
				isOpen = true;
			} else if (!item.deleted && from) {
				if (!this.#self.isOwn(item.id.client) || this.#isNew(item)) end((last as Y.Item | null)?.right ?? null);
				else if (item.id.clock < this.#self.outClock(item.id.client)) isOpen = false;
			}
		}
		end(isOpen ? null : ((last as Y.Item | null)?.right ?? null));
		return stretches;
	}

	/** What of an item whoever deleted its text did not know, as offsets. */
	#unknownIn(item: Y.Item): [from: number, to: number][] {
		if (!(item.content instanceof Y.ContentString) || this.#isNew(item)) return [];
		if (this.#isGone(item)) return (item.parent as Y.XmlText)._item?.deleted ? this.#unmeant(item) : [];
		return item.deleted || !this.#self.isOwn(item.id.client) ? [] : [[0, item.length]];
	}

	#oldText(text: Y.XmlText, from: Y.Item | null, to: Y.Item | null): Old {
		const runs: Run[] = [];
		let known = '';
		let format: Format = {};
		let isIn = false;
		for (let item = text._start; item && item !== to; item = item.right) {
			isIn ||= item === from;
			const { content, id } = item;
			if (content instanceof Y.ContentFormat && (!item.deleted || this.#isGone(item))) format = formatted(format, content);
			if (!isIn || !(content instanceof Y.ContentString)) continue;
			const words = this.#isGone(item) ? content.str : '';
			let at = 0;
			for (const [start, end] of this.#unknownIn(item)) {
				known += words.slice(at, start);
				// What others have written there, they put back themselves; what they knew of, whoever has made this.
				const first = Math.max(start, this.#self.outClock(id.client) - id.clock);
				const own = this.#self.isOwn(id.client) ? content.str.slice(first, end) : '';
				if (own) runs.push({ id: Y.createID(id.client, id.clock + first), at: known.length, words: own, format });
				at = end;
			}
			known += words.slice(at);
		}
		return { text, from, to, known, runs };
	}

	/** Words in a text that was deleted as a whole. */
	#words(text: Y.XmlText): Stranded {
		const old = this.#oldOf(text);
		const place = this.#placeOf(old);
		if (place) return () => insertRuns(old, place);
		const made = textOf(old.runs);
		const putBack = this.#inLine(text._item as Y.Item, made);
		return () => {
			putBack();
			this.#went.set(old, { text: made, at: null });
		};
	}

	#oldOf(text: Y.XmlText): Old {
		const old = this.#old.find((one) => one.text === text);
		if (!old) throw new Error('a text is not in its document');
		return old;
	}

	/** A text, a picture, a line, an item of a list that stood in something which was deleted. */
	#part(item: Y.Item): Stranded {
		const { type } = item.content as Y.ContentType;
		if (type instanceof Y.XmlText) return this.#words(type);
		const name = (type as Y.XmlElement).nodeName;
		if (inLines.has(name)) return this.#inLine(item, this.#copy(type) as Y.XmlElement);
		const before = this.#textBefore(item);
		const near = before && this.#placeOf(before)?.text;
		const sibling = near && ancestor(near, ({ nodeName }) => inLists.has(nodeName));
		if (inLists.has(name) && sibling) {
			const made = element(sibling.nodeName, this.#childrenOf(type));
			return () => insertBehind(sibling, [made]);
		}
		return putBehind(near?._item ?? item, this.#linesOf(type));
	}

	/** Puts a text, or something else that belongs in a line, where its line went. */
	#inLine(item: Y.Item, made: Y.XmlText | Y.XmlElement): Stranded {
		const line = holderOf(item) as Y.Item;
		const sibling = this.#knownTextIn(line);
		const near = sibling && this.#placeOf(sibling)?.text;
		if (near && !isPlain(near.parent)) return () => insertBehind(near, [made]);
		const empty = sibling ? null : this.#emptyLineBy(line);
		if (empty && !isPlain(empty)) return () => empty.insert(0, [made]);
		return putBehind(near?._item ?? item, [element('paragraph', [made])]);
	}

	/** The last text of a line that is gone, of those that whoever deleted it knew. */
	#knownTextIn(line: Y.Item): Old | null {
		const isIn = ({ text, known }: Old) => known !== '' && text._item !== null && holderOf(text._item) === line;
		return this.#old.findLast(isIn) ?? null;
	}

	/** Where the beginning of a text that is gone stands now; null when it does not. */
	#placeOf(old: Old): Place | null {
		const place = this.#went.get(old) ?? this.#find(old);
		if (place) this.#went.set(old, place);
		return place;
	}

	#find(old: Old): Place | null {
		const holder = old.text._item as Y.Item;
		const line = holderOf(holder);
		if (old.known === '') return line && !this.#knownTextIn(line) ? beginningOf(this.#emptyLineBy(line)) : null;
		const alike = this.#old.filter(({ known }) => known === old.known);
		const same = this.#new.filter(({ words, text }) => words === old.known && text !== old.text);
		const its = same[Math.min(alike.indexOf(old), same.length - 1)];
		if (its) return { text: its.text, at: 0 };
		// Of what is left of a text, a stretch that was just deleted may happen to be elsewhere, too.
		const whole = holder.deleted ? this.#new.find(({ words }) => words.includes(old.known)) : null;
		return whole ? { text: whole.text, at: whole.words.indexOf(old.known) } : null;
	}

	/** The last text before something, of those that are gone and were known. */
	#textBefore(item: Y.Item): Old | null {
		for (let left = item.left; left; left = left.left) {
			const holder = left.content instanceof Y.ContentType ? left.content.type : null;
			const inside = this.#old.findLast(({ text, known }) => known !== '' && isWithin(text, holder));
			if (inside) return inside;
		}
		const up = holderOf(item);
		return up?.deleted ? this.#textBefore(up) : null;
	}

	/** An empty line that was made beside something that is gone. */
	#emptyLineBy(gone: Y.Item): Y.XmlElement | null {
		for (const side of ['left', 'right'] as const) {
			let item = gone[side];
			while (item?.deleted) item = item[side];
			const type = item && this.#isNew(item) && item.content instanceof Y.ContentType ? item.content.type : null;
			const line = type instanceof Y.XmlElement ? emptyLine(type, side) : null;
			if (line) return line;
		}
		const up = holderOf(gone);
		return up?.deleted ? this.#emptyLineBy(up) : null;
	}

	/** What was in something until this change, made again. */
	#copy(type: Y.AbstractType<unknown>): Y.XmlText | Y.XmlElement {
		if (type instanceof Y.XmlText) return textOf(this.#runsOf(type));
		const { nodeName, _map } = type as Y.XmlElement;
		const copy = element(nodeName, this.#childrenOf(type));
		for (const [key, item] of _map) {
			if (item.deleted && !this.#isGone(item)) continue;
			copy.setAttribute(key, item.content.getContent()[item.length - 1] as string);
		}
		return copy;
	}

	#childrenOf(type: Y.AbstractType<unknown>): (Y.XmlText | Y.XmlElement)[] {
		const children: (Y.XmlText | Y.XmlElement)[] = [];
		for (let item = type._start; item; item = item.right) {
			if (this.#isOwnStill(item) && item.content instanceof Y.ContentType) children.push(this.#copy(item.content.type));
		}
		return children;
	}

	/** The blocks in a part of a list or of a table, which can stand without it. */
	#linesOf(type: Y.AbstractType<unknown>): (Y.XmlText | Y.XmlElement)[] {
		if (!(type instanceof Y.XmlElement && insides.has(type.nodeName))) return [this.#copy(type)];
		const lines: (Y.XmlText | Y.XmlElement)[] = [];
		for (let item = type._start; item; item = item.right) {
			const inner = item.content instanceof Y.ContentType ? item.content.type : null;
			if (inner && this.#isOwnStill(item)) lines.push(...this.#linesOf(inner));
		}
		return lines;
	}

	#runsOf(text: Y.XmlText): Words[] {
		const runs: Words[] = [];
		let format: Format = {};
		for (let { _start: item } = text; item; item = item.right) {
			if (item.deleted && !this.#isGone(item)) continue;
			if (item.content instanceof Y.ContentFormat) format = formatted(format, item.content);
			if (item.content instanceof Y.ContentString && this.#isOwnStill(item)) runs.push({ words: item.content.str, format });
		}
		return runs;
	}

	/** Whether it is this person's and was there until this change. */
	#isOwnStill = (item: Y.Item): boolean => this.#self.isOwn(item.id.client) && (!item.deleted || this.#isGone(item));
}
