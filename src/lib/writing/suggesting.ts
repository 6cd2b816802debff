import { Extension } from '@tiptap/core';
import { Plugin, Selection } from '@tiptap/pm/state';
import type { Transaction } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { ySyncPluginKey } from '@tiptap/y-tiptap';
import type { AuthoredRange } from '#lib/documents/places.ts';
import { singly } from './singly.ts';
import { suggest } from './suggest.ts';

export interface SuggestingOptions {
	/** Who suggests; null while one writes directly. */
	suggester: () => string | null;
	/** Who wrote what, as far as it is known. */
	authored: () => readonly AuthoredRange[];
	/** Something that cannot be suggested was left undone. */
	refused: () => void;
}

const direct = 'direct';
/** A change that is no suggestion even while one suggests, as the answer to one. */
export const asItIs = (tr: Transaction): Transaction => tr.setMeta(direct, true);

const newId = (): string => crypto.randomUUID().slice(0, 13);

/** While one suggests, whatever one does to the text is marked instead of done. */
export const Suggesting = Extension.create<SuggestingOptions>({
	name: 'suggesting',
	// Before anything that turns what is typed into something else, like "# " into a heading.
	priority: 5_000,
	addOptions: () => ({ suggester: () => null, authored: () => [], refused: () => {} }),
	dispatchTransaction({ transaction, next }) {
		const personId = this.options.suggester();
		const fromOthers = transaction.getMeta(ySyncPluginKey) !== undefined;
		if (personId === null || fromOthers || !transaction.docChanged || transaction.getMeta(direct)) return next(transaction);
		const { authored } = this.options;
		const suggested = suggest(this.editor.state, transaction, { personId, at: Date.now(), newId, authored });
		if (!suggested) return this.options.refused();
		// A word that is being composed stands in one stretch, and the page is not touched in between.
		if (this.editor.view.composing) return next(suggested);
		for (const part of singly(suggested, () => this.editor.state)) next(part);
	},
	addProseMirrorPlugins() {
		const { suggester, authored } = this.options;
		return [
			new Plugin({
				props: {
					handleTextInput(view, _from, _to, _text, typed) {
						if (suggester() === null) return false;
						view.dispatch(typed());
						return true;
					},
					handleDOMEvents: {
						// An input method writes over what is selected, on the page itself: so that it stays, it is marked and let go
						// before, at the key that begins the word.
						keydown(view, event) {
							if (event.keyCode === 229) letGo(view, suggester(), authored);
							return false;
						},
						compositionstart(view) {
							letGo(view, suggester(), authored);
							return false;
						}
					}
				}
			})
		];
	}
});

/** Marks what is selected as taken away, and puts the caret behind it. */
function letGo(view: EditorView, personId: string | null, authored: SuggestingOptions['authored']): void {
	const { selection } = view.state;
	if (personId === null || selection.empty || view.composing) return;
	const gone = suggest(view.state, view.state.tr.deleteSelection(), { personId, at: Date.now(), newId, authored });
	const tr = gone ?? view.state.tr;
	const behind = tr.doc.resolve(tr.mapping.map(selection.to));
	view.dispatch(asItIs(tr.setSelection(Selection.near(behind, -1))));
}
