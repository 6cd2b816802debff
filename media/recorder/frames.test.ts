import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Packet } from './call.ts';
import { FrameClock, opusLength, soundFrames } from './frames.ts';
import { InOrder } from './in-order.ts';

const packet = (sequence: number, timestamp: number, payload = Buffer.from([0xf8, 1, 2])): Packet => ({
	sequence: sequence % 65_536,
	timestamp: timestamp >>> 0,
	marker: true,
	payload
});

test('what comes in any order within the wait is handed on in order, across the end of the numbers, none twice', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 65_535 }),
			fc.integer({ min: 2, max: 200 }),
			fc.infiniteStream(fc.nat(20)),
			(first, count, jitter) => {
				const all = Array.from({ length: count }, (_, index) => ({ sequence: (first + index) % 65_536, index }));
				const shuffled = all
					.map((thing) => ({ thing, late: thing.index === 0 ? -1 : thing.index + (jitter.next().value as number) }))
					.sort((one, other) => one.late - other.late)
					.map(({ thing }) => thing);
				const order = new InOrder<{ sequence: number; index: number }>();
				const out = shuffled.flatMap((thing) => [...order.take(thing).things, ...order.take(thing).things]);
				expect(out.map(({ index }) => index)).toEqual(all.map(({ index }) => index));
			}
		)
	);
});

test('what never comes is waited for, then left out and told', () => {
	const order = new InOrder<{ sequence: number }>();
	const out: number[] = [];
	let lost = 0;
	for (let sequence = 0; sequence < 300; sequence++) {
		if (sequence === 100 || sequence === 101) continue;
		const taken = order.take({ sequence });
		out.push(...taken.things.map((thing) => thing.sequence));
		if (taken.lost) lost++;
	}
	expect(lost).toBe(1);
	expect(out).toEqual(Array.from({ length: 300 }, (_, index) => index).filter((one) => one !== 100 && one !== 101));
});

test('times follow the sender’s clock, across its end, never go back, and are never far from when things came', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 2 ** 32 - 1 }),
			fc.array(
				fc.record({ pause: fc.integer({ min: 20, max: 3_000 }), jitter: fc.integer({ min: 0, max: 200 }), reset: fc.boolean() }),
				{
					minLength: 1,
					maxLength: 60
				}
			),
			(start, steps) => {
				const clock = new FrameClock(48_000);
				let [sent, timestamp] = [1_000, start];
				let last = clock.at(timestamp, sent);
				for (const { pause, jitter, reset } of steps) {
					sent += pause;
					timestamp = reset ? (timestamp + 1_234_567_890) >>> 0 : (timestamp + pause * 48) >>> 0;
					const at = clock.at(timestamp, sent + jitter);
					expect(at).toBeGreaterThanOrEqual(last);
					expect(Math.abs(at - (sent + jitter - 1_000))).toBeLessThanOrEqual(1_001);
					last = at;
				}
			}
		)
	);
});

test('the length of a packet of Opus is told by its first bytes', () => {
	expect([0xf8, 0x08, 0x18, 0x78, 0x80].map((first) => opusLength(Buffer.from([first, 0])))).toEqual([20, 20, 60, 20, 2.5]);
	expect(opusLength(Buffer.from([0xf9, 0]))).toBe(40);
	expect(opusLength(Buffer.from([0xfb, 0x06]))).toBe(120);
	expect(opusLength(Buffer.alloc(0))).toBe(10);
});

test('where nothing was sent there is silence, so that frames follow one another without a gap', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 40 }), (pauses) => {
			const framer = soundFrames();
			let [now, timestamp] = [5_000, 0];
			const frames = pauses.flatMap((frames, index) => {
				const taken = framer.take(packet(index, timestamp), now).frames;
				now += frames * 20;
				timestamp += frames * 960;
				return taken;
			});
			for (const [index, { at, data }] of frames.entries()) {
				const next = frames[index + 1];
				if (next) expect(Math.abs(next.at - at - opusLength(data))).toBeLessThan(20);
			}
		})
	);
});
