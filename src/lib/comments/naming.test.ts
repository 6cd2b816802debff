import fc from 'fast-check';
import { expect, test } from 'vitest';
import { begunName, isNamed, meantIn, piecesOf, told } from './naming.ts';

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
	expect(isNamed({ text: '请@林晓雨看', named: null }, 'a', people)).toBe(false);
	expect(isNamed({ text: '@Ann Lee please', named: null }, 'c', people)).toBe(true);
	expect(isNamed({ text: '@Ann Lee', named: null }, 'nobody', people)).toBe(false);
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

test('of two who bear one name only the one who was chosen is named, and without a choice nobody', () => {
	const here = told([
		{ id: 'a', name: '林晓', role: 'student', tail: '07' },
		{ id: 'b', name: '林晓', role: 'student', tail: '21' },
		{ id: 't', name: '林晓', role: 'teacher', tail: '01' },
		{ id: 'c', name: '陈雨', role: 'student', tail: '03' }
	]);
	expect(here.map(({ role, tail }) => [role, tail])).toEqual([
		['student', '07'],
		['student', '21'],
		['teacher', null],
		[undefined, undefined]
	]);
	const text = '@林晓 @陈雨 看一看';
	expect(meantIn(text, ['b'], here)).toEqual({ named: ['b', 'c'], unclear: [] });
	expect(meantIn(text, [], here)).toEqual({ named: ['c'], unclear: ['林晓'] });
	expect(here.map(({ id }) => isNamed({ text, named: ['b'] }, id, here))).toEqual([false, true, false, false]);
	expect(isNamed({ text, named: null }, 'a', here)).toBe(false);
});
