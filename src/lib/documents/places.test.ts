import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { Authorship } from './authorship.ts';
import { authoredRanges, placedLines } from './places.ts';

const element = (name: string, ...content: (Y.XmlElement | Y.XmlText)[]) => {
	const made = new Y.XmlElement(name);
	made.insert(0, content);
	return made;
};
const isLeaf = (name: string) => name === 'hardBreak' || name === 'horizontalRule';

test('lines are placed as the editor counts, also in lists and behind what holds nothing', () => {
	const doc = new Y.Doc();
	const fragment = doc.getXmlFragment('default');
	fragment.push([
		element('paragraph', new Y.XmlText('一二'), element('hardBreak'), new Y.XmlText('三')),
		element('horizontalRule'),
		element('bulletList', element('listItem', element('paragraph', new Y.XmlText('四')))),
		element('paragraph')
	]);
	const { lines, size } = placedLines(fragment, isLeaf);
	expect(lines.map(({ line, from }) => [line.toString(), from])).toEqual([
		['一二', 1],
		['三', 4],
		['四', 10]
	]);
	expect(size).toBe(16);
});

test('each stretch of a line has its author; what is deleted takes no room', () => {
	const [lin, chen] = [new Y.Doc(), new Y.Doc()];
	lin.getXmlFragment('default').push([element('paragraph', new Y.XmlText('春天来了'))]);
	Y.applyUpdate(chen, Y.encodeStateAsUpdate(lin));
	const line = (chen.getXmlFragment('default').get(0) as Y.XmlElement).get(0) as Y.XmlText;
	line.delete(1, 1);
	line.insert(1, '光');
	line.format(0, 2, { bold: {} });
	const authors = new Authorship([
		[lin.clientID, 'lin'],
		[chen.clientID, 'chen']
	]);
	expect(authoredRanges(placedLines(chen.getXmlFragment('default'), isLeaf), authors)).toEqual([
		{ from: 1, to: 2, personId: 'lin' },
		{ from: 2, to: 3, personId: 'chen' },
		{ from: 3, to: 5, personId: 'lin' }
	]);
});
