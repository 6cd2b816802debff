import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { elementsOf, writeChanges } from './document.ts';
import { BoardShapes, boundsOfShapes } from './miniature.ts';
import { keptFrom } from './properties.ts';
import { packPoints } from './strokes.ts';

const draw = (doc: Y.Doc, id: string, values: Record<string, unknown>) => {
	const after = keptFrom(values);
	if (!after) throw new Error('no element');
	writeChanges(doc, [{ id, before: null, after }]);
};

describe('a board from afar', () => {
	test('is made of plain shapes, as wide as what is drawn, and follows what changes', () => {
		const doc = new Y.Doc();
		draw(doc, 'box', { type: 'rectangle', at: [100, 50, 200, 100, 0], backgroundColor: '#ffec99', index: 'a0' });
		const board = new BoardShapes(doc);
		expect(board.shapes).toMatchObject([{ id: 'box', kind: 'box', fill: '#ffec99' }]);
		draw(doc, 'stroke', {
			type: 'freedraw',
			at: [0, 0, 0, 0, 0],
			index: 'a1',
			points: packPoints([
				[0, 0],
				[-40, 20],
				[10, 30]
			])
		});
		draw(doc, 'words', { type: 'text', at: [120, 60, 100, 25, 0], words: '两行\n字', index: 'a2' });
		expect(board.shapes.map(({ id, kind }) => [id, kind])).toEqual([
			['box', 'box'],
			['stroke', 'path'],
			['words', 'words']
		]);
		// A stroke may run to the left of where it began.
		expect(boundsOfShapes(board.shapes)).toEqual({ x: -40, y: 0, width: 340, height: 150 });
		expect(board.shapes[2]?.lines).toEqual(['两行', '字']);
		doc.transact(() => elementsOf(doc).delete('box'));
		expect(board.shapes.map(({ id }) => id)).toEqual(['stroke', 'words']);
		board.close();
	});

	test('of a long stroke a few points are enough, and what makes no sense is left out', () => {
		const doc = new Y.Doc();
		draw(doc, 'long', {
			type: 'freedraw',
			at: [0, 0, 0, 0, 0],
			points: packPoints(Array.from({ length: 5_000 }, (_, index) => [index, Math.sin(index) * 50] as const))
		});
		elementsOf(doc).set('odd', new Y.Map([['made', { type: 'rocket' }]]));
		const board = new BoardShapes(doc);
		expect(board.shapes).toHaveLength(1);
		expect(board.shapes[0]!.d.split('L').length).toBeLessThan(70);
		expect(boundsOfShapes([])).toBeNull();
		board.close();
	});
});
