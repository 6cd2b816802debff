/** People as evenly as possible into so many groups, in their order: sizes differ by one at most. */
export function deal<Person>(people: readonly Person[], count: number): Person[][] {
	const groups = Array.from({ length: count }, (): Person[] => []);
	people.forEach((person, index) => groups[index % count]?.push(person));
	return groups;
}

/** Any order, each as likely as the other. `chance` gives numbers of at least 0 and below 1. */
export function shuffled<Person>(people: readonly Person[], chance: () => number): Person[] {
	const order = [...people];
	for (let last = order.length - 1; last > 0; last--) {
		const other = Math.floor(chance() * (last + 1));
		[order[last], order[other]] = [order[other]!, order[last]!];
	}
	return order;
}

/**
 * Mixed groups: from the most to the least active back and forth over the groups, so that each has some of all.
 * Who was equally active is in an order of chance.
 */
export function mixed<Person>(
	people: readonly Person[],
	activity: (person: Person) => number,
	count: number,
	chance: () => number
): Person[][] {
	const ranked = shuffled(people, chance).sort((a, b) => activity(b) - activity(a));
	const groups = Array.from({ length: count }, (): Person[] => []);
	ranked.forEach((person, index) => {
		const [turn, place] = [Math.floor(index / count), index % count];
		groups[turn % 2 === 0 ? place : count - 1 - place]?.push(person);
	});
	return groups;
}
