import * as Y from 'yjs';
import { v7 } from 'uuid';
import { branchColors, childrenOf, forestOf, isFree, readMarkers, subtree } from './forest.ts';
import type { BranchColor, Forest, Frame, Layout, MapImage, MapLink, MarkerKind, Raw } from './forest.ts';
import { safeHref, safeSource } from './links.ts';
import { layouts, markerKinds } from './forest.ts';
import { orderBetween } from './order.ts';

/**
 * A mind map as Yjs keeps it: a flat set of nodes with parent pointers, so that people who work on
 * different branches never touch the same thing.
 *
 * `nodes`: id → {text: Y.Text, note: Y.Text, parent: id | null, order, color?, collapsed?, at?, over?, frame?,
 *          href?, image?, and one key for each kind of marker}
 * `links`: id → {from, to, text}
 * `removed`: id → {seen}: the node is gone, as long as its words are those that the remover saw. (A string or null:
 *          the parent of a node that is not even in `nodes`, as maps were kept at first.)
 * `settings`: {layout?}
 */
export const nodesOf = (doc: Y.Doc): Y.Map<Y.Map<unknown>> => doc.getMap('nodes');
export const linksOf = (doc: Y.Doc): Y.Map<Y.Map<unknown>> => doc.getMap('links');
export const removedOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('removed');
export const settingsOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('settings');

/** The longest text of a node and its longest note, in characters. */
export const longestText = 2_000;
export const longestNote = 20_000;

/** What undo follows: the acts of this person, not those of others. */
export const origin = 'map';

/** The map as everyone sees it. Reads only, so that opening a map never changes it. */
export const forest = (doc: Y.Doc): Forest => new MapReader(doc).forest;

/** Keeps the map as everyone sees it, and reads again only what changed. */
export class MapReader {
	forest: Forest;
	readonly #doc: Y.Doc;
	readonly #raws = new Map<string, Raw>();
	readonly #changed = new Set<string>();
	#stale = false;

	constructor(doc: Y.Doc) {
		this.#doc = doc;
		for (const id of nodesOf(doc).keys()) this.#readNode(id);
		this.forest = this.#assemble();
	}

