import { Extension } from '@tiptap/core';
import { Plugin } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { ySyncPluginKey } from '@tiptap/y-tiptap';

export interface OwnHandsFirstOptions {
	shared: { beforeOthers: (() => void) | null };
}

/** The part of ProseMirror's view that reads the page; it has no public name. */
interface Observed {
	domObserver: { forceFlush(): void; flush(): void };
}

/**
 * Reads the caret and the text of the page before an edit of somebody else is shown. The browser tells of a
 * moved caret a moment later; an edit shown in between would put the caret back to where it was.
 */
export const OwnHandsFirst = Extension.create<OwnHandsFirstOptions>({
	name: 'ownHandsFirst',
	addOptions: () => ({ shared: { beforeOthers: null } }),
	addProseMirrorPlugins() {
		const { shared } = this.options;
		const read = (view: EditorView) => () => {
			const { domObserver } = view as unknown as Observed;
			domObserver.forceFlush();
			domObserver.flush();
		};
		return [
			new Plugin({
				view(view) {
					shared.beforeOthers = read(view);
					trustPositions(ySyncPluginKey.getState(view.state)?.binding);
					return { destroy: () => void (shared.beforeOthers = null) };
				}
			})
		];
	}
});

/** The part of the binding that keeps the caret while an edit of somebody else is shown. */
interface Binding {
	beforeTransactionSelection: { absAnchor?: number | null; absHead?: number | null } | null;
}

/**
 * Lets the caret stay where Yjs knows it to be. The binding would rather trust a paragraph that reads like the
 * caret's own, and in a class where everybody writes the same line it finds that of another.
 */
function trustPositions(binding: Binding | undefined): void {
	if (!binding) return;
	let kept = binding.beforeTransactionSelection;
	Object.defineProperty(binding, 'beforeTransactionSelection', {
		get: () => kept,
		set: (selection: Binding['beforeTransactionSelection']) => {
			kept = selection && { ...selection, absAnchor: null, absHead: null };
		}
	});
}
