import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StartRound } from './model.ts';
import { pickFairly } from './pick.ts';
import { isRight, tally } from './tally.ts';

const roomId = '01980000-0000-7000-8000-000000000000';

describe('a random pick', () => {
	test('takes everybody once before it takes anybody twice, and nobody twice in a row', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 2, max: 45 }),
				fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 200 }),
				(size, chances) => {
					const people = Array.from({ length: size }, (_, index) => `p${index}`);
					const before: string[] = [];
					for (const chance of chances) {
						const picked = pickFairly(people, before, chance);
						expect(picked).not.toBeNull();
						expect(picked).not.toBe(before.at(-1));
						before.push(picked!);
					}
					const times = people.map((person) => before.filter((one) => one === person).length);
					expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(2);
				}
			)
		);
	});

	test('prefers whoever comes later and was never picked, and picks nobody where nobody is', () => {
		expect(pickFairly(['old', 'new'], ['old', 'gone'], 0)).toBe('new');
		expect(pickFairly(['alone'], ['alone'], 0.5)).toBe('alone');
		expect(pickFairly([], [], 0)).toBeNull();
	});
});

test('choices are counted once a person and option, and right means exactly the right ones', () => {
	expect(tally(3, [[0], [0, 2], [2, 2], [7], []])).toEqual([2, 0, 2]);
	expect(isRight([1, 0], [0, 1])).toBe(true);
	expect(isRight([0], [0, 1])).toBe(false);
	expect(isRight([0, 1, 2], [0, 1])).toBe(false);
	expect(isRight([0], [])).toBeNull();
});

test('a question is refused whose right answer is none of its options, or that has several of which one may choose one', () => {
	const question = (about: object) => ({ roomId, round: { kind: 'question', options: ['对', '错'], ...about } });
	expect(StartRound.safeParse(question({ correct: [1] })).success).toBe(true);
	expect(StartRound.safeParse(question({ correct: [2] })).success).toBe(false);
	expect(StartRound.safeParse(question({ correct: [0, 1] })).success).toBe(false);
	expect(StartRound.safeParse(question({ correct: [0, 1], many: true })).success).toBe(true);
	expect(StartRound.safeParse(question({ options: ['只有一个'] })).success).toBe(false);
	expect(StartRound.safeParse(question({ options: ['对', ' '] })).success).toBe(false);
	expect(StartRound.safeParse({ roomId, round: { kind: 'timer', seconds: 0 } }).success).toBe(false);
});
