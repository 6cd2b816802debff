import { Extension, Node, mergeAttributes } from '@tiptap/core';
import type { Editor } from '@tiptap/core';
import type { Node as TextNode } from '@tiptap/pm/model';
import { Plugin, PluginKey, TextSelection } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import { m } from '#lib/i18n/generated/messages.js';
import { nameIn, newName } from './values.ts';

const idAttribute = {
	default: null,
	parseHTML: (element: HTMLElement) => nameIn(element.dataset.note),
	renderHTML: ({ id }: Record<string, unknown>) => ({ 'data-note': nameIn(id) ?? '' })
};

/** The place in the text to which a note belongs; its number is counted, never written. */
export const Footnote = Node.create({
	name: 'footnote',
	group: 'inline',
	inline: true,
	atom: true,
	selectable: true,
	addAttributes: () => ({ id: idAttribute }),
	parseHTML: () => [{ tag: 'sup[data-note]' }],
	renderHTML: ({ HTMLAttributes }) => [
		'sup',
		mergeAttributes(HTMLAttributes, { class: 'footnote', role: 'doc-noteref', tabindex: '0' })
	]
});

/** The text of a note, among the last paragraphs. It is a block like any other, so nobody's words are lost with a place. */
export const Note = Node.create({
	name: 'note',
	group: 'block',
	content: 'inline*',
	defining: true,
	addAttributes: () => ({ id: idAttribute }),
	parseHTML: () => [{ tag: 'aside[data-note]', priority: 60 }],
	renderHTML: ({ HTMLAttributes }) => ['aside', mergeAttributes(HTMLAttributes, { class: 'note', role: 'doc-footnote' }), 0],
	addKeyboardShortcuts() {
		return {
			// A note is one paragraph; who has written it goes back to where it belongs.
			Enter: ({ editor }) => {
				const { $from } = editor.state.selection;
				return $from.parent.type === this.type && goToPlace(editor, nameIn($from.parent.attrs.id));
			},
			Backspace: ({ editor }) => {
				const { $from, empty } = editor.state.selection;
				if (!empty || $from.parent.type !== this.type || $from.parent.content.size > 0) return false;
				return removeNote(editor, nameIn($from.parent.attrs.id));
			}
		};
	}
});

/** The numbers of notes by their ids, as their places stand in the text. */
function numbersOf(doc: TextNode): Map<string, number> {
	const numbers = new Map<string, number>();
	doc.descendants((node) => {
		const id = node.type.name === 'footnote' ? nameIn(node.attrs.id) : null;
		if (id !== null && !numbers.has(id)) numbers.set(id, numbers.size + 1);
	});
	return numbers;
}

function positionOf(doc: TextNode, type: 'footnote' | 'note', id: string | null): number | null {
	let found: number | null = null;
	doc.descendants((node, pos) => {
		if (found === null && node.type.name === type && nameIn(node.attrs.id) === id) found = pos;
		return found === null;
	});
	return found;
}

/** Puts a note at the caret and begins to write it. */
export function insertFootnote(editor: Editor): boolean {
	const { state } = editor;
	const { footnote, note } = state.schema.nodes;
	if (!footnote || !note || !state.selection.$to.parent.inlineContent) return false;
	const id = newName();
	const at = state.selection.to;
	const tr = state.tr.insert(at, footnote.create({ id }));
	if (!tr.docChanged) return false;
	// Behind the note of the place before, so that notes stand in the order of their numbers.
	const before = [...numbersOf(tr.doc).keys()];
	const earlier = before.slice(0, before.indexOf(id)).toReversed();
	let place = tr.doc.content.size;
	const next = before
		.slice(before.indexOf(id) + 1)
		.map((other) => positionOf(tr.doc, 'note', other))
		.find((pos) => pos !== null);
	const previous = earlier.map((other) => positionOf(tr.doc, 'note', other)).find((pos) => pos !== null);
	if (previous != null) place = previous + (tr.doc.nodeAt(previous)?.nodeSize ?? 0);
	else if (next != null) place = next;
	tr.insert(place, note.create({ id }));
	tr.setSelection(TextSelection.near(tr.doc.resolve(place + 1)));
	editor.view.dispatch(tr.scrollIntoView());
	editor.view.focus();
	return true;
}

