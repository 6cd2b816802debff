import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { judge } from '#collab/gate.ts';
import type { Owner } from '#collab/gate.ts';
import {
	addBranches,
	addNode,
	forest,
	linkNodes,
	linksOf,
	MapReader,
	moveNode,
	nodesOf,
	origin,
	removedOf,
	removeNode,
	setCollapsed,
	setField,
	setLayout,
	setNote,
	setText,
	summarize,
	unlinkNodes,
	wordsOf
} from './document.ts';
import { subtree } from './forest.ts';
import type { Forest, MapNode } from './forest.ts';

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

/** A server without network: judges what a person sends, applies it, and has it for everybody. */
class Hub {
	readonly doc = new Y.Doc();
	readonly #owners = new Map<number, number>();

	constructor() {
		for (const name of ['nodes', 'links', 'removed', 'settings']) this.doc.getMap(name);
	}

	take(person: number, update: Uint8Array): void {
		const ownerOf = (client: number): Owner => {
			const owner = this.#owners.get(client);
			return owner === undefined ? 'free' : owner === person ? 'own' : 'foreign';
		};
		const verdict = judge(this.doc, update, ownerOf);
		if (!verdict.accepted) throw new Error(`what a map wrote was refused: ${verdict.refusal}`);
		for (const client of verdict.claims) this.#owners.set(client, person);
		Y.applyUpdate(this.doc, verdict.update);
	}
}

