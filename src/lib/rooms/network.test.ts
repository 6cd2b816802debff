import fc from 'fast-check';
import { expect, test } from 'vitest';
import { followLine, freshLine } from './network.ts';
import type { Line, Reading } from './network.ts';

const good: Omit<Reading, 'at'> = { quality: 'excellent', kbps: 1_500, loss: 0 };
const weak: Omit<Reading, 'at'> = { quality: 'good', kbps: 250, loss: 0.02 };

/** Looks every two seconds for so many seconds; the line, and the second of each change. */
function watch(line: Line, from: number, seconds: number, reading: Omit<Reading, 'at'>) {
	const changes: [number, string][] = [];
	for (let second = from; second < from + seconds; second += 2) {
		const next = followLine(line, { ...reading, at: second * 1000 });
		if (next.thrift !== line.thrift) changes.push([second - from, next.thrift]);
		line = next;
	}
	return { line, changes };
}

test('below 300 kbit/s cameras pause within five seconds, and every picture when that is not enough', () => {
	expect(watch(freshLine(), 0, 30, weak).changes).toEqual([
		[4, 'cameras'],
		[10, 'video']
	]);
});

test('poor quality and lost packets count as a weak line too', () => {
	expect(watch(freshLine(), 0, 12, { ...good, quality: 'poor' }).changes).toEqual([[10, 'cameras']]);
	expect(watch(freshLine(), 0, 6, { ...good, quality: 'lost' }).line.thrift).toBe('cameras');
	expect(watch(freshLine(), 0, 6, { ...good, loss: 0.3 }).line.thrift).toBe('cameras');
	expect(watch(freshLine(), 0, 60, { quality: 'unknown', kbps: null, loss: null }).line.thrift).toBe('none');
});

test('a moment of trouble changes nothing', () => {
	let line = freshLine();
	for (let at = 0; at < 100_000; at += 2_000) line = followLine(line, { ...(at % 4_000 === 0 ? weak : good), at });
	expect(line.thrift).toBe('none');
});

test('pictures come back by themselves once the line is good, one step at a time', () => {
	const { line } = watch(freshLine(), 0, 30, weak);
	const { changes } = watch(line, 30, 60, good);
	expect(changes.map(([, thrift]) => thrift)).toEqual(['cameras', 'none']);
	expect(changes[0]?.[0]).toBeLessThanOrEqual(14);
});

test('a line that gets weak again and again is tried less and less often', () => {
	let line = freshLine();
	let at = 0;
	const waits: number[] = [];
	for (let round = 0; round < 6; round++) {
		while (line.thrift === 'none') line = followLine(line, { ...weak, at: (at += 2_000) });
		const begun = at;
		while (line.thrift !== 'none') line = followLine(line, { ...good, at: (at += 2_000) });
		waits.push(at - begun);
	}
	expect(waits).toEqual(waits.toSorted((a, b) => a - b));
	expect(waits.at(-1)).toBeGreaterThan(100_000);
	expect(waits.at(-1)).toBeLessThan(130_000);
});

test('whatever is read, what is given up changes by one step and not twice within four seconds', () => {
	const reading = fc.record({
		quality: fc.constantFrom('excellent', 'good', 'poor', 'lost', 'unknown' as const),
		kbps: fc.option(fc.nat(5_000)),
		loss: fc.option(fc.double({ min: 0, max: 1, noNaN: true }))
	});
	fc.assert(
		fc.property(fc.array(reading, { maxLength: 200 }), (readings) => {
			const steps = ['none', 'cameras', 'video'];
			let line = freshLine();
			let changedAt = -Infinity;
			readings.forEach((one, index) => {
				const next = followLine(line, { ...one, at: index * 2_000 } as Reading);
				const moved = Math.abs(steps.indexOf(next.thrift) - steps.indexOf(line.thrift));
				expect(moved).toBeLessThanOrEqual(1);
				if (moved) {
					expect(index * 2_000 - changedAt).toBeGreaterThanOrEqual(4_000);
					changedAt = index * 2_000;
				}
				line = next;
			});
		})
	);
});
