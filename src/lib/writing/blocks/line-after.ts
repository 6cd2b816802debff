import { Fragment } from '@tiptap/pm/model';
import type { Node } from '@tiptap/pm/model';
import type { Transaction } from '@tiptap/pm/state';

/** Whether one could not go on writing after the child of this number: nothing follows it, or only notes. */
function endsText(parent: Node, index: number): boolean {
	for (let next = index + 1; next < parent.childCount; next++) if (parent.child(next).type.name !== 'note') return false;
	return true;
}

/** Leaves an empty line behind the block in which the selection stands, so that one can go on writing below it. */
export function leaveLineAfter(tr: Transaction): boolean {
	const { $to } = tr.selection;
	const index = $to.index(0);
	const block = tr.doc.maybeChild(index);
	const paragraph = tr.doc.type.schema.nodes.paragraph;
	if (!block || !paragraph || block.type === paragraph || !endsText(tr.doc, index)) return true;
	tr.insert($to.depth > 0 ? $to.after(1) : $to.pos, paragraph.create());
	return true;
}

/**
 * Puts blocks where somebody stands: in place of an empty line, else behind the block; at the end of the text a line is
 * left behind them to write on. Answers where they stand.
 */
export function placeBlocks(tr: Transaction, blocks: readonly Node[], at: number): number {
	const $at = tr.doc.resolve(Math.min(at, tr.doc.content.size));
	const line = $at.parent.isTextblock ? $at.parent : null;
	const last = line ? endsText($at.node(-1), $at.index(-1)) : endsText($at.parent, $at.index() - 1);
	const emptyLine = line?.type.name === 'paragraph' && line.content.size === 0;
	const below = last && !emptyLine ? [tr.doc.type.schema.nodes.paragraph?.create()].filter((node) => node !== undefined) : [];
	const content = Fragment.fromArray([...blocks, ...below]);
	const place = !line ? $at.pos : emptyLine ? $at.before() : $at.after();
	if (emptyLine && !last) tr.replaceWith($at.before(), $at.after(), content);
	else tr.insert(place, content);
	return place;
}
