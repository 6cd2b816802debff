import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { byDepth, elementsOf, origin } from './document.ts';
import { keptFrom, keptOf } from './properties.ts';
import type { Drawn } from './properties.ts';
import { BoardScene } from './scene.ts';
import type { Canvas, Hand } from './scene.ts';

const free: Hand = { busy: false, editing: null };

/** A canvas as Excalidraw is one: it changes elements in place, and gives those of one index places of their own. */
class Paper implements Canvas {
	all: Drawn[] = [];
	shown = 0;
	elements() {
		return this.all;
	}
	show(elements: Drawn[]) {
		this.shown++;
		for (const [place, element] of elements.entries()) {
			if (place === 0 || element.index !== elements[place - 1]!.index) continue;
			element.index = `${String(element.index)}V`;
			element.version = Number(element.version) + 1;
		}
		this.all = elements;
	}
	get(id: string): Drawn | undefined {
		return this.all.find((element) => element.id === id && !element.isDeleted);
	}
	/** What a hand does. */
	change(id: string, over: Record<string, unknown>) {
		const element = this.get(id);
		if (element) Object.assign(element, over, { version: Number(element.version) + 1 });
	}
	draw(id: string, over: Record<string, unknown> = {}) {
		const element = { type: 'rectangle', x: 0, y: 0, width: 10, height: 10, angle: 0, index: 'a1', isDeleted: false, version: 1 };
		this.all = [...this.all, { ...element, ...over, id } as Drawn];
	}
}

function table() {
	const people = [0, 1].map(() => {
		const doc = new Y.Doc();
		const paper = new Paper();
		const undo = new Y.UndoManager(elementsOf(doc), { trackedOrigins: new Set([origin]), captureTimeout: 0 });
		return { doc, paper, undo, scene: new BoardScene(doc, paper, () => undefined) };
	}) as unknown as [Person, Person];
	const updates = people.map(() => 0);
	for (const [who, { doc }] of people.entries()) doc.on('update', () => (updates[who] = (updates[who] ?? 0) + 1));
	const meet = (hand: Hand = free) => {
		for (const [from, to] of [people, people.toReversed()] as [Person, Person][]) {
			Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)));
		}
		for (const { scene } of people) scene.refresh(hand);
	};
	return { people, meet, updates };
}
interface Person {
	doc: Y.Doc;
	paper: Paper;
	undo: Y.UndoManager;
	scene: BoardScene;
}

test('what a hand draws is on the other canvas, and looking at it writes nothing', () => {
	const { people, meet, updates } = table();
	const [here, there] = people;
	here.paper.draw('one');
	expect(here.scene.save(free)).toBe(true);
	meet();
	expect(there.paper.get('one')).toMatchObject({ x: 0, width: 10 });
	const before = [...updates];
	for (const { scene } of people) expect(scene.save(free)).toBe(false);
	expect(updates).toEqual(before);
});

test('a stroke in the hand is not written before it is let go of, and what is half begun never', () => {
	const [{ paper, scene }] = table().people;
	paper.draw('stroke', { type: 'freedraw', points: [[0, 0]] }); // prettier-ignore
	expect(scene.save({ busy: true, editing: null })).toBe(false);
	expect(scene.save(free)).toBe(true);
	paper.draw('click', { width: 0, height: 0 });
	paper.draw('wordless', { type: 'text', originalText: '', text: '' });
	expect(scene.save(free)).toBe(false);
});

test('what others do to an element waits while a hand drags it, and both are kept', () => {
	const { people, meet } = table();
	const [here, there] = people;
	here.paper.draw('one');
	here.scene.save(free);
	meet();
	here.paper.change('one', { x: 300 });
	there.paper.change('one', { strokeColor: '#e03131' });
	there.scene.save(free);
	meet({ busy: true, editing: null });
	expect(here.paper.get('one')).toMatchObject({ x: 300 });
	expect(here.paper.get('one')?.strokeColor).not.toBe('#e03131');
	here.scene.save(free);
	meet();
	for (const { paper } of people) expect(paper.get('one')).toMatchObject({ x: 300, strokeColor: '#e03131' });
});

test('two who write in one note keep both words, and the open text is left alone', () => {
	const { people, meet } = table();
	const [here, there] = people;
	here.paper.draw('note', { type: 'text', originalText: '雨', text: '雨' });
	here.scene.save(free);
	meet();
	const editing: Hand = { busy: false, editing: 'note' };
	here.paper.change('note', { originalText: '雨水', text: '雨水' });
	here.scene.save(editing);
	there.paper.change('note', { originalText: '下雨', text: '下雨' });
	there.scene.save(free);
	meet(editing);
	expect(here.paper.get('note')?.originalText).toBe('雨水');
	here.paper.change('note', { originalText: '雨水多', text: '雨水多' });
	here.scene.save(editing);
	meet();
	for (const { paper } of people) expect(paper.get('note')?.originalText).toBe('下雨水多');
});

test('undo gives the canvas back what one removed, and leaves what others drew', () => {
	const { people, meet } = table();
	const [here, there] = people;
	here.paper.draw('mine');
	here.scene.save(free);
	there.paper.draw('theirs', { index: 'a2' });
	there.scene.save(free);
	meet();
	here.paper.change('mine', { isDeleted: true });
	here.scene.save(free);
	meet();
	expect(there.paper.get('mine')).toBeUndefined();
	here.undo.undo();
	meet();
	for (const { paper } of people)
		expect(paper.all.filter(({ isDeleted }) => !isDeleted).map(({ id }) => id)).toEqual(['mine', 'theirs']);
});

