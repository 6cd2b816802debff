/** How many tiles a page of the stage shows. */
export const pageSize = 9;

/**
 * The order of the tiles: as before, newcomers at the end, and whoever speaks on the first page, in the
 * place of the one there who has been silent longest, so that nobody else moves.
 */
export function arrange(before: readonly string[], present: readonly string[], lastSpoke: ReadonlyMap<string, number>): string[] {
	const order = before.filter((id) => present.includes(id));
	order.push(...present.filter((id) => !order.includes(id)));
	const spoke = (index: number) => lastSpoke.get(order[index] ?? '') ?? 0;
	for (let index = pageSize; index < order.length; index++) {
		let quietest = 0;
		for (let place = 1; place < pageSize; place++) if (spoke(place) <= spoke(quietest)) quietest = place;
		if (spoke(index) <= spoke(quietest)) continue;
		const speaker = order[index] ?? '';
		order[index] = order[quietest] ?? '';
		order[quietest] = speaker;
	}
	return order;
}

/** How many columns, and how large each tile, fill a stage best; tiles keep their shape (width : height). */
export function fit(
	count: number,
	{ width, height, gap, ratio }: { width: number; height: number; gap: number; ratio: number }
): { columns: number; width: number; height: number } {
	let best = { columns: 1, width: 0, height: 0 };
	for (let columns = 1; columns <= count; columns++) {
		const rows = Math.ceil(count / columns);
		const widest = (width - gap * (columns - 1)) / columns;
		const highest = (height - gap * (rows - 1)) / rows;
		const tile = Math.floor(Math.max(0, Math.min(widest, highest * ratio)));
		if (tile > best.width) best = { columns, width: tile, height: Math.floor(tile / ratio) };
	}
	return best;
}

/** What one looks at by one's own choice: one picture large, everything side by side, or null: what everybody sees. */
export type Choice = { kind: 'person' | 'screen'; personId: string } | 'even' | null;

/** What is in the middle of a stage, by the people whose picture or screen it is. */
export interface Middle {
	screens: string[];
	person: string | null;
	/** What whoever leads put there, when it can be seen at all. */
	spotlit: 'person' | 'screen' | null;
}

/** Shared screens that are seen side by side; of more, the first is large and the others are small. */
export const screensSideBySide = 4;

/** What belongs in the middle: what one chose, else what whoever leads put there, else what is shared. */
export function middleOf({
	screens,
	tiles,
	spotlight,
	choice
}: {
	screens: readonly { personId: string }[];
	tiles: readonly { personId: string }[];
	spotlight: { kind: 'person' | 'screen'; personId: string } | null;
	choice: Choice;
}): Middle {
	const isThere = (one: { kind: 'person' | 'screen'; personId: string }) =>
		(one.kind === 'screen' ? screens : tiles).some(({ personId }) => personId === one.personId);
	const spotlit = spotlight && isThere(spotlight) ? spotlight.kind : null;
	const one = choice && choice !== 'even' && isThere(choice) ? choice : choice === 'even' ? null : spotlit && spotlight;
	if (one)
		return { screens: one.kind === 'screen' ? [one.personId] : [], person: one.kind === 'person' ? one.personId : null, spotlit };
	const side = screens.length > screensSideBySide ? 1 : screens.length;
	return { screens: screens.slice(0, side).map(({ personId }) => personId), person: null, spotlit };
}
