import type { Editor } from '@tiptap/core';
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

	readonly edit = (pos: number): void => {
		const { editor } = this;
		const node = editor?.state.doc.nodeAt(pos);
		const shown = editor?.view.nodeDOM(pos);
		if (!editor || !node || !(shown instanceof HTMLElement)) return;
		this.close();
		const before = latexIn(node.attrs.latex);
		// Others write on meanwhile; the formula is found again by itself.
		let place = pos;
		const follow = ({ transaction }: { transaction: { mapping: { map(pos: number): number } } }) =>
			(place = transaction.mapping.map(place));
		editor.on('transaction', follow);
		const element = document.createElement('div');
		document.body.append(element);
		const end = (latex: string) => {
			editor.off('transaction', follow);
			this.close();
			const now = editor.state.doc.nodeAt(place);
			if (!editor.isEditable || now?.type !== node.type) return;
			const { tr } = editor.state;
			if (latex === '') tr.delete(place, place + now.nodeSize);
			else if (latex !== latexIn(now.attrs.latex)) tr.setNodeAttribute(place, 'latex', latex);
			if (tr.docChanged) editor.view.dispatch(tr);
			editor.commands.focus(Math.min(place + (latex === '' ? 0 : now.nodeSize), editor.state.doc.content.size));
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
