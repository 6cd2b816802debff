import * as Y from 'yjs';
import { BoardReading, byDepth, elementsOf } from './document.ts';
import type { Drawn } from './properties.ts';
import type { Point } from './strokes.ts';

/** An element as a plain shape, without what only a canvas draws. */
export interface Shape {
	id: string;
	kind: 'box' | 'round' | 'path' | 'words' | 'image';
	x: number;
	y: number;
	width: number;
	height: number;
	/** In degrees, around the middle. */
	turn: number;
	stroke: string;
	fill: string;
	thick: number;
	opacity: number;
	/** Of a path, as SVG has it. */
	d: string;
	/** Of words. */
	lines: readonly string[];
	font: number;
	anchor: 'start' | 'middle' | 'end';
}

/** Of a long stroke so many points are enough to know it by. */
const mostPoints = 60;

/** A board from afar: reads what changed, and makes plain shapes of it. */
export class BoardShapes {
	readonly #doc: Y.Doc;
	readonly #reading: BoardReading;
	readonly #shapes = new Map<string, { shape: Shape; depth: Pick<Drawn, 'id'> & { index?: unknown } }>();

	constructor(doc: Y.Doc) {
		this.#doc = doc;
		this.#reading = new BoardReading(doc, []);
		this.#take(elementsOf(doc).keys());
		elementsOf(doc).observeDeep(this.#hear);
	}

	close(): void {
		elementsOf(this.#doc).unobserveDeep(this.#hear);
	}

	/** From the back to the front. */
	get shapes(): Shape[] {
		return [...this.#shapes.values()].sort((one, other) => byDepth(one.depth, other.depth)).map(({ shape }) => shape);
	}

	#take(ids: Iterable<string>): void {
		for (const id of this.#reading.read(ids)) {
			const drawn = this.#reading.drawn(id);
			if (drawn) this.#shapes.set(id, { shape: shapeOf(drawn), depth: { id, index: drawn.index } });
			else this.#shapes.delete(id);
		}
		this.#reading.forget();
	}

	readonly #hear = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
		const elements: unknown = elementsOf(this.#doc);
		this.#take(new Set(events.flatMap(({ target, path, keys }) => (target === elements ? [...keys.keys()] : [String(path[0])]))));
	};
}

/** The smallest box around shapes; null around nothing. */
export function boundsOfShapes(shapes: readonly Shape[]): { x: number; y: number; width: number; height: number } | null {
	if (shapes.length === 0) return null;
	let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
	for (const { x, y, width, height } of shapes) {
		left = Math.min(left, x);
		top = Math.min(top, y);
		right = Math.max(right, x + width);
		bottom = Math.max(bottom, y + height);
	}
	return { x: left, y: top, width: right - left, height: bottom - top };
}

function shapeOf(drawn: Drawn): Shape {
	const number = (name: string, otherwise = 0) => (typeof drawn[name] === 'number' ? (drawn[name] as number) : otherwise);
	const points = (drawn.points as readonly Point[] | undefined) ?? [];
	// Points may lie to the left of the first, and above it.
	const [left, top] = [Math.min(0, ...sparse(points).map(([x]) => x)), Math.min(0, ...sparse(points).map(([, y]) => y))];
	const [x, y, width, height] = [number('x') + left, number('y') + top, number('width'), number('height')];
	const font = number('fontSize', 20);
	return {
		id: drawn.id,
		kind: kinds[drawn.type],
		x,
		y,
		width,
		height,
		turn: (number('angle') * 180) / Math.PI,
		stroke: String(drawn.strokeColor ?? '#1e1e1e'),
		fill: drawn.type === 'frame' ? 'none' : String(drawn.backgroundColor ?? 'transparent'),
		thick: drawn.type === 'freedraw' ? number('strokeWidth', 2) * 2 : number('strokeWidth', 2),
		opacity: number('opacity', 100) / 100,
		d: drawn.type === 'diamond' ? diamond(x, y, width, height) : lineThrough(number('x'), number('y'), points),
		lines: drawn.type === 'text' ? String(drawn.text ?? '').split('\n') : [],
		font,
		anchor: drawn.textAlign === 'center' ? 'middle' : drawn.textAlign === 'right' ? 'end' : 'start'
	};
}

const kinds: Record<Drawn['type'], Shape['kind']> = {
	rectangle: 'box',
	frame: 'box',
	ellipse: 'round',
	diamond: 'path',
	line: 'path',
	arrow: 'path',
	freedraw: 'path',
	text: 'words',
	image: 'image'
};

function sparse(points: readonly Point[]): readonly Point[] {
	if (points.length <= mostPoints) return points;
	const step = points.length / mostPoints;
	return [...Array.from({ length: mostPoints }, (_, index) => points[Math.floor(index * step)]!), points.at(-1)!];
}

const lineThrough = (x: number, y: number, points: readonly Point[]): string =>
	sparse(points)
		.map(([dx, dy], index) => `${index === 0 ? 'M' : 'L'}${x + dx} ${y + dy}`)
		.join('');

const diamond = (x: number, y: number, width: number, height: number): string =>
	`M${x + width / 2} ${y}L${x + width} ${y + height / 2}L${x + width / 2} ${y + height}L${x} ${y + height / 2}Z`;
