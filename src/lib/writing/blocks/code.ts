import { Extension } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import type { EditorState } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import type { EditorView, NodeView } from '@tiptap/pm/view';
import { m } from '#lib/i18n/generated/messages.js';
import { coloured, languages, languageIn, loadColours } from './colour-code.ts';
import type { Coloured } from './colour-code.ts';

const key = new PluginKey<DecorationSet>('code');

/** Code in its colours, with the choice of its language and a button that copies it. */
export const Code = Extension.create({
	name: 'code-blocks',
	addProseMirrorPlugins() {
		const { editor } = this;
		let asked = false;
		const decorate = (state: EditorState): DecorationSet => {
			const decorations: Decoration[] = [];
			state.doc.descendants((node, pos) => {
				if (node.type.name !== 'codeBlock') return !node.isTextblock;
				if (!asked) {
					asked = true;
					void loadColours().then((loaded) => {
						if (loaded && !editor.isDestroyed) editor.view.dispatch(editor.state.tr.setMeta(key, true));
					});
				}
				for (const { from, to, name } of piecesOf(node))
					decorations.push(Decoration.inline(pos + 1 + from, pos + 1 + to, { class: name }));
				return false;
			});
			return decorations.length > 0 ? DecorationSet.create(state.doc, decorations) : DecorationSet.empty;
		};
		return [
			new Plugin<DecorationSet>({
				key,
				state: {
					init: (_, state) => decorate(state),
					apply(tr, old, _, state) {
						if (!tr.docChanged && !tr.getMeta(key)) return old;
						// What an input method composes is not cut into pieces under its hands.
						return editor.view.composing ? old.map(tr.mapping, tr.doc) : decorate(state);
					}
				},
				props: {
					decorations: (state) => key.getState(state),
					nodeViews: { codeBlock: (node, view, getPos) => new CodeView(node, view, getPos) }
				}
			})
		];
	}
});

const known = new WeakMap<Node, Coloured[]>();
/** A node of the editor never changes, so what is known of it holds. */
function piecesOf(node: Node): Coloured[] {
	const before = known.get(node);
	if (before) return before;
	const pieces = coloured(node.textContent, languageIn(node.attrs.language));
	if (!pieces) return [];
	known.set(node, pieces);
	return pieces;
}

class CodeView implements NodeView {
	readonly dom = document.createElement('div');
	readonly contentDOM = document.createElement('code');
	readonly #choice = document.createElement('select');
	#node: Node;

	constructor(node: Node, view: EditorView, getPos: () => number | undefined) {
		this.#node = node;
		this.dom.className = 'code';
		const bar = document.createElement('div');
		bar.className = 'bar';
		bar.contentEditable = 'false';
		this.#choice.setAttribute('aria-label', m['writing.codeLanguage']());
		this.#choice.append(...languages.map(([id, name]) => new Option(name ?? m['writing.codePlain'](), id)));
		this.#choice.addEventListener('change', () => {
			const pos = getPos();
			if (pos !== undefined) view.dispatch(view.state.tr.setNodeAttribute(pos, 'language', this.#choice.value || null));
			view.focus();
		});
		const copy = document.createElement('button');
		copy.type = 'button';
		copy.textContent = m['writing.codeCopy']();
		copy.addEventListener('click', () => {
			void navigator.clipboard?.writeText(this.#node.textContent).then(() => {
				copy.textContent = m['writing.codeCopied']();
				setTimeout(() => (copy.textContent = m['writing.codeCopy']()), 1_500);
			});
		});
		bar.append(this.#choice, copy);
		const pre = document.createElement('pre');
		pre.spellcheck = false;
		pre.append(this.contentDOM);
		this.dom.append(bar, pre);
		this.#show(view);
	}

	#show(view?: EditorView): void {
		this.#choice.value = languageIn(this.#node.attrs.language) ?? '';
		if (view) this.#choice.disabled = !view.editable;
	}

	update(node: Node): boolean {
		if (node.type !== this.#node.type) return false;
		this.#node = node;
		this.#show();
		return true;
	}

	stopEvent(event: Event): boolean {
		return event.target instanceof Element && event.target.closest('.bar') !== null;
	}

	ignoreMutation(mutation: { type: string; target: globalThis.Node }): boolean {
		return mutation.type !== 'selection' && !this.contentDOM.contains(mutation.target);
	}
}