test('two elements that were put at one depth get their own, everywhere the same, and only a hand writes it', () => {
	const { people, meet, updates } = table();
	const [here, there] = people;
	here.paper.draw('a');
	there.paper.draw('b');
	for (const { scene } of people) scene.save(free);
	meet();
	const before = [...updates];
	for (const { scene } of people) expect(scene.save(free)).toBe(false);
	expect(updates).toEqual(before);
	// Between the two: for that their places must be known to all.
	here.paper.draw('c', { index: 'a1G' });
	here.scene.save(free);
	meet();
	const orders = people.map(({ scene }) =>
		scene.reading.ids
			.map((id) => scene.reading.drawn(id)!)
			.sort(byDepth)
			.map(({ id }) => id)
	);
	expect(orders).toEqual([['a', 'c', 'b'], ['a', 'c', 'b']]); // prettier-ignore
});

test('what somebody is drawing is shown and never written, until it is there or given up', () => {
	const { people, meet } = table();
	const [here, there] = people;
	const kept = keptOf({ type: 'freedraw', x: 5, y: 5, width: 0, height: 0, angle: 0, points: [[0, 0], [9, 9]] })!; // prettier-ignore
	here.scene.preview(new Map([['stroke', kept]]));
	here.scene.refresh(free);
	expect(here.paper.get('stroke')).toMatchObject({ x: 5, locked: true });
	expect(here.scene.save(free)).toBe(false);
	here.scene.lingering = true;
	here.scene.preview(new Map());
	here.scene.refresh(free);
	expect(here.paper.get('stroke')).toBeDefined();
	there.paper.draw('stroke', { type: 'freedraw', x: 5, y: 5, points: [[0, 0], [9, 9]] }); // prettier-ignore
	there.scene.save(free);
	meet();
	here.scene.preview(new Map());
	here.scene.refresh(free);
	expect(here.paper.get('stroke')).toMatchObject({ locked: false });
	here.scene.preview(new Map([['other', kept]]));
	here.scene.refresh(free);
	here.scene.lingering = false;
	here.scene.preview(new Map());
	here.scene.refresh(free);
	expect(here.paper.get('other')).toBeUndefined();
});

test('where somebody drags an element is shown, and one who colours it meanwhile does not move it', () => {
	const { people, meet } = table();
	const [here, there] = people;
	here.paper.draw('one');
	here.scene.save(free);
	meet();
	here.scene.preview(new Map([['one', keptFrom({ ...here.scene.reading.kept('one'), at: [70, 0, 10, 10, 0] })!]]));
	here.scene.refresh(free);
	expect(here.paper.get('one')).toMatchObject({ x: 70 });
	here.paper.change('one', { strokeColor: '#2f9e44' });
	here.scene.save(free);
	expect(here.scene.reading.kept('one')).toMatchObject({ at: [0, 0, 10, 10, 0], strokeColor: '#2f9e44' });
	there.paper.change('one', { x: 90 });
	there.scene.save(free);
	meet();
	here.scene.preview(new Map());
	here.scene.refresh(free);
	expect(here.paper.get('one')).toMatchObject({ x: 90, strokeColor: '#2f9e44' });
});

test('a large board comes in parts, and whole', () => {
	const { people, meet } = table();
	const [here, there] = people;
	for (let number = 0; number < 1_000; number++) here.paper.draw(`e${number}`, { index: null });
	here.scene.save(free);
	meet();
	expect(there.paper.all.length).toBeLessThan(1_000);
	let turns = 1;
	while (there.scene.refresh(free)) turns++;
	expect(turns).toBeGreaterThan(1);
	expect(there.paper.all).toHaveLength(1_000);
	expect(there.scene.save(free)).toBe(false);
});

test('a large board is read before any of it is shown, so that what belongs together comes together', () => {
	const [here] = table().people;
	for (let number = 0; number < 1_000; number++) here.paper.draw(`e${number}`, { index: null });
	here.paper.draw('holder');
	here.paper.draw('words', { type: 'text', containerId: 'holder', originalText: '水', text: '水' });
	here.scene.save(free);
	const paper = new Paper();
	const scene = new BoardScene(here.doc, paper, () => undefined);
	while (scene.refresh(free) && paper.shown === 0);
	expect(paper.all.length).toBeLessThan(1_002);
	while (scene.refresh(free));
	expect(paper.all).toHaveLength(1_002);
	expect(paper.get('words')?.containerId).toBe('holder');
	expect(paper.get('holder')?.boundElements).toEqual([{ id: 'words', type: 'text' }]);
	expect(scene.save(free)).toBe(false);
});

test('who drew what is only a look: nothing of it is written', () => {
	const [{ paper, scene }] = table().people;
	paper.draw('one', { strokeColor: '#e03131' });
	scene.save(free);
	scene.paint(() => '#0b62a8');
	scene.refresh(free);
	expect(paper.get('one')?.strokeColor).toBe('#0b62a8');
	expect(scene.save(free)).toBe(false);
	scene.paint(null);
	scene.refresh(free);
	expect(paper.get('one')?.strokeColor).toBe('#e03131');
});
