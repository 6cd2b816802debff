/** A point of a line or stroke, in the units of the board. */
export type Point = readonly [x: number, y: number];

/** Steps to a unit of the board: finer than any screen shows at its own size. */
const grain = 16;
/** No coordinate lies further out than this. */
export const furthest = 10_000_000;
/** Longer strokes are thinned out before they are kept. */
export const mostPoints = 50_000;

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const valueOf = new Map([...digits].map((digit, value) => [digit.charCodeAt(0), value]));
const mark = '.';

/**
 * Points as text: how far each lies from where the one before was heading, in steps of 1/16, five bits a
 * character (as source maps do). A hand moves evenly, so most points take three or four characters. The
 * pressure of a pen follows after a dot, one character a point.
 */
export function packPoints(points: readonly Point[], pressures: readonly number[] = []): string {
	const kept = thinned(points);
	const step = points.length / Math.max(1, kept.length);
	let text = '';
	for (const axis of [0, 1] as const) {
		let [last, speed] = [0, 0];
		for (const point of kept) {
			const at = Math.round(point[axis] * grain);
			text += digitsOf(at - last - speed);
			speed = at - last;
			last = at;
		}
		if (axis === 0) text += mark;
	}
	if (pressures.length === 0) return text;
	const pressed = kept.map((_, index) => digits[Math.round(within(pressures[Math.floor(index * step)] ?? 0.5, 0, 1) * 63)]);
	return text + mark + pressed.join('');
}

/** The points of a packed text and the pressures, if it has them; null when it is none. */
export function unpackPoints(text: string): { points: Point[]; pressures: number[] } | null {
	const [first, second, third, ...more] = text.split(mark);
	const xs = coordinates(first ?? '');
	const ys = coordinates(second ?? '');
	if (!xs || !ys || xs.length !== ys.length || xs.length === 0 || more.length > 0) return null;
	const pressures = [...(third ?? '')].map((digit) => (valueOf.get(digit.charCodeAt(0)) ?? -1) / 63);
	if (pressures.some((pressure) => pressure < 0) || (pressures.length > 0 && pressures.length !== xs.length)) return null;
	return { points: xs.map((x, index) => [x, ys[index] as number]), pressures };
}

/** The smallest box around points. */
export function boundsOf(points: readonly Point[]): { width: number; height: number } {
	let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
	for (const [x, y] of points) {
		left = Math.min(left, x);
		right = Math.max(right, x);
		top = Math.min(top, y);
		bottom = Math.max(bottom, y);
	}
	return points.length === 0 ? { width: 0, height: 0 } : { width: right - left, height: bottom - top };
}

function thinned(points: readonly Point[]): readonly Point[] {
	if (points.length <= mostPoints) return points;
	const step = points.length / mostPoints;
	return Array.from({ length: mostPoints }, (_, index) => points[Math.floor(index * step)] as Point);
}

/** Five bits a digit, the lowest first; the sixth says that more follow. The sign is the lowest bit of all. */
function digitsOf(value: number): string {
	let rest = value < 0 ? -value * 2 - 1 : value * 2;
	let text = '';
	do {
		const five = rest % 32;
		rest = Math.floor(rest / 32);
		text += digits[rest > 0 ? five + 32 : five];
	} while (rest > 0);
	return text;
}

function coordinates(text: string): number[] | null {
	const numbers: number[] = [];
	let [last, speed, value, scale] = [0, 0, 0, 1];
	for (let index = 0; index < text.length; index++) {
		const digit = valueOf.get(text.charCodeAt(index));
		if (digit === undefined || scale > 2 ** 40) return null;
		value += (digit % 32) * scale;
		scale *= 32;
		if (digit >= 32) continue;
		speed += value % 2 === 0 ? value / 2 : -(value + 1) / 2;
		last += speed;
		[value, scale] = [0, 1];
		if (Math.abs(last) > furthest * grain || numbers.length >= mostPoints) return null;
		numbers.push(last / grain);
	}
	return scale === 1 ? numbers : null;
}

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