function goTo(editor: Editor, pos: number | null, atEnd: boolean): boolean {
	if (pos === null) return false;
	const node = editor.state.doc.nodeAt(pos);
	const place = editor.state.doc.resolve(node?.isAtom || !atEnd ? pos + 1 : pos + (node?.nodeSize ?? 1) - 1);
	if (editor.isEditable) {
		editor.view.dispatch(editor.state.tr.setSelection(TextSelection.near(place)).scrollIntoView());
		editor.view.focus();
	}
	const shown = editor.view.nodeDOM(pos);
	if (shown instanceof HTMLElement) {
		shown.scrollIntoView({ block: 'center' });
		shown.classList.remove('found');
		void shown.offsetWidth;
		shown.classList.add('found');
	}
	return true;
}

const goToNote = (editor: Editor, id: string | null): boolean => goTo(editor, positionOf(editor.state.doc, 'note', id), true);
const goToPlace = (editor: Editor, id: string | null): boolean =>
	goTo(editor, positionOf(editor.state.doc, 'footnote', id), false);

function removeNote(editor: Editor, id: string | null): boolean {
	const { tr } = editor.state;
	const [note, place] = [positionOf(tr.doc, 'note', id), positionOf(tr.doc, 'footnote', id)];
	if (note === null) return false;
	tr.delete(note, note + (tr.doc.nodeAt(note)?.nodeSize ?? 0));
	const where = place === null ? null : tr.mapping.map(place);
	if (where !== null) {
		tr.delete(where, where + 1);
		tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(where, tr.doc.content.size))));
	}
	editor.view.dispatch(tr.scrollIntoView());
	return true;
}

const numbersKey = new PluginKey<DecorationSet>('footnotes');

/** Shows the numbers, and leads from a place to its note and back. */
export const Footnotes = Extension.create({
	name: 'footnotes',
	addProseMirrorPlugins() {
		const { editor } = this;
		return [
			new Plugin<DecorationSet>({
				key: numbersKey,
				state: {
					init: (_, { doc }) => decorate(editor, doc),
					apply(tr, old) {
						if (!tr.docChanged) return old;
						return editor.view.composing ? old.map(tr.mapping, tr.doc) : decorate(editor, tr.doc);
					}
				},
				props: {
					decorations: (state) => numbersKey.getState(state),
					handleClickOn(_, __, node, ___, event) {
						if (node.type.name !== 'footnote') return false;
						event.preventDefault();
						return goToNote(editor, nameIn(node.attrs.id));
					},
					handleKeyDown(view, event) {
						if (event.key !== 'Enter') return false;
						const target = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('sup.footnote') : null;
						const selected = 'node' in view.state.selection ? (view.state.selection.node as TextNode) : null;
						if (target) return goToNote(editor, nameIn(target.dataset.note));
						return selected?.type.name === 'footnote' && goToNote(editor, nameIn(selected.attrs.id));
					}
				}
			})
		];
	}
});

function decorate(editor: Editor, doc: TextNode): DecorationSet {
	const numbers = numbersOf(doc);
	const decorations: Decoration[] = [];
	doc.descendants((node, pos) => {
		const { name } = node.type;
		if (name !== 'footnote' && name !== 'note') return;
		const id = nameIn(node.attrs.id);
		const number = id === null ? undefined : numbers.get(id);
		const label = number === undefined ? m['writing.noteWithoutPlace']() : m['writing.noteNumber']({ number });
		decorations.push(
			Decoration.node(pos, pos + node.nodeSize, { 'data-number': String(number ?? '?'), 'aria-label': label }, { number })
		);
		if (name === 'note' && number !== undefined) {
			decorations.push(
				Decoration.widget(pos + 1, () => backTo(editor, id, number), {
					side: -1,
					key: `back-${id}-${number}`,
					ignoreSelection: true
				})
			);
		}
	});
	return decorations.length > 0 ? DecorationSet.create(doc, decorations) : DecorationSet.empty;
}

function backTo(editor: Editor, id: string | null, number: number): HTMLElement {
	const button = document.createElement('button');
	button.type = 'button';
	button.className = 'back';
	button.contentEditable = 'false';
	button.dataset.number = String(number);
	button.title = m['writing.noteBack']({ number });
	button.setAttribute('aria-label', button.title);
	button.addEventListener('mousedown', (event) => event.preventDefault());
	button.addEventListener('click', () => goToPlace(editor, id));
	return button;
}
