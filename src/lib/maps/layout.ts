import type { Forest, Layout, MapNode } from './forest.ts';
import { sizeOf } from './size.ts';
import type { Size } from './size.ts';

export type Side = 'left' | 'right' | 'down';

/** Where a node stands on the plane: its top left corner and its size, in pixels. */
export interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
	/** To which side it grows. */
	readonly side: Side;
}

export type Point = readonly [x: number, y: number];
/** A move, a straight line, a curve: absolute, as in SVG. */
export type Step = readonly ['M' | 'L', number, number] | readonly ['C', number, number, number, number, number, number];
/** A line in the colour of a node. */
export interface Line {
	readonly id: string;
	readonly width: number;
	readonly steps: readonly Step[];
}
export interface Relation {
	readonly id: string;
	readonly text: string;
	readonly steps: readonly Step[];
	/** The head of its arrow, and the middle, where its label stands. */
	readonly head: readonly [Point, Point, Point];
	readonly middle: Point;
}
export interface FrameBox extends Omit<Box, 'side'> {
	readonly id: string;
	readonly title: string;
}
/** Everything of a map that has a place. */
export interface Picture {
	readonly boxes: ReadonlyMap<string, Box>;
	readonly lines: readonly Line[];
	readonly relations: readonly Relation[];
	readonly frames: readonly FrameBox[];
	readonly bounds: Omit<Box, 'side'>;
}

const gap = { trees: 64, brace: 20, frame: 12, frameTitle: 24 };
/** Between a node and what hangs on it; between siblings. */
const alongGap = (node: MapNode): number => (node.depth === 0 ? 64 : 40);
const acrossGap = (node: MapNode): number => (node.depth === 0 ? 26 : node.depth === 1 ? 12 : 6);

/**
 * A node with all below it, as a block: `along` is the way the tree grows, `across` the way siblings stand.
 * `axis` is where the node's own middle is, `extent` how far the block reaches along.
 */
interface Block {
	readonly across: number;
	readonly axis: number;
	readonly extent: number;
	/** Where the blocks of the children begin across, and those of what sums them up. */
	readonly starts: readonly number[];
	readonly sums: readonly { node: MapNode; along: number; start: number; from: number; to: number }[];
	readonly frames: readonly { node: MapNode; from: number; to: number; extent: number; title: string }[];
}

interface Grown {
	boxes: Map<string, Box>;
	lines: Line[];
	frames: FrameBox[];
}

/** The place of everything that is to be seen; what is under a collapsed node has none. */
export function picture(shown: Forest, layout: Layout = 'both', size: (node: MapNode) => Size = sizeOf): Picture {
	const whole: Grown = { boxes: new Map(), lines: [], frames: [] };
	let lowest: number | null = null;
	for (const root of shown.roots) {
		const tree: Grown = { boxes: new Map(), lines: [], frames: [] };
		growTree(root, layout, size, tree);
		const own = tree.boxes.get(root.id)!;
		const bounds = boundsOf(tree);
		// The first root stays where it is while its tree grows; the next trees make room below; free ones stand where they were put.
		const shift: Point = root.at
			? [root.at.x - own.x - own.width / 2, root.at.y - own.y - own.height / 2]
			: [0, lowest === null ? 0 : lowest + gap.trees - bounds.y];
		if (!root.at) lowest = Math.max(lowest ?? -Infinity, bounds.y + bounds.height + shift[1]);
		add(whole, tree, shift);
	}
	return { ...whole, relations: relationsOf(shown, whole.boxes), bounds: boundsOf(whole) };
}

/** The places of the nodes alone. */
export const layoutBoxes = (shown: Forest, layout?: Layout, size?: (node: MapNode) => Size): ReadonlyMap<string, Box> =>
	picture(shown, layout, size).boxes;

