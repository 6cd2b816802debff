import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderBetween } from './order.ts';

test('keys put at random places keep the order in which they were put', () => {
	fc.assert(
		fc.property(fc.array(fc.nat(1_000), { maxLength: 200 }), (places) => {
			const keys: string[] = [];
			for (const place of places) {
				const index = place % (keys.length + 1);
				keys.splice(index, 0, orderBetween(keys[index - 1] ?? null, keys[index] ?? null));
			}
			expect(keys).toEqual([...new Set(keys)].sort());
		})
	);
});

test('ten thousand nodes in a row need short keys', () => {
	let key = orderBetween(null, null);
	for (let count = 0; count < 10_000; count++) {
		const next = orderBetween(key, null);
		expect(next > key).toBe(true);
		key = next;
	}
	expect(key.length).toBe(4);
});

test('there is always room before the first', () => {
	let key = orderBetween(null, null);
	for (let count = 0; count < 130_000; count++) {
		const next = orderBetween(null, key);
		if (next >= key) throw new Error(`${next} is not before ${key}`);
		key = next;
	}
});
