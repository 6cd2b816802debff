import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
	addNode,
	forest,
	linkNodes,
	linksOf,
	moveNode,
	nodesOf,
	removedOf,
	removeNode,
	setCollapsed,
	setText,
	subtree,
	unlinkNodes
} from './document.ts';
import type { Forest, MapNode } from './document.ts';

/** A forest as indented text, which a person can check. */
const drawn = ({ roots }: Forest): string => roots.map(drawNode).join('');
const drawNode = (node: MapNode): string => `${'  '.repeat(node.depth)}${node.text}\n${node.children.map(drawNode).join('')}`;

function sync(a: Y.Doc, b: Y.Doc): void {
	Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
	Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
}

/** Two people with the same map: a root 春 with the children 花 and 草; 蕊 under 花. */
function shared() {
	const a = new Y.Doc();
	const root = addNode(a, { parent: null, text: '春' });
	const flower = addNode(a, { parent: root, text: '花' });
	const grass = addNode(a, { parent: root, text: '草' });
	const stamen = addNode(a, { parent: flower, text: '蕊' });
	const b = new Y.Doc();
	sync(a, b);
	return { a, b, root, flower, grass, stamen };
}

describe('one person', () => {
	test('children stand in the order in which they were put', () => {
		const { a, root, flower } = shared();
		addNode(a, { parent: root, after: flower, text: '鸟' });
		expect(drawn(forest(a))).toBe('春\n  花\n    蕊\n  鸟\n  草\n');
	});

	test('a node moves with all below it', () => {
		const { a, flower, grass } = shared();
		expect(moveNode(a, flower, { parent: grass })).toBe(true);
		expect(drawn(forest(a))).toBe('春\n  草\n    花\n      蕊\n');
	});

	test('a node never moves below itself', () => {
		const { a, root, stamen } = shared();
		expect(moveNode(a, root, { parent: stamen })).toBe(false);
		expect(moveNode(a, root, { parent: root })).toBe(false);
	});

	test('a node moves among its siblings', () => {
		const { a, root, grass } = shared();
		moveNode(a, grass, { parent: root, index: 0 });
		expect(drawn(forest(a))).toBe('春\n  草\n  花\n    蕊\n');
	});

	test('removing takes everything below along, and the relations', () => {
		const { a, flower, stamen, grass } = shared();
		linkNodes(a, stamen, grass);
		removeNode(a, flower);
		expect(drawn(forest(a))).toBe('春\n  草\n');
		expect(forest(a).links).toEqual([]);
	});

	test('two nodes have one relation at most, and none to themselves', () => {
		const { a, flower, grass } = shared();
		expect(linkNodes(a, flower, grass, '相邻')).not.toBeNull();
		expect(linkNodes(a, grass, flower)).toBeNull();
		expect(linkNodes(a, grass, grass)).toBeNull();
		expect(forest(a).links).toMatchObject([{ from: flower, to: grass, text: '相邻' }]);
	});

	test('reading a map writes nothing', () => {
		const { a, flower } = shared();
		nodesOf(a).delete(flower);
		const before = Y.encodeStateAsUpdate(a);
		forest(a);
		expect(Y.encodeStateAsUpdate(a)).toEqual(before);
	});

	test('entries that are no nodes are passed over', () => {
		const { a } = shared();
		a.getMap('nodes').set('x', 'not a node');
		a.getMap('links').set('y', 7);
		nodesOf(a).set('z', new Y.Map<unknown>([['parent', 'z']]));
		expect(drawn(forest(a))).toBe('\n春\n  花\n    蕊\n  草\n');
	});
});

