import { expect, test } from 'vitest';
import { compare } from './compare.ts';
import type { ShownNode } from './timeline.ts';

const line = (...texts: [author: number, text: string][]): ShownNode => ({
	name: 'paragraph',
	attrs: {},
	gone: false,
	content: texts.map(([author, text]) => ({ text, author, marks: {}, from: author, to: author, gone: null }))
});
const told = (before: ShownNode[], after: ShownNode[]) =>
	compare(before, after).lines.map(({ parts }) =>
		parts.map(({ text, change }) => (change === 'same' ? text : `${change === 'inserted' ? '+' : '−'}[${text}]`)).join('')
	);

test('compares Chinese word by word', () => {
	const [before, after] = [[line([0, '我们观察了春天的燕子。'])], [line([0, '我们观察了夏天的燕子和麻雀。'])]];
	expect(told(before, after)).toEqual(['我们观察了−[春天]+[夏天]的燕子+[和麻雀]。']);
	expect(compare(before, after)).toMatchObject({
		inserted: { characters: 5, words: 5 },
		deleted: { characters: 2, words: 2 }
	});
});

test('keeps each part with its author', () => {
	const { lines } = compare([line([0, '春天来了'])], [line([0, '春天'], [1, '终于'], [0, '来了'])]);
	expect(lines[0]?.parts.map(({ author, change, text }) => [author, change, text])).toEqual([
		[0, 'same', '春天'],
		[1, 'inserted', '终于'],
		[0, 'same', '来了']
	]);
});

test('shows lines that came, went, were parted and were joined', () => {
	expect(told([line([0, '一段话'])], [line([0, '一段话']), line([0, '又一段'])])).toEqual(['一段话', '+[又一段]']);
	expect(told([line([0, '第一句。第二句。'])], [line([0, '第一句。']), line([0, '第二句。'])])).toEqual(['第一句。', '第二句。']);
	expect(told([line([0, '第一句。']), line([0, '第二句。'])], [line([0, '第一句。第二句。'])])).toEqual(['第一句。−[¶]第二句。']);
	expect(told([line([0, '旧']), line([0, '留'])], [line([0, '留'])])).toEqual(['−[旧]', '留']);
});

test('finds nothing between a text and itself', () => {
	const text = [line([0, '春江水暖']), line([1, '鸭先知'])];
	expect(compare(text, text)).toMatchObject({ inserted: { characters: 0 }, deleted: { characters: 0 } });
});

test('looks into lists', () => {
	const list = (...texts: string[]): ShownNode => ({
		name: 'bulletList',
		attrs: {},
		gone: false,
		content: texts.map((text) => ({ name: 'listItem', attrs: {}, gone: false, content: [line([0, text])] }))
	});
	const { lines } = compare([list('甲', '乙')], [list('甲', '丙', '乙')]);
	expect(lines.map(({ depth, parts }) => [depth, parts[0]?.text, parts[0]?.change])).toEqual([
		[1, '甲', 'same'],
		[1, '丙', 'inserted'],
		[1, '乙', 'same']
	]);
});

test('gives up on texts that have nothing in common before anybody waits', () => {
	const random = (seed: number) => Array.from({ length: 20_000 }, (_, index) => line([0, `${(index * seed) % 99_991}`]));
	const begun = performance.now();
	compare(random(7919), random(104_729));
	expect(performance.now() - begun).toBeLessThan(5_000);
});
