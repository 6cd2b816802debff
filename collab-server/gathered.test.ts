import { expect, test } from 'vitest';
import { gathered } from './gathered.ts';

test('what is asked for while work is under way is done together, and each gets its own result', async () => {
	const batches: number[][] = [];
	const gates: PromiseWithResolvers<void>[] = [];
	const double = gathered(async (numbers: readonly number[]) => {
		batches.push([...numbers]);
		const gate = Promise.withResolvers<void>();
		gates.push(gate);
		await gate.promise;
		return numbers.map((number) => number * 2);
	});
	const first = [double(1), double(2)];
	await expect.poll(() => batches).toEqual([[1, 2]]);
	const later = [double(3), double(4), double(5)];
	gates[0]?.resolve();
	expect(await Promise.all(first)).toEqual([2, 4]);
	await expect
		.poll(() => batches)
		.toEqual([
			[1, 2],
			[3, 4, 5]
		]);
	gates[1]?.resolve();
	expect(await Promise.all(later)).toEqual([6, 8, 10]);
});

test('work that fails fails for those who asked for it, and not for the next', async () => {
	const work = gathered(async (words: readonly string[]) => {
		if (words.includes('bad')) throw new Error('the database is away');
		return words;
	});
	const failed = await Promise.allSettled([work('good'), work('bad')]);
	expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
	expect(await work('good')).toBe('good');
});

test('more than fits one piece of work is done in several', async () => {
	const sizes: number[] = [];
	const work = gathered(async (numbers: readonly number[]) => {
		sizes.push(numbers.length);
		return numbers;
	});
	const numbers = Array.from({ length: 450 }, (_, index) => index);
	expect(await Promise.all(numbers.map(work))).toEqual(numbers);
	expect(sizes).toEqual([200, 200, 50]);
});
