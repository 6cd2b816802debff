import * as Y from 'yjs';
import type { Piece } from './moved.ts';

// What somebody wrote where somebody else was just making everything anew, and where it is put.

/** Puts back what somebody wrote where somebody else was just making everything anew. */
export type Stranded = () => void;
export type Format = Record<string, unknown>;
export interface Words {
	readonly words: string;
	readonly format: Format;
}
export interface Run extends Words {
	readonly id: Y.ID;
	/** Characters of the text, as whoever deleted it knew it, before these. */
	readonly at: number;
}
/** A text that a change has deleted, or a stretch of one, as it was before; in the order of the document. */
export interface Old {
	readonly text: Y.XmlText;
	/** The first item of the stretch, and the one behind it. */
	readonly from: Y.Item | null;
	readonly to: Y.Item | null;
	/** What whoever deleted it knew of it, and what not. */
	readonly known: string;
	readonly runs: readonly Run[];
}
export interface Place {
	readonly text: Y.XmlText;
	/** Where the text that is gone begins in this one; null where only what was stranded is in it. */
	readonly at: number | null;
}

/** Elements that stand in a line of text, and those that cannot stand without what holds them. */
export const inLines: ReadonlySet<string> = new Set(['hardBreak', 'formula', 'footnote', 'mention', 'reference']);
export const insides: ReadonlySet<string> = new Set(['listItem', 'taskItem', 'tableRow', 'tableCell', 'tableHeader']);
export const inLists: ReadonlySet<string> = new Set(['listItem', 'taskItem']);
/** A line that takes nothing but letters, and the formats that they may have there. */
const plainLine = { name: 'codeBlock', formats: ['insertion', 'deletion'] };

/** Origin of the change that puts words back: whoever wrote them can undo them. */
export const puttingBack = Symbol('puts words back');

export interface KnownPiece extends Piece {
	readonly isWord: boolean;
}
/** Text that a change has deleted and written anew. */
export interface Rewrite {
	readonly text: Y.XmlText;
	/** Whether all of the text is gone, or a stretch of it. */
	readonly isGone: boolean;
	/** In its order; among it what is no word of it: formats, and what had been deleted before. */
	readonly known: readonly KnownPiece[];
	/** The text in which it stands now, and as what; null where it stands nowhere. */
	readonly place: Y.XmlText | null;
	readonly made: readonly Piece[];
}

/** Who takes a change in. */
export interface Self {
	/** Whether a client id is this person's. */
	isOwn(client: number): boolean;
	/** The clock up to which others may know what was written under a client id of this person's. */
	outClock(client: number): number;
	/** How many changes this person has made, and up to which of them others may know. */
	made(): number;
	out(): number;
}

/** Puts blocks behind the block of the document in which something stands, or where it stood. */
export function putBehind(item: Y.Item, made: (Y.XmlText | Y.XmlElement)[]): Stranded {
	let top = item;
	for (let up = holderOf(top); up; up = holderOf(up)) top = up;
	return () => {
		const root = rootOf(top);
		let index = 0;
		for (let before: Y.Item | null = top; before; before = before.left) if (!before.deleted) index += before.length;
		root.doc?.getXmlFragment(Y.findRootTypeKey(root)).insert(index, made);
	};
}

/** A paragraph of its own for words, behind the block of the document in which something stands, or where it stood. */
export function putParagraph(item: Y.Item, words: string): void {
	putBehind(item, [element('paragraph', [textOf([{ words, format: {} }])])])();
}

/** The pieces of which so many characters of a text are made. */
export function piecesIn(text: Y.XmlText, from: number, length: number): Piece[] {
	const pieces: Piece[] = [];
	let at = 0;
	for (let item = text._start; item && at < from + length; item = item.right) {
		if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
		const [start, end] = [Math.max(at, from), Math.min(at + item.length, from + length)];
		if (end > start) pieces.push({ client: item.id.client, clock: item.id.clock + start - at, length: end - start });
		at += item.length;
	}
	return pieces;
}

export function insertRuns({ runs }: Old, { text, at: from }: Place): void {
	// From the end, as each moves what is behind it.
	for (const { at, words, format } of runs.toReversed())
		text.insert((from ?? 0) + at, words, isPlain(text.parent) ? plainly(format) : format);
}

export function moveRuns(old: Old, place: Place): void {
	const { text, runs } = old;
	for (const { id, words } of runs.toReversed()) {
		const there = Y.createAbsolutePositionFromRelativePosition(new Y.RelativePosition(null, null, id, 0), text.doc as Y.Doc);
		if (there?.type === text) text.delete(there.index, words.length);
	}
	insertRuns(old, place);
}

/** The struct of what holds an item; null in a root. */
export const holderOf = (item: Y.Item): Y.Item | null => (item.parent as Y.AbstractType<unknown>)._item;

export function rootOf(item: Y.Item): Y.AbstractType<unknown> {
	const holder = holderOf(item);
	return holder ? rootOf(holder) : (item.parent as Y.AbstractType<unknown>);
}

export const isPlain = (line: unknown): boolean => line instanceof Y.XmlElement && line.nodeName === plainLine.name;
const plainly = (format: Format): Format =>
	Object.fromEntries(Object.entries(format).filter(([key]) => plainLine.formats.includes(key)));

export function formatted(format: Format, { key, value }: Y.ContentFormat): Format {
	const { [key]: _before, ...others } = format;
	return value === null ? others : { ...others, [key]: value as unknown };
}

export function wordsOf(text: Y.XmlText): string {
	let words = '';
	for (let item = text._start; item; item = item.right)
		if (!item.deleted && item.content instanceof Y.ContentString) words += item.content.str;
	return words;
}

export function textOf(runs: readonly Words[]): Y.XmlText {
	const text = new Y.XmlText();
	text.applyDelta(deltaOf(runs));
	return text;
}

const deltaOf = (runs: readonly Words[]) => runs.map(({ words, format }) => ({ insert: words, attributes: format }));

export function element(name: string, children: (Y.XmlText | Y.XmlElement)[]): Y.XmlElement {
	const made = new Y.XmlElement(name);
	made.insert(0, children);
	return made;
}

export function insertBehind(sibling: Y.XmlText | Y.XmlElement, parts: (Y.XmlText | Y.XmlElement)[]): void {
	(sibling.parent as Y.XmlElement).insertAfter(sibling, parts);
}

export function ancestor(text: Y.XmlText, is: (element: Y.XmlElement) => boolean): Y.XmlElement | null {
	for (let up = text.parent; up instanceof Y.XmlElement; up = up.parent) if (is(up)) return up;
	return null;
}

export function isWithin(text: Y.XmlText, holder: unknown): boolean {
	let up: Y.AbstractType<unknown> | null = text as Y.AbstractType<unknown>;
	while (up && up !== holder) up = up.parent;
	return up !== null;
}

/** The text of a line without words; null when it has none yet. */
export function beginningOf(line: Y.XmlElement | null): Place | null {
	const text = line?.toArray()[0];
	return text instanceof Y.XmlText ? { text, at: 0 } : null;
}

/** The outermost line without words of an element, at the side that lies next to what is gone. */
export function emptyLine(within: Y.XmlElement, side: 'left' | 'right'): Y.XmlElement | null {
	const children = within.toArray();
	const inner = side === 'left' ? children.at(-1) : children[0];
	if (inner === undefined) return within;
	if (inner instanceof Y.XmlText) return wordsOf(inner) === '' ? within : null;
	return inner instanceof Y.XmlElement ? emptyLine(inner, side) : null;
}
