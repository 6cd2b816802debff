import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '#collab/limits.ts';
import { fitting, liveOf, peerOf, Strokes } from './live.ts';
import type { Peer } from './live.ts';
import { keptOf } from './properties.ts';
import type { Kept } from './properties.ts';
import { unpackPoints } from './strokes.ts';

const strokeOf = (length: number): Kept =>
	keptOf({
		type: 'freedraw',
		x: 0,
		y: 0,
		angle: 0,
		strokeColor: '#0b62a8',
		points: Array.from({ length }, (_, index) => [index * 3, 40 * Math.sin(index / 9)])
	})!;
const user = { id: 'lin', name: '林晓', role: 'student' };
const told = (board: unknown): Peer => peerOf(7, { user, board: JSON.parse(JSON.stringify(board)) })!;

test('a stroke of any length is told in little, and who hears one telling in five draws all of it', () => {
	const strokes = new Strokes();
	let shown = new Map<string, Kept>();
	for (let length = 2; length <= 3_000; length += 37) {
		const telling = fitting({ at: [1, 2], live: liveOf([{ id: 'stroke', kept: strokeOf(length), isNew: true }]) });
		expect(JSON.stringify({ user, board: telling }).length).toBeLessThan(limits.awareness);
		if (length % 5 === 2) shown = strokes.previews([told(telling)], () => null);
	}
	const points = unpackPoints(shown.get('stroke')!.points!)!.points;
	expect(points.length).toBeGreaterThan(2_800);
	expect(points[1_000]).toEqual(unpackPoints(strokeOf(3_000).points!)!.points[1_000]);
});

test('more than fits is left out, not cut in half', () => {
	const many = Array.from({ length: 400 }, (_, number) => ({ id: `element${number}`, kept: strokeOf(30), isNew: true }));
	const telling = fitting({ live: liveOf(many), selected: many.map(({ id }) => id) });
	expect(JSON.stringify({ user, board: telling }).length).toBeLessThan(limits.awareness);
	expect(new Strokes().previews([told(telling)], () => null).size).toBeGreaterThan(3);
});

test('whatever somebody tells of themselves, nothing throws and nothing of it is no element', () => {
	const live = fc.record({
		id: fc.anything(),
		made: fc.anything(),
		at: fc.anything(),
		points: fc.anything(),
		from: fc.anything()
	});
	const board = fc.record({ at: fc.anything(), selected: fc.anything(), live: fc.oneof(fc.anything(), fc.array(live)), view: fc.anything(), present: fc.anything() }); // prettier-ignore
	fc.assert(
		fc.property(fc.oneof(fc.anything(), board), (anything) => {
			const peer = peerOf(3, { user, board: anything });
			for (const kept of new Strokes().previews([peer!], () => strokeOf(3)).values()) expect(kept.type).toBe('freedraw');
		}),
		{ numRuns: 1_000 }
	);
	expect(peerOf(3, { user: { id: 3 }, board: {} })).toBe(null);
});
