import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundsOf, mostPoints, packPoints, unpackPoints } from './strokes.ts';
import type { Point } from './strokes.ts';

/** A stroke as a hand draws it: even, with a little tremor. */
function stroke(points: number): Point[] {
	return Array.from({ length: points }, (_, index) => {
		const turn = index / 40;
		return [300 * Math.sin(turn) + Math.sin(index * 1.7) / 3, 120 * Math.sin(turn * 2.1) + Math.cos(index * 2.3) / 3] as const;
	});
}

test('a stroke takes at most four characters a point, and no point is further off than anybody sees', () => {
	const drawn = stroke(2_000);
	const packed = packPoints(drawn);
	expect(packed.length / drawn.length).toBeLessThan(4);
	for (const [index, [x, y]] of (unpackPoints(packed)?.points ?? []).entries())
		expect(Math.hypot(x - drawn[index]![0], y - drawn[index]![1])).toBeLessThan(0.05);
});

test('what was packed once is packed the same again, with its pressure', () => {
	const point = fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
	const pressed = fc.array(fc.tuple(point, fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 200 });
	fc.assert(
		fc.property(pressed, fc.boolean(), (drawn, pen) => {
			const packed = packPoints(
				drawn.map(([at]) => at),
				pen ? drawn.map(([, pressure]) => pressure) : []
			);
			const read = unpackPoints(packed);
			expect(read?.points).toHaveLength(drawn.length);
			expect(packPoints(read!.points, read!.pressures)).toBe(packed);
		})
	);
});

test('whatever stands where points should be is read or refused, never thrown on', () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom('A', 'B', 'g', '_', '.', '!', '9') }), (text) => {
			const read = unpackPoints(text);
			for (const point of read?.points ?? []) expect(point.every(Number.isFinite)).toBe(true);
		}),
		{ numRuns: 2_000 }
	);
	expect(unpackPoints('')).toBe(null);
	expect(unpackPoints('_'.repeat(500))).toBe(null);
});

test('a stroke of hours is thinned out, not refused', () => {
	const read = unpackPoints(packPoints(stroke(mostPoints * 3)));
	expect(read?.points).toHaveLength(mostPoints);
	expect(boundsOf(read!.points).width).toBeGreaterThan(590);
});