function add(whole: Grown, tree: Grown, [dx, dy]: Point): void {
	if (dx === 0 && dy === 0) {
		for (const [id, box] of tree.boxes) whole.boxes.set(id, box);
		whole.lines.push(...tree.lines);
		whole.frames.push(...tree.frames);
		return;
	}
	for (const [id, box] of tree.boxes) whole.boxes.set(id, { ...box, x: box.x + dx, y: box.y + dy });
	for (const line of tree.lines)
		whole.lines.push({
			...line,
			steps: line.steps.map(
				([step, ...at]) => [step, ...at.map((value, index) => value + (index % 2 === 0 ? dx : dy))] as unknown as Step
			)
		});
	for (const frame of tree.frames) whole.frames.push({ ...frame, x: frame.x + dx, y: frame.y + dy });
}

function boundsOf({ boxes, frames }: Pick<Grown, 'boxes' | 'frames'>): Omit<Box, 'side'> {
	let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
	const reach = (box: Omit<Box, 'side'>) => {
		if (box.x < left) left = box.x;
		if (box.y < top) top = box.y;
		if (box.x + box.width > right) right = box.x + box.width;
		if (box.y + box.height > bottom) bottom = box.y + box.height;
	};
	for (const box of boxes.values()) reach(box);
	for (const frame of frames) reach(frame);
	return left > right ? { x: 0, y: 0, width: 0, height: 0 } : { x: left, y: top, width: right - left, height: bottom - top };
}

function growTree(root: MapNode, layout: Layout, size: (node: MapNode) => Size, into: Grown): void {
	const { width, height } = size(root);
	into.boxes.set(root.id, { x: 0, y: -height / 2, width, height, side: layout === 'down' ? 'down' : 'right' });
	if (root.collapsed || root.children.length === 0) return;
	if (layout === 'fishbone') return growFish(root, size, into);
	const half = layout === 'both' ? Math.ceil(root.children.length / 2) : root.children.length;
	growSide(root, 0, half, layout === 'down' ? 'down' : 'right', size, into);
	if (half < root.children.length) growSide(root, half, root.children.length, 'left', size, into);
}

/** Some children of a root, as branches to one side of it. */
function growSide(root: MapNode, from: number, to: number, side: Side, size: (node: MapNode) => Size, into: Grown): void {
	const part: MapNode = {
		...root,
		children: root.children.slice(from, to),
		summaries: root.summaries.flatMap((node) => {
			const { first, last } = node.over ?? { first: 0, last: 0 };
			if (first < from || first >= to) return [];
			return [{ ...node, over: { first: first - from, last: Math.min(last, to - 1) - from } }];
		})
	};
	const blocks = blocksOf(part, side, size);
	const own = into.boxes.get(root.id)!;
	const middle = side === 'down' ? own.x + own.width / 2 : own.y + own.height / 2;
	const start = side === 'right' ? own.x : side === 'left' ? -(own.x + own.width) : own.y;
	place(part, blocks, side, start, middle - blocks.get(part)!.axis, size, into);
}

/** The blocks of a node and all that is shown below it. */
function blocksOf(top: MapNode, side: Side, size: (node: MapNode) => Size): Map<MapNode, Block> {
	const order: MapNode[] = [];
	const open = [top];
	for (let node = open.pop(); node; node = open.pop()) {
		order.push(node);
		if (!node.collapsed) open.push(...node.children, ...node.summaries);
	}
	const blocks = new Map<MapNode, Block>();
	for (let at = order.length - 1; at >= 0; at--) blocks.set(order[at]!, blockOf(order[at]!, blocks, side, size(order[at]!)));
	return blocks;
}

