import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { addBranches, addNode, forest, setCollapsed, setField, summarize } from './document.ts';
import type { Sprout } from './document.ts';
import { layouts } from './forest.ts';
import { layoutBoxes, nearest, picture } from './layout.ts';
import type { Box } from './layout.ts';
import { linesOf, textSize, widthIn } from './size.ts';

function large(count: number): Y.Doc {
	const doc = new Y.Doc();
	const branches = Array.from({ length: count }, (_, index): Sprout & { children: Sprout[] } => ({
		text: index === 0 ? '中心' : `第 ${index} 个想法`,
		children: []
	}));
	branches.slice(1).forEach((branch, index) => branches[Math.floor(index / 3)]!.children.push(branch));
	addBranches(doc, null, branches.slice(0, 1));
	return doc;
}

const overlap = (a: Box, b: Box) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test.each(layouts)('no two nodes lie on each other in the layout %s, with summaries and frames', (layout) => {
	const doc = large(120);
	addNode(doc, { parent: null, text: '另一棵' });
	for (const node of [...forest(doc).nodes.values()].filter(({ children }) => children.length === 3).slice(0, 12)) {
		summarize(doc, node.children[0]!.id, node.children[1]!.id);
		setField(doc, node.children[2]!.id, 'frame', { upTo: null, title: '边界' });
	}
	const boxes = [...layoutBoxes(forest(doc), layout).values()];
	expect(boxes).toHaveLength(133);
	for (const [index, box] of boxes.entries()) for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
});

test('children stand to the right of their parent, in order from above', () => {
	const doc = new Y.Doc();
	const root = addNode(doc, { parent: null, text: '春' });
	const [first, second] = ['花', '草'].map((text) => addNode(doc, { parent: root, text }));
	const boxes = layoutBoxes(forest(doc), 'right');
	expect(boxes.get(first!)!.x).toBeGreaterThan(boxes.get(root)!.x + boxes.get(root)!.width);
	expect(boxes.get(first!)!.y).toBeLessThan(boxes.get(second!)!.y);
});

test('what is under a collapsed node takes no room', () => {
	const doc = large(5);
	const [root] = forest(doc).roots;
	setCollapsed(doc, root!.id, true);
	for (const layout of layouts) expect([...layoutBoxes(forest(doc), layout).keys()]).toEqual([root!.id]);
});

test('a free root stands where it was put, and a relation leads to it', () => {
	const doc = large(5);
	const free = addNode(doc, { parent: null, text: '自由', at: { x: 300, y: -400 } });
	const { x, y, width, height } = layoutBoxes(forest(doc)).get(free)!;
	expect([x + width / 2, y + height / 2]).toEqual([300, -400]);
});

test('an arrow key goes to the node that lies there', () => {
	const doc = new Y.Doc();
	const root = addNode(doc, { parent: null, text: '春' });
	const [first, second] = ['花', '草'].map((text) => addNode(doc, { parent: root, text }));
	const boxes = layoutBoxes(forest(doc), 'right');
	expect(nearest(boxes, first!, 'down')).toBe(second);
	expect(nearest(boxes, second!, 'left')).toBe(root);
	expect(nearest(boxes, root, 'up')).toBeNull();
	expect([first, second]).toContain(nearest(boxes, root, 'right'));
});

test('long text wraps instead of growing wide, words stay whole', () => {
	expect(textSize('字'.repeat(60), 2)).toMatchObject({ height: 4 * 24 });
	expect(textSize('字'.repeat(60), 2).width).toBeLessThan(300);
	const lines = linesOf('The quick brown fox jumps over the lazy dog and runs away');
	expect(lines.join(' ')).toBe('The quick brown fox jumps over the lazy dog and runs away');
	for (const line of lines) expect(widthIn(line)).toBeLessThanOrEqual(18);
	expect(linesOf('x'.repeat(100)).length).toBeGreaterThan(2);
});

test('a chain of twenty thousand nodes is laid out', () => {
	const doc = new Y.Doc();
	doc.transact(() => {
		for (let at = 0; at < 20_000; at++)
			doc.getMap('nodes').set(`n${at}`, new Y.Map<unknown>([['parent', at > 0 ? `n${at - 1}` : null]]));
	});
	expect(picture(forest(doc), 'right').boxes.size).toBe(20_000);
});

test('three thousand nodes are laid out within the time of a few frames', () => {
	const shown = forest(large(3_000));
	picture(shown);
	const started = performance.now();
	picture(shown);
	expect(performance.now() - started).toBeLessThan(300);
});
