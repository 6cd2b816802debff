import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { addNode, forest, linkNodes, moveNode, removeNode, setText } from '#lib/maps/document.ts';
import { forestOf } from '#lib/maps/forest.ts';
import type { Forest } from '#lib/maps/forest.ts';
import { replaceMap } from '#lib/maps/replace.ts';
import type { LogEntry } from './log.ts';
import { MapTimeline } from './map-timeline.ts';

/** Two people at one map; every act is an entry of the log. */
function logged() {
	const doc = new Y.Doc();
	const entries: LogEntry[] = [];
	const states: Forest[] = [forest(doc)];
	let person = 0;
	doc.on('update', (update: Uint8Array) => {
		entries.push({
			seq: entries.length + 1,
			personId: `p${person}`,
			at: 0,
			inserted: 0,
			deletedOwn: 0,
			deletedOthers: 0,
			update
		});
		states.push(forest(doc));
	});
	const as = <Result>(who: number, act: () => Result): Result => {
		person = who;
		return act();
	};
	return { doc, entries, states, as };
}
const shownAt = (timeline: MapTimeline, moment: number): Forest => {
	const { raws, hung, links, layout } = timeline.show(moment);
	const parents = new Map(hung);
	return forestOf(new Map(raws.map((raw) => [raw.id, raw])), (id) => parents.get(id) ?? null, links, layout);
};

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
	expect(timeline.figures(7, [0, 0, 1, 1, 0, 0, 1])).toEqual([
		{ made: 2, standing: 1, removed: 0 },
		{ made: 1, standing: 0, removed: 2 }
	]);
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
