import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { judge } from '#collab/gate.ts';
import { BoardReading, byDepth, drawnBy, elementsOf, filesOf, origin, readFile, sameKept, writeChanges } from './document.ts';
import type { Change } from './document.ts';
import { drawnFrom, elementTypes, keptFrom, keptOf, propertiesOf } from './properties.ts';
import type { ElementType, Kept } from './properties.ts';

const rectangle = (over: Record<string, unknown> = {}) =>
	({ type: 'rectangle', x: 10, y: 20, width: 100, height: 50, angle: 0, strokeColor: '#1971c2', index: 'a1', ...over }) as const;
const kept = (element: Record<string, unknown>): Kept => keptOf(element) as Kept;
const draw = (doc: Y.Doc, id: string, element: Record<string, unknown>) =>
	writeChanges(doc, [{ id, before: null, after: kept(element) }]);
const change = (doc: Y.Doc, id: string, over: Record<string, unknown>) => {
	const before = new BoardReading(doc).kept(id) as Kept;
	writeChanges(doc, [{ id, before, after: keptFrom({ ...before, ...over }) as Kept }]);
};
function pair(): [Y.Doc, Y.Doc, () => void] {
	const [here, there] = [new Y.Doc(), new Y.Doc()];
	const meet = () => {
		Y.applyUpdate(there, Y.encodeStateAsUpdate(here, Y.encodeStateVector(there)));
		Y.applyUpdate(here, Y.encodeStateAsUpdate(there, Y.encodeStateVector(here)));
	};
	return [here, there, meet];
}

describe('two people at one board', () => {
	test('who change different things never overwrite each other', () => {
		const [here, there, meet] = pair();
		draw(here, 'one', rectangle());
		meet();
		change(here, 'one', { strokeColor: '#e03131' });
		change(there, 'one', { at: [300, 20, 100, 50, 0] });
		draw(there, 'two', rectangle({ index: 'a2' }));
		meet();
		const board = new BoardReading(here);
		expect(board.kept('one')).toMatchObject({ strokeColor: '#e03131', at: [300, 20, 100, 50, 0] });
		expect(board.ids.sort()).toEqual(['one', 'two']);
	});

	test('who write in one text at the same time both find their words', () => {
		const [here, there, meet] = pair();
		draw(here, 'note', { ...rectangle({ type: 'text' }), text: '春眠不觉晓', fontSize: 20 });
		meet();
		change(here, 'note', { words: '孟浩然：春眠不觉晓' });
		change(there, 'note', { words: '春眠不觉晓，处处闻啼鸟' });
		meet();
		expect(new BoardReading(there).kept('note')?.words).toBe('孟浩然：春眠不觉晓，处处闻啼鸟');
	});

	test('who draw two arrows to one shape both stay attached to it', () => {
		const [here, there, meet] = pair();
		draw(here, 'shape', rectangle());
		meet();
		const arrow = { ...rectangle({ type: 'arrow' }), points: [[0, 0], [50, 50]], endBinding: { elementId: 'shape', focus: 0, gap: 1 } }; // prettier-ignore
		draw(here, 'from-here', arrow);
		draw(there, 'from-there', arrow);
		meet();
		expect(new BoardReading(here).drawn('shape')?.boundElements).toEqual([
			{ id: 'from-here', type: 'arrow' },
			{ id: 'from-there', type: 'arrow' }
		]);
	});

	test('of whom one removes what the other writes in find the writing again', () => {
		const [here, there, meet] = pair();
		draw(here, 'note', { ...rectangle({ type: 'text' }), text: '一' });
		meet();
		const before = new BoardReading(there).kept('note') as Kept;
		writeChanges(here, [{ id: 'note', before, after: null }]);
		meet();
		writeChanges(there, [{ id: 'note', before, after: { ...before, words: '一二三' } }]);
		meet();
		expect(new BoardReading(here).kept('note')?.words).toBe('一二三');
	});
});

describe('what one undoes', () => {
	test('is only what one did, and leaves what others did to the same thing', () => {
		const [here, there, meet] = pair();
		const undo = new Y.UndoManager(elementsOf(here), { trackedOrigins: new Set([origin]), captureTimeout: 0 });
		draw(here, 'mine', rectangle());
		meet();
		change(here, 'mine', { at: [0, 0, 100, 50, 0] });
		change(there, 'mine', { strokeColor: '#e03131' });
		draw(there, 'theirs', rectangle({ index: 'a2' }));
		meet();
		undo.undo();
		expect(new BoardReading(here).kept('mine')).toMatchObject({ at: [10, 20, 100, 50, 0], strokeColor: '#e03131' });
		undo.undo();
		expect(new BoardReading(here).ids).toEqual(['theirs']);
		undo.redo();
		expect(new BoardReading(here).ids.sort()).toEqual(['mine', 'theirs']);
	});
});

