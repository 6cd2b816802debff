import type { Extensions } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import { TaskItem, TaskList } from '@tiptap/extension-list';
import { Placeholder } from '@tiptap/extension-placeholder';
import { TableKit } from '@tiptap/extension-table';
import type { Node } from '@tiptap/pm/model';
import { StarterKit } from '@tiptap/starter-kit';
import type { Awareness } from 'y-protocols/awareness';
import type { Doc } from 'yjs';
import { m } from '#lib/i18n/generated/messages.js';
import { blocks, blockTools } from './blocks/index.ts';
import { hrefIn } from './blocks/values.ts';
import { renderCaret, renderSelection } from './carets.ts';
import { Composition } from './composition.ts';
import { puttingBack } from '#lib/documents/stranded.ts';
import { textOf } from './document.ts';
import { FocusAtOnce } from './focus-at-once.ts';
import { OwnHandsFirst } from './own-hands-first.ts';
import { suggestionForm, withSuggestions } from './suggestion.ts';

/** What the editor needs of a document that others write in too. */
export interface SharedText {
	readonly documentId: string;
	readonly doc: Doc;
	readonly awareness: Awareness;
	hold(): void;
	release(): void;
	beforeOthers: (() => void) | null;
	insert: ((content: object[], notes: object[]) => boolean) | null;
}

/** What a text may hold. */
export const form = (more = blocks()): Extensions => [
	...suggestionForm(),
	withSuggestions(StarterKit).configure({
		heading: { levels: [1, 2, 3] },
		// Undo comes with the collaboration; and nothing adds text by itself, or every browser would add it once.
		undoRedo: false,
		trailingNode: false,
		link: {
			openOnClick: 'whenNotEditable',
			isAllowedUri: (url) => hrefIn(url) !== null,
			HTMLAttributes: { rel: 'noopener noreferrer nofollow' }
		}
	}),
	TaskList,
	TaskItem.configure({
		nested: true,
		a11y: { checkboxLabel: (node) => m['writing.taskDone']({ task: node.textContent || m['writing.taskEmpty']() }) }
	}),
	TableKit.configure({ table: { resizable: false } }),
	...more
];

const placeholderOf = ({ node }: { node: Node }): string =>
	node.type.name === 'note' ? m['writing.notePlaceholder']() : m['writing.placeholder']();

/** What a text may hold and how it is written together. */
export const extensionsOf = (shared: SharedText): Extensions => [
	...form(blockTools(shared)),
	Placeholder.configure({ placeholder: placeholderOf, showOnlyWhenEditable: false, includeChildren: false }),
	Collaboration.configure({ fragment: textOf(shared.doc), yUndoOptions: { trackedOrigins: [puttingBack] } }),
	CollaborationCaret.configure({
		provider: shared,
		user: shared.awareness.getLocalState()?.user ?? {},
		render: renderCaret,
		selectionRender: renderSelection
	}),
	FocusAtOnce,
	OwnHandsFirst.configure({ shared }),
	Composition.configure({ hold: () => shared.hold(), release: () => shared.release() })
];
