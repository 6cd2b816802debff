import * as Y from 'yjs';
import { BoardReading, byDepth, elementsOf, origin, sameKept, writeChanges } from './document.ts';
import type { Change } from './document.ts';
import { drawnFrom, keptOf } from './properties.ts';
import type { Drawn, Kept } from './properties.ts';

/** What shows the elements and lets a hand change them. */
export interface Canvas {
	/** Those on the screen, also such as were removed there; the canvas changes them in place or puts others for them. */
	elements(): readonly Drawn[];
	/** Shows these from now on; the canvas may mend their indices and raise their versions. */
	show(elements: Drawn[]): void;
}

/** What the hand is at. */
export interface Hand {
	/** Something is being drawn, dragged or composed: it is written when it is done. */
	readonly busy: boolean;
	/** The text that is open under the keyboard. */
	readonly editing: string | null;
}

/** A large board is read in parts of so many milliseconds, so that the page answers meanwhile … */
const readFor = 12;
/** … and comes on the canvas so many elements at once. */
const atOnce = 400;

interface Known {
	/** The version of the element on the canvas that says the same as `kept`. */
	version: number;
	kept: Kept;
	points: unknown;
	/** What somebody is drawing still, or where somebody is dragging it: shown and never written. */
	preview: boolean;
}

/**
 * Keeps a canvas and a shared board in step. Of what is on the canvas it knows what it said when it was last in
 * step, so that only what a hand changed since is written, and what others do never looks like one's own doing.
 */
export class BoardScene {
	readonly doc: Y.Doc;
	readonly reading: BoardReading;
	readonly #canvas: Canvas;
	readonly #known = new Map<string, Known>();
	/** Elements that nobody has looked at yet. */
	readonly #unread: string[];
	/** Elements whose newest state is not on the canvas. */
	readonly #waiting = new Set<string>();
	/** What others are at, by element. */
	readonly #previews = new Map<string, Kept>();
	readonly #onChange: () => void;

