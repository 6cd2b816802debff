import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	InkBoard,
	inkColor,
	inkLimits,
	inkScale,
	inkTools,
	laserTime,
	pathOf,
	pictureBox,
	readInk,
	tellStroke,
	toInk,
	writeInk
} from './ink.ts';
import type { InkMessage } from './ink.ts';

const draw = (id: number, points = [0, 0, 10, 10], from = 0, share = 'TR_a'): InkMessage => ({
	do: 'draw',
	share,
	id,
	tool: 'pen',
	from,
	points
});
const open = { clears: false, isOpen: true };

describe('what comes over the line', () => {
	const message = fc.oneof(
		fc.record({
			do: fc.constant('draw' as const),
			share: fc.string({ minLength: 1, maxLength: 30 }).filter((text) => text.isWellFormed()),
			id: fc.nat(),
			tool: fc.constantFrom(...inkTools),
			from: fc.nat(1000).map((half) => half * 2),
			points: fc
				.array(fc.tuple(fc.nat(inkScale), fc.nat(inkScale)), { minLength: 1, maxLength: 200 })
				.map((pairs) => pairs.flat())
		}),
		fc.record({ do: fc.constant('undo' as const), share: fc.constant('TR_a'), id: fc.nat() }),
		fc.record({ do: fc.constant('clear' as const), share: fc.constant('TR_a') })
	);

	test('is read as it was written', () => {
		fc.assert(
			fc.property(message, (one) => {
				expect(readInk(writeInk(one))).toEqual(one);
			})
		);
	});

	test('is nothing when it is garbage, and never an error', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
				expect(readInk(bytes)).toBeNull();
			})
		);
		fc.assert(
			fc.property(fc.json(), (text) => {
				expect(readInk(new TextEncoder().encode(text))).toBeNull();
			})
		);
	});

	test('is nothing when a number is none, a point lies outside, or it is too much', () => {
		const good = draw(1) as Extract<InkMessage, { do: 'draw' }>;
		const broken: unknown[] = [
			{ ...good, points: [0, 0, 'NaN', 1] },
			{ ...good, points: [0, null] },
			{ ...good, points: [-1, 0] },
			{ ...good, points: [0, inkScale + 1] },
			{ ...good, points: [0.5, 1] },
			{ ...good, points: [1] },
			{ ...good, points: [] },
			{ ...good, points: Array.from({ length: inkLimits.points + 2 }, () => 1) },
			{ ...good, from: 1 },
			{ ...good, from: 1e9 },
			{ ...good, tool: 'bomb' },
			{ ...good, share: 'x'.repeat(65) },
			{ ...good, share: '' },
			{ ...good, id: 'first' },
			{ ...good, do: 'erase' },
			[good],
			null
		];
		for (const one of broken) expect(readInk(new TextEncoder().encode(JSON.stringify(one)))).toBeNull();
		expect(readInk(new TextEncoder().encode(`${JSON.stringify(good)}${' '.repeat(inkLimits.message)}`))).toBeNull();
	});
});

