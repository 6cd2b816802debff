import type { Node } from '@tiptap/pm/model';
import type { StepMap } from '@tiptap/pm/transform';

/** What stood from `from` to `to` before stands from `newFrom` to `newTo` after. */
export interface ChangedRange {
	from: number;
	to: number;
	newFrom: number;
	newTo: number;
}

/** The ranges that steps changed together, in order; those that touch are one. */
export function changedRanges(maps: readonly StepMap[]): ChangedRange[] {
	const ranges: ChangedRange[] = [];
	for (const map of maps) {
		const replaced: { from: number; to: number; size: number }[] = [];
		map.forEach((from, to, newFrom, newTo) => replaced.push({ from, to, size: newTo - newFrom }));
		// From the end, so that the positions before stay those of the map.
		for (const change of replaced.toReversed()) include(ranges, change);
	}
	return ranges;
}

function include(ranges: ChangedRange[], { from, to, size }: { from: number; to: number; size: number }): void {
	const first = ranges.findIndex((range) => range.newTo >= from);
	const after = ranges.findIndex((range) => range.newFrom > to);
	const start = first < 0 ? ranges.length : first;
	const end = after < 0 ? ranges.length : after;
	/** How far what follows the range before has moved. */
	const shift = (index: number) => (ranges[index - 1] ? (ranges[index - 1]?.to ?? 0) - (ranges[index - 1]?.newTo ?? 0) : 0);
	const touched = ranges.slice(start, end);
	const [head, tail] = [touched[0], touched.at(-1)];
	const merged = {
		from: head && head.newFrom < from ? head.from : from + shift(start),
		to: tail && tail.newTo > to ? tail.to : to + shift(end),
		newFrom: Math.min(from, head?.newFrom ?? from),
		newTo: Math.max(to, tail?.newTo ?? to)
	};
	const grown = size - (to - from);
	merged.newTo += grown;
	ranges.splice(start, end - start, merged);
	for (const range of ranges.slice(start + 1)) {
		range.newFrom += grown;
		range.newTo += grown;
	}
}

/** A range without the beginnings and ends of nodes, and the text, that are the same before and after. */
export function tightened(before: Node, after: Node, range: ChangedRange): ChangedRange {
	const tight = { ...range };
	while (tight.from < tight.to && tight.newFrom < tight.newTo && sameAfter(before, tight.from, after, tight.newFrom)) {
		tight.from++;
		tight.newFrom++;
	}
	while (tight.from < tight.to && tight.newFrom < tight.newTo && sameBefore(before, tight.to, after, tight.newTo)) {
		tight.to--;
		tight.newTo--;
	}
	return tight;
}

/** Whether the same token follows: the beginning of a like node, or the end of one. */
function sameAfter(before: Node, at: number, after: Node, newAt: number): boolean {
	const [$one, $other] = [before.resolve(at), after.resolve(newAt)];
	const [one, other] = [$one.nodeAfter, $other.nodeAfter];
	if (!one || !other) return !one && !other && $one.parent.sameMarkup($other.parent);
	return !one.isText && !one.isLeaf && one.sameMarkup(other);
}

function sameBefore(before: Node, at: number, after: Node, newAt: number): boolean {
	const [$one, $other] = [before.resolve(at), after.resolve(newAt)];
	const [one, other] = [$one.nodeBefore, $other.nodeBefore];
	if (!one || !other) return !one && !other && $one.parent.sameMarkup($other.parent);
	return !one.isText && !one.isLeaf && one.sameMarkup(other);
}
