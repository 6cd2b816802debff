import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { changedText } from '#lib/documents/moved.ts';
import { addNode, forest, linkNodes, moveNode, removeNode, setText } from '#lib/maps/document.ts';
import type { Forest } from '#lib/maps/forest.ts';
import { replaceMap } from '#lib/maps/replace.ts';
import type { LogEntry } from './log.ts';
import { forestAt } from './map-compare.ts';
import { MapTimeline } from './map-timeline.ts';

/** Two people at one map; every act is an entry of the log. */
function logged() {
	const doc = new Y.Doc();
	const entries: LogEntry[] = [];
	const states: Forest[] = [forest(doc)];
	let person = 0;
	let inserted = 0;
	doc.on('afterTransaction', (transaction) => {
		const { inserted: runs } = changedText(transaction);
		inserted = runs.reduce((sum, { text }) => sum + text.length, 0);
	});
	doc.on('update', (update: Uint8Array) => {
		entries.push({
			seq: entries.length + 1,
			personId: `p${person}`,
			at: 0,
			inserted,
			deletedOwn: 0,
			deletedOthers: 0,
			update
		});
		states.push(forest(doc));
	});
	const as = <Result>(who: number, act: () => Result): Result => {
		person = who;
		doc.clientID = 100 + who;
		return act();
	};
	return { doc, entries, states, as };
}
const shownAt = (timeline: MapTimeline, moment: number): Forest => forestAt(timeline.show(moment));

function story() {
	const { doc, entries, states, as } = logged();
	const root = as(0, () => addNode(doc, { parent: null, text: '春' }));
	const flower = as(0, () => addNode(doc, { parent: root, text: '花' }));
	const grass = as(1, () => addNode(doc, { parent: root, text: '草' }));
	as(1, () => setText(doc, flower, '红花'));
	as(0, () => moveNode(doc, grass, { parent: flower }));
	as(0, () => linkNodes(doc, grass, root));
	as(1, () => removeNode(doc, flower));
	const timeline = new MapTimeline();
	timeline.add(entries, ({ personId }) => Number(personId.slice(1)));
	return { doc, states, timeline, flower, grass };
}

test('any moment is shown as it was, forwards and backwards', () => {
	const { states, timeline } = story();
	for (const moment of [7, 0, 3, 6, 1, 5, 2, 4, 7]) expect(shownAt(timeline, moment)).toEqual(states[moment]);
});

test('each update tells what it did to which node, and who wrote in a node last', () => {
	const { timeline, flower, grass } = story();
	const kinds = [1, 2, 3, 4, 5, 6, 7].map((moment) => timeline.show(moment).acts.map(({ kind }) => kind));
	expect(kinds).toEqual([['made'], ['made'], ['made'], ['written'], ['moved'], ['linked'], ['removed', 'removed', 'unlinked']]);
	expect(timeline.show(4).acts).toEqual([{ kind: 'written', id: flower, text: '红花' }]);
	expect(new Map(timeline.show(3).authors).get(flower)).toBe(0);
	expect(new Map(timeline.show(5).authors).get(flower)).toBe(1);
	expect(new Map(timeline.show(5).authors).get(grass)).toBe(1);
});

test('the characters of removed nodes are counted by who removed them, and whose they were', () => {
	const { timeline } = story();
	const figures = (moment: number) => timeline.shares(moment, ['p0', 'p1']);
	// 春, 红花 of two hands, 草.
	expect(figures(6)).toEqual([
		{ personId: 'p0', standing: 2, inserted: 2, deletedOwn: 0, deletedOthers: 0, nodes: 1 },
		{ personId: 'p1', standing: 2, inserted: 2, deletedOwn: 0, deletedOthers: 0, nodes: 2 }
	]);
	expect(figures(7)).toEqual([
		{ personId: 'p0', standing: 1, inserted: 2, deletedOwn: 0, deletedOthers: 0, nodes: 1 },
		{ personId: 'p1', standing: 0, inserted: 2, deletedOwn: 2, deletedOthers: 1, nodes: 0 }
	]);
});

test('two moments are told apart: what came, went, moved and changed, and by whom', () => {
	const { timeline, flower, grass } = story();
	expect(timeline.compare(2, 6).differences).toEqual([
		{ kind: 'changed', id: flower, text: '红花', before: '花', from: null, to: null, by: [1] },
		{ kind: 'added', id: grass, text: '草', before: null, from: null, to: null, by: [1] }
	]);
	expect(timeline.compare(4, 5).differences).toEqual([
		{ kind: 'moved', id: grass, text: '草', before: null, from: '春', to: '红花', by: [0] }
	]);
	const { differences, counts, ...both } = timeline.compare(6, 7);
	expect(counts).toEqual({ added: 0, removed: 2, moved: 0, changed: 0 });
	expect(differences.map(({ kind, id, by }) => [kind, id, by])).toEqual([
		['removed', flower, [1]],
		['removed', grass, [1]]
	]);
	// What went is still to be seen where it was.
	expect(forestAt(both).nodes.get(grass)?.parent).toBe(flower);
	expect(timeline.compare(3, 3).differences).toEqual([]);
	expect(timeline.compare(7, 6).counts).toEqual({ added: 2, removed: 0, moved: 0, changed: 0 });
});

test('a map is made again what it was, with the same nodes, and back', () => {
	const { doc, states } = story();
	const now = forest(doc);
	replaceMap(doc, states[6]!);
	expect(forest(doc)).toEqual(states[6]);
	replaceMap(doc, states[2]!);
	expect(forest(doc)).toEqual(states[2]);
	replaceMap(doc, now);
	expect(forest(doc)).toEqual(now);
});
