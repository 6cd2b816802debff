import type { MapNode } from './forest.ts';
import { markerKinds } from './forest.ts';
import { hasFormula } from './formula.ts';
import { linkName } from './links.ts';

export interface Size {
	readonly width: number;
	readonly height: number;
}

/** Type of the nodes by depth, in pixels; whatever draws a node uses the same. */
export const typeOf = (depth: number) => (depth === 0 ? roots : depth === 1 ? branches : leaves);
const roots = { font: 20, line: 30, padX: 24, padY: 13, weight: 650 };
const branches = { font: 16, line: 26, padX: 15, padY: 7, weight: 550 };
const leaves = { font: 15, line: 24, padX: 8, padY: 3, weight: 400 };
export type NodeType = ReturnType<typeof typeOf>;

/** A line of a node is at most this many Chinese characters long. */
const longestLine = 18;
const narrowest = 2;
/** A marker, or a sign that there is a note or a link, with the room beside it. */
export const signWidth = 23;
/** A picture is shown no larger than this. */
const largestImage = { width: 260, height: 180 };
export const underImage = 6;
/** The line under the text that says where a link leads. */
export const linkLine = { font: 13, height: 24, icon: 19, longest: 16 };

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{3fffd}]/u;
/** A Chinese character is one em wide, others about 0.56 em, which fits every font with a little room left. */
const emsOf = (character: string): number => (wide.test(character) ? 1 : /[A-Z@%&MWmw]/.test(character) ? 0.78 : 0.56);
export const widthIn = (text: string): number => {
	let ems = 0;
	for (const character of text) ems += emsOf(character);
	return ems;
};

/** The text as it stands in lines; words stay whole where they can. */
export function linesOf(text: string, longest = longestLine): string[] {
	return text.split('\n').flatMap((line) => {
		if (line.length <= longest || widthIn(line) <= longest) return [line];
		const lines: string[] = [];
		let current = '';
		let ems = 0;
		for (const piece of line.match(/[\u0021-\u024f]+\s*|./gsu) ?? []) {
			for (const part of widthIn(piece) > longest ? piece : [piece]) {
				const more = widthIn(part.trimEnd());
				if (ems + more > longest && current !== '') {
					lines.push(current.trimEnd());
					[current, ems] = ['', 0];
				}
				current += part;
				ems += widthIn(part);
			}
		}
		return [...lines, current];
	});
}

/** What a link is called, as far as there is room for it. */
export function shownLink(href: string): string {
	let [shown, ems] = ['', 0];
	for (const sign of linkName(href)) {
		ems += emsOf(sign);
		if (ems > linkLine.longest - 1) return `${shown}…`;
		shown += sign;
	}
	return shown;
}

export const imageSize = ({ width, height }: Size): Size => {
	const scale = Math.min(1, largestImage.width / width, largestImage.height / height);
	return { width: Math.round(width * scale), height: Math.round(height * scale) };
};

/** How many signs stand before and behind the text of a node. */
export const signsOf = (node: MapNode): { before: number; behind: number } => ({
	before: markerKinds.filter((kind) => node.markers[kind] !== undefined).length,
	behind: Number(node.note !== '')
});

/** The size of a text alone; what was measured on the page, such as formulas, is known better. */
export function textSize(text: string, depth: number, measured?: ReadonlyMap<string, Size>): Size {
	const { font, line } = typeOf(depth);
	const known = hasFormula(text) ? measured?.get(measureKey(text, depth)) : undefined;
	if (known) return known;
	const lines = linesOf(text);
	const ems = Math.max(narrowest, ...lines.map(widthIn));
	return { width: Math.ceil(Math.min(longestLine + 0.5, ems) * font) + 4, height: lines.length * line };
}
export const measureKey = (text: string, depth: number): string => `${Math.min(depth, 2)}${text}`;

/** The size of a node by what is in it, without asking the page. */
export function sizeOf(node: MapNode, measured?: ReadonlyMap<string, Size>): Size {
	const { padX, padY } = typeOf(node.depth);
	const text = textSize(node.text, node.depth, measured);
	const { before, behind } = signsOf(node);
	let width = text.width + (before + behind) * signWidth;
	let height = text.height;
	if (node.href !== null) {
		width = Math.max(
			width,
			linkLine.icon + Math.ceil(Math.min(linkLine.longest, widthIn(linkName(node.href))) * linkLine.font) + 4
		);
		height += linkLine.height;
	}
	if (node.image) {
		const image = imageSize(node.image);
		width = Math.max(width, image.width);
		height += image.height + underImage;
	}
	return { width: width + 2 * padX, height: height + 2 * padY };
}

/** Remembers sizes by what is in a node. */
export function measurer(measured?: ReadonlyMap<string, Size>): (node: MapNode) => Size {
	const known = new WeakMap<object, (Size | undefined)[]>();
	return (node) => {
		let sizes = known.get(node.raw);
		if (!sizes) known.set(node.raw, (sizes = []));
		return (sizes[Math.min(node.depth, 2)] ??= sizeOf(node, measured));
	};
}
