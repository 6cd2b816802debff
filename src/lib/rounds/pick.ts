/**
 * Picks somebody with fairness: of those who were picked least often so far, one by chance, and nobody twice in a row
 * while there is somebody else. `chance` is at least 0 and below 1.
 */
export function pickFairly<Person extends string>(
	people: readonly Person[],
	before: readonly Person[],
	chance: number
): Person | null {
	const last = before.at(-1);
	const free = people.length > 1 ? people.filter((person) => person !== last) : people;
	const times = new Map(free.map((person) => [person, before.filter((one) => one === person).length]));
	const least = Math.min(...times.values());
	const next = free.filter((person) => times.get(person) === least);
	return next[Math.floor(chance * next.length)] ?? null;
}
