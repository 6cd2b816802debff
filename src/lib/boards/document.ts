import * as Y from 'yjs';
import { fileIdOf, isImage } from '#lib/files/model.ts';
import { drawnFrom, isElementId, keptFrom, propertiesOf } from './properties.ts';
import type { Drawn, ElementType, Kept } from './properties.ts';
import { mergeWords } from './words.ts';

/**
 * A board as Yjs keeps it.
 *
 * `elements`: id → {made, words?: Y.Text, …}. `made` is the element as it was drawn, in one piece and without
 * what everybody assumes; each property that was changed afterwards has a key of its own, so that two people
 * who change different ones never meet.
 * `files`: id of an image's content → {url, type}; the content itself is a file of the document.
 *
 * What follows from other elements is not kept (which arrows hold on to a shape, which text stands in it).
 */
export const elementsOf = (doc: Y.Doc): Y.Map<Y.Map<unknown>> => doc.getMap('elements');
export const filesOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('files');

/** What undo follows: the acts of this person, not those of others. */
export const origin = 'board';

/** What one person did to an element: it was `before` (as this person saw it) and is `after`; null where it is none. */
export interface Change {
	readonly id: string;
	readonly before: Kept | null;
	readonly after: Kept | null;
}

/** Writes what changed, and nothing else. An element that others removed meanwhile stays away, unless one writes in it. */
export function writeChanges(doc: Y.Doc, changes: readonly Change[]): void {
	if (changes.length === 0) return;
	doc.transact(() => {
		const elements = elementsOf(doc);
		for (const { id, before, after } of changes) {
			const shared = elements.get(id);
			if (!after) elements.delete(id);
			else if (shared instanceof Y.Map) writeProperties(shared, before ?? after, after);
			else if (!before || before.words !== after.words) elements.set(id, newElement(after));
		}
	}, origin);
}

function newElement(kept: Kept): Y.Map<unknown> {
	const { words, ...rest } = kept;
	const assumed = propertiesOf[kept.type];
	const made = Object.entries(rest).filter(([name, value]) => !(name in assumed) || !same(value, assumed[name]?.otherwise));
	const shared = new Y.Map<unknown>([['made', Object.fromEntries(made)]]);
	if (words !== undefined) shared.set('words', new Y.Text(words));
	return shared;
}

function writeProperties(shared: Y.Map<unknown>, before: Kept, after: Kept): void {
	for (const name of ['at', 'points', ...Object.keys(propertiesOf[after.type])])
		if (!same(before[name], after[name])) shared.set(name, after[name] ?? null);
	if (before.words === after.words || after.words === undefined) return;
	const words = shared.get('words');
	if (words instanceof Y.Text) mergeWords(words, before.words ?? '', after.words);
	else shared.set('words', new Y.Text(after.words));
}

export const same = (one: unknown, other: unknown): boolean =>
	one === other ||
	(typeof one === 'object' && typeof other === 'object' && JSON.stringify(one ?? null) === JSON.stringify(other ?? null));

/** Whether two elements as they are kept are the same. */
export const sameKept = (one: Kept | null, other: Kept | null): boolean =>
	one === other ||
	(one !== null &&
		other !== null &&
		one.words === other.words &&
		['type', 'at', 'points', ...Object.keys(propertiesOf[one.type])].every((name) => same(one[name], other[name])));

/** What is kept of an element; null when nobody can make sense of what is there. */
function readElement(doc: Y.Doc, id: string): Kept | null {
	const shared = elementsOf(doc).get(id);
	if (!(shared instanceof Y.Map) || !isElementId(id)) return null;
	const made: unknown = shared.get('made');
	const { words, made: _made, ...changed } = Object.fromEntries(shared.entries());
	return keptFrom({
		...(typeof made === 'object' && made !== null && !(made instanceof Uint8Array) ? made : {}),
		...changed,
		// An element stays what it was drawn as.
		type: (made as { type?: unknown } | null | undefined)?.type,
		words: words instanceof Y.Text ? words.toString() : ''
	});
}

const holders: readonly ElementType[] = ['rectangle', 'diamond', 'ellipse', 'arrow'];
const bindable: readonly ElementType[] = ['rectangle', 'diamond', 'ellipse', 'text', 'image', 'frame'];
const ends = ['startBinding', 'endBinding'] as const;

/** The elements that an element refers to. */
function targetsOf(kept: Kept): string[] {
	const bound = ends.map((end) => (kept[end] as { elementId?: string } | null | undefined)?.elementId);
	return [...new Set([kept.containerId, kept.frameId, ...bound])].filter((id): id is string => typeof id === 'string');
}

/** A board as it is shown: each element read once, and after that only what changed and what depends on it. */
export class BoardReading {
	readonly #doc: Y.Doc;
	readonly #kept = new Map<string, Kept>();
	/** Made while it was read, to see whether it can be drawn: until it is asked for. */
	readonly #made = new Map<string, Drawn>();
	/** By element, those that refer to it. */
	readonly #referring = new Map<string, Set<string>>();

	/** `ids`: the elements that are read at once; the others when `read` is told to. */
	constructor(doc: Y.Doc, ids: Iterable<string> = elementsOf(doc).keys()) {
		this.#doc = doc;
		this.read(ids);
	}

