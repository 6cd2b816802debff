/** How evenly something is spread over people. Every figure is null when there is nothing to spread. */
export interface Equality {
	/** People among whom it could be spread, with those who have none. */
	people: number;
	total: number;
	/** Gini coefficient, 0 (all alike) to 1 − 1/n (one has all): Σ(2i − n − 1)x₍ᵢ₎ / (n Σx). */
	gini: number | null;
	/** Gini × n/(n − 1), so that one who has all gives 1 in a group of any size; null for one person. */
	corrected: number | null;
	/** Pielou's evenness H / ln n, 1 when all are alike; null for one person. */
	evenness: number | null;
	largestShare: number | null;
	/** The fewest people who together have half of it or more. */
	holdHalf: number | null;
	/** Lorenz curve: the part of the whole that the first i of n people have, from the smallest up; n + 1 points. */
	lorenz: number[] | null;
}

export function equalityOf(values: readonly number[]): Equality {
	const people = values.length;
	const total = values.reduce((sum, value) => sum + value, 0);
	if (total === 0) {
		return { people, total, gini: null, corrected: null, evenness: null, largestShare: null, holdHalf: null, lorenz: null };
	}
	const rising = values.toSorted((a, b) => a - b);
	const gini = rising.reduce((sum, value, index) => sum + (2 * (index + 1) - people - 1) * value, 0) / (people * total);
	const entropy = rising.reduce((sum, value) => (value > 0 ? sum - (value / total) * Math.log(value / total) : sum), 0);
	return {
		people,
		total,
		gini,
		corrected: people > 1 ? (gini * people) / (people - 1) : null,
		evenness: people > 1 ? entropy / Math.log(people) : null,
		largestShare: (rising.at(-1) ?? 0) / total,
		holdHalf: fewestWithHalf(rising.toReversed(), total),
		lorenz: lorenzOf(rising, total)
	};
}

function fewestWithHalf(falling: readonly number[], total: number): number {
	let held = 0;
	return falling.findIndex((value) => (held += value) * 2 >= total) + 1;
}

function lorenzOf(rising: readonly number[], total: number): number[] {
	let held = 0;
	return [0, ...rising.map((value) => (held += value) / total)];
}
