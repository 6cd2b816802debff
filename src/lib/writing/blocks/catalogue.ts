import type { Editor, Range } from '@tiptap/core';
import AtSign from '@lucide/svelte/icons/at-sign';
import Heading1 from '@lucide/svelte/icons/heading-1';
import Heading2 from '@lucide/svelte/icons/heading-2';
import Heading3 from '@lucide/svelte/icons/heading-3';
import ImagePlus from '@lucide/svelte/icons/image-plus';
import Info from '@lucide/svelte/icons/lightbulb';
import List from '@lucide/svelte/icons/list';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import ListTodo from '@lucide/svelte/icons/list-todo';
import Minus from '@lucide/svelte/icons/minus';
import Paperclip from '@lucide/svelte/icons/paperclip';
import Pilcrow from '@lucide/svelte/icons/pilcrow';
import Sigma from '@lucide/svelte/icons/sigma';
import SquareCode from '@lucide/svelte/icons/square-code';
import SquareFunction from '@lucide/svelte/icons/square-function';
import Star from '@lucide/svelte/icons/star';
import Superscript from '@lucide/svelte/icons/superscript';
import Table from '@lucide/svelte/icons/table';
import TextQuote from '@lucide/svelte/icons/text-quote';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import { m } from '#lib/i18n/generated/messages.js';
import { calloutKinds } from './callout.ts';
import type { CalloutKind } from './callout.ts';
import { chooseFiles } from './choose-files.ts';
import { insertFootnote } from './footnotes.ts';
import { insertFormula } from './insert-formula.ts';
import { leaveLineAfter } from './line-after.ts';
import type { Choice } from './menus.ts';

/** Begins where something was typed to ask for this: that is taken away first. */
const chain = (editor: Editor, range: Range) => editor.chain().focus().deleteRange(range);

const calloutIcons = { tip: Info, attention: TriangleAlert, key: Star } as const;
const calloutWords: Record<CalloutKind, [spoken: string, word: string]> = {
	tip: ['ti shi', 'tip'],
	attention: ['zhu yi', 'warning'],
	key: ['zhong dian', 'important']
};

/** Everything that can be put into a text, in the order in which it is offered. */
export function catalogue(): Choice[] {
	const item = (
		key: string,
		label: string,
		icon: Choice['icon'],
		spoken: string,
		words: string,
		take: Choice['take'],
		hint?: string
	): Choice => ({ key, label, icon, spoken: spoken.split(' '), words: words.split(' '), take, hint });
	return [
		item('paragraph', m['writing.paragraph'](), Pilcrow, 'zheng wen', 'text paragraph', (editor, range) =>
			chain(editor, range).setParagraph().run()
		),
		...([1, 2, 3] as const).map((level) =>
			item(
				`heading${level}`,
				m['writing.heading']({ level }),
				[Heading1, Heading2, Heading3][level - 1] ?? Heading1,
				['yi ji biao ti', 'er ji biao ti', 'san ji biao ti'][level - 1] ?? '',
				`heading${level} h${level} bt${level} biaoti${level} title`,
				(editor, range) => chain(editor, range).setHeading({ level }).run(),
				'#'.repeat(level)
			)
		),
		item(
			'bullets',
			m['writing.bullets'](),
			List,
			'xiang mu lie biao',
			'bullets list',
			(editor, range) => chain(editor, range).toggleBulletList().run(),
			'-'
		),
		item(
			'numbers',
			m['writing.numbers'](),
			ListOrdered,
			'bian hao lie biao',
			'numbers ordered list',
			(editor, range) => chain(editor, range).toggleOrderedList().run(),
			'1.'
		),
		item(
			'tasks',
			m['writing.tasks'](),
			ListTodo,
			'ren wu lie biao',
			'tasks todo list',
			(editor, range) => chain(editor, range).toggleTaskList().run(),
			'[ ]'
		),
		item('picture', m['writing.picture'](), ImagePlus, 'tu pian', 'picture image photo', (editor, range) => {
			chain(editor, range).run();
			chooseFiles(editor, 'image/*');
		}),
		item('file', m['writing.file'](), Paperclip, 'wen jian fu jian', 'file attachment', (editor, range) => {
			chain(editor, range).run();
			chooseFiles(editor);
		}),
		item('table', m['writing.tableName'](), Table, 'biao ge', 'table', (editor, range) =>
			chain(editor, range)
				.insertTable({ rows: 3, cols: 3, withHeaderRow: true })
				.command(({ tr }) => leaveLineAfter(tr))
				.run()
		),
		item(
			'formulaBlock',
			m['writing.formulaBlock'](),
			SquareFunction,
			'gong shi',
			'formula math equation latex',
			(editor, range) => {
				chain(editor, range).run();
				insertFormula(editor, true);
			}
		),
		item(
			'formula',
			m['writing.formulaInline'](),
			Sigma,
			'hang nei gong shi',
			'inline math',
			(editor, range) => {
				chain(editor, range).run();
				insertFormula(editor, false);
			},
			'$$'
		),
		item(
			'code',
			m['writing.code'](),
			SquareCode,
			'dai ma',
			'code',
			(editor, range) =>
				chain(editor, range)
					.setCodeBlock()
					.command(({ tr }) => leaveLineAfter(tr))
					.run(),
			'```'
		),
		...calloutKinds.map((kind) =>
			item(
				`callout-${kind}`,
				m[`writing.callout.${kind}`](),
				calloutIcons[kind],
				calloutWords[kind][0],
				`callout ${calloutWords[kind][1]}`,
				(editor, range) =>
					chain(editor, range)
						.wrapIn('callout', { kind })
						.command(({ tr }) => leaveLineAfter(tr))
						.run()
			)
		),
		item(
			'quote',
			m['writing.quote'](),
			TextQuote,
			'yin yong',
			'quote',
			(editor, range) =>
				chain(editor, range)
					.setBlockquote()
					.command(({ tr }) => leaveLineAfter(tr))
					.run(),
			'>'
		),
		item('footnote', m['writing.footnote'](), Superscript, 'jiao zhu', 'footnote note', (editor, range) => {
			chain(editor, range).run();
			insertFootnote(editor);
		}),
		item(
			'mention',
			m['writing.mention'](),
			AtSign,
			'ti ji ren',
			'mention person',
			(editor, range) => chain(editor, range).insertContent('@').run(),
			'@'
		),
		item(
			'line',
			m['writing.line'](),
			Minus,
			'fen ge xian',
			'line divider rule',
			(editor, range) => chain(editor, range).setHorizontalRule().run(),
			'---'
		)
	];
}
