import { Selection } from '@tiptap/pm/state';
import type { Transform } from '@tiptap/pm/transform';

/**
 * Joins the paragraph at a position to the one before it, as one does with Backspace at its beginning. Where there is
 * none, as at the beginning of a cell, an empty paragraph goes and another stays: false.
 */
export function joinBefore(tr: Transform, pos: number): boolean {
	const { doc } = tr;
	const block = doc.nodeAt(pos);
	if (!block?.isTextblock) return false;
	const before = Selection.findFrom(doc.resolve(pos), -1, true);
	if (before && canMeet(tr, before.to, pos)) {
		tr.delete(before.to, pos + 1);
		return true;
	}
	const $pos = doc.resolve(pos);
	const isFree = $pos.parent.canReplace($pos.index(), $pos.index() + 1);
	if (block.content.size > 0 || !isFree) return false;
	tr.delete(pos, pos + block.nodeSize);
	return true;
}

/** Whether nothing that stands for itself lies between the end of a paragraph and the beginning of another. */
function canMeet({ doc }: Transform, end: number, pos: number): boolean {
	const [$end, $start] = [doc.resolve(end), doc.resolve(pos + 1)];
	if (!$end.parent.isTextblock) return false;
	const shared = $end.sharedDepth(pos + 1);
	for (const $place of [$end, $start])
		for (let depth = shared + 1; depth <= $place.depth; depth++) {
			const { spec } = $place.node(depth).type;
			if (spec.isolating || spec.tableRole) return false;
		}
	let isFree = true;
	doc.nodesBetween(end, pos, (node, at) => {
		if (at >= end && (node.isLeaf || node.isTextblock)) isFree = false;
		return isFree;
	});
	return isFree;
}