	get ids(): string[] {
		return [...this.#kept.keys()];
	}

	kept(id: string): Kept | null {
		return this.#kept.get(id) ?? null;
	}

	/** Reads elements again; returns all that now look different, or are gone. */
	read(ids: Iterable<string>): Set<string> {
		const changed = new Set<string>();
		for (const id of ids) {
			const before = this.#kept.get(id);
			const kept = readElement(this.#doc, id);
			const made = kept && drawnFrom(id, kept);
			const now = made ? kept : null;
			if (made) this.#made.set(id, made);
			else this.#made.delete(id);
			for (const target of before ? targetsOf(before) : []) this.#unrefer(id, target, changed);
			if (now) this.#kept.set(id, now);
			else this.#kept.delete(id);
			for (const target of now ? targetsOf(now) : []) this.#refer(id, target, changed);
			changed.add(id);
			// Those that refer to what came or went hold on to it, or have lost it.
			if (!before !== !now) for (const each of this.#referring.get(id) ?? []) changed.add(each);
		}
		return changed;
	}

	#refer(id: string, target: string, changed: Set<string>): void {
		const referring = this.#referring.get(target);
		if (referring) referring.add(id);
		else this.#referring.set(target, new Set([id]));
		this.#touch(target, changed);
	}

	#unrefer(id: string, target: string, changed: Set<string>): void {
		this.#referring.get(target)?.delete(id);
		this.#touch(target, changed);
	}

	/** What holds on to an element is drawn with it, and of two texts in one shape only the first stands in it. */
	#touch(target: string, changed: Set<string>): void {
		changed.add(target);
		for (const each of this.#referring.get(target) ?? []) if (this.#kept.get(each)?.containerId === target) changed.add(each);
	}

	/** Lets go of what was made and not asked for. */
	forget(): void {
		this.#made.clear();
	}

	/** An element with all that it has to do with others; null when there is none. */
	drawn(id: string): Drawn | null {
		const kept = this.#kept.get(id);
		const drawn = this.#made.get(id) ?? (kept ? drawnFrom(id, kept) : null);
		this.#made.delete(id);
		if (!kept || !drawn) return null;
		drawn.frameId = this.#typeOf(kept.frameId) === 'frame' && kept.frameId !== id ? kept.frameId : null;
		if (kept.type === 'text') drawn.containerId = this.#textIn(kept.containerId) === id ? kept.containerId : null;
		if (kept.type === 'line' || kept.type === 'arrow')
			for (const end of ends) drawn[end] = kept.type === 'arrow' && this.#holds(kept, end) ? kept[end] : null;
		const bound = this.#boundTo(id);
		drawn.boundElements = bound.length > 0 ? bound : null;
		return drawn;
	}

	#typeOf(id: unknown): ElementType | undefined {
		return typeof id === 'string' ? this.#kept.get(id)?.type : undefined;
	}

	#holds(kept: Kept, end: (typeof ends)[number]): boolean {
		const type = this.#typeOf((kept[end] as { elementId?: string } | null)?.elementId);
		return type !== undefined && bindable.includes(type);
	}

	/** The text that stands in an element: of several that were put in at the same time, the first by its id. */
	#textIn(holder: unknown): string | undefined {
		const type = this.#typeOf(holder);
		if (typeof holder !== 'string' || !type || !holders.includes(type)) return undefined;
		return [...(this.#referring.get(holder) ?? [])]
			.filter((each) => this.#kept.get(each)?.type === 'text' && this.#kept.get(each)?.containerId === holder)
			.sort()[0];
	}

	#boundTo(id: string): { id: string; type: 'text' | 'arrow' }[] {
		const text = this.#textIn(id);
		const arrows = [...(this.#referring.get(id) ?? [])].sort().filter((each) => {
			const kept = this.#kept.get(each);
			return (
				kept?.type === 'arrow' &&
				ends.some((end) => this.#holds(kept, end) && (kept[end] as { elementId: string }).elementId === id)
			);
		});
		return [
			...(text === undefined ? [] : [{ id: text, type: 'text' as const }]),
			...arrows.map((arrow) => ({ id: arrow, type: 'arrow' as const }))
		];
	}
}

/** From the back to the front: by index, those of one index by their ids, those without one in front. */
export function byDepth(one: Pick<Drawn, 'id'> & { index?: unknown }, other: Pick<Drawn, 'id'> & { index?: unknown }): number {
	const [a, b] = [one.index ?? '~', other.index ?? '~'] as [string, string];
	return a === b ? (one.id < other.id ? -1 : 1) : a < b ? -1 : 1;
}

/** The address and type of an image's content; null when there is none that may be shown. */
export function readFile(doc: Y.Doc, fileId: string): { url: string; type: string } | null {
	const file: unknown = filesOf(doc).get(fileId);
	if (typeof file !== 'object' || file === null) return null;
	const { url, type } = file as Record<string, unknown>;
	// A file of ours: what lies elsewhere is not asked for.
	return typeof url === 'string' && fileIdOf(url) !== null && isImage(type) ? { url, type } : null;
}

export function writeFile(doc: Y.Doc, fileId: string, file: { url: string; type: string }): void {
	// Not a thing to undo: the picture that shows it is.
	doc.transact(() => filesOf(doc).set(fileId, file), 'board file');
}

/** Under which client id an element was drawn; the author is whoever used it. */
export const drawnBy = (doc: Y.Doc, id: string): number | null => elementsOf(doc)._map.get(id)?.id.client ?? null;