describe('two people at the same time', () => {
	test('a child added under a node that another removed hangs on what is left above it', () => {
		const { a, b, flower, stamen } = shared();
		removeNode(a, flower);
		addNode(b, { parent: stamen, text: '蜜' });
		sync(a, b);
		expect(drawn(forest(a))).toBe('春\n  蜜\n  草\n');
		expect(drawn(forest(b))).toBe(drawn(forest(a)));
	});

	test('two branches moved under each other stay in the map, one of them as a root', () => {
		const { a, b, flower, grass } = shared();
		moveNode(a, flower, { parent: grass });
		moveNode(b, grass, { parent: flower });
		sync(a, b);
		expect(drawn(forest(a))).toBe('春\n花\n  蕊\n  草\n');
		expect(drawn(forest(b))).toBe(drawn(forest(a)));
	});

	test('a move after such a repair does what the mover sees', () => {
		const { a, b, root, flower, grass } = shared();
		moveNode(a, flower, { parent: grass });
		moveNode(b, grass, { parent: flower });
		sync(a, b);
		moveNode(a, root, { parent: grass });
		expect(drawn(forest(a))).toBe('花\n  蕊\n  草\n    春\n');
	});

	test('both texts stay when two type in one node', () => {
		const { a, b, flower } = shared();
		setText(a, flower, '红花');
		setText(b, flower, '花开');
		sync(a, b);
		expect(forest(a).nodes.get(flower)?.text).toBe('红花开');
	});

	test('there is room between two nodes that were put at the same place', () => {
		const { a, b, root, grass } = shared();
		const one = addNode(a, { parent: root, text: '甲' });
		const two = addNode(b, { parent: root, text: '乙' });
		sync(a, b);
		const first = forest(a)
			.nodes.get(root)!
			.children.find((node) => node.id === one || node.id === two)!;
		addNode(a, { parent: root, after: first.id, text: '中' });
		const texts = forest(a)
			.nodes.get(root)!
			.children.map((node) => node.text);
		expect(texts).toHaveLength(5);
		expect(texts.indexOf('中')).toBe(texts.indexOf(first.text) + 1);
		expect(forest(a).nodes.get(grass)).toBeDefined();
	});
});

const act = fc.record({
	replica: fc.nat(2),
	kind: fc.constantFrom('add', 'add', 'add', 'move', 'move', 'remove', 'link', 'unlink', 'text', 'collapse', 'sync', 'sync'),
	/** Which node, which other node, at which place: taken modulo what there is. */
	one: fc.nat(40),
	other: fc.nat(40),
	text: fc.string({ maxLength: 4 })
});
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

function perform(docs: Y.Doc[], { replica, kind, one, other, text }: Act): void {
	const doc = docs[replica]!;
	const ids = [...forest(doc).nodes.keys()];
	const pick = (index: number) => (ids.length === 0 ? null : ids[index % ids.length]!);
	const id = pick(one);
	if (kind === 'sync') return sync(doc, docs[(replica + 1 + (one % 2)) % 3]!);
	if (kind === 'add') return void addNode(doc, { parent: one % 5 === 0 ? null : id, after: pick(other) ?? undefined, text });
	if (id === null) return;
	if (kind === 'move') moveNode(doc, id, { parent: other % 7 === 0 ? null : pick(other), index: other % 3 });
	if (kind === 'remove') removeNode(doc, id);
	if (kind === 'link') linkNodes(doc, id, pick(other)!);
	if (kind === 'unlink') for (const linkId of [...linksOf(doc).keys()].slice(0, 1)) unlinkNodes(doc, linkId);
	if (kind === 'text') setText(doc, id, text);
	if (kind === 'collapse') setCollapsed(doc, id, other % 2 === 0);
}

test('whatever three people do at the same time, all see one forest in which every node stands once', () => {
	fc.assert(
		fc.property(fc.array(act, { minLength: 5, maxLength: 40 }), (history) => {
			const docs = [new Y.Doc(), new Y.Doc(), new Y.Doc()];
			for (const each of history) perform(docs, each);
			for (let round = 0; round < 2; round++)
				for (const [from, to] of [
					[0, 1],
					[1, 2],
					[2, 0]
				] as const)
					sync(docs[from]!, docs[to]!);

			const forests = docs.map(forest);
			expect(forests[1]).toEqual(forests[0]);
			expect(forests[2]).toEqual(forests[0]);
			const standing = forests[0]!.roots.flatMap(subtree).map((node) => node.id);
			expect(new Set(standing).size).toBe(standing.length);
			expect(standing.toSorted()).toEqual([...nodesOf(docs[0]!).keys()].toSorted());
		}),
		{ numRuns: 1_500 }
	);
}, 120_000);

test('a removed node leaves only its parent behind', () => {
	const { a, root, flower, stamen } = shared();
	removeNode(a, flower);
	expect(removedOf(a).toJSON()).toEqual({ [flower]: root, [stamen]: flower });
});