function blockOf(node: MapNode, blocks: ReadonlyMap<MapNode, Block>, side: Side, { width, height }: Size): Block {
	const [along, own] = side === 'down' ? [height, width] : [width, height];
	const { children } = node;
	if (node.collapsed || children.length === 0)
		return { across: own, axis: own / 2, extent: along, starts: [], sums: [], frames: [] };
	const kids = children.map((child) => blocks.get(child)!);
	const before = Array.from({ length: kids.length }, () => 0);
	const behind = Array.from({ length: kids.length }, () => 0);
	const between = side === 'down' ? acrossGap(node) + 14 : acrossGap(node);

	const framed = children.flatMap((child, first) => {
		if (!child.frame) return [];
		const last = Math.max(first, child.frame.upTo === null ? first : children.findIndex(({ id }) => id === child.frame!.upTo));
		before[first]! += gap.frame + (child.frame.title && side !== 'down' ? gap.frameTitle : 0);
		behind[last]! += gap.frame;
		return [{ node: child, first, last, title: child.frame.title }];
	});
	const summed = node.summaries.map((each) => {
		const { first, last } = each.over!;
		const block = blocks.get(each)!;
		let range = between * (last - first);
		for (let at = first; at <= last; at++)
			range += kids[at]!.across + (at > first ? before[at]! : 0) + (at < last ? behind[at]! : 0);
		const missing = Math.max(0, block.across - range) / 2;
		before[first]! += missing;
		behind[last]! += missing;
		return { node: each, block, first, last, missing };
	});

	const starts: number[] = [];
	let total = 0;
	kids.forEach((kid, at) => {
		total += (at > 0 ? between : 0) + before[at]!;
		starts.push(total);
		total += kid.across + behind[at]!;
	});
	const lastKid = kids.length - 1;
	const middle = (starts[0]! + kids[0]!.axis + starts[lastKid]! + kids[lastKid]!.axis) / 2;
	const shift = Math.max(0, own / 2 - middle);
	const reach = kids.map(({ extent }) => extent);
	const reachOf = (first: number, last: number) => Math.max(...reach.slice(first, last + 1));
	const endOf = (at: number) => starts[at]! + kids[at]!.across;

	const frames = framed.map(({ node: child, first, last, title }) => {
		const extent = reachOf(first, last) + gap.frame;
		reach[last] = Math.max(reach[last]!, extent);
		return {
			node: child,
			from: shift + starts[first]! - gap.frame - (title && side !== 'down' ? gap.frameTitle : 0),
			to: shift + endOf(last) + gap.frame,
			extent,
			title
		};
	});
	const sums = summed.map(({ node: each, block, first, last }) => {
		const [from, to] = [starts[first]!, endOf(last)];
		const alongAt = reachOf(first, last) + 6;
		reach[last] = Math.max(reach[last]!, alongAt + gap.brace + block.extent);
		return {
			node: each,
			along: alongAt,
			start: shift + (from + to) / 2 - block.axis,
			from: shift + from,
			to: shift + to
		};
	});
	return {
		across: shift + Math.max(total, middle + own / 2),
		axis: shift + middle,
		extent: along + alongGap(node) + Math.max(...reach),
		starts: starts.map((start) => start + shift),
		sums,
		frames
	};
}

/** Puts a block down: its node begins at `along`, the block at `across`. */
function place(
	top: MapNode,
	blocks: ReadonlyMap<MapNode, Block>,
	side: Side,
	along: number,
	across: number,
	size: (node: MapNode) => Size,
	into: Grown
): void {
	const open: [node: MapNode, along: number, across: number][] = [[top, along, across]];
	for (let next = open.pop(); next; next = open.pop()) {
		const [node, from, start] = next;
		const block = blocks.get(node)!;
		const { width, height } = size(node);
		const own = boxAt(side, from, start + block.axis, width, height);
		if (node.depth > 0) into.boxes.set(node.id, own);
		if (block.starts.length === 0) continue;
		const inner = from + (side === 'down' ? height : width) + alongGap(node);
		node.children.forEach((child, at) => {
			const kid = blocks.get(child)!;
			const kidSize = size(child);
			const to = boxAt(side, inner, start + block.starts[at]! + kid.axis, kidSize.width, kidSize.height);
			into.lines.push({ id: child.id, width: child.depth === 1 ? 2.75 : 1.75, steps: branch(side, own, to) });
			open.push([child, inner, start + block.starts[at]!]);
		});
		for (const sum of block.sums) {
			open.push([sum.node, inner + sum.along + gap.brace, start + sum.start]);
			into.lines.push({ id: sum.node.id, width: 2, steps: brace(side, inner + sum.along, start + sum.from, start + sum.to) });
		}
		for (const frame of block.frames) {
			const [low, high] = [inner - gap.frame, inner + frame.extent];
			const [top, bottom] = [start + frame.from, start + frame.to];
			into.frames.push({
				id: frame.node.id,
				title: frame.title,
				...(side === 'down'
					? { x: top, y: low, width: bottom - top, height: high - low }
					: { x: side === 'right' ? low : -high, y: top, width: high - low, height: bottom - top })
			});
		}
	}
}