	/** Follows the document until `stop`; `onchange` is called after each transaction that changed the map. */
	follow(onchange: (transaction: Y.Transaction) => void): () => void {
		const onNodes = (events: Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) => {
			for (const event of events) {
				if (event.path.length === 0) for (const key of event.keys.keys()) this.#changed.add(key);
				else this.#changed.add(String(event.path[0]));
			}
			touched(transaction);
		};
		const onRemoved = (event: Y.YMapEvent<unknown>, transaction: Y.Transaction) => {
			for (const key of event.keysChanged) this.#changed.add(key);
			touched(transaction);
		};
		let last: Y.Transaction | null = null;
		const touched = (transaction: Y.Transaction) => {
			this.#stale = true;
			if (transaction === last) return;
			last = transaction;
			transaction.doc.once('afterTransaction', () => onchange(transaction));
		};
		const onOther = (_: unknown, transaction: Y.Transaction) => touched(transaction);
		nodesOf(this.#doc).observeDeep(onNodes);
		linksOf(this.#doc).observeDeep(onOther);
		removedOf(this.#doc).observe(onRemoved);
		settingsOf(this.#doc).observe(onOther);
		return () => {
			nodesOf(this.#doc).unobserveDeep(onNodes);
			linksOf(this.#doc).unobserveDeep(onOther);
			removedOf(this.#doc).unobserve(onRemoved);
			settingsOf(this.#doc).unobserve(onOther);
		};
	}

	/** The map as the document has it now. */
	read(): Forest {
		if (!this.#stale) return this.forest;
		this.#stale = false;
		for (const id of this.#changed) this.#readNode(id);
		this.#changed.clear();
		return (this.forest = this.#assemble());
	}

	#readNode(id: string): void {
		const node = nodesOf(this.#doc).get(id);
		if (node instanceof Y.Map) this.#raws.set(id, readRaw(id, node, removedOf(this.#doc).get(id)));
		else this.#raws.delete(id);
	}

	#assemble(): Forest {
		const hung = (id: string) => stringOrNull(removedOf(this.#doc).get(id));
		return forestOf(this.#raws, hung, readLinks(this.#doc), readLayout(this.#doc), this.forest);
	}
}

export interface Place {
	parent: string | null;
	/** The sibling before it; the last place when left out, the first when null. */
	after?: string | null;
}

/** What a new node may have from the beginning. */
export interface NodeContent {
	text?: string;
	note?: string;
	color?: BranchColor | null;
	collapsed?: boolean;
	at?: { x: number; y: number };
	over?: { from: string; to: string };
	frame?: Frame;
	href?: string;
	image?: MapImage;
	markers?: Partial<Record<MarkerKind, string>>;
}

/** Adds a node; returns its id. */
export function addNode(doc: Y.Doc, { parent, after, ...content }: Place & NodeContent, shown = forest(doc)): string {
	const id = v7();
	doc.transact(() => {
		write(doc, id, content);
		put(doc, id, { parent, after }, shown);
	}, origin);
	return id;
}

/** A branch that is added as a whole. */
export interface Sprout extends NodeContent {
	/** An id for those that refer to it: links, summaries, frames. */
	id?: string;
	children?: readonly Sprout[];
}

/**
 * Adds branches behind the last child of a parent, all in one act; returns the new ids of the outermost.
 * `over`, `frame` and `relations` name nodes by their `id` in the branch.
 */
export function addBranches(
	doc: Y.Doc,
	parent: string | null,
	branches: readonly Sprout[],
	relations: readonly { from: string; to: string; text: string }[] = []
): string[] {
	const ids = new Map<string, string>();
	const roots: string[] = [];
	const known = (id: string): string => ids.get(id) ?? id;
	doc.transact(() => {
		const queue: { branch: Sprout; id: string; parent: string | null; order: string }[] = [];
		const grow = (branches: readonly Sprout[], parent: string | null, before: string | null): string[] =>
			branches.map((branch) => {
				const id = v7();
				if (branch.id !== undefined) ids.set(branch.id, id);
				queue.push({ branch, id, parent, order: (before = orderBetween(before, null)) });
				return id;
			});
		roots.push(...grow(branches, parent, childrenOf(forest(doc), parent).at(-1)?.order ?? null));
		for (let next = 0; next < queue.length; next++) {
			const { branch, id } = queue[next]!;
			grow(branch.children ?? [], id, null);
		}
		for (const { branch, id, parent, order } of queue) {
			const { over, frame, ...content } = branch;
			write(doc, id, {
				...content,
				over: over && { from: known(over.from), to: known(over.to) },
				frame: frame && { ...frame, upTo: frame.upTo === null ? null : known(frame.upTo) }
			});
			nodesOf(doc).get(id)?.set('parent', parent);
			nodesOf(doc).get(id)?.set('order', order);
		}
		for (const { from, to, text } of relations)
			if (ids.has(from) && ids.has(to) && from !== to)
				linksOf(doc).set(v7(), new Y.Map(Object.entries({ from: known(from), to: known(to), text })));
	}, origin);
	return roots;
}

function write(doc: Y.Doc, id: string, content: NodeContent): void {
	const node = new Y.Map<unknown>();
	nodesOf(doc).set(id, node);
	node.set('text', new Y.Text((content.text ?? '').slice(0, longestText)));
	node.set('note', new Y.Text((content.note ?? '').slice(0, longestNote)));
	for (const key of ['color', 'collapsed', 'at', 'over', 'frame', 'href', 'image'] as const)
		if (content[key] !== undefined && content[key] !== null && content[key] !== false) node.set(key, content[key]);
	for (const kind of markerKinds) if (content.markers?.[kind]) node.set(kind, content.markers[kind]);
}

/**
 * Hangs a node with all below it under another parent, at a place among its children (last by default).
 * False when that would put it below itself.
 */
export function moveNode(
	doc: Y.Doc,
	id: string,
	place: { parent: string | null; index?: number; at?: { x: number; y: number } | null },
	shown = forest(doc)
): boolean {
	if (!shown.nodes.has(id) || !isFree(shown, id, place.parent)) return false;
	const siblings = childrenOf(shown, place.parent).filter((node) => node.id !== id);
	const after = place.index === undefined ? siblings.at(-1) : siblings[place.index - 1];
	const node = nodesOf(doc).get(id);
	doc.transact(() => {
		if (place.parent !== null) settle(doc, shown, place.parent);
		put(doc, id, { parent: place.parent, after: after?.id ?? null }, shown);
		// What is moved stands where it was put, and no longer sums up what it leaves.
		if (node?.has('over')) node.delete('over');
		if (place.at) node?.set('at', place.at);
		else if (node?.has('at')) node.delete('at');
	}, origin);
	return true;
}

/** Removes nodes and all that is shown below them; words in them that this person has not seen bring them back. */
export function removeNodes(doc: Y.Doc, ids: readonly string[], shown = forest(doc)): void {
	const gone = new Set(ids.flatMap((id) => subtree(shown.nodes.get(id)).map((each) => each.id)));
	if (gone.size === 0) return;
	doc.transact(() => {
		for (const id of gone) {
			const node = shown.nodes.get(id);
			if (node) removedOf(doc).set(id, { seen: wordsOf(node.text, node.note) });
		}
		for (const link of shown.links) if (gone.has(link.from) || gone.has(link.to)) linksOf(doc).delete(link.id);
	}, origin);
}
export const removeNode = (doc: Y.Doc, id: string, shown = forest(doc)): void => removeNodes(doc, [id], shown);

/** Makes the text of a node this one by the smallest change, so that what others type in it at the same time stays. */
export const setText = (doc: Y.Doc, id: string, text: string): void => type(doc, id, 'text', text.slice(0, longestText));

export function setNote(doc: Y.Doc, id: string, note: string): void {
	const node = nodesOf(doc).get(id);
	if (!(node instanceof Y.Map)) return;
	// Nodes from earlier have none yet.
	if (!(node.get('note') instanceof Y.Text)) doc.transact(() => node.set('note', new Y.Text()), origin);
	type(doc, id, 'note', note.slice(0, longestNote));
}

function type(doc: Y.Doc, id: string, key: 'text' | 'note', wanted: string): void {
	const node = nodesOf(doc).get(id);
	const shared = node instanceof Y.Map ? node.get(key) : null;
	if (!(shared instanceof Y.Text)) return;
	const old = shared.toString();
	if (old === wanted) return;
	const { start, oldEnd, newEnd } = difference(old, wanted);
	doc.transact(() => {
		if (oldEnd > start) shared.delete(start, oldEnd - start);
		if (newEnd > start) shared.insert(start, wanted.slice(start, newEnd));
	}, origin);
}

type Simple = { color: BranchColor; collapsed: boolean; href: string; image: MapImage; frame: Frame };

/** Sets one thing of a node; null takes it away. */
export function setField<Key extends keyof Simple | MarkerKind>(
	doc: Y.Doc,
	id: string,
	key: Key,
	value: (Key extends keyof Simple ? Simple[Key] : string) | null
): void {
	const node = nodesOf(doc).get(id);
	if (!(node instanceof Y.Map)) return;
	doc.transact(() => {
		if (value !== null) node.set(key, value);
		else if (node.has(key)) node.delete(key);
	}, origin);
}
export const setCollapsed = (doc: Y.Doc, id: string, collapsed: boolean): void => setField(doc, id, 'collapsed', collapsed);

export const setLayout = (doc: Y.Doc, layout: Layout): void =>
	doc.transact(() => void settingsOf(doc).set('layout', layout), origin);

/** Draws a relation between two nodes; returns its id, or null when there is one already or nothing to relate. */
export function linkNodes(doc: Y.Doc, from: string, to: string, text = '', shown = forest(doc)): string | null {
	const known = shown.links.some((link) => (link.from === from && link.to === to) || (link.from === to && link.to === from));
	if (from === to || known || !shown.nodes.has(from) || !shown.nodes.has(to)) return null;
	const id = v7();
	doc.transact(() => linksOf(doc).set(id, new Y.Map(Object.entries({ from, to, text }))), origin);
	return id;
}

export function labelLink(doc: Y.Doc, linkId: string, text: string): void {
	const link = linksOf(doc).get(linkId);
	if (link instanceof Y.Map && link.get('text') !== text) doc.transact(() => link.set('text', text.slice(0, 200)), origin);
}

export function unlinkNodes(doc: Y.Doc, linkId: string): void {
	doc.transact(() => linksOf(doc).delete(linkId), origin);
}

/** Sums up neighbouring siblings in a node of its own; returns its id, or null when they are not siblings. */
export function summarize(doc: Y.Doc, from: string, to: string, shown = forest(doc)): string | null {
	const [first, last] = [shown.nodes.get(from), shown.nodes.get(to)];
	if (!first || !last || first.parent === null || first.parent !== last.parent || first.over || last.over) return null;
	return addNode(doc, { parent: first.parent, over: { from, to } }, shown);
}

/** Where two texts differ: before `start` and after the two ends they are the same. */
export function difference(old: string, wanted: string): { start: number; oldEnd: number; newEnd: number } {
	const shorter = Math.min(old.length, wanted.length);
	let start = 0;
	while (start < shorter && old[start] === wanted[start]) start++;
	let same = 0;
	while (same < shorter - start && old[old.length - 1 - same] === wanted[wanted.length - 1 - same]) same++;
	return { start, oldEnd: old.length - same, newEnd: wanted.length - same };
}

/** What a remover has seen of a node, short: its words as a number of 53 bits (cyrb53). */
export function wordsOf(text: string, note: string): string {
	let [high, low] = [0xdead_beef, 0x41c6_ce57];
	const words = `${text}\0${note}`;
	for (let at = 0; at < words.length; at++) {
		const code = words.charCodeAt(at);
		high = Math.imul(high ^ code, 2_654_435_761);
		low = Math.imul(low ^ code, 1_597_334_677);
	}
	high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
	low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
	return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}

const stringOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Y.AbstractType);
const textIn = (node: Y.Map<unknown>, key: string): string => {
	const text = node.get(key);
	return text instanceof Y.Text ? text.toString() : '';
};
const isPlace = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) < 1e6;

/** A node as it was written; whatever is garbage in it counts as not there. */
export function readRaw(id: string, node: Y.Map<unknown>, removed: unknown): Raw {
	const [text, note] = [textIn(node, 'text'), textIn(node, 'note')];
	const [at, over, frame, color] = ['at', 'over', 'frame', 'color'].map((key) => node.get(key));
	return {
		id,
		gone: isRecord(removed) && removed.seen === wordsOf(text, note),
		written: stringOrNull(node.get('parent')),
		text,
		note,
		order: stringOrNull(node.get('order')) ?? '',
		color: branchColors.find((each) => each === color) ?? null,
		collapsed: node.get('collapsed') === true,
		at: isRecord(at) && isPlace(at.x) && isPlace(at.y) ? { x: at.x, y: at.y } : null,
		over: isRecord(over) ? { from: String(over.from), to: String(over.to) } : null,
		frame: isRecord(frame) ? { upTo: stringOrNull(frame.upTo), title: String(frame.title ?? '').slice(0, 200) } : null,
		href: safeHref(node.get('href')),
		image: readImage(node.get('image')),
		markers: readMarkers((kind) => node.get(kind))
	};
}

function readImage(image: unknown): MapImage | null {
	if (!isRecord(image)) return null;
	const src = safeSource(image.src);
	const [width, height] = [Number(image.width), Number(image.height)];
	if (src === null || !(width > 0) || !(height > 0)) return null;
	return { src, width: Math.min(width, 4_000), height: Math.min(height, 4_000), name: String(image.name ?? '').slice(0, 200) };
}

export function readLinks(doc: Y.Doc): MapLink[] {
	const links: MapLink[] = [];
	for (const [id, link] of linksOf(doc)) {
		if (!(link instanceof Y.Map)) continue;
		links.push({
			id,
			from: String(link.get('from')),
			to: String(link.get('to')),
			text: (stringOrNull(link.get('text')) ?? '').slice(0, 200)
		});
	}
	return links.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}

export const readLayout = (doc: Y.Doc): Layout | null => layouts.find((each) => each === settingsOf(doc).get('layout')) ?? null;

/** Writes the place of a node: after a sibling, first (null), or last. */
function put(doc: Y.Doc, id: string, { parent, after }: Place, shown: Forest): void {
	const siblings = childrenOf(shown, parent).filter((node) => node.id !== id);
	const index = after === null ? 0 : siblings.findIndex((node) => node.id === after) + 1 || siblings.length;
	const node = nodesOf(doc).get(id)!;
	const before = siblings[index - 1]?.order ?? null;
	// Keys written at the same time may be equal: what stands behind and leaves no room steps back in turn.
	const crowded = siblings.slice(index).filter((sibling) => before !== null && sibling.order <= before);
	let key = orderBetween(before, siblings[index + crowded.length]?.order ?? null);
	node.set('parent', parent);
	node.set('order', key);
	for (const sibling of crowded) {
		key = orderBetween(key, siblings[index + crowded.length]?.order ?? null);
		nodesOf(doc).get(sibling.id)?.set('order', key);
	}
}

/** Writes down what is shown of a node and all above it, so that a later repair cannot turn it around. */
function settle(doc: Y.Doc, shown: Forest, id: string): void {
	for (let node = shown.nodes.get(id); node; node = shown.nodes.get(node.parent ?? '')) {
		const written = nodesOf(doc).get(node.id);
		if (written && stringOrNull(written.get('parent')) !== node.parent) written.set('parent', node.parent);
	}
}
