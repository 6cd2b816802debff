import * as Y from 'yjs';
import { v7 } from 'uuid';
import { orderBetween } from './order.ts';

/**
 * A mind map as Yjs keeps it: a flat set of nodes with parent pointers, so that people who work on
 * different branches never touch the same thing.
 *
 * `nodes`: id → {text: Y.Text, parent: id | null, order, color?, collapsed?}
 * `links`: id → {from, to, text}
 * `removed`: id → the parent that a removed node had, so that what others hung on it finds its way up
 */
export const nodesOf = (doc: Y.Doc): Y.Map<Y.Map<unknown>> => doc.getMap('nodes');
export const linksOf = (doc: Y.Doc): Y.Map<Y.Map<unknown>> => doc.getMap('links');
export const removedOf = (doc: Y.Doc): Y.Map<string | null> => doc.getMap('removed');

/** The colours that a branch can have; names, the theme knows the paint. */
export const branchColors = ['apricot', 'moss', 'sky', 'plum', 'gold', 'rose'] as const;
export type BranchColor = (typeof branchColors)[number];

export interface MapNode {
	readonly id: string;
	readonly text: string;
	/** As shown: the repaired one. */
	readonly parent: string | null;
	readonly order: string;
	readonly color: BranchColor | null;
	readonly collapsed: boolean;
	readonly depth: number;
	readonly children: readonly MapNode[];
}

export interface MapLink {
	readonly id: string;
	readonly from: string;
	readonly to: string;
	readonly text: string;
}

export interface Forest {
	readonly roots: readonly MapNode[];
	readonly nodes: ReadonlyMap<string, MapNode>;
	readonly links: readonly MapLink[];
}

/** The longest text of a node, in characters. */
export const longestText = 2_000;

/**
 * The map as everyone sees it, the same on every machine whatever happened at the same time: a node whose
 * parent was removed hangs on the nearest ancestor that is left; of a circle, the oldest node becomes a root.
 * Reads only, so that opening a map never changes it.
 */
export function forest(doc: Y.Doc): Forest {
	const parents = shownParents(doc);
	const children = new Map<string | null, string[]>();
	for (const [id, parent] of parents) {
		const siblings = children.get(parent);
		if (siblings) siblings.push(id);
		else children.set(parent, [id]);
	}

	const nodes = new Map<string, MapNode>();
	const grow = (parent: string | null, depth: number): MapNode[] =>
		inOrder(doc, children.get(parent) ?? []).map((id) => {
			const node = { ...read(doc, id), id, parent, depth, children: grow(id, depth + 1) };
			nodes.set(id, node);
			return node;
		});
	const roots = grow(null, 0);
	return { roots, nodes, links: readLinks(doc, nodes) };
}

/** Adds a node as the last child, or right after a sibling; returns its id. */
export function addNode(
	doc: Y.Doc,
	place: { parent: string | null; after?: string; text?: string; color?: BranchColor }
): string {
	const id = v7();
	doc.transact(() => {
		const node = new Y.Map<unknown>();
		nodesOf(doc).set(id, node);
		node.set('text', new Y.Text(place.text ?? ''));
		if (place.color) node.set('color', place.color);
		put(doc, id, place.parent, place.after);
	}, origin);
	return id;
}

/**
 * Hangs a node with all below it under another parent, at a place among its children (last by default).
 * False when that would put it below itself.
 */
export function moveNode(doc: Y.Doc, id: string, place: { parent: string | null; index?: number }): boolean {
	const shown = forest(doc);
	if (!shown.nodes.has(id) || !isFree(shown, id, place.parent)) return false;
	const siblings = childrenOf(shown, place.parent).filter((node) => node.id !== id);
	const after = place.index === undefined ? siblings.at(-1) : siblings[place.index - 1];
	doc.transact(() => {
		if (place.parent !== null) settle(doc, shown, place.parent);
		put(doc, id, place.parent, after?.id ?? null);
	}, origin);
	return true;
}

/** Removes a node and all that is shown below it. */
export function removeNode(doc: Y.Doc, id: string): void {
	const node = forest(doc).nodes.get(id);
	if (!node) return;
	const gone = new Set(subtree(node).map((each) => each.id));
	doc.transact(() => {
		for (const each of subtree(node)) {
			removedOf(doc).set(each.id, each.parent);
			nodesOf(doc).delete(each.id);
		}
		for (const [linkId, link] of linksOf(doc))
			if (isMap(link) && (gone.has(String(link.get('from'))) || gone.has(String(link.get('to'))))) linksOf(doc).delete(linkId);
	}, origin);
}

/** Makes the text of a node this one by the smallest change, so that what others type in it at the same time stays. */
export function setText(doc: Y.Doc, id: string, text: string): void {
	const shared = nodesOf(doc).get(id)?.get('text');
	if (!(shared instanceof Y.Text)) return;
	const old = shared.toString();
	const wanted = text.slice(0, longestText);
	if (old === wanted) return;
	const { start, oldEnd, newEnd } = difference(old, wanted);
	doc.transact(() => {
		if (oldEnd > start) shared.delete(start, oldEnd - start);
		if (newEnd > start) shared.insert(start, wanted.slice(start, newEnd));
	}, origin);
}

export function setColor(doc: Y.Doc, id: string, color: BranchColor | null): void {
	doc.transact(() => nodesOf(doc).get(id)?.set('color', color), origin);
}

