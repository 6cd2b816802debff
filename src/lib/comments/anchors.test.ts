import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { placedLines } from '#lib/documents/places.ts';
import { anchorOf, onlyPlaceOf, rangeOf } from './anchors.ts';
import type { Anchor } from './model.ts';

function textWith(...lines: string[]): {
	doc: Y.Doc;
	line: (index: number) => Y.XmlText;
	range: (anchor: Anchor) => unknown;
	anchor: (from: number, to: number) => Anchor;
} {
	const doc = new Y.Doc();
	const fragment = doc.getXmlFragment('default');
	fragment.push(
		lines.map((text) => {
			const paragraph = new Y.XmlElement('paragraph');
			paragraph.insert(0, [new Y.XmlText(text)]);
			return paragraph;
		})
	);
	const placed = () => placedLines(fragment, () => false).lines;
	return {
		doc,
		line: (index) => (fragment.get(index) as Y.XmlElement).get(0) as Y.XmlText,
		range: (anchor) => rangeOf(anchor, new Map(placed().map(({ line, from }) => [line, from])), doc),
		anchor: (from, to) => {
			const anchor = anchorOf(placed(), { from, to });
			if (!anchor) throw new Error('no anchor');
			return anchor;
		}
	};
}

test('a comment stays on its words when others write before, after and within them', () => {
	const { line, range, anchor } = textWith('春天来了');
	const place = anchor(2, 4);
	line(0).insert(3, '后');
	line(0).insert(1, '前');
	expect(range(place)).toEqual({ from: 3, to: 5 });
	line(0).insert(3, '中');
	expect(range(place)).toEqual({ from: 3, to: 6 });
});

test('it stands at the very beginning, and over several lines', () => {
	const { range, anchor } = textWith('春天', '夏天', '秋天');
	expect(range(anchor(1, 3))).toEqual({ from: 1, to: 3 });
	expect(range(anchor(2, 10))).toEqual({ from: 2, to: 10 });
});

test('of words that are taken away in part the rest is left; when all are gone, nothing', () => {
	const { line, range, anchor } = textWith('春天来了');
	const place = anchor(2, 5);
	line(0).delete(1, 1);
	expect(range(place)).toEqual({ from: 2, to: 4 });
	line(0).delete(1, 2);
	expect(range(place)).toBeNull();
});

test('there is no anchor where no word is, and garbage leads nowhere', () => {
	const { doc, range } = textWith('', '');
	expect(anchorOf(placedLines(doc.getXmlFragment('default'), () => false).lines, { from: 0, to: 4 })).toBeNull();
	for (const garbage of ['', '!', 'AAAA', 'AQdkZWZhdWx0AA==', btoa('\x00\xff\xff\xff\xff\x0f\xff\xff\xff\xff\x07')])
		expect(range({ from: garbage, to: garbage })).toBeNull();
});

test('words that were written anew elsewhere are found when they are there once', () => {
	const blocks = [
		{ text: '燕子飞回来', from: 1 },
		{ text: '我们看燕子', from: 10 }
	];
	expect(onlyPlaceOf('飞回来', blocks)).toEqual({ from: 3, to: 6 });
	expect(onlyPlaceOf('燕子', blocks)).toBeNull();
	expect(onlyPlaceOf('飞走了', blocks)).toBeNull();
	expect(onlyPlaceOf('', blocks)).toBeNull();
});
