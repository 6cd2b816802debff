import { Extension } from '@tiptap/core';
import { Plugin } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { ySyncPluginKey } from '@tiptap/y-tiptap';
import { amendBinding } from './binding.ts';
import type { Binding } from './binding.ts';

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
					const binding = (ySyncPluginKey.getState(view.state) as { binding?: Binding } | undefined)?.binding;
					if (binding) amendBinding(binding);
					return { destroy: () => void (shared.beforeOthers = null) };
				}
			})
		];
	}
});
