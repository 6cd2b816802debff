import type { Forest, MapNode } from './forest.ts';
import { subtree } from './forest.ts';
import type { Box, Picture, Step } from './layout.ts';
import { looksOf } from './markers.ts';
import type { Look } from './markers.ts';
import { hasFormula } from './formula.ts';
import type { Palette } from './palette.ts';
import { imageSize, linesOf, linkLine, shownLink, signsOf, signWidth, typeOf, underImage, widthIn } from './size.ts';
import { typeset } from './typeset.ts';
import type { Formulas, Setting } from './typeset.ts';

/** What is to be painted of a map, and in which colours. */
export interface Painting {
	readonly shown: Forest;
	readonly picture: Picture;
	readonly palette: Palette;
	readonly font: string;
	/** The name of the paint of a node's branch, and of its author where authors are shown. */
	colorOf(id: string): string;
	tintOf(id: string): string | null;
	images?: ReadonlyMap<string, CanvasImageSource>;
	/** Without them formulas stand as they were written. */
	formulas?: Formulas;
}

interface Area {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/** How many nodes are hidden below a folded one. */
export const countBelow = (node: MapNode): number => subtree(node).length - 1;

const paint = (palette: Palette, name: string): string => palette.get(name) ?? '#777777';
const markPaint: Record<string, string> = {
	'mark-red': '#d0453f',
	'mark-orange': '#d97a1e',
	'mark-yellow': '#b89410',
	'mark-green': '#3d9a4c',
	'mark-blue': '#2f7fd0',
	'mark-purple': '#8a56c6',
	'mark-gray': '#7d7d7d'
};
export const markColor = (look: Look): string => markPaint[look.color] ?? '#7d7d7d';

interface LineGroup {
	readonly color: string;
	readonly width: number;
	readonly lines: { steps: readonly Step[]; area: Area }[];
}

/** The lines of a picture by paint and width, each with how far it reaches, so that a frame draws what is in sight only. */
export class LinePainter {
	readonly #groups: readonly LineGroup[];

	constructor({ picture, colorOf }: Pick<Painting, 'picture' | 'colorOf'>) {
		const groups = new Map<string, LineGroup>();
		for (const { id, width, steps } of picture.lines) {
			const color = colorOf(id);
			const key = `${color} ${width}`;
			let group = groups.get(key);
			if (!group) groups.set(key, (group = { color, width, lines: [] }));
			group.lines.push({ steps, area: areaOf(steps) });
		}
		this.#groups = [...groups.values()];
	}

