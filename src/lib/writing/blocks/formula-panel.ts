import type { Editor } from '@tiptap/core';
import { Selection } from '@tiptap/pm/state';
import { latexIn } from './formula.ts';
import { mounted } from './mounted.svelte.ts';
import type { Mounted } from './mounted.svelte.ts';

type Props = {
	latex: string;
	rect: { left: number; top: number; bottom: number };
	onsave: (latex: string) => void;
	oncancel: () => void;
};

/** Opens the panel in which a formula is written; one at a time. */
export class FormulaPanel {
	editor: Editor | null = null;
	#open: { view: Mounted<Props>; element: HTMLElement } | null = null;

	readonly edit = (shown: HTMLElement, getPos: () => number | undefined): void => {
		const { editor } = this;
		const at = getPos();
		const node = at === undefined ? null : editor?.state.doc.nodeAt(at);
		if (!editor || !node) return;
		this.close();
		const before = latexIn(node.attrs.latex);
		const element = document.createElement('div');
		// Within the part of the page that has the colours of the person's role.
		(editor.view.dom.closest('[data-hat]') ?? document.body).append(element);
		const end = (latex: string) => {
			this.close();
			// Others have written on meanwhile.
			const place = getPos();
			const now = place === undefined ? null : editor.state.doc.nodeAt(place);
			if (place === undefined || !editor.isEditable || now?.type !== node.type) return;
			const { tr } = editor.state;
			if (latex === '') tr.delete(place, place + now.nodeSize);
			else if (latex !== latexIn(now.attrs.latex)) tr.setNodeAttribute(place, 'latex', latex);
			if (tr.docChanged) editor.view.dispatch(tr);
			const after = editor.state.doc.resolve(Math.min(place + (latex === '' ? 0 : now.nodeSize), editor.state.doc.content.size));
			editor.view.dispatch(editor.state.tr.setSelection(Selection.near(after)));
			editor.view.focus();
		};
		this.#open = {
			element,
			view: mounted<Props>(element, () => import('./FormulaEditor.svelte'), {
				latex: before,
				rect: shown.getBoundingClientRect(),
				onsave: end,
				oncancel: () => end(before)
			})
		};
	};

	close(): void {
		this.#open?.view.destroy();
		this.#open?.element.remove();
		this.#open = null;
	}
}
