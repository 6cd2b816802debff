import type { Editor } from '@tiptap/core';
import AlignCenter from '@lucide/svelte/icons/text-align-center';
import AlignEnd from '@lucide/svelte/icons/text-align-end';
import AlignStart from '@lucide/svelte/icons/text-align-start';
import BetweenHorizontalEnd from '@lucide/svelte/icons/between-horizontal-end';
import BetweenHorizontalStart from '@lucide/svelte/icons/between-horizontal-start';
import BetweenVerticalEnd from '@lucide/svelte/icons/between-vertical-end';
import BetweenVerticalStart from '@lucide/svelte/icons/between-vertical-start';
import Bold from '@lucide/svelte/icons/bold';
import Code from '@lucide/svelte/icons/code';
import Eraser from '@lucide/svelte/icons/eraser';
import Heading1 from '@lucide/svelte/icons/heading-1';
import Heading2 from '@lucide/svelte/icons/heading-2';
import Heading3 from '@lucide/svelte/icons/heading-3';
import Highlighter from '@lucide/svelte/icons/highlighter';
import Lightbulb from '@lucide/svelte/icons/lightbulb';
import List from '@lucide/svelte/icons/list';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import ListTodo from '@lucide/svelte/icons/list-todo';
import PanelTop from '@lucide/svelte/icons/panel-top';
import Pilcrow from '@lucide/svelte/icons/pilcrow';
import Redo2 from '@lucide/svelte/icons/redo-2';
import SquareCode from '@lucide/svelte/icons/square-code';
import Star from '@lucide/svelte/icons/star';
import Strikethrough from '@lucide/svelte/icons/strikethrough';
import TableCellsMerge from '@lucide/svelte/icons/table-cells-merge';
import TableCellsSplit from '@lucide/svelte/icons/table-cells-split';
import TextQuote from '@lucide/svelte/icons/text-quote';
import Trash2 from '@lucide/svelte/icons/trash-2';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Undo2 from '@lucide/svelte/icons/undo-2';
import Ungroup from '@lucide/svelte/icons/ungroup';
import UnfoldHorizontal from '@lucide/svelte/icons/fold-horizontal';
import UnfoldVertical from '@lucide/svelte/icons/fold-vertical';
import type { Component } from 'svelte';
import { m } from '#lib/i18n/generated/messages.js';
import { calloutKind, calloutKinds } from './blocks/callout.ts';
import { colourIn, colours, sideIn, sides } from './blocks/emphasis.ts';
import Emphasis from './Emphasis.svelte';

/** One button of the toolbar. */
export interface Command {
	label: () => string;
	icon: Component<{ size?: number | string }>;
	/** A colour that it gives: shown instead of the icon. */
	tint?: string;
	keys?: string;
	run: (editor: Editor) => void;
	/** For what is on or off at the caret. */
	active?: (editor: Editor) => boolean;
	able?: (editor: Editor) => boolean;
	/** Further ones, behind one button; it shows the first that is on. */
	menu?: readonly Command[];
}

const nothing = () => {};

const heading = (level: 1 | 2 | 3, icon: Command['icon']): Command => ({
	label: () => m['writing.heading']({ level }),
	icon,
	keys: `Ctrl+Alt+${level}`,
	run: (editor) => editor.chain().focus().toggleHeading({ level }).run(),
	active: (editor) => editor.isActive('heading', { level })
});

const history: readonly Command[] = [
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
];

const styles: Command = {
	label: m['writing.style'],
	icon: Pilcrow,
	run: nothing,
	menu: [
		heading(1, Heading1),
		heading(2, Heading2),
		heading(3, Heading3),
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
			label: m['writing.paragraph'],
			icon: Pilcrow,
			keys: 'Ctrl+Alt+0',
			run: (editor) => editor.chain().focus().setParagraph().run(),
			active: (editor) => editor.isActive('paragraph')
		}
	]
};