	/** `onChange`: something is waiting to be shown. */
	constructor(doc: Y.Doc, canvas: Canvas, onChange: () => void) {
		this.doc = doc;
		this.#unread = [...elementsOf(doc).keys()];
		this.reading = new BoardReading(doc, []);
		this.#canvas = canvas;
		this.#onChange = onChange;
		elementsOf(doc).observeDeep(this.#onEvents);
	}

	close(): void {
		elementsOf(this.doc).unobserveDeep(this.#onEvents);
	}

	/** Elements that a hand has changed and that are not written yet. */
	touched(): Drawn[] {
		return this.#canvas.elements().filter((element) => this.#isTouched(element));
	}

	#isTouched(element: Drawn): boolean {
		const known = this.#known.get(element.id);
		return known ? known.version !== element.version : !element.isDeleted;
	}

	/** Whether others have an element, too. */
	isShared(id: string): boolean {
		return this.reading.kept(id) !== null;
	}

	/** Writes what the hand has done; returns whether there was something. */
	save(hand: Hand): boolean {
		if (hand.busy) return false;
		const changes: Change[] = [];
		for (const element of this.touched()) {
			const change = this.#changeOf(element);
			if (change) changes.push(change);
		}
		if (changes.some(({ before, after }) => after && before?.index !== after.index)) changes.push(...this.#settled(changes));
		if (changes.length === 0) return false;
		writeChanges(this.doc, changes);
		for (const { id } of changes) this.#compare(id);
		return true;
	}

	/** What changed of an element, which then counts as known; null when nothing is to be written. */
	#changeOf(element: Drawn): Change | null {
		const { id } = element;
		const known = this.#known.get(id);
		if (element.isDeleted) {
			this.#known.delete(id);
			return known && !known.preview ? { id, before: known.kept, after: null } : null;
		}
		if (!known && isUnfinished(element)) return null;
		const after = keptOf(element, known && known.points === element.points ? known.kept.points : undefined);
		if (!after) return null;
		this.#known.set(id, { version: Number(element.version), kept: after, points: element.points, preview: false });
		if (known && sameKept(known.kept, after)) return null;
		return { id, before: known?.kept ?? null, after };
	}

	/** Two that were put at one place at the same time got places of their own on the canvas; a new place goes by those. */
	#settled(changes: readonly Change[]): Change[] {
		const changed = new Set(changes.map(({ id }) => id));
		return this.#canvas.elements().flatMap(({ id, index }) => {
			const before = this.reading.kept(id);
			if (!before || before.index === index || changed.has(id) || !this.#known.has(id)) return [];
			return [{ id, before, after: { ...before, index } }];
		});
	}

	/** Shows what others did, but for what the hand is at; returns whether more is to come, which `onChange` tells, too. */
	refresh(hand: Hand): boolean {
		this.#readOn();
		if (this.#unread.length > 0) {
			this.#onChange();
			return true;
		}
		const now = this.#canvas.elements();
		const there = new Map(now.map((element) => [element.id, element]));
		const news = new Map<string, Drawn | null>();
		let more = false;
		for (const id of this.#waiting) {
			const element = there.get(id);
			if (id === hand.editing || (element && this.#isTouched(element))) continue;
			if (news.size === atOnce) {
				more = true;
				break;
			}
			this.#waiting.delete(id);
			const drawn = this.#drawn(id);
			if (drawn || (element && !element.isDeleted)) news.set(id, drawn);
			if (drawn) drawn.version = Number(element?.version ?? 0) + 1;
		}
		if (news.size > 0) this.#show(now, news);
		if (more) this.#onChange();
		else this.reading.forget();
		return more;
	}

	#readOn(): void {
		const begun = performance.now();
		while (this.#unread.length > 0 && performance.now() - begun < readFor)
			for (const id of this.reading.read(this.#unread.splice(-20))) this.#waiting.add(id);
	}

	#show(now: readonly Drawn[], news: ReadonlyMap<string, Drawn | null>): void {
		const next = now.filter(({ id, isDeleted }) => !news.has(id) && (!isDeleted || this.#known.has(id)));
		for (const drawn of news.values()) if (drawn) next.push(drawn);
		next.sort(byDepth);
		const versions = next.map(({ version }) => version);
		this.#canvas.show(next);
		for (const [place, element] of next.entries()) {
			if (news.has(element.id)) this.#learn(element);
			else if (element.version !== versions[place]) this.#mended(element, Number(versions[place]));
		}
		for (const [id, drawn] of news) if (!drawn) this.#known.delete(id);
	}

	#learn(element: Drawn): void {
		const { id, version, points, index } = element;
		const preview = this.#previews.get(id);
		const kept = preview ?? this.reading.kept(id);
		if (!kept) return;
		this.#known.set(id, { version: Number(version), kept: { ...kept, index }, points, preview: preview !== undefined });
	}

	/** The canvas gave an element another index to tell it from its neighbour: nothing that a hand did. */
	#mended({ id, version, index }: Drawn, before: number): void {
		const known = this.#known.get(id);
		if (known?.version !== before) return;
		known.version = Number(version);
		known.kept = { ...known.kept, index };
	}

	/** Shows every element in other colours until it is called with null; nothing is written meanwhile. */
	paint(colorOf: ((id: string) => string) | null): void {
		this.#colorOf = colorOf;
		for (const id of this.reading.ids) this.#waiting.add(id);
		this.#onChange();
	}
	#colorOf: ((id: string) => string) | null = null;

	#drawn(id: string): Drawn | null {
		const drawn = this.#placed(id);
		if (!drawn || !this.#colorOf) return drawn;
		const color = this.#colorOf(id);
		const filled = drawn.backgroundColor !== 'transparent';
		return { ...drawn, strokeColor: color, backgroundColor: filled ? `${color}33` : 'transparent' };
	}

	#placed(id: string): Drawn | null {
		const preview = this.#previews.get(id);
		const drawn = this.reading.drawn(id);
		const ahead = preview ? drawnFrom(id, preview) : null;
		if (!ahead) return drawn;
		if (!drawn) return { ...ahead, locked: true };
		const { x, y, width, height, angle, points } = ahead;
		return { ...drawn, x, y, width, height, angle, ...(points ? { points } : {}) };
	}

	/** Shows what others are at and have not written; what is no longer among it is shown as it is. */
	preview(previews: ReadonlyMap<string, Kept>): void {
		for (const [id, kept] of this.#previews) {
			if (previews.has(id) || this.#waits(id, kept)) continue;
			this.#previews.delete(id);
			this.#waiting.add(id);
		}
		for (const [id, kept] of previews) {
			this.#previews.set(id, kept);
			this.#waiting.add(id);
		}
		if (this.#waiting.size > 0) this.#onChange();
	}

	/** Whether something that was being drawn can still come: then it is not taken away in between. */
	#waits(id: string, kept: Kept): boolean {
		const written = this.reading.kept(id);
		return this.lingering && (!written || !samePlace(written, kept));
	}
	/** Word of the end of a stroke may come sooner than the stroke. */
	lingering = false;

	/** Puts an element on the canvas again as it is, if that is not what the canvas last said. */
	#compare(id: string): void {
		const known = this.#known.get(id);
		const kept = this.reading.kept(id);
		if (known && !known.preview && kept && sameKept(known.kept, kept)) return;
		if (!known && !kept) return;
		this.#waiting.add(id);
		this.#onChange();
	}

	readonly #onEvents = (events: Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) => {
		const elements = elementsOf(this.doc);
		const ids = new Set(events.flatMap(({ target, path, keys }) => (target === elements ? [...keys.keys()] : [String(path[0])])));
		const changed = this.reading.read(ids);
		// Our own: the canvas has it already.
		if (transaction.origin === origin) return;
		for (const id of changed) this.#waiting.add(id);
		this.#onChange();
	};
}

const samePlace = (one: Kept, other: Kept): boolean =>
	one.at.every((value, index) => value === other.at[index]) && one.points === other.points;

/** What is only begun is nothing yet: a click with a tool, a text without words. */
function isUnfinished({ type, width, height, points, originalText }: Drawn): boolean {
	if (type === 'text') return !originalText;
	if (type === 'freedraw') return (points as unknown[]).length === 0;
	if (type === 'line' || type === 'arrow') return (points as unknown[]).length < 2;
	return width === 0 && height === 0;
}
