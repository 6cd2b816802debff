import { describe, expect, it } from 'vitest';
import { arrow, onCircle } from './circle.ts';

const numbers = (path: string) => path.match(/-?[\d.]+/g)?.map(Number) ?? [];

describe('the drawing of a network', () => {
	it('puts the first person at the top and the rest around', () => {
		const places = onCircle(4, 100).map(({ x, y }) => [Math.round(x), Math.round(y)]);
		expect(places).toEqual([
			[0, -100],
			[100, 0],
			[0, 100],
			[-100, 0]
		]);
	});

	it('bends there and back to different sides', () => {
		const [left, right] = [
			{ x: -100, y: 0, r: 10 },
			{ x: 100, y: 0, r: 10 }
		];
		const [, , , there = 0] = numbers(arrow(left, right, 2, 4).shaft);
		const [, , , back = 0] = numbers(arrow(right, left, 2, 4).shaft);
		expect(Math.sign(there)).toBe(-Math.sign(back));
	});

	it('stops outside the circles', () => {
		const { head, shaft } = arrow({ x: 0, y: 0, r: 10 }, { x: 100, y: 0, r: 20 }, 2, 4);
		const [tipX = 0, tipY = 0] = numbers(head);
		expect(Math.hypot(tipX - 100, tipY)).toBeCloseTo(24, 0);
		const [startX = 0, startY = 0] = numbers(shaft);
		expect(Math.hypot(startX, startY)).toBeCloseTo(14, 0);
	});

	it('draws something for two people at one place', () => {
		expect(arrow({ x: 0, y: 0, r: 5 }, { x: 0, y: 0, r: 5 }, 1, 4).shaft).not.toContain('NaN');
	});
});
