/** How often each option was chosen. */
export function tally(options: number, choices: readonly (readonly number[])[]): number[] {
	const counts = Array.from({ length: options }, () => 0);
	for (const choice of choices) for (const one of new Set(choice)) if (one < options) counts[one] = (counts[one] ?? 0) + 1;
	return counts;
}

/** Whether exactly the right options were chosen; null where nothing is right or wrong. */
export function isRight(choice: readonly number[], correct: readonly number[]): boolean | null {
	if (correct.length === 0) return null;
	const chosen = new Set(choice);
	return chosen.size === correct.length && correct.every((one) => chosen.has(one));
}
