import { flextree } from 'd3-flextree';
import type { Forest, MapNode } from './document.ts';

/** Where a node stands on the plane: its top left corner and its size, in pixels. */
export interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
	/** On which side of its parent it grows; roots grow to the right. */
	readonly side: 'left' | 'right';
}

export type Growth = 'right' | 'both';
export interface Size {
	readonly width: number;
	readonly height: number;
}

const gap = { beside: 56, between: 14, trees: 72 };

/** Type of the nodes by depth, in pixels; the component draws with the same. */
export const typeOf = (depth: number) => (depth === 0 ? roots : depth === 1 ? branches : leaves);
const roots = { font: 18, line: 28, padX: 22, padY: 12 };
const branches = { font: 16, line: 26, padX: 15, padY: 8 };
const leaves = { font: 15, line: 24, padX: 11, padY: 5 };

/** A line of a node is at most this many Chinese characters long. */
const longestLine = 18;
const narrowest = 2;

/**
 * The size of a node by its text, without asking the page: a Chinese character is one em wide, others about
 * 0.56 em, which fits every font of the type scale with a little room left.
 */
export function sizeOf(text: string, depth: number): Size {
	const { font, line, padX, padY } = typeOf(depth);
	const lines = text.split('\n').map((each) => [...each].reduce((ems, character) => ems + emsOf(character), 0));
	const widest = Math.min(longestLine, Math.max(narrowest, ...lines));
	const rows = lines.reduce((sum, ems) => sum + Math.max(1, Math.ceil(ems / (longestLine - 1))), 0);
	return { width: Math.ceil(widest * font) + 2 * padX + 4, height: rows * line + 2 * padY };
}

const emsOf = (character: string): number =>
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{3fffd}]/u.test(character)
		? 1
		: /[A-Z@%&MWmw]/.test(character)
			? 0.78
			: 0.56;

/** The place of every visible node: tidy trees, one below the other; what is under a collapsed node has none. */
export function layout(
	shown: Forest,
	growth: Growth = 'right',
	size: (node: MapNode) => Size = (node) => sizeOf(node.text, node.depth)
): Map<string, Box> {
	const measured = remembered(size);
	const boxes = new Map<string, Box>();
	let lowest: number | null = null;
	for (const root of shown.roots) {
		const tree = growth === 'right' ? oneSide(root, root.children, 'right', measured) : bothSides(root, measured);
		const highest = Math.min(...[...tree.values()].map((box) => box.y));
		// The first root stays where it is while its tree grows; the next trees make room below.
		const shift: number = lowest === null ? 0 : lowest + gap.trees - highest;
		for (const [id, box] of tree) {
			boxes.set(id, { ...box, y: box.y + shift });
			lowest = Math.max(lowest ?? -Infinity, box.y + shift + box.height);
		}
	}
	return boxes;
}

/** The layout asks for the same size many times. */
function remembered(size: (node: MapNode) => Size): (node: MapNode) => Size {
	const known = new Map<MapNode, Size>();
	return (node) => {
		const found = known.get(node) ?? size(node);
		known.set(node, found);
		return found;
	};
}

/** The later half of the branches grows to the left, so that the reading order runs down the right side first. */
function bothSides(root: MapNode, size: (node: MapNode) => Size): Map<string, Box> {
	const half = Math.ceil(root.children.length / 2);
	const right = oneSide(root, root.children.slice(0, half), 'right', size);
	return new Map([...oneSide(root, root.children.slice(half), 'left', size), ...right]);
}

interface Part {
	node: MapNode;
	children: readonly MapNode[];
}

/** One tree that grows to one side, its root at 0, 0. */
function oneSide(
	root: MapNode,
	children: readonly MapNode[],
	side: Box['side'],
	size: (node: MapNode) => Size
): Map<string, Box> {
	const tidy = flextree<Part>({
		children: (part) => part.children.map((node) => ({ node, children: node.collapsed ? [] : node.children })),
		// The library lays trees out downwards: breadth is our height, depth is our width.
		nodeSize: ({ data }) => [size(data.node).height, size(data.node).width + gap.beside],
		spacing: (a, b) => (a.parent === b.parent ? gap.between : gap.between * 2)
	});
	const tree = tidy(tidy.hierarchy({ node: root, children: root.collapsed ? [] : children }));
	const rootWidth = size(root).width;
	const boxes = new Map<string, Box>();
	tree.each((place) => {
		const { width, height } = size(place.data.node);
		const x = side === 'right' ? place.y : rootWidth - place.y - width;
		boxes.set(place.data.node.id, { x, y: place.x - height / 2, width, height, side });
	});
	return boxes;
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The node that a person means who presses an arrow key: the nearest in that direction, straight before slanting. */
export function nearest(boxes: ReadonlyMap<string, Box>, from: string, direction: Direction): string | null {
	const start = boxes.get(from);
	if (!start) return null;
	let best: { id: string; distance: number } | null = null;
	for (const [id, box] of boxes) {
		const distance = id === from ? Infinity : distanceTo(start, box, direction);
		if (distance < (best?.distance ?? Infinity)) best = { id, distance };
	}
	return best?.id ?? null;
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
	const aside = sideways ? Math.abs(middleY(box) - middleY(start)) : Math.abs(box.x - start.x);
	return forward + 2 * aside;
}

const middleY = (box: Box): number => box.y + box.height / 2;
