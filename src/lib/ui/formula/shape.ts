import { liteAdaptor } from 'mathjax-full/js/adaptors/liteAdaptor.js';
import type { LiteElement, LiteNode } from 'mathjax-full/js/adaptors/lite/Element.js';
import { RegisterHTMLHandler } from 'mathjax-full/js/handlers/html.js';
import { AllPackages } from 'mathjax-full/js/input/tex/AllPackages.js';
import { TeX } from 'mathjax-full/js/input/tex.js';
import { mathjax } from 'mathjax-full/js/mathjax.js';
import { SVG } from 'mathjax-full/js/output/svg.js';
import type { Contour } from './contour.ts';

/** A formula laid out: a thousand units to the em. */
export interface Shape {
	width: number;
	ascent: number;
	descent: number;
	/** Signs that the library has no outline of, as Chinese ones. */
	signs: string;
	/** Its outlines, with those of other signs from whoever has them. */
	contours: (outlineOf: (sign: string) => Contour[]) => Contour[];
}

type Matrix = readonly [number, number, number, number, number, number];
const times = ([a, b, c, d, e, f]: Matrix, [p, q, r, s, t, u]: Matrix): Matrix => [
	a * p + c * q,
	b * p + d * q,
	a * r + c * s,
	b * r + d * s,
	a * t + c * u + e,
	b * t + d * u + f
];

const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);
const packages = AllPackages.filter((name) => !['require', 'autoload', 'html', 'noerrors', 'noundefined'].includes(name));
const page = mathjax.document('', {
	InputJax: new TeX({ packages, maxMacros: 300, maxBuffer: 5 * 1024 }),
	OutputJax: new SVG({ fontCache: 'none' })
}) as { convert: (latex: string, options: { display: boolean }) => LiteElement };

/** Lays a formula out; null for what cannot be read or is drawn in a way that is not known here. */
export function shapeOf(latex: string, display: boolean): Shape | null {
	try {
		const svg = adaptor.firstChild(page.convert(latex, { display })) as LiteElement;
		if (adaptor.outerHTML(svg).includes('data-mjx-error')) return null;
		const [, top = 0, width = 0, height = 0] = (svg.attributes.viewBox as string).split(' ').map(Number);
		if (!(width > 0 && width < 200_000 && height < 60_000)) return null;
		let signs = '';
		const note = (sign: string): Contour[] => {
			signs += sign;
			return [];
		};
		drawn(svg, note);
		return {
			width,
			ascent: -top,
			descent: height + top,
			signs,
			contours: (outlineOf) => drawn(svg, outlineOf)
		};
	} catch {
		return null;
	}
}

/** Everything that is in a picture, in its own places, upwards as letters are. */
function drawn(svg: LiteElement, outlineOf: (sign: string) => Contour[]): Contour[] {
	const contours: Contour[] = [];
	const visit = (node: LiteNode, matrix: Matrix, within: Box | null): void => {
		if (!('attributes' in node)) return;
		const attributes = node.attributes as Record<string, string | number | undefined>;
		const number = (name: string, otherwise = 0) => {
			const value = attributes[name];
			return value === undefined ? otherwise : Number.parseFloat(String(value));
		};
		const here = times(matrix, transformOf(String(attributes.transform ?? '')));
		const add = (made: Contour[]): void => {
			contours.push(...upright(made.map((contour) => moved(clipped(contour, within), here))));
		};
		switch (node.kind) {
			case 'path':
				return add(contoursIn(String(attributes.d ?? '')));
			case 'rect': {
				if (attributes['data-background']) return;
				const box = [number('x'), number('y'), number('width'), number('height')] as const;
				return add(attributes.fill === 'none' ? frame(box, number('stroke-width')) : [rectangle(...box)]);
			}
			case 'line':
				return add([stroke(number('x1'), number('y1'), number('x2'), number('y2'), number('stroke-width', 60))]);
			case 'text': {
				// Letters stand upwards; their place is turned back.
				const size = number('font-size', 1000) / 1000;
				let x = 0;
				for (const sign of adaptor.textContent(node as LiteElement)) {
					const made = outlineOf(sign).map((contour) => moved(contour, [size, 0, 0, -size, x, 0]));
					contours.push(...upright(made.map((contour) => moved(contour, here))));
					x += 1000 * size;
				}
				return;
			}
			case 'svg':
			case 'g': {
				let inside = here;
				let clip = within;
				if (node.kind === 'svg' && node !== svg) {
					const [left = 0, bottom = 0, wide = 1, high = 1] = String(attributes.viewBox).split(' ').map(Number);
					const [across, up] = [number('width', wide) / wide, number('height', high) / high];
					inside = times(here, [across, 0, 0, up, number('x') - left * across, number('y') - bottom * up]);
					clip = { left, bottom, right: left + wide, top: bottom + high };
				}
				for (const child of node.children) visit(child as LiteNode, inside, clip);
				return;
			}
			case 'title':
			case 'style':
			case 'defs':
				return;
			default:
				throw new Error(`nothing is known of ${node.kind}`);
		}
	};
	// The picture counts downwards and turns its inside upwards; letters count upwards.
	visit(svg, [1, 0, 0, -1, 0, 0], null);
	return contours;
}

