import { expect, test } from 'vitest';
import { arrange } from './arrange.ts';

const cards = (...tops: number[]) => tops.map((top, index) => ({ key: String(index), top, height: 50 }));
const placed = (tops: number[], active: string | null = null) =>
	[...arrange(cards(...tops), active)].sort().map(([, top]) => top);

test('cards stand at their places where there is room, and below each other where there is none', () => {
	expect(placed([10, 200])).toEqual([10, 200]);
	expect(placed([10, 20, 30])).toEqual([10, 68, 126]);
});

test('the one that is looked at stands at its place, the others make room', () => {
	expect(placed([100, 110, 120], '2')).toEqual([4, 62, 120]);
	expect(placed([200, 210, 220], '1')).toEqual([152, 210, 268]);
});

test('none stands above the paper', () => {
	expect(placed([10, 20, 30], '2')).toEqual([0, 58, 116]);
	expect(placed([-20, 20], null)).toEqual([0, 58]);
});
