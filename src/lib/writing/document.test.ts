import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { plainText, statistics, textOf } from './document.ts';

function written(...paragraphs: string[]): Y.Doc {
	const doc = new Y.Doc();
	textOf(doc).push(paragraphs.map(paragraph));
	return doc;
}

function paragraph(text: string): Y.XmlElement {
	const element = new Y.XmlElement('paragraph');
	element.insert(0, [new Y.XmlText(text)]);
	return element;
}

test('plain text has a line for each paragraph', () => {
	expect(plainText(written('春眠不觉晓', '处处闻啼鸟'))).toBe('春眠不觉晓\n处处闻啼鸟');
});

test('a list item gives one line, not one for each box around it', () => {
	const doc = new Y.Doc();
	const list = new Y.XmlElement('bulletList');
	const item = new Y.XmlElement('listItem');
	item.insert(0, [paragraph('第一条')]);
	list.insert(0, [item]);
	textOf(doc).push([list]);
	expect(plainText(doc)).toBe('第一条');
});

test('bold text is counted once, without its markup', () => {
	const doc = written('重点在这里');
	const text = (textOf(doc).get(0) as Y.XmlElement).get(0) as Y.XmlText;
	text.format(0, 2, { bold: {} });
	expect(plainText(doc)).toBe('重点在这里');
});

test('a Chinese character and a foreign word count as one word each', () => {
	expect(statistics(written('我用Python写 hello world。', ''))).toEqual({ characters: 20, words: 6, paragraphs: 1 });
});

test('an empty document counts nothing', () => {
	expect(statistics(new Y.Doc())).toEqual({ characters: 0, words: 0, paragraphs: 0 });
});
