/** The colours that a branch can have; names, the theme knows the paint. */
export const branchColors = ['apricot', 'moss', 'sky', 'plum', 'gold', 'rose'] as const;
export type BranchColor = (typeof branchColors)[number];

export const layouts = ['right', 'both', 'down', 'fishbone'] as const;
export type Layout = (typeof layouts)[number];

/** What each kind of marker can say; a node has one of each kind at most. */
export const markerValues = {
	priority: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
	/** Eighths. */
	progress: ['0', '1', '2', '3', '4', '5', '6', '7', '8'],
	flag: ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'gray'],
	star: ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'gray'],
	people: ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'gray'],
	sign: ['question', 'exclam', 'idea', 'right', 'wrong', 'heart', 'good', 'clock', 'book', 'pen']
} as const;
export type MarkerKind = keyof typeof markerValues;
export const markerKinds = Object.keys(markerValues) as MarkerKind[];
export type Markers = Readonly<Partial<Record<MarkerKind, string>>>;
const none: Markers = {};

export function readMarkers(get: (kind: MarkerKind) => unknown): Markers {
	let found: Partial<Record<MarkerKind, string>> | null = null;
	for (const kind of markerKinds) {
		const value = get(kind);
		if (value !== undefined && (markerValues[kind] as readonly unknown[]).includes(value)) (found ??= {})[kind] = value as string;
	}
	return found ?? none;
}

export interface MapImage {
	readonly src: string;
	readonly width: number;
	readonly height: number;
	readonly name: string;
}

/** A boundary around a node and those of its later siblings up to another, with all below them. */
export interface Frame {
	readonly upTo: string | null;
	readonly title: string;
}

/** A node as it was written. */
export interface Raw {
	readonly id: string;
	readonly gone: boolean;
	/** The parent that was written. */
	readonly written: string | null;
	readonly text: string;
	readonly note: string;
	readonly order: string;
	readonly color: BranchColor | null;
	readonly collapsed: boolean;
	/** Where the middle of a free root stands. */
	readonly at: { readonly x: number; readonly y: number } | null;
	/** The first and last sibling that it sums up, as written. */
	readonly over: { readonly from: string; readonly to: string } | null;
	readonly frame: Frame | null;
	readonly href: string | null;
	readonly image: MapImage | null;
	readonly markers: Markers;
}

/** A node as everyone sees it. */
export interface MapNode extends Omit<Raw, 'gone' | 'written' | 'over'> {
	readonly raw: Raw;
	readonly parent: string | null;
	readonly depth: number;
	readonly children: readonly MapNode[];
	/** Nodes that sum up some of the children. */
	readonly summaries: readonly MapNode[];
	/** Of a summary: the places of the first and last child of its parent that it sums up. */
	readonly over: { readonly first: number; readonly last: number } | null;
}

export interface MapLink {
	readonly id: string;
	readonly from: string;
	readonly to: string;
	readonly text: string;
}

export interface Forest {
	readonly roots: readonly MapNode[];
	/** By id, parents before what is below them. */
	readonly nodes: ReadonlyMap<string, MapNode>;
	readonly links: readonly MapLink[];
	/** Null while nobody has chosen one. */
	readonly layout: Layout | null;
}

export const noForest: Forest = { roots: [], nodes: new Map(), links: [], layout: null };

export const childrenOf = (shown: Forest, parent: string | null): readonly MapNode[] =>
	parent === null ? shown.roots : (shown.nodes.get(parent)?.children ?? []);

/** What hangs on a node: its children, then what sums them up. */
export const below = (node: MapNode): readonly MapNode[] =>
	node.summaries.length === 0 ? node.children : [...node.children, ...node.summaries];

/** A node and all below it, parents first. */
export function subtree(node: MapNode | undefined): MapNode[] {
	const found: MapNode[] = [];
	const open = node ? [node] : [];
	for (let next = open.pop(); next; next = open.pop()) {
		found.push(next);
		open.push(...below(next).toReversed());
	}
	return found;
}

/** Whether `id` may hang under `parent`: not under itself, nor below itself. */
export function isFree(shown: Forest, id: string, parent: string | null): boolean {
	for (let up = parent; up !== null; up = shown.nodes.get(up)?.parent ?? null)
		if (up === id || !shown.nodes.has(up)) return false;
	return true;
}

/**
 * The map as everyone sees it, the same on every machine whatever happened at the same time: a node whose
 * parent is gone hangs on the nearest ancestor that is left; of a circle, the oldest node becomes a root;
 * a summary of what is gone is a node like others. `hungOn` tells the parent of what is not even written any more.
 */
