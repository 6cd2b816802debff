import type { Editor } from '@tiptap/core';
import { Fragment } from '@tiptap/pm/model';
import type { Node } from '@tiptap/pm/model';
import { TextSelection } from '@tiptap/pm/state';

/**
 * Puts blocks after the paragraph of the caret, or in its place when it is empty, and notes at the end of the text. One
 * step of undo. False when they are none that the text can hold.
 */
export function insertBlocks(editor: Editor, content: readonly object[], notes: readonly object[]): boolean {
	if (!editor.isEditable) return false;
	const { state, schema } = editor;
	let blocks: Node[];
	let ends: Node[];
	try {
		blocks = content.map((node) => schema.nodeFromJSON(node));
		ends = notes.map((node) => schema.nodeFromJSON(node));
		for (const node of [...blocks, ...ends]) node.check();
	} catch {
		return false;
	}
	const { tr } = state;
	const { $from } = state.selection;
	if (ends.length > 0) tr.insert(tr.doc.content.size, Fragment.from(ends));
	// Beside the outermost block: a table or a list does not hold everything.
	const depth = Math.min($from.depth, 1);
	const block = depth > 0 ? $from.node(1) : null;
	const [before, after] = block ? [$from.before(1), $from.after(1)] : [$from.pos, $from.pos];
	const isEmpty = block?.isTextblock === true && block.content.size === 0;
	if (isEmpty) tr.replaceWith(before, after, blocks);
	else tr.insert(after, Fragment.from(blocks));
	const end = (isEmpty ? before : after) + Fragment.from(blocks).size;
	tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(end, tr.doc.content.size)), -1)).scrollIntoView();
	editor.view.dispatch(tr);
	editor.view.focus();
	return true;
}
