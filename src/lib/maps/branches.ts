import { below, branchColors, readMarkers, subtree } from './forest.ts';
import type { Forest, MapNode } from './forest.ts';
import type { Sprout } from './document.ts';
import { safeHref, safeSource } from './links.ts';

/** Branches as they are cut, copied and pasted, with the relations between them. */
export interface Cutting {
	branches: Sprout[];
	relations: { from: string; to: string; text: string }[];
}

/** So many nodes are taken in at once, and so deep; what lies deeper hangs on the last level. */
export const mostNodes = 20_000;
export const deepest = 200;

/** The kind of a cutting on the clipboard. */
export const cuttingType = 'application/x-xingtan-map+json';

/** Nodes with all below them; those that lie below others among them are not taken twice. */
export function cuttingOf(shown: Forest, ids: Iterable<string>): Cutting {
	const wanted = new Set(ids);
	const isUnder = (node: MapNode): boolean => {
		for (let up = node.parent; up !== null; up = shown.nodes.get(up)?.parent ?? null) if (wanted.has(up)) return true;
		return false;
	};
	const tops = [...shown.nodes.values()].filter((node) => wanted.has(node.id) && !isUnder(node));
	const inside = new Set(tops.flatMap((node) => subtree(node).map(({ id }) => id)));
	return {
		branches: tops.map((node) => sproutOf(node)),
		relations: shown.links
			.filter(({ from, to }) => inside.has(from) && inside.has(to))
			.map(({ from, to, text }) => ({ from, to, text }))
	};
}

export function sproutOf(top: MapNode): Sprout {
	const made = new Map<MapNode, Sprout>();
	for (const node of subtree(top).toReversed())
		made.set(node, {
			id: node.id,
			text: node.text,
			note: node.note,
			color: node.color,
			collapsed: node.collapsed,
			at: node.at ?? undefined,
			over: node === top ? undefined : (node.raw.over ?? undefined),
			frame: node.frame ?? undefined,
			href: node.href ?? undefined,
			image: node.image ?? undefined,
			markers: node.markers,
			children: below(node).map((child) => made.get(child)!)
		});
	return made.get(top)!;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const stringOf = (value: unknown, longest: number): string => (typeof value === 'string' ? value.slice(0, longest) : '');
const numberOf = (value: unknown): number => (typeof value === 'number' && Math.abs(value) < 1e6 ? value : NaN);

/** Reads a cutting that may be anything. */
export function readCutting(value: unknown): Cutting | null {
	if (!isRecord(value) || !Array.isArray(value.branches)) return null;
	const budget = { left: mostNodes };
	const branches = readSprouts(value.branches, 0, budget);
	if (branches.length === 0) return null;
	const relations = (Array.isArray(value.relations) ? value.relations : [])
		.filter(isRecord)
		.slice(0, mostNodes)
		.map(({ from, to, text }) => ({ from: stringOf(from, 100), to: stringOf(to, 100), text: stringOf(text, 200) }));
	return { branches, relations };
}

function readSprouts(values: readonly unknown[], depth: number, budget: { left: number }): Sprout[] {
	const sprouts: Sprout[] = [];
	for (const value of values) {
		if (budget.left <= 0 || depth > deepest) break;
		if (!isRecord(value)) continue;
		budget.left--;
		const { at, over, frame, image } = value;
		const src = isRecord(image) ? safeSource(image.src) : null;
		sprouts.push({
			id: stringOf(value.id, 100) || undefined,
			text: stringOf(value.text, 2_000),
			note: stringOf(value.note, 20_000),
			color: branchColors.find((each) => each === value.color) ?? null,
			collapsed: value.collapsed === true,
			at: isRecord(at) && !Number.isNaN(numberOf(at.x) + numberOf(at.y)) ? { x: numberOf(at.x), y: numberOf(at.y) } : undefined,
			over: isRecord(over) ? { from: stringOf(over.from, 100), to: stringOf(over.to, 100) } : undefined,
			frame: isRecord(frame) ? { upTo: stringOf(frame.upTo, 100) || null, title: stringOf(frame.title, 200) } : undefined,
			href: safeHref(value.href) ?? undefined,
			image:
				isRecord(image) && src && numberOf(image.width) > 0 && numberOf(image.height) > 0
					? { src, width: numberOf(image.width), height: numberOf(image.height), name: stringOf(image.name, 200) }
					: undefined,
			markers: isRecord(value.markers) ? readMarkers((kind) => (value.markers as Record<string, unknown>)[kind]) : {},
			children: readSprouts(Array.isArray(value.children) ? value.children : [], depth + 1, budget)
		});
	}
	return sprouts;
}