function boxAt(side: Side, along: number, middle: number, width: number, height: number): Box {
	if (side === 'down') return { x: middle - width / 2, y: along, width, height, side };
	return { x: side === 'right' ? along : -along - width, y: middle - height / 2, width, height, side };
}

function branch(side: Side, from: Box, to: Box): Step[] {
	if (side === 'down') {
		const [x, y, toX, toY] = [middleX(from), from.y + from.height, middleX(to), to.y];
		const bend = (y + toY) / 2;
		return [
			['M', x, y],
			['C', x, bend, toX, bend, toX, toY]
		];
	}
	const [x, toX] = side === 'right' ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
	const bend = (x + toX) / 2;
	return [
		['M', x, middleY(from)],
		['C', bend, middleY(from), bend, middleY(to), toX, middleY(to)]
	];
}

function brace(side: Side, along: number, from: number, to: number): Step[] {
	const middle = (from + to) / 2;
	const at = (far: number, across: number): [number, number] =>
		side === 'down' ? [across, along + far] : [side === 'right' ? along + far : -along - far, across];
	return [from, to].flatMap((end): Step[] => [
		['M', ...at(0, end)],
		['C', ...at(14, end), ...at(-2, middle), ...at(14, middle)]
	]);
}

/** How far a rib leans along for each pixel across. */
const lean = 0.45;

/** A fish: the root is its head, the spine runs to the right, branches are ribs above and below in turn. */
function growFish(root: MapNode, size: (node: MapNode) => Size, into: Grown): void {
	const head = into.boxes.get(root.id)!;
	const spine = head.x + head.width;
	const feet = { up: spine + 36, down: spine + 70 };
	let end = spine + 36;
	const firstSpineLine = into.lines.length;
	[...root.children, ...root.summaries].forEach((rib, index) => {
		const up = index % 2 === 0;
		const own = size(rib);
		const rows = rib.collapsed ? [] : [...rib.children, ...rib.summaries];
		const blocks = rows.map((row) => ({ row, blocks: blocksOf(row, 'right', size) }));
		let far = 26;
		const placed = blocks.map(({ row, blocks }) => {
			const block = blocks.get(row)!;
			const start = far;
			far += block.across + 14;
			return { row, blocks, block, start };
		});
		far += 4;
		const foot = (up ? feet.up : feet.down) + own.width / 2;
		const sign = up ? -1 : 1;
		const tip = foot + far * lean;
		into.boxes.set(rib.id, {
			x: tip - own.width / 2,
			y: up ? -far - own.height : far,
			width: own.width,
			height: own.height,
			side: 'right'
		});
		into.lines.push({
			id: rib.id,
			width: 2.75,
			steps: [
				['M', foot, 0],
				['L', tip, sign * far]
			]
		});
		let widest = own.width;
		for (const { row, blocks, block, start } of placed) {
			const across = up ? -start - block.across : start;
			const middle = across + block.axis;
			const on = foot + Math.abs(middle) * lean;
			into.lines.push({
				id: row.id,
				width: 1.75,
				steps: [
					['M', on, middle],
					['L', on + 26, middle]
				]
			});
			place(row, blocks, 'right', on + 26, across, size, into);
			widest = Math.max(widest, own.width / 2 + 26 + block.extent + (block.across * lean) / 2);
		}
		const next = foot - own.width / 2 + widest + 30;
		if (up) feet.up = next;
		else feet.down = next;
		end = Math.max(end, foot);
		// Ribs of the two sides take turns.
		const other = foot + 34 - own.width / 2;
		if (up) feet.down = Math.max(feet.down, other);
		else feet.up = Math.max(feet.up, other);
	});
	into.lines.splice(firstSpineLine, 0, {
		id: root.id,
		width: 3.5,
		steps: [
			['M', spine, 0],
			['L', end + 40, 0]
		]
	});
}