	paint(context: CanvasRenderingContext2D, palette: Palette, sight: Area): void {
		context.lineCap = 'round';
		for (const { color, width, lines } of this.#groups) {
			context.beginPath();
			for (const { steps, area } of lines) if (meets(area, sight)) trace(context, steps);
			context.strokeStyle = paint(palette, color);
			context.lineWidth = width;
			context.stroke();
		}
	}
}

function areaOf(steps: readonly Step[]): Area {
	let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
	for (const step of steps)
		for (let at = 1; at < step.length; at += 2) {
			const [x, y] = [step[at] as number, step[at + 1] as number];
			if (x < left) left = x;
			if (x > right) right = x;
			if (y < top) top = y;
			if (y > bottom) bottom = y;
		}
	return { left, top, right, bottom };
}

const meets = (one: Area, other: Area): boolean =>
	one.left <= other.right && one.right >= other.left && one.top <= other.bottom && one.bottom >= other.top;
const inSight = ({ x, y, width, height }: Omit<Box, 'side'>, sight: Area): boolean =>
	x <= sight.right && x + width >= sight.left && y <= sight.bottom && y + height >= sight.top;

function trace(context: CanvasRenderingContext2D, steps: readonly Step[]): void {
	for (const step of steps) {
		if (step[0] === 'M') context.moveTo(step[1], step[2]);
		else if (step[0] === 'L') context.lineTo(step[1], step[2]);
		else if (step[0] === 'C') context.bezierCurveTo(step[1], step[2], step[3], step[4], step[5], step[6]);
	}
}

export function paintFrames(context: CanvasRenderingContext2D, painting: Painting, sight: Area): void {
	const { palette, font } = painting;
	for (const frame of painting.picture.frames) {
		if (!inSight(frame, sight)) continue;
		const color = paint(palette, painting.colorOf(frame.id));
		context.beginPath();
		context.roundRect(frame.x, frame.y, frame.width, frame.height, 12);
		context.globalAlpha = 0.07;
		context.fillStyle = color;
		context.fill();
		context.globalAlpha = 0.8;
		context.strokeStyle = color;
		context.lineWidth = 1.5;
		context.setLineDash([6, 5]);
		context.stroke();
		context.setLineDash([]);
		context.globalAlpha = 1;
		if (frame.title === '') continue;
		context.fillStyle = color;
		context.font = `550 13px ${font}`;
		context.textBaseline = 'middle';
		context.textAlign = 'left';
		context.fillText(frame.title, frame.x + 12, frame.y + 14, frame.width - 24);
	}
}

export function paintRelations(context: CanvasRenderingContext2D, painting: Painting, sight: Area, labels: boolean): void {
	const { palette, font } = painting;
	const ink = paint(palette, 'ink-soft');
	for (const { steps, head, text, middle } of painting.picture.relations) {
		if (!meets(areaOf(steps), sight)) continue;
		context.beginPath();
		trace(context, steps);
		context.strokeStyle = ink;
		context.lineWidth = 1.75;
		context.setLineDash([6, 5]);
		context.stroke();
		context.setLineDash([]);
		context.beginPath();
		context.moveTo(...head[0]);
		context.lineTo(...head[1]);
		context.lineTo(...head[2]);
		context.fillStyle = ink;
		context.fill();
		if (!labels || text === '') continue;
		const width = widthIn(text) * 13 + 16;
		context.fillStyle = paint(palette, 'paper');
		context.beginPath();
		context.roundRect(middle[0] - width / 2, middle[1] - 12, width, 24, 6);
		context.fill();
		context.fillStyle = ink;
		context.font = `400 13px ${font}`;
		context.textBaseline = 'middle';
		context.textAlign = 'center';
		context.fillText(text, ...middle);
	}
}

/** Below this size in pixels letters are drawn as bars. */
const smallestLetter = 4.5;

/** Nodes as the style sheet draws them, without it: for the look from afar, and for pictures that are kept. */
export function paintNodes(
	context: CanvasRenderingContext2D,
	painting: Painting,
	sight: Area,
	zoom: number,
	skip: (id: string) => boolean = () => false
): void {
	for (const [id, box] of painting.picture.boxes) {
		if (!inSight(box, sight) || skip(id)) continue;
		const node = painting.shown.nodes.get(id);
		if (node) paintNode(context, painting, node, box, zoom);
	}
}

function paintNode(context: CanvasRenderingContext2D, painting: Painting, node: MapNode, box: Box, zoom: number): void {
	const { palette } = painting;
	const type = typeOf(node.depth);
	const color = painting.colorOf(node.id);
	const tint = painting.tintOf(node.id);
	const fill = tint
		? `soft-${tint}`
		: node.depth === 0
			? 'ink'
			: node.depth === 1
				? `soft-${color}`
				: node.over
					? 'raised'
					: null;
	if (fill) {
		context.beginPath();
		context.roundRect(box.x, box.y, box.width, box.height, node.depth === 0 ? 16 : 10);
		context.fillStyle = paint(palette, fill);
		context.fill();
	}
	if (node.over || tint) {
		context.strokeStyle = paint(palette, tint ?? color);
		context.lineWidth = 1.5;
		context.beginPath();
		context.roundRect(box.x, box.y, box.width, box.height, 10);
		context.stroke();
	}
	const ink = node.depth === 0 && !tint ? 'paper' : 'ink';
	let top = box.y + type.padY;
	if (node.image) {
		const { width, height } = imageSize(node.image);
		const image = painting.images?.get(node.image.src);
		const x = box.x + (box.width - width) / 2;
		if (image) context.drawImage(image, x, top, width, height);
		else {
			context.fillStyle = paint(palette, 'sunken');
			context.fillRect(x, top, width, height);
		}
		top += height + underImage;
	}
	const looks = looksOf(node.markers);
	const lines = linesOf(node.text);
	const bottom = box.y + box.height - type.padY - (node.href === null ? 0 : linkLine.height);
	const middle = top + (bottom - top) / 2;
	const left = box.x + type.padX + looks.length * signWidth;
	context.fillStyle = paint(palette, ink);
	if (type.font * zoom < smallestLetter) {
		context.globalAlpha = 0.45;
		lines.forEach((line, index) => {
			const y = middle + (index - lines.length / 2) * type.line + type.line * 0.28;
			context.fillRect(left, y, widthIn(line) * type.font, type.line * 0.44);
		});
		context.globalAlpha = 1;
		return;
	}
	context.font = `${type.weight} ${type.font}px ${painting.font}`;
	context.textAlign = 'left';
	const settings = settingsOf(painting, node, box, left, middle);
	if (settings) {
		context.textBaseline = 'alphabetic';
		for (const setting of settings)
			if ('path' in setting) context.fill(new Path2D(setting.path));
			else context.fillText(setting.words, setting.x, setting.base);
	} else {
		context.textBaseline = 'middle';
		lines.forEach((line, index) => context.fillText(line, left, middle + (index - (lines.length - 1) / 2) * type.line + 1));
	}
	looks.forEach(({ look }, index) =>
		paintMarker(context, look, box.x + type.padX + index * signWidth + 9, middle, painting.font)
	);
	if (node.href !== null) {
		context.font = `400 ${linkLine.font}px ${painting.font}`;
		context.textAlign = 'left';
		context.textBaseline = 'middle';
		context.globalAlpha = 0.75;
		context.fillStyle = paint(palette, ink);
		context.fillText(`↗ ${shownLink(node.href)}`, box.x + type.padX, bottom + linkLine.height / 2 + 2);
		context.globalAlpha = 1;
	}
	if (node.collapsed && node.children.length > 0) paintCount(context, painting, node, box);
}

/** Where the words and formulas of a node stand; null for one without a formula. */
export function settingsOf({ formulas }: Painting, node: MapNode, box: Box, left: number, middle: number): Setting[] | null {
	if (!formulas || !hasFormula(node.text)) return null;
	const type = typeOf(node.depth);
	const { before, behind } = signsOf(node);
	return typeset(node.text, type, formulas, {
		width: box.width - 2 * type.padX - (before + behind) * signWidth,
		left,
		middle
	});
}

function paintMarker(context: CanvasRenderingContext2D, look: Look, x: number, y: number, font: string): void {
	context.fillStyle = context.strokeStyle = markColor(look);
	context.textAlign = 'center';
	context.textBaseline = 'middle';
	if (look.shape === 'sign') {
		context.font = `18px ${font}`;
		context.fillText(look.text, x, y + 1);
		return;
	}
	context.beginPath();
	context.arc(x, y, 9, 0, 2 * Math.PI);
	if (look.shape === 'disc') {
		context.fill();
		context.fillStyle = '#ffffff';
		context.font = `700 12px ${font}`;
		context.fillText(look.text, x, y + 1);
		return;
	}
	context.lineWidth = 1.5;
	context.stroke();
	context.beginPath();
	context.moveTo(x, y);
	context.arc(x, y, 7, -Math.PI / 2, -Math.PI / 2 + look.share * 2 * Math.PI);
	context.fill();
}

function paintCount(context: CanvasRenderingContext2D, painting: Painting, node: MapNode, box: Box): void {
	const [x, y] =
		box.side === 'down'
			? [box.x + box.width / 2, box.y + box.height + 14]
			: [box.side === 'right' ? box.x + box.width + 14 : box.x - 14, box.y + box.height / 2];
	context.beginPath();
	context.arc(x, y, 10, 0, 2 * Math.PI);
	context.fillStyle = paint(painting.palette, 'raised');
	context.fill();
	context.strokeStyle = context.fillStyle = paint(painting.palette, painting.colorOf(node.id));
	context.lineWidth = 1.5;
	context.stroke();
	context.font = `600 11px ${painting.font}`;
	context.textAlign = 'center';
	context.textBaseline = 'middle';
	context.fillText(String(countBelow(node)), x, y + 0.5);
}

const largestSide = 12_000;
const most = 60_000_000;

/** The whole map as a picture on a canvas, twice as fine as it is shown where that is not too large. */
export function paintWhole(painting: Painting, margin = 40): HTMLCanvasElement {
	const { x, y, width, height } = painting.picture.bounds;
	const [wide, high] = [width + 2 * margin, height + 2 * margin];
	const scale = Math.min(2, largestSide / wide, largestSide / high, Math.sqrt(most / (wide * high)));
	const canvas = document.createElement('canvas');
	canvas.width = Math.max(1, Math.round(wide * scale));
	canvas.height = Math.max(1, Math.round(high * scale));
	const context = canvas.getContext('2d')!;
	context.fillStyle = paint(painting.palette, 'paper');
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.setTransform(scale, 0, 0, scale, (margin - x) * scale, (margin - y) * scale);
	const all: Area = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
	paintFrames(context, painting, all);
	new LinePainter(painting).paint(context, painting.palette, all);
	paintNodes(context, painting, all, Math.max(1, scale));
	paintRelations(context, painting, all, true);
	return canvas;
}
