import type { Editor } from '@tiptap/core';
import { leaveLineAfter } from './line-after.ts';

/** Puts an empty formula at the caret and opens the panel in which it is written; left empty, it goes again. */
export function insertFormula(editor: Editor, block: boolean): void {
	const type = block ? 'formulaBlock' : 'formula';
	editor
		.chain()
		.focus()
		.insertContent({ type, attrs: { latex: '' } })
		.command(({ tr }) => !block || leaveLineAfter(tr))
		.run();
	let found: number | null = null;
	const { from } = editor.state.selection;
	editor.state.doc.nodesBetween(Math.max(0, from - 3), Math.min(editor.state.doc.content.size, from + 2), (node, pos) => {
		if (node.type.name === type && node.attrs.latex === '') found = pos;
	});
	const shown = found === null ? null : editor.view.nodeDOM(found);
	if (shown instanceof HTMLElement) shown.click();
}