describe('what somebody wrote that is no element', () => {
	test('is not shown and breaks nothing', () => {
		const doc = new Y.Doc();
		const elements = elementsOf(doc) as Y.Map<unknown>;
		elements.set('text', 'not a map');
		elements.set('empty', new Y.Map());
		elements.set('number', new Y.Map([['made', 7]]));
		elements.set('frameless', new Y.Map([['made', { type: 'iframe', at: [0, 0, 1, 1, 0], link: 'https://example.com' }]]));
		elements.set('far', new Y.Map([['made', { type: 'rectangle', at: [1e300, 0, NaN, 1, 0] }]]));
		elements.set('__proto__', new Y.Map([['made', { type: 'rectangle', at: [0, 0, 1, 1, 0] }]]));
		elements.set('a b', new Y.Map([['made', { type: 'rectangle', at: [0, 0, 1, 1, 0] }]]));
		elements.set('stroke', new Y.Map([['made', { type: 'freedraw', at: [0, 0, 1, 1, 0], points: '!!' }]]));
		elements.set('line', new Y.Map([['made', { type: 'line', at: [0, 0, 1, 1, 0], points: 'A.A' }]]));
		expect(new BoardReading(doc).ids).toEqual([]);
	});

	test('loses only the property that is none', () => {
		const doc = new Y.Doc();
		draw(doc, 'one', rectangle());
		const shared = elementsOf(doc).get('one') as Y.Map<unknown>;
		shared.set('strokeColor', 'url(javascript:alert(1))//"><script>');
		shared.set('link', 'javascript:alert(1)');
		shared.set('index', 'a1!');
		shared.set('opacity', '50');
		shared.set('type', 'iframe');
		expect(new BoardReading(doc).kept('one')).toMatchObject({
			type: 'rectangle',
			strokeColor: '#1e1e1e',
			link: null,
			index: null,
			opacity: 100
		});
	});

	test('does not make a page ask other machines for pictures', () => {
		const doc = new Y.Doc();
		for (const url of ['https://example.com/a.png', '//example.com/a.png', '/api/v1/../../x', 'data:image/png;base64,', 7]) {
			filesOf(doc).set('one', { url, type: 'image/png' });
			expect(readFile(doc, 'one')).toBe(null);
		}
		filesOf(doc).set('one', { url: '/api/v1/files/0198c2d4-0000-7000-8000-000000000000', type: 'image/png' });
		expect(readFile(doc, 'one')).toEqual({ url: '/api/v1/files/0198c2d4-0000-7000-8000-000000000000', type: 'image/png' });
	});
});

test('a text whose shape is gone stands by itself, and of two texts in one shape the first stands in it', () => {
	const doc = new Y.Doc();
	draw(doc, 'shape', rectangle());
	const text = { ...rectangle({ type: 'text' }), text: '字', containerId: 'shape' };
	draw(doc, 'b', text);
	const board = new BoardReading(doc);
	draw(doc, 'a', text);
	expect([...board.read(['a'])].sort()).toEqual(['a', 'b', 'shape']);
	expect([board.drawn('a')?.containerId, board.drawn('b')?.containerId]).toEqual(['shape', null]);
	writeChanges(doc, [{ id: 'shape', before: board.kept('shape'), after: null }]);
	expect([...board.read(['shape'])].sort()).toEqual(['a', 'b', 'shape']);
	expect(board.drawn('a')?.containerId).toBe(null);
});

test('who drew an element is whoever wrote it first', () => {
	const [here, there, meet] = pair();
	draw(here, 'one', rectangle());
	meet();
	change(there, 'one', { opacity: 40 });
	meet();
	expect(drawnBy(there, 'one')).toBe(here.clientID);
});

/** Any element that a person could draw. */
const number = fc.double({ min: -5_000, max: 5_000, noNaN: true });
const colors = fc.constantFrom('#1e1e1e', '#e03131', 'transparent', '#ffec99');
const ids = ['a', 'b', 'c', 'd', 'e'];
const reference = fc.option(fc.constantFrom(...ids));
const anElement = fc
	.record({
		type: fc.constantFrom(...elementTypes),
		x: number,
		y: number,
		width: fc.double({ min: 0, max: 900, noNaN: true }),
		height: fc.double({ min: 0, max: 900, noNaN: true }),
		angle: fc.double({ min: 0, max: 6, noNaN: true }),
		points: fc.array(fc.tuple(number, number), { minLength: 2, maxLength: 20 }),
		pressures: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
		simulatePressure: fc.boolean(),
		strokeColor: colors,
		backgroundColor: colors,
		opacity: fc.integer({ min: 0, max: 100 }),
		strokeWidth: fc.constantFrom(1, 2, 4),
		groupIds: fc.array(fc.constantFrom('g1', 'g2'), { maxLength: 2 }),
		index: fc.constantFrom('a0', 'a1', 'a1V', 'a2', 'b00', null),
		text: fc.string({ unit: fc.constantFrom('春', '眠', ' ', '\n', '😀', 'a'), maxLength: 12 }),
		containerId: reference,
		frameId: reference,
		fileId: fc.constantFrom('file-1', null),
		endBinding: fc.option(fc.record({ elementId: fc.constantFrom(...ids), focus: fc.constant(0.5), gap: fc.constant(4) })),
		locked: fc.boolean()
	})
	.map((element) => ({ ...element, pressures: element.points.map((_, index) => element.pressures[index] ?? 0.5) }));

