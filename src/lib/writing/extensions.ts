import type { Extensions } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import { TaskItem, TaskList } from '@tiptap/extension-list';
import { Placeholder } from '@tiptap/extension-placeholder';
import { TableKit } from '@tiptap/extension-table';
import { StarterKit } from '@tiptap/starter-kit';
import type { Awareness } from 'y-protocols/awareness';
import type { Doc } from 'yjs';
import { m } from '#lib/i18n/generated/messages.js';
import { renderCaret, renderSelection } from './carets.ts';
import { Composition } from './composition.ts';
import { textOf } from './document.ts';
import { OwnHandsFirst } from './own-hands-first.ts';
import { suggestionForm } from './suggestion.ts';

/** What the editor needs of a document that others write in too. */
export interface SharedText {
	readonly doc: Doc;
	readonly awareness: Awareness;
	hold(): void;
	release(): void;
	beforeOthers: (() => void) | null;
}

/** What a text may hold. */
export const form = (): Extensions => [
	...suggestionForm(),
	StarterKit.configure({
		heading: { levels: [1, 2, 3] },
		// Undo comes with the collaboration; and nothing adds text by itself, or every browser would add it once.
		undoRedo: false,
		trailingNode: false,
		link: { openOnClick: 'whenNotEditable', HTMLAttributes: { rel: 'noopener noreferrer nofollow' } }
	}),
	TaskList,
	TaskItem.configure({
		nested: true,
		a11y: { checkboxLabel: (node) => m['writing.taskDone']({ task: node.textContent || m['writing.taskEmpty']() }) }
	}),
	TableKit.configure({ table: { resizable: false } })
];

/** What a text may hold and how it is written together. */
export const extensionsOf = (shared: SharedText): Extensions => [
	...form(),
	Placeholder.configure({ placeholder: m['writing.placeholder'](), showOnlyWhenEditable: false }),
	Collaboration.configure({ fragment: textOf(shared.doc) }),
	CollaborationCaret.configure({
		provider: shared,
		user: shared.awareness.getLocalState()?.user ?? {},
		render: renderCaret,
		selectionRender: renderSelection
	}),
	OwnHandsFirst.configure({ shared }),
	Composition.configure({ hold: () => shared.hold(), release: () => shared.release() })
];
