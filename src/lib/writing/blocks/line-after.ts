import type { Node } from '@tiptap/pm/model';
import type { Transaction } from '@tiptap/pm/state';

/** Whether one could not go on writing after the child of this number: nothing follows it, or only notes. */
export function endsText(parent: Node, index: number): boolean {
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
