import { prosemirrorJSONToYXmlFragment } from '@tiptap/y-tiptap';
import { getSchema } from '@tiptap/core';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { plainText, textOf } from '#lib/writing/document.ts';
import { form } from '#lib/writing/extensions.ts';
import { replaceText } from '#lib/writing/replace.ts';
import type { TextJson } from '#lib/writing/replace.ts';
import { contentOf } from './restore.ts';
import { Timeline } from './timeline.ts';

const said = (text: string, ...marks: string[]): TextJson => ({
	type: 'text',
	text,
	marks: marks.map((type) => ({ type, attrs: {} }))
});
const paragraph = (...content: TextJson[]): TextJson => ({ type: 'paragraph', content });

/** A text with something of every kind. */
const everything: TextJson[] = [
	{ type: 'heading', attrs: { level: 2 }, content: [said('观察日记')] },
	paragraph(said('第一天，'), said('很冷', 'bold'), said('，'), said('风大', 'italic', 'strike')),
	paragraph(),
	{ type: 'bulletList', content: [{ type: 'listItem', content: [paragraph(said('玉兰'))] }] },
	{
		type: 'taskList',
		content: [
			{ type: 'taskItem', attrs: { checked: true }, content: [paragraph(said('量窝'))] },
			{ type: 'taskItem', attrs: { checked: false }, content: [paragraph(said('画图'))] }
		]
	},
	{ type: 'blockquote', content: [paragraph(said('春江水暖鸭先知', 'code'))] },
	{ type: 'codeBlock', content: [said('print(1)\nprint(2)')] },
	{
		type: 'table',
		content: [
			{
				type: 'tableRow',
				content: [
					{ type: 'tableHeader', attrs: { colspan: 2 }, content: [paragraph(said('天'))] },
					{ type: 'tableCell', content: [paragraph(said('厘米'))] }
				]
			}
		]
	},
	{ type: 'paragraph', content: [said('上'), { type: 'hardBreak' }, said('下')] },
	{ type: 'horizontalRule' },
	{
		type: 'picture',
		attrs: { src: '/api/v1/files/01980000-0000-7000-8000-000000000000', alt: '玉兰', width: 50 },
		content: [said('校门口的玉兰')]
	},
	{ type: 'attachment', attrs: { src: '/api/v1/files/01980000-0000-7000-8000-000000000001', name: '数据.xlsx', bytes: 12 } },
	{ type: 'formulaBlock', attrs: { latex: 'a^2+b^2=c^2' } },
	{ type: 'callout', attrs: { kind: 'key' }, content: [paragraph(said('每天量一次'))] },
	paragraph(
		said('和'),
		{ type: 'mention', attrs: { person: '01980000-0000-7000-8000-000000000002', label: '林一' } },
		said('一起'),
		{ type: 'formula', attrs: { latex: 'x' } },
		{ type: 'footnote', attrs: { id: 'a1' } },
		{ type: 'reference', attrs: { target: 'recording', id: '01980000-0000-7000-8000-000000000003', second: 754, label: '' } },
		{ type: 'text', text: '重点', marks: [{ type: 'highlight', attrs: { colour: 'green' } }] }
	),
	{ type: 'note', attrs: { id: 'a1' }, content: [said('又名望春花')] }
];

function document(content: TextJson[]): { doc: Y.Doc; log: Uint8Array[] } {
	const doc = new Y.Doc();
	const log: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => log.push(update));
	doc.transact(() => prosemirrorJSONToYXmlFragment(getSchema(form()), { type: 'doc', content }, textOf(doc)));
	return { doc, log };
}

function timelineOf(log: readonly Uint8Array[]): Timeline {
	const timeline = new Timeline();
	timeline.add(
		log.map((update, index) => ({
			seq: index + 1,
			personId: '林',
			at: index,
			inserted: 0,
			deletedOwn: 0,
			deletedOthers: 0,
			update
		}))
	);
	timeline.arrange();
	return timeline;
}

test('a text of every form comes back as it was, whatever has become of it', () => {
	const { doc, log } = document(everything);
	const before = textOf(doc).toString();
	doc.transact(() => textOf(doc).delete(1, 8));
	doc.transact(() => ((textOf(doc).get(0) as Y.XmlElement).get(0) as Y.XmlText).insert(0, '新的'));
	expect(textOf(doc).toString()).not.toBe(before);
	replaceText(doc, contentOf(timelineOf(log).textAt(1)));
	expect(textOf(doc).toString()).toBe(before);
});

test('what is alike is left alone, so that nothing typed meanwhile is lost', () => {
	const { doc, log } = document([paragraph(said('第一段。')), paragraph(said('第二段。')), paragraph(said('第三段。'))]);
	const other = new Y.Doc();
	Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
	const line = (doc: Y.Doc, index: number) => (textOf(doc).get(index) as Y.XmlElement).get(0) as Y.XmlText;
	doc.transact(() => line(doc, 1).insert(4, '多余的话。'));
	Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));

	replaceText(doc, contentOf(timelineOf(log).textAt(1)));
	other.transact(() => {
		line(other, 0).insert(4, '同时写的。');
		line(other, 1).insert(2, '里面');
	});
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
	Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
	for (const each of [doc, other]) expect(plainText(each)).toBe('第一段。同时写的。\n第二里面段。\n第三段。');
});

test('text that comes back stays the text of whoever wrote it', () => {
	const { doc, log } = document([paragraph(said('竹外桃花三两枝，春江水暖鸭先知。'))]);
	doc.transact(() => ((textOf(doc).get(0) as Y.XmlElement).get(0) as Y.XmlText).delete(0, 16));
	replaceText(doc, contentOf(timelineOf(log).textAt(1)));
	const timeline = new Timeline();
	timeline.add(
		log.map((update, index) => ({
			seq: index + 1,
			personId: index === 0 ? '林' : '陈',
			at: index,
			inserted: 0,
			deletedOwn: 0,
			deletedOthers: 0,
			update
		}))
	);
	timeline.arrange();
	expect(timeline.shares(timeline.length)).toMatchObject([
		{ personId: '林', standing: 16 },
		{ personId: '陈', standing: 0 }
	]);
});

test('a text with something that the editor does not know is not restored in part', () => {
	const { doc } = document([paragraph(said('留下'))]);
	expect(() => replaceText(doc, [{ type: 'hologram' }])).toThrow();
	expect(plainText(doc)).toBe('留下');
});
