/** Something that stands beside the text: where it would stand, and how high it is. */
export interface Wanted {
	readonly key: string;
	readonly top: number;
	readonly height: number;
}

/** Room between two of them, in pixels. */
const gap = 8;

/**
 * Where each stands so that none covers another: as near as may be to its place, in their order. The one that is looked
 * at stands exactly there, and the others make room.
 */
export function arrange(wanted: readonly Wanted[], active: string | null): Map<string, number> {
	const tops = new Map<string, number>();
	const middle = Math.max(
		0,
		wanted.findIndex(({ key }) => key === active)
	);
	let bottom = 0;
	for (const { key, top, height } of wanted.slice(middle)) {
		const place = key === active ? Math.max(0, top) : Math.max(top, bottom);
		tops.set(key, place);
		bottom = place + height + gap;
	}
	let ceiling = tops.get(wanted[middle]?.key ?? '') ?? 0;
	for (const { key, top, height } of wanted.slice(0, middle).toReversed()) {
		const place = Math.min(top, ceiling - gap - height);
		tops.set(key, place);
		ceiling = place;
	}
	const highest = Math.min(0, ...tops.values());
	if (highest < 0) return pushedDown(wanted, tops, -highest);
	return tops;
}

/** Nothing stands above the paper: then all that touch go down together. */
function pushedDown(wanted: readonly Wanted[], tops: ReadonlyMap<string, number>, by: number): Map<string, number> {
	const moved = new Map<string, number>();
	let bottom = 0;
	for (const { key, height } of wanted) {
		const place = Math.max(tops.get(key) ?? 0, bottom, moved.size === 0 ? (tops.get(key) ?? 0) + by : 0);
		moved.set(key, place);
		bottom = place + height + gap;
	}
	return moved;
}
