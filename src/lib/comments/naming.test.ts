import fc from 'fast-check';
import { expect, test } from 'vitest';
import { begunName, isNamed, piecesOf } from './naming.ts';

const people = [
	{ id: 'a', name: '林晓' },
	{ id: 'b', name: '林晓雨' },
	{ id: 'c', name: 'Ann Lee' }
];

test('the longest name is meant, and what is nobody’s name is only words', () => {
	expect(piecesOf('请@林晓雨看，@林晓也看，@王芳不在', people)).toEqual([
		{ text: '请' },
		{ text: '@林晓雨', person: people[1] },
		{ text: '看，' },
		{ text: '@林晓', person: people[0] },
		{ text: '也看，@王芳不在' }
	]);
	expect(isNamed('请@林晓雨看', 'a', people)).toBe(false);
	expect(isNamed('@Ann Lee please', 'c', people)).toBe(true);
	expect(isNamed('@Ann Lee', 'nobody', people)).toBe(false);
});

test('no word is lost, whatever was said', () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom('@', '林', '晓', '雨', 'A', ' ', '\n') }), (text) => {
			expect(
				piecesOf(text, people)
					.map((piece) => piece.text)
					.join('')
			).toBe(text);
		})
	);
});

test('a name is begun at an @ before the caret', () => {
	expect(begunName('你好 @林', 5)).toEqual({ at: 3, typed: '林' });
	expect(begunName('你好 @林 ', 6)).toBeNull();
	expect(begunName('@', 1)).toEqual({ at: 0, typed: '' });
});
