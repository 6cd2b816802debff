import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { contentOf } from '#collab/content.ts';
import { judge } from '#collab/gate.ts';
import { emptyDocument } from '#collab/replay.ts';
import { Dice, Writer } from '#collab/test/histories.ts';
import { splitUpdate } from './parts.ts';

function emptyServer(): Y.Doc {
	const server = emptyDocument('text');
	server.getMap('nodes');
	return server;
}

/** As the server does: each part is judged, and applied when it is accepted. */
function receive(server: Y.Doc, parts: readonly Uint8Array[]): void {
	for (const part of parts) {
		const verdict = judge(server, part, () => 'own');
		if (!verdict.accepted) throw new Error(`a part was refused: ${verdict.refusal}`);
		Y.applyUpdate(server, verdict.update);
		if (server.store.pendingStructs || server.store.pendingDs) throw new Error('something is kept waiting');
	}
}

/** What stands in a document, without formats: Yjs tidies those at every device, by what it sees at that moment. */
const wordsOf = (doc: Y.Doc): unknown =>
	JSON.parse(contentOf(doc), (key, value: unknown) => {
		if (key !== 'list' || !Array.isArray(value)) return value;
		const list: unknown[] = [];
		for (const part of value as unknown[]) {
			const text = Array.isArray(part) && typeof part[0] === 'string' && Array.isArray(part[1]) ? part[0] : null;
			if (text !== null && typeof list.at(-1) === 'string') list.push(`${list.pop() as string}${text}`);
			else list.push(text ?? part);
		}
		return list;
	});
const newsFor = (server: Y.Doc, doc: Y.Doc) => Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server));

test('any history of edits without a line is taken part by part, and all of it arrives', () => {
	fc.assert(
		fc.property(
			fc.integer(),
			fc.integer({ min: 1, max: 400 }),
			fc.integer({ min: 0, max: 40 }),
			fc.integer({ min: 1, max: 80 }),
			(seed, size, before, after) => {
				const dice = new Dice(seed);
				const [server, whole] = [emptyServer(), emptyServer()];
				// Somebody else has written, our device knows it, and meanwhile both go on without each other.
				const [other, writer] = [new Writer('陈二', dice), new Writer('林一', dice)];
				for (let step = 0; step < before; step++) other.edit();
				for (const doc of [server, whole, writer.doc]) Y.applyUpdate(doc, Y.encodeStateAsUpdate(other.doc), 'server');
				for (let step = 0; step < before / 2; step++) other.edit();
				for (let step = 0; step < after; step++) {
					if (dice.chance(0.05)) writer.reload();
					else writer.edit();
				}
				if (dice.chance(0.5)) for (const doc of [server, whole]) Y.applyUpdate(doc, newsFor(doc, other.doc));
				const news = newsFor(server, writer.doc);
				Y.applyUpdate(whole, news);
				receive(server, splitUpdate(news, size));
				expect(Y.decodeStateVector(Y.encodeStateVector(server))).toEqual(Y.decodeStateVector(Y.encodeStateVector(whole)));
				expect(wordsOf(server)).toEqual(wordsOf(whole));
			}
		),
		{ numRuns: 500, examples: [[1770659994, 64, 31, 78]] }
	);
}, 120_000);

test('a long text in one piece is cut between characters, and no part is larger than asked', () => {
	const doc = new Y.Doc();
	// Of an odd length, so that halves fall within the pair of an emoji.
	const text = `字${'😀👩‍🏫𠮷'.repeat(150_000)}`;
	doc.getText('text').insert(0, text);
	const parts = splitUpdate(Y.encodeStateAsUpdate(doc), 512 * 1024);
	expect(parts.length).toBeGreaterThan(5);
	for (const part of parts) expect(part.length).toBeLessThan(513 * 1024);
	const server = emptyServer();
	receive(server, parts);
	expect(server.getText('text').toString() === text).toBe(true);
});

test('a pasted document keeps every format, as it is cut between paragraphs', () => {
	const doc = new Y.Doc();
	const paragraphs = Array.from({ length: 400 }, (_, index) => {
		const paragraph = new Y.XmlElement('paragraph');
		const text = new Y.XmlText();
		text.applyDelta([
			{ insert: `第 ${index} 段` },
			{ insert: '要紧', attributes: { bold: {} } },
			{ insert: '的话', attributes: { bold: {}, color: '#123456' } }
		]);
		paragraph.insert(0, [text]);
		return paragraph;
	});
	doc.getXmlFragment('default').insert(0, paragraphs);
	const parts = splitUpdate(Y.encodeStateAsUpdate(doc), 1_000);
	expect(parts.length).toBeGreaterThan(30);
	const server = emptyServer();
	receive(server, parts);
	expect(contentOf(server)).toBe(contentOf(doc));
});

test('what was written and deleted again travels as its length, and makes no part too large', () => {
	const doc = new Y.Doc();
	const list = doc.getArray<unknown>('list');
	const undo = new Y.UndoManager(list);
	list.insert(0, ['x'.repeat(50_000)]);
	list.delete(0, 1);
	list.insert(0, ['y']);
	expect(undo.undoStack.length).toBeGreaterThan(0);
	expect(Y.encodeStateAsUpdate(doc).length).toBeGreaterThan(50_000);
	const parts = splitUpdate(Y.encodeStateAsUpdate(doc), 1_000);
	expect(parts.map(({ length }) => length < 100)).toEqual([true]);
	const server = emptyServer();
	receive(server, parts);
	expect(server.getArray('list').toJSON()).toEqual(['y']);
});

test('one value that is too large stands alone in its part; what is before and after it does not', () => {
	const doc = new Y.Doc();
	doc.getArray('list').insert(0, ['a', 'x'.repeat(5_000), 'b']);
	const parts = splitUpdate(Y.encodeStateAsUpdate(doc), 1_000);
	expect(parts.map(({ length }) => length > 1_000)).toEqual([false, true, false]);
	const server = emptyServer();
	receive(server, parts);
	expect(server.getArray('list').toJSON()).toEqual(doc.getArray('list').toJSON());
});
