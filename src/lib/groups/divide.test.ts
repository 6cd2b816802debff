import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deal, mixed, shuffled } from './divide.ts';

const chances = (seed: number) => {
	let state = seed + 1;
	return () => ((state = (state * 16_807) % 2_147_483_647) - 1) / 2_147_483_646;
};

test('whatever the way, everybody is in one group, and sizes differ by one at most', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 60 }),
			fc.integer({ min: 2, max: 20 }),
			fc.integer({ min: 0, max: 1_000_000 }),
			(size, count, seed) => {
				const people = Array.from({ length: size }, (_, index) => index);
				for (const groups of [
					deal(shuffled(people, chances(seed)), count),
					mixed(people, (person) => person % 7, count, chances(seed))
				]) {
					expect(groups).toHaveLength(count);
					expect(groups.flat().toSorted((a, b) => a - b)).toEqual(people);
					const sizes = groups.map((group) => group.length);
					expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
				}
			}
		)
	);
});

test('mixed groups are alike: none has all of the most active', () => {
	const groups = mixed(
		Array.from({ length: 12 }, (_, index) => index),
		(person) => person,
		3,
		chances(7)
	);
	const sums = groups.map((group) => group.reduce((sum, person) => sum + person, 0));
	expect(Math.max(...sums) - Math.min(...sums)).toBeLessThanOrEqual(2);
});