interface Box {
	left: number;
	bottom: number;
	right: number;
	top: number;
}

/** What is stretched reaches beyond its frame, which cuts it off. Only upright and level strokes are stretched. */
function clipped(contour: Contour, within: Box | null): Contour {
	if (!within) return contour;
	return contour.map(({ x, y, on }) => ({
		x: Math.min(Math.max(x, within.left), within.right),
		y: Math.min(Math.max(y, within.bottom), within.top),
		on
	}));
}

const moved = (contour: Contour, [a, b, c, d, e, f]: Matrix): Contour =>
	contour.map(({ x, y, on }) => ({ x: a * x + c * y + e, y: b * x + d * y + f, on }));

/** Twice the area within a line; negative when it runs clockwise. */
const area = (contour: Contour): number =>
	contour.reduce((sum, { x, y }, at) => {
		const next = contour[(at + 1) % contour.length];
		return next ? sum + x * next.y - next.x * y : sum;
	}, 0);

/** A sign with its outer lines clockwise: where two overlap, neither makes a hole in the other. */
const upright = (contours: Contour[]): Contour[] =>
	contours.reduce((sum, contour) => sum + area(contour), 0) > 0 ? contours.map((contour) => contour.toReversed()) : contours;

const point = (x: number, y: number, on = true) => ({ x, y, on });
const rectangle = (x: number, y: number, width: number, height: number): Contour => [
	point(x, y),
	point(x, y + height),
	point(x + width, y + height),
	point(x + width, y)
];
function frame([x, y, width, height]: readonly [number, number, number, number], thick: number): Contour[] {
	const half = thick / 2;
	return [
		rectangle(x - half, y - half, width + thick, height + thick),
		rectangle(x + half, y + half, width - thick, height - thick).toReversed()
	];
}
function stroke(x1: number, y1: number, x2: number, y2: number, thick: number): Contour {
	const length = Math.hypot(x2 - x1, y2 - y1) || 1;
	const [across, up] = [((y1 - y2) / length) * (thick / 2), ((x2 - x1) / length) * (thick / 2)];
	return [point(x1 + across, y1 + up), point(x2 + across, y2 + up), point(x2 - across, y2 - up), point(x1 - across, y1 - up)];
}

function transformOf(written: string): Matrix {
	let matrix: Matrix = [1, 0, 0, 1, 0, 0];
	for (const [, name, inside = ''] of written.matchAll(/(\w+)\(([^)]*)\)/g)) {
		const [one = 0, two] = inside
			.split(/[\s,]+/)
			.filter(Boolean)
			.map(Number);
		if (name === 'translate') matrix = times(matrix, [1, 0, 0, 1, one, two ?? 0]);
		else if (name === 'scale') matrix = times(matrix, [one, 0, 0, two ?? one, 0, 0]);
		else if (name === 'rotate') {
			const turn = (one * Math.PI) / 180;
			matrix = times(matrix, [Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), 0, 0]);
		} else throw new Error(`nothing is known of ${name}`);
	}
	return matrix;
}

/** The lines of a path of straight and simply bent pieces. */
function contoursIn(path: string): Contour[] {
	const contours: Contour[] = [];
	let now: Contour = [];
	let [x, y] = [0, 0];
	let [pullX, pullY] = [0, 0];
	for (const [, command = '', inside = ''] of path.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
		const numbers = (inside.match(/-?\d*\.?\d+/g) ?? []).map(Number);
		const take = (count: number, act: (...values: number[]) => void) => {
			for (let at = 0; at + count <= numbers.length; at += count) act(...numbers.slice(at, at + count));
		};
		const to = (nextX: number, nextY: number) => {
			[x, y] = [nextX, nextY];
			[pullX, pullY] = [x, y];
			now.push(point(x, y));
		};
		const bend = (overX: number, overY: number, nextX: number, nextY: number) => {
			now.push(point(overX, overY, false));
			to(nextX, nextY);
			[pullX, pullY] = [overX, overY];
		};
		if (command === 'M') {
			now = [];
			contours.push(now);
			take(2, (nextX = 0, nextY = 0) => to(nextX, nextY));
		} else if (command === 'L') take(2, (nextX = 0, nextY = 0) => to(nextX, nextY));
		else if (command === 'H') take(1, (nextX = 0) => to(nextX, y));
		else if (command === 'V') take(1, (nextY = 0) => to(x, nextY));
		else if (command === 'Q') take(4, (overX = 0, overY = 0, nextX = 0, nextY = 0) => bend(overX, overY, nextX, nextY));
		else if (command === 'T') take(2, (nextX = 0, nextY = 0) => bend(2 * x - pullX, 2 * y - pullY, nextX, nextY));
		else if (command !== 'Z') throw new Error(`nothing is known of ${command}`);
	}
	return contours;
}