/** One person at the map: writes at once, sends and hears when the line allows. */
class Replica {
	readonly doc = new Y.Doc();
	readonly reader = new MapReader(this.doc);
	readonly #unsent: Uint8Array[] = [];
	readonly #undo = new Y.UndoManager([nodesOf(this.doc), linksOf(this.doc), removedOf(this.doc)], {
		trackedOrigins: new Set([origin]),
		captureTimeout: 0
	});
	readonly #hub: Hub;
	readonly #person: number;

	constructor(hub: Hub, person: number) {
		this.#hub = hub;
		this.#person = person;
		this.reader.follow(() => {});
		this.doc.on('update', (update: Uint8Array, from: unknown) => from !== hub && this.#unsent.push(update));
	}

	send(most = Infinity): void {
		for (const update of this.#unsent.splice(0, most)) this.#hub.take(this.#person, update);
	}
	hear(): void {
		Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(this.#hub.doc, Y.encodeStateVector(this.doc)), this.#hub);
	}
	undo(): void {
		this.#undo.undo();
	}
}

const act = fc.record({
	replica: fc.nat(3),
	kind: fc.constantFrom(
		...['add', 'add', 'add', 'branch', 'move', 'move', 'move', 'remove', 'remove', 'link', 'unlink', 'text', 'text', 'note'],
		...['fold', 'sum', 'mark', 'layout', 'undo', 'send', 'send', 'one', 'hear', 'hear']
	),
	/** Which node, which other node, at which place: taken modulo what there is. */
	one: fc.nat(40),
	other: fc.nat(40),
	text: fc.string({ maxLength: 4 })
});
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

function perform(replicas: readonly Replica[], { replica: who, kind, one, other, text }: Act): void {
	const replica = replicas[who]!;
	const { doc } = replica;
	const shown = replica.reader.read();
	const ids = [...shown.nodes.keys()];
	const pick = (index: number) => (ids.length === 0 ? null : ids[index % ids.length]!);
	const id = pick(one);
	if (kind === 'send') return replica.send();
	if (kind === 'one') return replica.send(1);
	if (kind === 'hear') return replica.hear();
	if (kind === 'undo') return replica.undo();
	if (kind === 'layout') return setLayout(doc, 'down');
	if (kind === 'add')
		return void addNode(doc, { parent: one % 5 === 0 ? null : id, after: pick(other) ?? undefined, text }, shown);
	if (kind === 'branch') return void addBranches(doc, id, [{ text, children: [{ text }, { text }] }]);
	if (id === null) return;
	if (kind === 'move') moveNode(doc, id, { parent: other % 7 === 0 ? null : pick(other), index: other % 3 }, shown);
	if (kind === 'remove') removeNode(doc, id, shown);
	if (kind === 'link') linkNodes(doc, id, pick(other)!, text, shown);
	if (kind === 'unlink') for (const linkId of [...linksOf(doc).keys()].slice(0, 1)) unlinkNodes(doc, linkId);
	if (kind === 'text') setText(doc, id, text);
	if (kind === 'note') setNote(doc, id, text);
	if (kind === 'fold') setCollapsed(doc, id, other % 2 === 0);
	if (kind === 'sum') summarize(doc, id, pick(other)!, shown);
	if (kind === 'mark') setField(doc, id, 'priority', other % 3 === 0 ? null : '1');
}

test('whatever four people do at the same time, all see one forest in which every node stands once', () => {
	fc.assert(
		fc.property(fc.array(act, { minLength: 6, maxLength: 40 }), (history) => {
			const hub = new Hub();
			const replicas = [0, 1, 2, 3].map((person) => new Replica(hub, person));
			for (const each of history) perform(replicas, each);
			for (const replica of replicas) replica.send();
			for (const replica of replicas) replica.hear();

			const whole = forest(hub.doc);
			const standing = whole.roots.flatMap(subtree).map((node) => node.id);
			expect(new Set(standing).size).toBe(standing.length);
			expect(new Set(standing)).toEqual(new Set(whole.nodes.keys()));
			// Whatever does not stand was removed by somebody who had seen all its words.
			for (const [id, node] of nodesOf(hub.doc)) {
				const gone = removedOf(hub.doc).get(id) as { seen: string } | undefined;
				const seen = gone?.seen === wordsOf(String(node.get('text')), String(node.get('note')));
				expect(whole.nodes.has(id)).toBe(!seen);
			}
			for (const node of whole.nodes.values())
				if (node.parent !== null) expect(whole.nodes.get(node.parent)!.depth).toBe(node.depth - 1);
			// What was read piece by piece is what is read as a whole.
			for (const { doc, reader } of replicas) {
				expect(reader.read()).toEqual(whole);
				expect(forest(doc)).toEqual(whole);
			}
		}),
		{ numRuns: Number(process.env.MAP_RUNS ?? 10_000) }
	);
}, 600_000);

describe('words that a remover has not seen', () => {
	test('bring their node back, in the text or in the note', () => {
		for (const write of [setText, setNote]) {
			const { a, b, flower } = shared();
			removeNode(a, flower);
			write(b, flower, '花开了');
			sync(a, b);
			expect(drawn(forest(a))).toContain(write === setText ? '花开了' : '花');
			expect(drawn(forest(b))).toBe(drawn(forest(a)));
			removeNode(a, flower);
			sync(a, b);
			expect(drawn(forest(b))).toBe('春\n  草\n');
		}
	});

	test('and what hung on it stays gone, as nobody wrote there', () => {
		const { a, b, flower } = shared();
		removeNode(a, flower);
		setText(b, flower, '红花');
		sync(a, b);
		expect(drawn(forest(a))).toBe('春\n  红花\n  草\n');
	});

	test('come back with undo, together with all that went', () => {
		const { a, flower } = shared();
		const undo = new Y.UndoManager([nodesOf(a), linksOf(a), removedOf(a)], { trackedOrigins: new Set([origin]) });
		removeNode(a, flower);
		undo.undo();
		expect(drawn(forest(a))).toBe('春\n  花\n    蕊\n  草\n');
	});
});

describe('summaries', () => {
	test('stand beside the children they sum up, also when one of these is gone', () => {
		const { a, root, flower, grass } = shared();
		const sum = summarize(a, flower, grass)!;
		setText(a, sum, '万物生长');
		expect(forest(a).nodes.get(root)!.summaries).toMatchObject([{ text: '万物生长', over: { first: 0, last: 1 } }]);
		removeNode(a, grass);
		expect(forest(a).nodes.get(root)!.summaries).toMatchObject([{ over: { first: 0, last: 0 } }]);
	});

	test('become nodes like others when all they summed up is gone', () => {
		const { a, root, flower, grass } = shared();
		setText(a, summarize(a, flower, grass)!, '万物生长');
		removeNode(a, flower);
		removeNode(a, grass);
		expect(
			forest(a)
				.nodes.get(root)!
				.children.map(({ text }) => text)
		).toEqual(['万物生长']);
	});
});

test('a map from earlier opens: nodes without notes, and removed ones that left only their parent behind', () => {
	const doc = new Y.Doc();
	const old = (id: string, parent: string | null, text: string) =>
		nodesOf(doc).set(id, new Y.Map<unknown>([...Object.entries({ text: new Y.Text(text), parent, order: 'V' })]));
	old('1', null, '春');
	old('3', '2', '蕊');
	removedOf(doc).set('2', '1');
	expect(drawn(forest(doc))).toBe('春\n  蕊\n');
	setNote(doc, '3', '在花里');
	expect(forest(doc).nodes.get('3')!.note).toBe('在花里');
});

test('a chain of fifty thousand nodes, and a circle of as many, are read', () => {
	for (const closed of [false, true]) {
		const doc = new Y.Doc();
		doc.transact(() => {
			for (let at = 0; at < 50_000; at++)
				nodesOf(doc).set(`n${at}`, new Y.Map<unknown>([['parent', at > 0 ? `n${at - 1}` : closed ? 'n49999' : null]]));
		});
		expect(forest(doc).nodes.size).toBe(50_000);
		expect(forest(doc).roots).toHaveLength(1);
	}
});

test('garbage in a node counts as not there', () => {
	const doc = new Y.Doc();
	const id = addNode(doc, { parent: null, text: '春' });
	for (const key of ['at', 'over', 'frame', 'href', 'image', 'color', 'priority', 'progress', 'collapsed', 'order'])
		nodesOf(doc).get(id)!.set(key, { x: 'NaN', src: 'javascript:alert(1)', from: 7 });
	expect(forest(doc).nodes.get(id)).toMatchObject({
		at: null,
		href: null,
		image: null,
		color: null,
		markers: {},
		collapsed: false
	});
	nodesOf(doc).get(id)!.set('href', 'javascript:alert(1)');
	nodesOf(doc).get(id)!.set('image', { src: 'https://elsewhere.example/spy.png', width: 1, height: 1 });
	expect(forest(doc).nodes.get(id)).toMatchObject({ href: null, image: null });
});