export function setCollapsed(doc: Y.Doc, id: string, collapsed: boolean): void {
	doc.transact(() => nodesOf(doc).get(id)?.set('collapsed', collapsed), origin);
}

/** Draws a relation between two nodes; returns its id, or null when there is one already or nothing to relate. */
export function linkNodes(doc: Y.Doc, from: string, to: string, text = ''): string | null {
	const { nodes, links } = forest(doc);
	const known = links.some((link) => (link.from === from && link.to === to) || (link.from === to && link.to === from));
	if (from === to || known || !nodes.has(from) || !nodes.has(to)) return null;
	const id = v7();
	doc.transact(() => linksOf(doc).set(id, new Y.Map(Object.entries({ from, to, text }))), origin);
	return id;
}

export function unlinkNodes(doc: Y.Doc, linkId: string): void {
	doc.transact(() => linksOf(doc).delete(linkId), origin);
}

/** What undo follows: the acts of this person, not those of others. */
export const origin = 'map';

export const childrenOf = (shown: Forest, parent: string | null): readonly MapNode[] =>
	parent === null ? shown.roots : (shown.nodes.get(parent)?.children ?? []);

/** A node and all below it, parents first. */
export const subtree = (node: MapNode): MapNode[] => [node, ...node.children.flatMap(subtree)];

/** Whether `id` may hang under `parent`: not under itself, nor below itself. */
export function isFree(shown: Forest, id: string, parent: string | null): boolean {
	for (let up = parent; up !== null; up = shown.nodes.get(up)?.parent ?? null)
		if (up === id || !shown.nodes.has(up)) return false;
	return true;
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

const isMap = (value: unknown): value is Y.Map<unknown> => value instanceof Y.Map;
const stringOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function writtenParent(doc: Y.Doc, id: string): string | null {
	const node = nodesOf(doc).get(id);
	return isMap(node) ? stringOrNull(node.get('parent')) : null;
}

const orderOf = (doc: Y.Doc, id: string): string => stringOrNull(nodesOf(doc).get(id)?.get('order')) ?? '';

/** The parent of every node after repair. */
function shownParents(doc: Y.Doc): Map<string, string | null> {
	const ids = [...nodesOf(doc)]
		.filter(([, node]) => isMap(node))
		.map(([id]) => id)
		.sort();
	const alive = new Set(ids);
	const parents = new Map(ids.map((id) => [id, livingAncestor(doc, alive, writtenParent(doc, id))]));
	const safe = new Set<string>();
	// Ids sort by age: of every circle its oldest node is met first and cut loose.
	for (const id of ids) if (circleThrough(parents, safe, id)) parents.set(id, null);
	return parents;
}

/** The parent itself, or what is left above it once it was removed. */
function livingAncestor(doc: Y.Doc, alive: Set<string>, parent: string | null): string | null {
	const seen = new Set<string>();
	let up = parent;
	while (up !== null && !alive.has(up) && !seen.has(up)) {
		seen.add(up);
		up = stringOrNull(removedOf(doc).get(up));
	}
	return up !== null && alive.has(up) ? up : null;
}

/** Whether walking up from a node comes back to it; remembers in `safe` what is known to end at a root. */
function circleThrough(parents: ReadonlyMap<string, string | null>, safe: Set<string>, id: string): boolean {
	const path = new Set<string>();
	let up: string | null = id;
	while (up !== null && !safe.has(up) && !path.has(up)) {
		path.add(up);
		up = parents.get(up) ?? null;
	}
	if (up === id && path.has(id)) return true;
	if (up === null || safe.has(up)) for (const each of path) safe.add(each);
	return false;
}

const inOrder = (doc: Y.Doc, ids: string[]): string[] =>
	ids
		.map((id) => ({ id, order: orderOf(doc, id) }))
		.sort((a, b) => compare(a.order, b.order) || compare(a.id, b.id))
		.map(({ id }) => id);

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function read(doc: Y.Doc, id: string): Pick<MapNode, 'text' | 'order' | 'color' | 'collapsed'> {
	const node = nodesOf(doc).get(id);
	const color = node?.get('color');
	return {
		text: node?.get('text') instanceof Y.Text ? String(node.get('text')) : '',
		order: orderOf(doc, id),
		color: branchColors.find((each) => each === color) ?? null,
		collapsed: node?.get('collapsed') === true
	};
}

function readLinks(doc: Y.Doc, nodes: ReadonlyMap<string, MapNode>): MapLink[] {
	return [...linksOf(doc)]
		.filter(([, link]) => isMap(link))
		.map(([id, link]) => ({
			id,
			from: String(link.get('from')),
			to: String(link.get('to')),
			text: stringOrNull(link.get('text')) ?? ''
		}))
		.filter(({ from, to }) => nodes.has(from) && nodes.has(to))
		.sort((a, b) => compare(a.id, b.id));
}

/** Writes the place of a node: after a sibling, first (null), or last. */
function put(doc: Y.Doc, id: string, parent: string | null, after?: string | null): void {
	const siblings = childrenOf(forest(doc), parent).filter((node) => node.id !== id);
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
		if (writtenParent(doc, node.id) !== node.parent) nodesOf(doc).get(node.id)?.set('parent', node.parent);
	}
}