const marks: readonly Command[] = [
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
		label: m['writing.highlight'],
		icon: Highlighter,
		run: nothing,
		active: (editor) => editor.isActive('highlight'),
		menu: [
			...colours.map((colour): Command => ({
				label: m[`writing.colour.${colour}`],
				icon: Highlighter,
				tint: `var(--pen-${colour})`,
				run: (editor) => editor.chain().focus().setMark('highlight', { colour }).run(),
				active: (editor) => editor.isActive('highlight') && colourIn(editor.getAttributes('highlight').colour) === colour
			})),
			{
				label: m['writing.strike'],
				icon: Strikethrough,
				keys: 'Ctrl+Shift+S',
				run: (editor) => editor.chain().focus().toggleStrike().run(),
				active: (editor) => editor.isActive('strike')
			},
			{
				label: m['writing.inlineCode'],
				icon: Code,
				keys: 'Ctrl+E',
				run: (editor) => editor.chain().focus().toggleCode().run(),
				active: (editor) => editor.isActive('code')
			},
			{
				label: m['writing.plain'],
				icon: Eraser,
				run: (editor) => editor.chain().focus().unsetMark('highlight').unsetAllMarks().run()
			}
		]
	}
];

const alignIcons = { start: AlignStart, center: AlignCenter, end: AlignEnd } as const;
const lists: readonly Command[] = [
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
	},
	{
		label: m['writing.align'],
		icon: AlignStart,
		run: nothing,
		menu: sides.map((side): Command => ({
			label: m[`writing.align.${side}`],
			icon: alignIcons[side],
			run: (editor) => {
				const align = side === 'start' ? null : side;
				editor.chain().focus().updateAttributes('paragraph', { align }).updateAttributes('heading', { align }).run();
			},
			active: (editor) => {
				const name = editor.isActive('heading') ? 'heading' : 'paragraph';
				return editor.isActive(name) && sideIn(editor.getAttributes(name).align) === side;
			}
		}))
	}
];

/** The toolbar, in groups; what can be put into a text comes behind them. */
export const commands: readonly (readonly Command[])[] = [history, [styles], marks, lists];

const tableCommands: readonly (readonly Command[])[] = [
	[
		{
			label: m['writing.addRowBefore'],
			icon: BetweenHorizontalStart,
			run: (editor) => editor.chain().focus().addRowBefore().run()
		},
		{ label: m['writing.addRow'], icon: BetweenHorizontalEnd, run: (editor) => editor.chain().focus().addRowAfter().run() },
		{ label: m['writing.deleteRow'], icon: UnfoldVertical, run: (editor) => editor.chain().focus().deleteRow().run() }
	],
	[
		{
			label: m['writing.addColumnBefore'],
			icon: BetweenVerticalStart,
			run: (editor) => editor.chain().focus().addColumnBefore().run()
		},
		{ label: m['writing.addColumn'], icon: BetweenVerticalEnd, run: (editor) => editor.chain().focus().addColumnAfter().run() },
		{ label: m['writing.deleteColumn'], icon: UnfoldHorizontal, run: (editor) => editor.chain().focus().deleteColumn().run() }
	],
	[
		{
			label: m['writing.headerRow'],
			icon: PanelTop,
			run: (editor) => editor.chain().focus().toggleHeaderRow().run(),
			active: (editor) => editor.isActive('tableHeader')
		},
		{
			label: m['writing.mergeCells'],
			icon: TableCellsMerge,
			run: (editor) => editor.chain().focus().mergeCells().run(),
			able: (editor) => editor.can().mergeCells()
		},
		{
			label: m['writing.splitCell'],
			icon: TableCellsSplit,
			run: (editor) => editor.chain().focus().splitCell().run(),
			able: (editor) => editor.can().splitCell()
		},
		{ label: m['writing.deleteTable'], icon: Trash2, run: (editor) => editor.chain().focus().deleteTable().run() }
	]
];

const calloutIcons = { tip: Lightbulb, attention: TriangleAlert, key: Star } as const;
const calloutCommands: readonly (readonly Command[])[] = [
	[
		...calloutKinds.map((kind): Command => ({
			label: m[`writing.callout.${kind}`],
			icon: calloutIcons[kind],
			run: (editor) => editor.chain().focus().updateAttributes('callout', { kind }).run(),
			active: (editor) => calloutKind(editor.getAttributes('callout').kind) === kind
		})),
		{ label: m['writing.calloutLift'], icon: Ungroup, run: (editor) => editor.chain().focus().lift('callout').run() }
	]
];

/** A second row of tools, for what the caret stands in. */
export function contextOf(editor: Editor): { label: string; commands: readonly (readonly Command[])[] } | null {
	if (editor.isActive('table')) return { label: m['writing.tableTools'](), commands: tableCommands };
	if (editor.isActive('callout')) return { label: m['writing.calloutTools'](), commands: calloutCommands };
	return null;
}