test('every element that can be drawn is read back as it was written', () => {
	fc.assert(
		fc.property(anElement, (element) => {
			const doc = new Y.Doc();
			const after = kept(element);
			writeChanges(doc, [{ id: 'one', before: null, after }]);
			const read = new BoardReading(doc).kept('one');
			expect(read).toEqual(after);
			// Drawn, and looked at again: nothing differs, so that looking never writes.
			expect(sameKept(keptOf(drawnFrom('one', after) as Record<string, unknown>), after)).toBe(true);
		}),
		{ numRuns: 500 }
	);
});

type Step =
	| { act: 'draw' | 'redraw'; who: number; id: string; element: Record<string, unknown>; names: string[] }
	| { act: 'remove' | 'undo' | 'redo'; who: number; id: string }
	| { act: 'send'; who: number; id: string };

const names = [...new Set(Object.values(propertiesOf).flatMap((properties) => Object.keys(properties)))];
const aStep: fc.Arbitrary<Step> = fc.oneof(
	fc.record({
		act: fc.constantFrom('draw' as const, 'redraw' as const),
		who: fc.nat(2),
		id: fc.constantFrom(...ids),
		element: anElement,
		names: fc.subarray([...names, 'at', 'points', 'words'], { maxLength: 3 })
	}),
	fc.record({
		act: fc.constantFrom('remove' as const, 'undo' as const, 'redo' as const, 'send' as const),
		who: fc.nat(2),
		id: fc.constantFrom(...ids)
	})
);

/** Three people, and a server that judges all they write. */
class Table {
	readonly server = new Y.Doc();
	readonly people = [0, 1, 2].map(() => {
		const doc = new Y.Doc();
		return {
			doc,
			board: new BoardReading(doc),
			undo: new Y.UndoManager(elementsOf(doc), { trackedOrigins: new Set([origin]), captureTimeout: 0 })
		};
	});

	constructor() {
		elementsOf(this.server);
		filesOf(this.server);
		for (const { doc, board } of this.people)
			elementsOf(doc).observeDeep((events) => {
				const changed = events.flatMap(({ target, path, keys }) =>
					target === elementsOf(doc) ? [...keys.keys()] : [String(path[0])]
				);
				board.read(changed);
			});
	}

	do(step: Step): void {
		const { doc, board, undo } = this.people[step.who]!;
		const before = board.kept(step.id);
		if (step.act === 'send') this.meet(step.who);
		else if (step.act === 'undo') undo.undo();
		else if (step.act === 'redo') undo.redo();
		else if (step.act === 'remove') writeChanges(doc, [{ id: step.id, before, after: null }]);
		else if ('element' in step) {
			const drawn = kept(step.element);
			const over = Object.fromEntries(step.names.map((name) => [name, drawn[name]]));
			const after = step.act === 'redraw' && before ? keptFrom({ ...before, ...over }) : drawn;
			if (after && (!before || before.type === after.type)) writeChanges(doc, [{ id: step.id, before, after } as Change]);
		}
	}

	meet(who: number): void {
		const { doc } = this.people[who]!;
		const others = new Set(this.people.filter((person) => person.doc !== doc).map((person) => person.doc.clientID));
		const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(this.server));
		const verdict = judge(this.server, update, (client) => (others.has(client) ? 'foreign' : 'own'));
		expect(verdict).toMatchObject({ accepted: true });
		if (verdict.accepted) Y.applyUpdate(this.server, verdict.update);
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.server, Y.encodeStateVector(doc)));
	}

	shown(who: number) {
		const { board } = this.people[who]!;
		return board.ids.map((id) => board.drawn(id)!).sort(byDepth);
	}
}

test('three people who draw, change, remove and undo at the same time end at one board, and the gate takes all of it', () => {
	fc.assert(
		fc.property(fc.array(aStep, { minLength: 5, maxLength: 40 }), (steps) => {
			const table = new Table();
			for (const step of steps) table.do(step);
			for (const who of [0, 1, 2, 0, 1, 2]) table.meet(who);
			const [first, second, third] = [0, 1, 2].map((who) => table.shown(who));
			expect(second).toEqual(first);
			expect(third).toEqual(first);
			// What was read bit by bit is what one reads who comes anew.
			const anew = new BoardReading(table.server);
			expect(anew.ids.map((id) => anew.drawn(id)!).sort(byDepth)).toEqual(first);
			for (const element of first!) expectSound(element, new Set(first!.map(({ id }) => id)));
		}),
		{ numRuns: Number(process.env.SPACE_TEST_RUNS ?? 400) }
	);
}, 120_000);

/** Nothing refers to what is not there. */
function expectSound(element: Record<string, unknown>, there: Set<string>): void {
	const bound = (element.boundElements ?? []) as { id: string }[];
	const targets = [element.containerId, element.frameId, ...bound.map(({ id }) => id)].filter((id) => id != null) as string[];
	for (const target of targets) expect(there.has(target)).toBe(true);
	expect(elementTypes).toContain(element.type as ElementType);
}
