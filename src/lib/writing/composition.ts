import { Extension } from '@tiptap/core';
import { Plugin } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { yUndoPluginKey } from '@tiptap/y-tiptap';
import type { UndoManager } from 'yjs';

export interface CompositionOptions {
	/** Keeps the edits of others out of the text. */
	hold: () => void;
	release: () => void;
}

/** The editor reads the composed word from the page a moment after the input method has ended. */
const settleAfter = 20;
/** A composition that was left open this long (a pad laid aside) no longer keeps others out. */
const forgottenAfter = 30_000;

/**
 * Lets an input method compose in peace: nobody's edit touches the page meanwhile, and the word,
 * however long it took, is one step of undo.
 */
export const Composition = Extension.create<CompositionOptions>({
	name: 'composition',
	addOptions: () => ({ hold: () => {}, release: () => {} }),
	addProseMirrorPlugins() {
		return [new Plugin({ view: (view) => new Watch(view, this.options) })];
	}
});

class Watch {
	readonly #view: EditorView;
	readonly #options: CompositionOptions;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** How the undo manager groups edits outside a composition, in milliseconds. */
	#grouping: number | null = null;

	constructor(view: EditorView, options: CompositionOptions) {
		this.#view = view;
		this.#options = options;
		view.dom.addEventListener('compositionstart', this.#begin);
		view.dom.addEventListener('compositionupdate', this.#waitLonger);
		view.dom.addEventListener('compositionend', this.#settle);
	}

	destroy(): void {
		this.#view.dom.removeEventListener('compositionstart', this.#begin);
		this.#view.dom.removeEventListener('compositionupdate', this.#waitLonger);
		this.#view.dom.removeEventListener('compositionend', this.#settle);
		this.#end();
	}

	get #undo(): UndoManager | undefined {
		return yUndoPluginKey.getState(this.#view.state)?.undoManager;
	}

	readonly #begin = () => {
		this.#ungroup();
		this.#options.hold();
		const undo = this.#undo;
		if (!undo) return;
		this.#grouping = undo.captureTimeout;
		undo.stopCapturing();
		undo.captureTimeout = Infinity;
		this.#waitLonger();
	};

	readonly #waitLonger = () => this.#later(this.#end, forgottenAfter);

	readonly #settle = () => {
		this.#later(() => (this.#view.composing ? this.#settle() : this.#end()), settleAfter);
	};

	readonly #end = () => {
		this.#ungroup();
		this.#options.release();
	};

	#ungroup(): void {
		clearTimeout(this.#timer);
		const undo = this.#undo;
		if (undo && this.#grouping !== null) {
			undo.captureTimeout = this.#grouping;
			undo.stopCapturing();
		}
		this.#grouping = null;
	}

	#later(act: () => void, delay: number): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(act, delay);
	}
}