/** Relations run in a bow from edge to edge; there is nothing to draw when one end is folded away. */
function relationsOf(shown: Forest, boxes: ReadonlyMap<string, Box>): Relation[] {
	return shown.links.flatMap(({ id, from, to, text }) => {
		const [start, end] = [boxes.get(from), boxes.get(to)];
		if (!start || !end) return [];
		const a: Point = [middleX(start), middleY(start)];
		const b: Point = [middleX(end), middleY(end)];
		const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
		const distance = Math.hypot(dx, dy) || 1;
		const bow = Math.min(140, 24 + distance * 0.22);
		const control: Point = [(a[0] + b[0]) / 2 + (dy / distance) * bow, (a[1] + b[1]) / 2 - (dx / distance) * bow];
		const [p, q] = [edgeOf(start, control, 3), edgeOf(end, control, 5)];
		const third = (one: Point): Point => [one[0] + ((control[0] - one[0]) * 2) / 3, one[1] + ((control[1] - one[1]) * 2) / 3];
		const [c, d] = [third(p), third(q)];
		const angle = Math.atan2(q[1] - d[1], q[0] - d[0]);
		const wing = (turn: number): Point => [q[0] - 11 * Math.cos(angle + turn), q[1] - 11 * Math.sin(angle + turn)];
		return [
			{
				id,
				text,
				steps: [
					['M', ...p],
					['C', ...c, ...d, ...q]
				] satisfies Step[],
				head: [q, wing(0.42), wing(-0.42)] as const,
				middle: [(p[0] + q[0]) / 8 + ((c[0] + d[0]) * 3) / 8, (p[1] + q[1]) / 8 + ((c[1] + d[1]) * 3) / 8] as const
			}
		];
	});
}

/** Where a line from the middle of a box towards a point leaves it, and a little further. */
function edgeOf(box: Box, towards: Point, further: number): Point {
	const [x, y] = [middleX(box), middleY(box)];
	const [dx, dy] = [towards[0] - x, towards[1] - y];
	const scale = Math.min(
		(box.width / 2 + further) / Math.max(Math.abs(dx), 0.01),
		(box.height / 2 + further) / Math.max(Math.abs(dy), 0.01)
	);
	return [x + dx * scale, y + dy * scale];
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The node that a person means who presses an arrow key: the nearest in that direction, straight before slanting. */
export function nearest(boxes: ReadonlyMap<string, Box>, from: string, direction: Direction): string | null {
	const start = boxes.get(from);
	if (!start) return null;
	let best: string | null = null;
	let least = Infinity;
	for (const [id, box] of boxes) {
		const distance = id === from ? Infinity : distanceTo(start, box, direction);
		if (distance < least) [best, least] = [id, distance];
	}
	return best;
}

/** How far it is in a direction, with steps aside counted double; infinite when it does not lie there. */
function distanceTo(start: Box, box: Box, direction: Direction): number {
	const sideways = direction === 'left' || direction === 'right';
	const forward =
		direction === 'right'
			? box.x - (start.x + start.width)
			: direction === 'left'
				? start.x - (box.x + box.width)
				: direction === 'down'
					? box.y - (start.y + start.height)
					: start.y - (box.y + box.height);
	if (forward < 0) return Infinity;
	const aside = sideways ? Math.abs(middleY(box) - middleY(start)) : Math.abs(middleX(box) - middleX(start));
	return forward + 2 * aside;
}

const middleX = (box: Omit<Box, 'side'>): number => box.x + box.width / 2;
const middleY = (box: Omit<Box, 'side'>): number => box.y + box.height / 2;
