import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('what is sent later waits for what was sent before, also when that fails', async () => {
	const turns = new Turns();
	const sent: string[] = [];
	const first = Promise.withResolvers<void>();
	const slow = turns.take(async () => {
		sent.push('first');
		await first.promise;
		throw new Error('refused');
	});
	const quick = turns.take(async () => sent.push('second'));
	await new Promise((resolve) => setImmediate(resolve));
	expect(sent).toEqual(['first']);
	first.resolve();
	await expect(slow).rejects.toThrow('refused');
	await quick;
	expect(sent).toEqual(['first', 'second']);
});