export function forestOf(
	raws: ReadonlyMap<string, Raw>,
	hungOn: (id: string) => string | null,
	links: readonly MapLink[],
	layout: Layout | null,
	before: Forest = noForest
): Forest {
	const parents = shownParents(raws, hungOn);
	const groups = new Map<string | null, Raw[]>();
	for (const [id, parent] of parents) {
		const raw = raws.get(id)!;
		const siblings = groups.get(parent);
		if (siblings) siblings.push(raw);
		else groups.set(parent, [raw]);
	}
	for (const group of groups.values()) if (group.length > 1) group.sort(inOrder);

	const lines: Line[] = [];
	const open: Line[] = linesOf(groups.get(null) ?? [], 0, null).toReversed();
	for (let line = open.pop(); line; line = open.pop()) {
		lines.push(line);
		const group = groups.get(line.raw.id);
		if (group) open.push(...linesOf(group, line.depth + 1, line).toReversed());
	}
	// From the last line back: what hangs on a node is made before it.
	const made = new Map<Line | null, { children: MapNode[]; summaries: MapNode[] }>();
	for (let at = lines.length - 1; at >= 0; at--) {
		const line = lines[at]!;
		const under = made.get(line);
		const node = nodeOf(line, under?.children.reverse() ?? [], under?.summaries.reverse() ?? [], before);
		let beside = made.get(line.parent);
		if (!beside) made.set(line.parent, (beside = { children: [], summaries: [] }));
		(line.over ? beside.summaries : beside.children).push(node);
		line.node = node;
	}
	const nodes = new Map<string, MapNode>();
	for (const { node } of lines) nodes.set(node!.id, node!);
	const roots = made.get(null)?.children.reverse() ?? [];
	return { roots, nodes, links: links.filter(({ from, to }) => nodes.has(from) && nodes.has(to)), layout };
}

interface Line {
	raw: Raw;
	parent: Line | null;
	depth: number;
	over: MapNode['over'];
	node?: MapNode;
}

/** Those of a group that stand in a row, then those that sum them up: never themselves, never other summaries. */
function linesOf(group: readonly Raw[], depth: number, parent: Line | null): Line[] {
	if (parent === null || group.every(({ over }) => over === null))
		return group.map((raw) => ({ raw, parent, depth, over: null }));
	const plain = new Set(group.filter(({ over }) => over === null).map(({ id }) => id));
	const sumsUp = ({ over }: Raw) => over !== null && (plain.has(over.from) || plain.has(over.to));
	const row = group.filter((raw) => !sumsUp(raw));
	const places = new Map(row.map(({ id }, place) => [id, place]));
	const overOf = ({ from, to }: { from: string; to: string }): MapNode['over'] => {
		const [one, other] = [places.get(from) ?? places.get(to) ?? 0, places.get(to) ?? places.get(from) ?? 0];
		return { first: Math.min(one, other), last: Math.max(one, other) };
	};
	return [
		...row.map((raw) => ({ raw, parent, depth, over: null })),
		...group.filter(sumsUp).map((raw) => ({ raw, parent, depth, over: overOf(raw.over!) }))
	];
}

/** The same object as before when nothing about it changed. */
function nodeOf({ raw, parent, depth, over }: Line, children: MapNode[], summaries: MapNode[], before: Forest): MapNode {
	const known = before.nodes.get(raw.id);
	const above = parent?.raw.id ?? null;
	if (
		known &&
		known.raw === raw &&
		known.parent === above &&
		known.depth === depth &&
		known.over?.first === over?.first &&
		known.over?.last === over?.last &&
		sameList(known.children, children) &&
		sameList(known.summaries, summaries)
	)
		return known;
	return { ...raw, raw, parent: above, depth, over, children, summaries };
}

const sameList = (one: readonly MapNode[], other: readonly MapNode[]): boolean =>
	one.length === other.length && one.every((node, index) => node === other[index]);

const inOrder = (a: Raw, b: Raw): number => compare(a.order, b.order) || compare(a.id, b.id);
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** The parent of every node that is not gone, after repair. */
function shownParents(raws: ReadonlyMap<string, Raw>, hungOn: (id: string) => string | null): Map<string, string | null> {
	const ids: string[] = [];
	for (const [id, { gone }] of raws) if (!gone) ids.push(id);
	ids.sort();
	const isAlive = (id: string) => raws.get(id)?.gone === false;
	const parents = new Map<string, string | null>();
	for (const id of ids) {
		const written = raws.get(id)!.written;
		parents.set(id, written === null || isAlive(written) ? written : livingAncestor(raws, hungOn, written));
	}
	cutCircles(parents);
	return parents;
}

/** What is left above a node that is gone. */
function livingAncestor(raws: ReadonlyMap<string, Raw>, hungOn: (id: string) => string | null, gone: string): string | null {
	const seen = new Set<string>();
	let up: string | null = gone;
	while (up !== null && !seen.has(up)) {
		const raw = raws.get(up);
		if (raw && !raw.gone) return up;
		seen.add(up);
		up = raw ? raw.written : hungOn(up);
	}
	return null;
}

/** Makes the oldest node of every circle a root; ids sort by age. */
function cutCircles(parents: Map<string, string | null>): void {
	const walkOf = new Map<string, string>();
	for (const start of parents.keys()) {
		let up: string | null = start;
		while (up !== null && !walkOf.has(up)) {
			walkOf.set(up, start);
			up = parents.get(up) ?? null;
		}
		if (up === null || walkOf.get(up) !== start) continue;
		let oldest = up;
		for (let each = parents.get(up) ?? up; each !== up; each = parents.get(each) ?? up) if (each < oldest) oldest = each;
		parents.set(oldest, null);
	}
}
