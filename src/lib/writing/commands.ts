import type { Editor } from '@tiptap/core';
import Bold from '@lucide/svelte/icons/bold';
import BetweenHorizontalEnd from '@lucide/svelte/icons/between-horizontal-end';
import BetweenVerticalEnd from '@lucide/svelte/icons/between-vertical-end';
import Heading1 from '@lucide/svelte/icons/heading-1';
import Heading2 from '@lucide/svelte/icons/heading-2';
import Heading3 from '@lucide/svelte/icons/heading-3';
import List from '@lucide/svelte/icons/list';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import ListTodo from '@lucide/svelte/icons/list-todo';
import Redo2 from '@lucide/svelte/icons/redo-2';
import SquareCode from '@lucide/svelte/icons/square-code';
import Strikethrough from '@lucide/svelte/icons/strikethrough';
import Table from '@lucide/svelte/icons/table';
import TextQuote from '@lucide/svelte/icons/text-quote';
import Trash2 from '@lucide/svelte/icons/trash-2';
import Undo2 from '@lucide/svelte/icons/undo-2';
import type { Component } from 'svelte';
import { m } from '#lib/i18n/generated/messages.js';
import Emphasis from './Emphasis.svelte';

/** One button of the toolbar. */
export interface Command {
	label: () => string;
	icon: Component;
	keys?: string;
	run: (editor: Editor) => void;
	/** For what is on or off at the caret. */
	active?: (editor: Editor) => boolean;
	able?: (editor: Editor) => boolean;
}

const heading = (level: 1 | 2 | 3, icon: Component): Command => ({
	label: () => m['writing.heading']({ level }),
	icon,
	keys: `Ctrl+Alt+${level}`,
	run: (editor) => editor.chain().focus().toggleHeading({ level }).run(),
	active: (editor) => editor.isActive('heading', { level })
});

/** The toolbar, in groups; the last one shows inside a table only. */
export const commands: readonly (readonly Command[])[] = [
	[
		{
			label: m['writing.undo'],
			icon: Undo2,
			keys: 'Ctrl+Z',
			run: (editor) => editor.chain().focus().undo().run(),
			able: (editor) => editor.can().undo()
		},
		{
			label: m['writing.redo'],
			icon: Redo2,
			keys: 'Ctrl+Y',
			run: (editor) => editor.chain().focus().redo().run(),
			able: (editor) => editor.can().redo()
		}
	],
	[heading(1, Heading1), heading(2, Heading2), heading(3, Heading3)],
	[
		{
			label: m['writing.bold'],
			icon: Bold,
			keys: 'Ctrl+B',
			run: (editor) => editor.chain().focus().toggleBold().run(),
			active: (editor) => editor.isActive('bold')
		},
		{
			label: m['writing.emphasis'],
			icon: Emphasis,
			keys: 'Ctrl+I',
			run: (editor) => editor.chain().focus().toggleItalic().run(),
			active: (editor) => editor.isActive('italic')
		},
		{
			label: m['writing.strike'],
			icon: Strikethrough,
			keys: 'Ctrl+Shift+S',
			run: (editor) => editor.chain().focus().toggleStrike().run(),
			active: (editor) => editor.isActive('strike')
		}
	],
	[
		{
			label: m['writing.bullets'],
			icon: List,
			keys: 'Ctrl+Shift+8',
			run: (editor) => editor.chain().focus().toggleBulletList().run(),
			active: (editor) => editor.isActive('bulletList')
		},
		{
			label: m['writing.numbers'],
			icon: ListOrdered,
			keys: 'Ctrl+Shift+7',
			run: (editor) => editor.chain().focus().toggleOrderedList().run(),
			active: (editor) => editor.isActive('orderedList')
		},
		{
			label: m['writing.tasks'],
			icon: ListTodo,
			keys: 'Ctrl+Shift+9',
			run: (editor) => editor.chain().focus().toggleTaskList().run(),
			active: (editor) => editor.isActive('taskList')
		}
	],
	[
		{
			label: m['writing.quote'],
			icon: TextQuote,
			keys: 'Ctrl+Shift+B',
			run: (editor) => editor.chain().focus().toggleBlockquote().run(),
			active: (editor) => editor.isActive('blockquote')
		},
		{
			label: m['writing.code'],
			icon: SquareCode,
			keys: 'Ctrl+Alt+C',
			run: (editor) => editor.chain().focus().toggleCodeBlock().run(),
			active: (editor) => editor.isActive('codeBlock')
		},
		{
			label: m['writing.table'],
			icon: Table,
			run: (editor) => editor.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
			able: (editor) => !editor.isActive('table')
		}
	]
];

export const tableCommands: readonly Command[] = [
	{ label: m['writing.addRow'], icon: BetweenHorizontalEnd, run: (editor) => editor.chain().focus().addRowAfter().run() },
	{ label: m['writing.addColumn'], icon: BetweenVerticalEnd, run: (editor) => editor.chain().focus().addColumnAfter().run() },
	{ label: m['writing.deleteTable'], icon: Trash2, run: (editor) => editor.chain().focus().deleteTable().run() }
];
