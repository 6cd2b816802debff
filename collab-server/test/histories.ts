import * as Y from 'yjs';
import { emptyDocument } from '#collab/replay.ts';
import { keepUndoneInPlace } from '#lib/documents/undone.ts';

/** A generator of numbers that gives the same for the same seed (mulberry32). */
export class Dice {
	#state: number;
	constructor(seed: number) {
		this.#state = seed;
	}
	roll(): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}
	upTo(limit: number): number {
		return Math.floor(this.roll() * limit);
	}
	of<T>(choices: readonly T[]): T {
		return choices[this.upTo(choices.length)] as T;
	}
	chance(probability: number): boolean {
		return this.roll() < probability;
	}
}

const words = ['春', '眠不觉晓', 'a', 'spring ', '👩‍🏫', '𠮷野家', '\n', '处处闻啼鸟，夜来风雨声', 'xy'];

/** One person at one device: a copy of the document, sometimes without a line. */
export class Writer {
	readonly person: string;
	doc: Y.Doc;
	online = true;
	undo: Y.UndoManager;
	#outbox: Uint8Array[] = [];
	readonly #dice: Dice;

	constructor(person: string, dice: Dice, state?: Uint8Array) {
		this.person = person;
		this.#dice = dice;
		this.doc = this.#open(state);
		this.undo = this.#newUndo();
	}

	/** Shut the page and open it again from the copy of this machine: a new client id, with what the old one wrote. */
	reload(): void {
		const state = Y.encodeStateAsUpdate(this.doc);
		this.doc = this.#open(state);
		this.undo = this.#newUndo();
		this.#outbox = [];
	}

	takeOutbox(): Uint8Array[] {
		return this.#outbox.splice(0);
	}

	edit(): void {
		const dice = this.#dice;
		dice
			.of([
				this.#type,
				this.#type,
				this.#type,
				this.#delete,
				this.#format,
				this.#paragraph,
				this.#node,
				this.#node,
				this.#list,
				this.#undo
			])
			.call(this);
	}

	#open(state?: Uint8Array): Y.Doc {
		const doc = emptyDocument('text');
		doc.clientID = this.#dice.upTo(2 ** 32);
		doc.getMap('nodes');
		doc.getText('text');
		doc.getArray('list');
		if (state) Y.applyUpdate(doc, state, 'server');
		keepUndoneInPlace(doc);
		doc.on('update', (update: Uint8Array, origin: unknown) => {
			if (origin !== 'server') this.#outbox.push(update);
		});
		return doc;
	}

	#newUndo(): Y.UndoManager {
		return new Y.UndoManager([this.doc.getText('text'), this.doc.getXmlFragment('default'), this.doc.getMap('nodes')], {
			captureTimeout: 0
		});
	}

	#someText(): Y.Text {
		const paragraphs = this.doc.getXmlFragment('default').toArray();
		const paragraph = paragraphs.length > 0 && this.#dice.chance(0.6) ? this.#dice.of(paragraphs) : null;
		const inner = paragraph instanceof Y.XmlElement ? paragraph.get(0) : null;
		return inner instanceof Y.XmlText ? inner : this.doc.getText('text');
	}

	#type(): void {
		const text = this.#someText();
		text.insert(this.#boundary(text, this.#dice.upTo(text.length + 1)), this.#dice.of(words));
	}

	#delete(): void {
		const text = this.#someText();
		if (text.length === 0) return;
		const from = this.#boundary(text, this.#dice.upTo(text.length));
		const to = this.#boundary(text, Math.min(text.length, from + 1 + this.#dice.upTo(6)));
		if (to > from) text.delete(from, to - from);
	}

	#format(): void {
		const text = this.#someText();
		if (text.length === 0) return;
		const from = this.#boundary(text, this.#dice.upTo(text.length));
		const length = this.#boundary(text, Math.min(text.length, from + 1 + this.#dice.upTo(8))) - from;
		if (length > 0)
			text.format(
				from,
				length,
				this.#dice.of([{ bold: true }, { bold: null }, { link: { href: 'https://space.test' } }, { color: '#123456' }])
			);
	}

	#paragraph(): void {
		const fragment = this.doc.getXmlFragment('default');
		if (fragment.length > 3 && this.#dice.chance(0.4)) return fragment.delete(this.#dice.upTo(fragment.length), 1);
		this.doc.transact(() => {
			const element = new Y.XmlElement(this.#dice.of(['paragraph', 'heading']));
			element.setAttribute('level', '2');
			element.insert(0, [new Y.XmlText(this.#dice.of(words))]);
			fragment.insert(this.#dice.upTo(fragment.length + 1), [element]);
		});
	}

	#node(): void {
		const nodes = this.doc.getMap<Y.Map<unknown>>('nodes');
		const keys = [...nodes.keys()];
		const some = keys.length > 0 ? nodes.get(this.#dice.of(keys)) : undefined;
		if (some && this.#dice.chance(0.5)) {
			if (this.#dice.chance(0.3)) return nodes.delete(this.#dice.of(keys));
			some.set(this.#dice.of(['parent', 'order', 'colour']), this.#dice.of([null, 1, 'n1', { x: 1, y: [2, 3] }]));
			return;
		}
		this.doc.transact(() => {
			const node = new Y.Map<unknown>();
			node.set('text', new Y.Text(this.#dice.of(words)));
			node.set('parent', null);
			nodes.set(`n${this.#dice.upTo(12)}`, node);
		});
	}

	#list(): void {
		const list = this.doc.getArray<unknown>('list');
		if (list.length > 4 && this.#dice.chance(0.5)) return list.delete(this.#dice.upTo(list.length), 1);
		list.insert(
			this.#dice.upTo(list.length + 1),
			this.#dice.of<unknown[]>([[1, 2, 3], ['a'], [{ deep: { er: true } }], [new Uint8Array([1, 2])]])
		);
	}

	#undo(): void {
		if (this.#dice.chance(0.6)) this.undo.undo();
		else this.undo.redo();
	}

	/** Editors never cut a character in two. */
	#boundary(text: Y.Text, index: number): number {
		// Not `toString`, which writes formats as tags.
		const plain = (text.toDelta() as { insert: string }[]).map(({ insert }) => insert).join('');
		const code = plain.charCodeAt(index);
		return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
	}
}
