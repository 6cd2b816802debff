import type { Editor } from '@tiptap/core';
import { placeBlocks } from './line-after.ts';

/** Puts an empty formula at the caret and opens the panel in which it is written; left empty, it goes again. */
export function insertFormula(editor: Editor, block: boolean): void {
	const { tr, schema, selection } = editor.state;
	const formula = schema.nodes[block ? 'formulaBlock' : 'formula']?.create({ latex: '' });
	if (!formula) return;
	let place = selection.to;
	if (block) place = placeBlocks(tr, [formula], place);
	else tr.insert(place, formula);
	editor.view.dispatch(tr.scrollIntoView());
	const shown = editor.view.nodeDOM(place);
	if (shown instanceof HTMLElement) shown.click();
}
