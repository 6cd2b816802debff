import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { addNode, forest, setCollapsed } from './document.ts';
import { layout, nearest, sizeOf } from './layout.ts';
import type { Box } from './layout.ts';

function large(count: number): Y.Doc {
	const doc = new Y.Doc();
	const ids = [addNode(doc, { parent: null, text: '中心' })];
	doc.transact(() => {
		for (let index = 1; index < count; index++)
			ids.push(addNode(doc, { parent: ids[Math.floor((index - 1) / 3)]!, text: `第 ${index} 个想法` }));
	});
	return doc;
}

const overlap = (a: Box, b: Box) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test.each(['right', 'both'] as const)('no two nodes lie on each other when the map grows %s', (growth) => {
	const doc = large(120);
	addNode(doc, { parent: null, text: '另一棵' });
	const boxes = [...layout(forest(doc), growth).values()];
	expect(boxes).toHaveLength(121);
	for (const [index, box] of boxes.entries()) for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
});

test('children stand to the right of their parent, in order from above', () => {
	const doc = new Y.Doc();
	const root = addNode(doc, { parent: null, text: '春' });
	const [first, second] = ['花', '草'].map((text) => addNode(doc, { parent: root, text }));
	const boxes = layout(forest(doc));
	expect(boxes.get(first!)!.x).toBeGreaterThan(boxes.get(root)!.x + boxes.get(root)!.width);
	expect(boxes.get(first!)!.y).toBeLessThan(boxes.get(second!)!.y);
});

test('what is under a collapsed node takes no room', () => {
	const doc = large(5);
	const [root] = forest(doc).roots;
	setCollapsed(doc, root!.id, true);
	expect([...layout(forest(doc)).keys()]).toEqual([root!.id]);
});

test('an arrow key goes to the node that lies there', () => {
	const doc = new Y.Doc();
	const root = addNode(doc, { parent: null, text: '春' });
	const [first, second] = ['花', '草'].map((text) => addNode(doc, { parent: root, text }));
	const boxes = layout(forest(doc));
	expect(nearest(boxes, first!, 'down')).toBe(second);
	expect(nearest(boxes, second!, 'left')).toBe(root);
	expect(nearest(boxes, root, 'up')).toBeNull();
	expect([first, second]).toContain(nearest(boxes, root, 'right'));
});

test('long Chinese text wraps instead of growing wide', () => {
	expect(sizeOf('字'.repeat(60), 2).width).toBeLessThan(340);
	expect(sizeOf('字'.repeat(60), 2).height).toBeGreaterThan(3 * 24);
});

test('two thousand nodes are laid out within the time of a few frames', () => {
	const shown = forest(large(2_000));
	const started = performance.now();
	layout(shown);
	expect(performance.now() - started).toBeLessThan(500);
});
