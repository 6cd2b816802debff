import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { textOf } from './document.ts';
import { smallLines } from './miniature.ts';

function written(texts: readonly string[]): { doc: Y.Doc; words: Y.XmlText[] } {
	const doc = new Y.Doc();
	const words = texts.map((text) => new Y.XmlText(text));
	textOf(doc).insert(
		0,
		words.map((text) => {
			const paragraph = new Y.XmlElement('paragraph');
			paragraph.insert(0, [text]);
			return paragraph;
		})
	);
	return { doc, words };
}
const many = Array.from({ length: 30 }, (_, index) => `第${index}行`);

describe('a text from afar', () => {
	test('is its end, while nobody writes', () => {
		const { lines, above } = smallLines(written(many).doc, new Set(), 5);
		expect(lines.map(({ text }) => text)).toEqual(['第25行', '第26行', '第27行', '第28行', '第29行']);
		expect(above).toBe(true);
		expect(lines.some(({ here }) => here)).toBe(false);
	});

	test('is the lines around those where somebody writes, which are marked', () => {
		const { doc, words } = written(many);
		const { lines } = smallLines(doc, new Set([words[10]]), 5);
		expect(lines.map(({ text }) => text)).toEqual(['第8行', '第9行', '第10行', '第11行', '第12行']);
		expect(lines.filter(({ here }) => here).map(({ text }) => text)).toEqual(['第10行']);
		expect(smallLines(doc, new Set([words[0]]), 5)).toMatchObject({
			above: false,
			lines: [{ text: '第0行', here: true }, {}, {}, {}, {}]
		});
	});

	test('shows of a very long line the end, and of nothing nothing', () => {
		const [line] = smallLines(written(['长'.repeat(500) + '完']).doc, new Set(), 5).lines;
		expect(line?.text).toMatch(/^…长+完$/);
		expect([...(line?.text ?? '')].length).toBeLessThan(100);
		expect(smallLines(new Y.Doc(), new Set(), 5)).toEqual({ lines: [], above: false });
	});

	test('is never longer than asked for, in order, and shows where somebody writes, wherever that is', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.integer({ min: 3, max: 15 }), (count, place, most) => {
				const { doc, words } = written(Array.from({ length: count }, (_, index) => String(index)));
				const at = place % count;
				const { lines, above } = smallLines(doc, new Set([words[at]]), most);
				expect(lines.length).toBe(Math.min(count, most));
				expect(lines.filter(({ here }) => here).map(({ text }) => text)).toEqual([String(at)]);
				const first = Number(lines[0]!.text);
				expect(lines.map(({ text }) => Number(text))).toEqual(lines.map((_, index) => first + index));
				expect(above).toBe(first > 0);
			})
		);
	});
});
