const outside = 'outside:';

/** Under which name whoever speaks into a call from outside is in it. */
export const outsideIdentity = (personId: string): string => outside + personId;

/** Of whoever speaks into a call from outside, who it is; null for those who are in it. */
export const outsiderOf = (identity: string): string | null =>
	identity.startsWith(outside) ? identity.slice(outside.length) : null;

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
