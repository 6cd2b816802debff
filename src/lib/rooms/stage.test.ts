import { expect, test } from 'vitest';
import { arrange, fit, middleOf, pageSize } from './stage.ts';

const people = Array.from({ length: 12 }, (_, index) => `p${index}`);

test('newcomers come last and whoever leaves makes room', () => {
	expect(arrange(['a', 'b'], ['c', 'b', 'a'], new Map())).toEqual(['a', 'b', 'c']);
	expect(arrange(['a', 'b', 'c'], ['c', 'a'], new Map())).toEqual(['a', 'c']);
});

test('a speaker from a later page takes the place of whoever has been silent longest, and nobody else moves', () => {
	const lastSpoke = new Map(people.slice(0, pageSize).map((id, index) => [id, id === 'p3' ? 1 : 10 + index]));
	const order = arrange(people, people, new Map([...lastSpoke, ['p11', 99]]));
	expect(order).toEqual(people.map((id) => ({ p3: 'p11', p11: 'p3' })[id] ?? id));
});

test('speakers of the first page stay where they are', () => {
	expect(arrange(people, people, new Map([['p5', 50]]))).toEqual(people);
});

test('tiles fill a wide, low stage in a row and a phone in a column', () => {
	const shape = { gap: 8, ratio: 16 / 9 };
	expect(fit(3, { width: 1000, height: 190, ...shape }).columns).toBe(3);
	expect(fit(2, { width: 360, height: 600, ...shape })).toEqual({ columns: 1, width: 360, height: 202 });
	expect(fit(9, { width: 960, height: 540, ...shape }).columns).toBe(3);
	expect(fit(0, { width: 960, height: 540, ...shape }).width).toBe(0);
});

const someone = (...ids: string[]) => ids.map((personId) => ({ personId }));

test('shared screens are side by side up to four; of more one is large', () => {
	const call = { tiles: someone('a', 'b'), spotlight: null, choice: null };
	expect(middleOf({ ...call, screens: [] })).toEqual({ screens: [], person: null, spotlit: null });
	expect(middleOf({ ...call, screens: someone('a', 'b', 'c') }).screens).toEqual(['a', 'b', 'c']);
	expect(middleOf({ ...call, screens: someone('a', 'b', 'c', 'd', 'e') }).screens).toEqual(['a']);
});

test('what whoever leads shows is in the middle, each may look away and return, and what is gone leaves the middle', () => {
	const call = { tiles: someone('a', 'b'), screens: someone('a', 'b'), spotlight: { kind: 'person', personId: 'b' } as const };
	expect(middleOf({ ...call, choice: null })).toEqual({ screens: [], person: 'b', spotlit: 'person' });
	expect(middleOf({ ...call, choice: 'even' })).toEqual({ screens: ['a', 'b'], person: null, spotlit: 'person' });
	expect(middleOf({ ...call, choice: { kind: 'screen', personId: 'a' } })).toEqual({
		screens: ['a'],
		person: null,
		spotlit: 'person'
	});
	expect(middleOf({ ...call, choice: { kind: 'screen', personId: 'gone' } }).person).toBe('b');
	expect(middleOf({ ...call, tiles: someone('a'), choice: null })).toEqual({ screens: ['a', 'b'], person: null, spotlit: null });
});
