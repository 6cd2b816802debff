import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalityOf } from './equality.ts';

describe('equality', () => {
	it('is the published figure for the example of the R package ineq', () => {
		const { gini, corrected, evenness, largestShare, lorenz } = equalityOf([
			541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261
		]);
		expect(gini).toBeCloseTo(0.4620911303, 9);
		expect(corrected).toBeCloseTo(0.5134345892, 9);
		expect(evenness).toBeCloseTo(0.8426371979, 9);
		expect(largestShare).toBeCloseTo(0.3343195266, 9);
		expect(lorenz?.[5]).toBeCloseTo(0.1850839516, 9);
	});

	it('counts those who have nothing', () => {
		const { gini, corrected, evenness } = equalityOf([1260, 310, 155, 90, 45, 30, 12, 0]);
		expect(gini).toBeCloseTo(0.7051787592, 9);
		expect(corrected).toBeCloseTo(0.8059185819, 9);
		expect(evenness).toBeCloseTo(0.5305000218, 9);
	});

	it('is 0.8, corrected 1, when one of five has all', () => {
		expect(equalityOf([100, 0, 0, 0, 0])).toMatchObject({ gini: 0.8, corrected: 1, holdHalf: 1, largestShare: 1 });
	});

	it('is nought when all have the same', () => {
		expect(equalityOf([10, 10, 10, 10])).toMatchObject({ gini: 0, corrected: 0, holdHalf: 2 });
	});

	it('is undefined, not nought, when there is nothing', () => {
		const nothing = { gini: null, corrected: null, evenness: null, largestShare: null, holdHalf: null, lorenz: null };
		expect(equalityOf([0, 0, 0])).toMatchObject(nothing);
		expect(equalityOf([])).toMatchObject(nothing);
	});

	it('cannot be corrected for one person alone', () => {
		expect(equalityOf([7])).toMatchObject({ gini: 0, corrected: null, evenness: null });
	});

	it('stays between 0 and 1 and does not change when everything is doubled', () => {
		fc.assert(
			fc.property(fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 60 }), (values) => {
				const { corrected, total } = equalityOf(values);
				if (total === 0) return;
				expect(corrected).toBeGreaterThanOrEqual(-1e-9);
				expect(corrected).toBeLessThanOrEqual(1 + 1e-9);
				expect(equalityOf(values.map((value) => value * 2)).corrected).toBeCloseTo(corrected ?? NaN, 9);
			})
		);
	});
});
