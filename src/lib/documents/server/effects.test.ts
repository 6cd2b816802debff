import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { coauthoring } from '#tests/support/coauthoring.ts';
import { Authorship } from '../authorship.ts';
import { hasEffects, measure } from './effects.ts';

function both(kind: 'text' | 'map' | 'board') {
	const [here, there] = [new Y.Doc(), new Y.Doc()];
	const authors = new Authorship([
		[here.clientID, 'lin'],
		[there.clientID, 'chen']
	]);
	const updates: Uint8Array[] = [];
	there.on('update', (update: Uint8Array) => updates.push(update));
	/** What arrives from there, measured here. */
	const receive = (write: () => void) => {
		updates.length = 0;
		there.transact(write);
		return measure(here, kind, authors, () => updates.forEach((update) => Y.applyUpdate(here, update)));
	};
	const tell = () => Y.applyUpdate(there, Y.encodeStateAsUpdate(here));
	return { here, there, receive, tell };
}

test('a Chinese character and an emoji count as one each', () => {
	const { there, receive } = both('text');
	expect(receive(() => there.getText('t').insert(0, '春𠮷👩')).inserted).toBe(3);
});

test('what is deleted counts for who had written it', () => {
	const { here, there, receive, tell } = both('text');
	here.getText('t').insert(0, '林写了六个字');
	tell();
	receive(() => there.getText('t').insert(6, '陈也写'));
	const effects = receive(() => there.getText('t').delete(4, 4));
	expect(effects).toMatchObject({ inserted: 0, deleted: { lin: 2, chen: 2 } });
});

test('the letters of which an input method composed a word do not count', () => {
	const { here, there } = both('text');
	const updates: Uint8Array[] = [];
	there.on('update', (update: Uint8Array) => updates.push(update));
	const text = there.getText('t');
	text.insert(0, 'ni');
	text.delete(0, 2);
	text.insert(0, '你');
	const composed = Y.mergeUpdates(updates);
	expect(measure(here, 'text', new Authorship(), () => Y.applyUpdate(here, composed))).toMatchObject({
		inserted: 1,
		deleted: {}
	});
});

test('text in paragraphs counts, and formats do not', () => {
	const { there, receive } = both('text');
	const text = new Y.XmlText('一二三');
	const paragraph = new Y.XmlElement('paragraph');
	expect(
		receive(() => {
			paragraph.insert(0, [text]);
			there.getXmlFragment('default').insert(0, [paragraph]);
		}).inserted
	).toBe(3);
	expect(hasEffects(receive(() => text.format(0, 2, { bold: true })))).toBe(false);
});

test('nodes of a map: made, typed into, moved, linked, removed', () => {
	const { there, receive } = both('map');
	const nodes = there.getMap<Y.Map<unknown>>('nodes');
	const add = (id: string) => {
		const node = new Y.Map<unknown>();
		node.set('text', new Y.Text('新点子'));
		node.set('parent', null);
		node.set('order', 1);
		nodes.set(id, node);
	};
	expect(receive(() => add('a'))).toMatchObject({ inserted: 3, nodesCreated: ['a'], nodesMoved: [] });
	receive(() => add('b'));
	expect(receive(() => (nodes.get('a')!.get('text') as Y.Text).insert(0, '好'))).toMatchObject({ inserted: 1, nodesMoved: [] });
	expect(receive(() => nodes.get('b')?.set('parent', 'a'))).toMatchObject({ nodesMoved: ['b'] });
	expect(receive(() => nodes.get('b')?.set('colour', 'red'))).toMatchObject({ nodesMoved: [], nodesCreated: [] });
	expect(receive(() => there.getMap('links').set('l', { from: 'a', to: 'b' }))).toMatchObject({ nodesLinked: ['l'] });
	expect(receive(() => nodes.delete('b'))).toMatchObject({ nodesDeleted: ['b'], deleted: { chen: 3 } });
});

test('elements of a board: drawn, changed, written in, removed', () => {
	const { there, receive } = both('board');
	const elements = there.getMap<Y.Map<unknown>>('elements');
	const draw = (id: string) => elements.set(id, new Y.Map<unknown>([['made', { type: 'text' }], ['words', new Y.Text('便签')]])); // prettier-ignore
	expect(receive(() => ['a', 'b'].map(draw))).toMatchObject({ inserted: 2 * 2, nodesCreated: ['a', 'b'], nodesMoved: [] });
	const change = () => {
		elements.get('a')?.set('at', [1, 2, 3, 4, 0]);
		(elements.get('a')?.get('words') as Y.Text | undefined)?.insert(0, '好');
	};
	expect(receive(change)).toMatchObject({ inserted: 1, nodesCreated: [], nodesMoved: ['a'] });
	expect(receive(() => elements.delete('b'))).toMatchObject({ nodesDeleted: ['b'], deleted: { chen: 2 } });
	expect(hasEffects(receive(() => there.getMap('files').set('f', {})))).toBe(false);
});

test('three people who write one text: what each wrote, deleted of whom, and what is left of it', () => {
	const server = new Y.Doc();
	const docs = new Map(Object.keys(coauthoring.authors).map((author) => [author, new Y.Doc()]));
	const authors = new Authorship([...docs].map(([author, { clientID }]) => [clientID, author]));
	const inserted: Record<string, number> = {};
	const deleted: Record<string, number> = {};
	for (const { author, pos, text, len = 0 } of coauthoring.ops) {
		const doc = docs.get(author)!;
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(server));
		if (text) doc.getText('t').insert(pos, text);
		else doc.getText('t').delete(pos, len);
		const effects = measure(server, 'text', authors, () => Y.applyUpdate(server, Y.encodeStateAsUpdate(doc)));
		expect(effects.moved).toBeUndefined();
		inserted[author] = (inserted[author] ?? 0) + effects.inserted;
		for (const [other, count] of Object.entries(effects.deleted))
			deleted[`${author}>${other}`] = (deleted[`${author}>${other}`] ?? 0) + count;
	}

	const runs: [string, number][] = [];
	const surviving: Record<string, number> = {};
	for (let item = server.getText('t')._start; item; item = item.right) {
		if (item.deleted) continue;
		const { client, clock } = item.id;
		for (const { length, personId } of authors.of({ client, clock, length: item.length })) {
			surviving[personId] = (surviving[personId] ?? 0) + length;
			const last = runs.at(-1);
			if (last?.[0] === personId) last[1] += length;
			else runs.push([personId, length]);
		}
	}
	const expected = Object.entries(coauthoring.authors);
	expect({ inserted, surviving, deleted, runs, text: server.getText('t').toString() }).toEqual({
		inserted: Object.fromEntries(expected.map(([author, { inserted }]) => [author, inserted])),
		surviving: Object.fromEntries(expected.map(([author, { surviving }]) => [author, surviving])),
		deleted: coauthoring.deleted,
		runs: coauthoring.runs,
		text: coauthoring.text
	});
});
