import { InputRule, Node, mergeAttributes } from '@tiptap/core';
import type { NodeViewRenderer } from '@tiptap/core';
import { m } from '#lib/i18n/generated/messages.js';
import { drawFormula } from './draw-formula.ts';
import { textIn } from './values.ts';

export const latexIn = (value: unknown): string => textIn(value, 4_000);

const attributes = {
	latex: {
		default: '',
		parseHTML: (element: HTMLElement) => latexIn(element.dataset.latex),
		renderHTML: ({ latex }: Record<string, unknown>) => ({ 'data-latex': latexIn(latex) })
	}
};

export interface FormulaOptions {
	/** Lets the person write the formula that stands there; nothing where the text is only read. */
	edit: ((shown: HTMLElement, getPos: () => number | undefined) => void) | null;
}

const view =
	(block: boolean): NodeViewRenderer =>
	({ node: first, getPos, editor, extension }) => {
		const dom = document.createElement(block ? 'div' : 'span');
		dom.className = block ? 'formula block' : 'formula';
		let node = first;
		const { edit } = extension.options as FormulaOptions;
		const draw = () => {
			const latex = latexIn(node.attrs.latex);
			dom.dataset.latex = latex;
			void drawFormula(dom, latex, block);
			dom.title = editor.isEditable ? m['writing.formulaEdit']() : '';
			if (latex === '') {
				dom.replaceChildren(
					Object.assign(document.createElement('span'), { className: 'empty', textContent: m['writing.formulaEmpty']() })
				);
			}
		};
		const open = () => {
			if (editor.isEditable) edit?.(dom, getPos);
		};
		dom.addEventListener('click', open);
		draw();
		return {
			dom,
			update(next) {
				if (next.type !== node.type) return false;
				const changed = next.attrs.latex !== node.attrs.latex;
				node = next;
				if (changed) draw();
				return true;
			},
			ignoreMutation: () => true,
			destroy: () => dom.removeEventListener('click', open)
		};
	};

/** What Enter does when a formula is selected. */
const openSelected =
	(name: string) =>
	({ editor }: { editor: import('@tiptap/core').Editor }): boolean => {
		const { selection } = editor.state;
		if (!('node' in selection) || (selection.node as import('@tiptap/pm/model').Node).type.name !== name) return false;
		const shown = editor.view.nodeDOM(selection.from);
		if (shown instanceof HTMLElement) shown.click();
		return true;
	};

/** A formula within a line, in LaTeX. */
export const Formula = Node.create<FormulaOptions>({
	name: 'formula',
	group: 'inline',
	inline: true,
	atom: true,
	addOptions: () => ({ edit: null }),
	addAttributes: () => attributes,
	parseHTML: () => [{ tag: 'span[data-latex]' }],
	renderHTML: ({ node, HTMLAttributes }) => [
		'span',
		mergeAttributes(HTMLAttributes, { class: 'formula' }),
		`$${latexIn(node.attrs.latex)}$`
	],
	renderText: ({ node }) => `$${latexIn(node.attrs.latex)}$`,
	addNodeView: () => view(false),
	addKeyboardShortcuts() {
		return { Enter: openSelected(this.name) };
	},
	addInputRules() {
		return [
			new InputRule({
				find: /\$\$([^$\n]{1,500})\$\$$/,
				handler: ({ range, match, chain }) =>
					void chain()
						.insertContentAt(range, { type: this.name, attrs: { latex: latexIn(match[1]) } })
						.run()
			})
		];
	}
});

/** A formula on a line of its own. */
export const FormulaBlock = Node.create<FormulaOptions>({
	name: 'formulaBlock',
	group: 'block',
	atom: true,
	addOptions: () => ({ edit: null }),
	addAttributes: () => attributes,
	parseHTML: () => [{ tag: 'div[data-latex]' }],
	renderHTML: ({ node, HTMLAttributes }) => [
		'div',
		mergeAttributes(HTMLAttributes, { class: 'formula block' }),
		`$$${latexIn(node.attrs.latex)}$$`
	],
	renderText: ({ node }) => `$$${latexIn(node.attrs.latex)}$$`,
	addNodeView: () => view(true),
	addKeyboardShortcuts() {
		return { Enter: openSelected(this.name) };
	}
});
