import { pathOf } from '#lib/ui/formula/contour.ts';
import type { Shape } from '#lib/ui/formula/shape.ts';
import { trace } from '#lib/ui/formula/trace.ts';
import type { Forest } from './forest.ts';
import { piecesOf } from './formula.ts';
import type { NodeType } from './size.ts';

/** What formulas are drawn with where there is no page. */
export interface Formulas {
	/** By their TeX; what cannot be read has none, and stands as it was written. */
	readonly shapes: ReadonlyMap<string, Shape>;
	/** How wide words are in a type, in pixels. */
	widthOf(words: string, type: NodeType): number;
}

/** As on the page, where formulas are a little larger than the words beside them. */
const larger = 1.21;
/** Above and below what is higher than a line. */
const air = 2;

/** Lays out every formula of a map. */
export async function formulasOf({ nodes }: Forest, widthOf: Formulas['widthOf']): Promise<Formulas> {
	const shapes = new Map<string, Shape>();
	const found = new Set(
		[...nodes.values()].flatMap(({ text }) => piecesOf(text).flatMap((piece) => (piece.formula ? [piece.text] : [])))
	);
	if (found.size === 0) return { shapes, widthOf };
	const { shapeOf } = await import('#lib/ui/formula/shape.ts');
	for (const tex of found) {
		const shape = shapeOf(tex, false);
		if (shape) shapes.set(tex, shape);
	}
	return { shapes, widthOf };
}

/** Words with the left end of their base line, or a formula as an SVG path. */
export type Setting = { readonly words: string; readonly x: number; readonly base: number } | { readonly path: string };

interface Piece {
	readonly x: number;
	readonly width: number;
	readonly what: string | Shape;
}

/** Sets a text with formulas in lines of a width, from a left edge, around a middle. */
export function typeset(
	text: string,
	type: NodeType,
	{ shapes, widthOf }: Formulas,
	{ width, left, middle }: { width: number; left: number; middle: number }
): Setting[] {
	const scale = (type.font * larger) / 1000;
	const [over, under] = [type.line / 2 + type.font * 0.35, type.line / 2 - type.font * 0.35];
	const rows = linesOf(text, type, { shapes, widthOf }, scale, width).map((pieces) => {
		const tall = pieces.flatMap(({ what }) => (typeof what === 'string' ? [] : [what]));
		const ascent = Math.max(over, ...tall.map(({ ascent }) => ascent * scale + air));
		return { pieces, ascent, height: ascent + Math.max(under, ...tall.map(({ descent }) => descent * scale + air)) };
	});
	let top = middle - rows.reduce((sum, { height }) => sum + height, 0) / 2;
	return rows.flatMap(({ pieces, ascent, height }) => {
		const base = top + ascent;
		top += height;
		return pieces.map(({ x, what }): Setting =>
			typeof what === 'string'
				? { words: what, x: left + x, base }
				: {
						path: pathOf(
							what.contours((sign) => trace(sign).contours),
							scale,
							left + x,
							base
						)
					}
		);
	});
}

function linesOf(text: string, type: NodeType, { shapes, widthOf }: Formulas, scale: number, longest: number): Piece[][] {
	const lines: Piece[][] = [[]];
	let x = 0;
	const put = (what: string | Shape, width: number) => {
		if (x > 0 && x + width > longest + 1) {
			lines.push([]);
			x = 0;
		}
		const line = lines.at(-1)!;
		const last = line.at(-1);
		if (typeof what === 'string' && typeof last?.what === 'string')
			line[line.length - 1] = { ...last, what: last.what + what, width: last.width + width };
		else line.push({ x, width, what });
		x += width;
	};
	for (const piece of piecesOf(text)) {
		const shape = piece.formula ? shapes.get(piece.text) : undefined;
		if (shape) {
			put(shape, shape.width * scale);
			continue;
		}
		for (const words of (piece.formula ? `$${piece.text}$` : piece.text).match(/\n|[\u0021-\u024f]+\s*|./gsu) ?? [])
			if (words === '\n') {
				lines.push([]);
				x = 0;
			} else put(words, widthOf(words, type));
	}
	return lines;
}
