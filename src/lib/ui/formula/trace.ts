import type { Contour } from './contour.ts';

/** So many dots the em has: enough for print. */
const dots = 160;

/**
 * A sign that our font lacks (the rarest characters, emoji), from the fonts of the machine, as many small boxes: it
 * looks as the page shows it. Where nothing can be drawn on, an empty box stands for it.
 */
export function trace(sign: string, bold = false): { contours: Contour[]; advance: number } {
	const unknown = { contours: [box(100, 0, 900, 800), box(150, 50, 850, 750).toReversed()], advance: 1000 };
	if (typeof OffscreenCanvas === 'undefined') return unknown;
	const [wide, high] = [dots * 2, Math.ceil(dots * 1.4)];
	const base = dots;
	const context = new OffscreenCanvas(wide, high).getContext('2d', { willReadFrequently: true });
	if (!context) return unknown;
	context.font = `${bold ? 'bold ' : ''}${dots}px sans-serif`;
	const advance = Math.min(context.measureText(sign).width, wide);
	context.fillText(sign, 0, base);
	const { data } = context.getImageData(0, 0, wide, high);
	const shown = (x: number, y: number) => x >= 0 && y >= 0 && x < wide && y < high && (data[(y * wide + x) * 4 + 3] ?? 0) > 110;
	const light = (x: number, y: number) => {
		const at = (y * wide + x) * 4;
		return ((data[at] ?? 0) * 3 + (data[at + 1] ?? 0) * 6 + (data[at + 2] ?? 0)) / 10;
	};
	let isColoured = false;
	for (let at = 0; at < data.length && !isColoured; at += 4)
		isColoured = (data[at + 3] ?? 0) > 110 && Math.max(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0) > 60;
	// Of a picture in colours the edges and what is dark are drawn.
	const edge = 4;
	const inked = (x: number, y: number) =>
		shown(x, y) &&
		(!isColoured ||
			light(x, y) < 105 ||
			!shown(x - edge, y) ||
			!shown(x + edge, y) ||
			!shown(x, y - edge) ||
			!shown(x, y + edge));
	const unit = 1000 / dots;
	const contours: Contour[] = [];
	// Runs of one row that lie as those of the row before go on with them.
	let open = new Map<string, { from: number; to: number; top: number }>();
	for (let y = 0; y <= high; y++) {
		const runs = new Map<string, { from: number; to: number; top: number }>();
		for (let x = 0; y < high && x < wide; x++) {
			if (!inked(x, y)) continue;
			const from = x;
			while (x < wide && inked(x, y)) x++;
			const key = `${from}-${x}`;
			runs.set(key, open.get(key) ?? { from, to: x, top: y });
		}
		for (const [key, { from, to, top }] of open)
			if (!runs.has(key)) contours.push(box(from * unit, (base - y) * unit, to * unit, (base - top) * unit));
		open = runs;
	}
	return { contours, advance: Math.round(advance * unit) };
}

const box = (left: number, bottom: number, right: number, top: number): Contour => [
	{ x: left, y: bottom, on: true },
	{ x: left, y: top, on: true },
	{ x: right, y: top, on: true },
	{ x: right, y: bottom, on: true }
];