describe('the board of a call', () => {
	test('puts a stroke together from its pieces, twice told or overlapping alike, and leaves out a piece without a beginning', () => {
		const board = new InkBoard();
		board.hear('ming', draw(1, [0, 0, 1, 1]), 0, open);
		board.hear('ming', draw(1, [2, 2], 4), 0, open);
		board.hear('ming', draw(1, [2, 2], 4), 0, open);
		expect(board.hear('ming', draw(1, [9, 9], 40), 0, open)).toBe(false);
		expect(board.of('ming', 'TR_a').map(({ points }) => points)).toEqual([[0, 0, 1, 1, 2, 2]]);
	});

	test('whoever comes late, told by each who drew, sees what the others see', () => {
		const point = fc.tuple(fc.nat(inkScale), fc.nat(inkScale));
		const stroke = fc.record({
			id: fc.nat(20),
			points: fc.array(point, { minLength: 1, maxLength: 700 }).map((pairs) => pairs.flat())
		});
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.constantFrom('ming', 'hong'), stroke), { maxLength: 12 }), (strokes) => {
				const [early, late] = [new InkBoard(), new InkBoard()];
				for (const [who, { id, points }] of strokes)
					for (const message of tellStroke('TR_a', { id, tool: 'pen', points })) early.apply(who, message, 0);
				for (const who of ['ming', 'hong']) for (const message of early.retell(who)) late.hear(who, message, 0, open);
				for (const who of ['ming', 'hong']) expect(late.of(who, 'TR_a')).toEqual(early.of(who, 'TR_a'));
			})
		);
	});

	test('nobody touches what another drew, and only those wipe all away who may', () => {
		const board = new InkBoard();
		board.hear('ming', draw(1), 0, open);
		expect(board.hear('hong', { do: 'undo', share: 'TR_a', id: 1 }, 0, open)).toBe(false);
		board.hear('hong', draw(1, [5, 5]), 0, open);
		expect(board.of('ming', 'TR_a')[0]?.points).toEqual([0, 0, 10, 10]);
		expect(board.hear('hong', { do: 'clear', share: 'TR_a' }, 0, open)).toBe(false);
		expect(board.hear('teacher', { do: 'clear', share: 'TR_a' }, 0, { ...open, clears: true })).toBe(true);
		expect(board.on('TR_a')).toEqual([]);
	});

	test('what is drawn on a share that is not there is passed over, and ends with the share', () => {
		const board = new InkBoard();
		expect(board.hear('ming', draw(1), 0, { ...open, isOpen: false })).toBe(false);
		board.hear('ming', draw(1), 0, open);
		expect(board.keep(new Set(['TR_b']))).toBe(true);
		expect(board.on('TR_a')).toEqual([]);
	});

	test('a flood ends at the limits and does not slow down the others', () => {
		const board = new InkBoard();
		const heard = Array.from({ length: 5_000 }, (_, id) => board.hear('flood', draw(id), 0, open)).filter(Boolean).length;
		expect(heard).toBe(inkLimits.burst);
		expect(board.hear('ming', draw(1), 0, open)).toBe(true);
		for (let second = 1; second < 30; second++)
			for (let id = 0; id < 100; id++) board.hear('flood', draw(second * 1000 + id), second * 1000, open);
		expect(board.of('flood', 'TR_a').length).toBe(inkLimits.strokes);
	});

	test('a laser fades, and is told to nobody who comes late', () => {
		const board = new InkBoard();
		board.hear('ming', { ...draw(1), tool: 'laser' } as InkMessage, 1_000, open);
		expect(board.retell('ming')).toEqual([]);
		expect(board.fade(1_000 + laserTime - 1)).toBe(true);
		expect(board.fade(1_000 + laserTime)).toBe(false);
		expect(board.on('TR_a')).toEqual([]);
	});
});

describe('the place of a stroke', () => {
	const size = fc.record({ width: fc.integer({ min: 50, max: 4000 }), height: fc.integer({ min: 50, max: 4000 }) });

	test('is the same part of the picture, however large each looks at it', () => {
		fc.assert(
			fc.property(
				size,
				size,
				size,
				fc.double({ min: 0, max: 1, noNaN: true }),
				fc.double({ min: 0, max: 1, noNaN: true }),
				(picture, mine, theirs, x, y) => {
					const [here, there] = [pictureBox(mine, picture), pictureBox(theirs, picture)];
					const [inkX, inkY] = toInk(here, here.left + x * here.width, here.top + y * here.height);
					const shown = [there.left + (inkX / inkScale) * there.width, there.top + (inkY / inkScale) * there.height];
					expect(Math.abs(shown[0]! - (there.left + x * there.width))).toBeLessThan(there.width / inkScale + 1e-6);
					expect(Math.abs(shown[1]! - (there.top + y * there.height))).toBeLessThan(there.height / inkScale + 1e-6);
				}
			)
		);
	});

	test('stays in the picture when the hand leaves it, and is somewhere before there is a picture', () => {
		const box = pictureBox({ width: 200, height: 100 }, { width: 100, height: 100 });
		expect(box).toEqual({ left: 50, top: 0, width: 100, height: 100 });
		expect(toInk(box, 0, 500)).toEqual([0, inkScale]);
		expect(toInk(pictureBox({ width: 9, height: 9 }, { width: 0, height: 0 }), 3, 3).every(Number.isInteger)).toBe(true);
	});

	test('a dot, a line and an arrow are paths, and everybody has a colour', () => {
		const shape = { width: 100, height: 100 };
		expect(pathOf({ tool: 'pen', points: [5000, 5000] }, shape)).toBe('M50.0 50.0h0.1');
		expect(pathOf({ tool: 'pen', points: [0, 0, inkScale, inkScale] }, shape)).toBe('M0.0 0.0L100.0 100.0');
		expect(pathOf({ tool: 'arrow', points: [0, 0, inkScale, 0] }, shape)).toMatch(/^M0.0 0.0L100.0 0.0M.+L100.0 0.0L/);
		expect(inkColor('a')).toMatch(/^hsl\(/);
	});
});
