import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { textOf } from '#lib/writing/document.ts';
import { isSegment, Timeline } from './timeline.ts';
import type { ShownNode } from './timeline.ts';

/** One act of one of three writers; numbers are taken modulo what there is. */
const act = fc.record({
	writer: fc.nat(2),
	kind: fc.constantFrom('type', 'type', 'delete', 'part', 'drop', 'level', 'bold', 'hear'),
	line: fc.nat(20),
	at: fc.nat(40),
	length: fc.integer({ min: 1, max: 6 }),
	text: fc.constantFrom('春', '来了', '燕子飞回来', 'abc', '☀', '一句比较长的话。')
});
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

const lineOf = (node: unknown): Y.XmlText => (node as Y.XmlElement).get(0) as Y.XmlText;
function paragraph(text: string): Y.XmlElement {
	const element = new Y.XmlElement('paragraph');
	element.insert(0, [new Y.XmlText(text)]);
	return element;
}

function perform(doc: Y.Doc, { kind, line, at, length, text }: Act): void {
	const lines = textOf(doc);
	const element = lines.length > 0 ? lines.get(line % lines.length) : null;
	if (!element) return void lines.insert(0, [paragraph(text)]);
	const words = lineOf(element);
	const place = words.length > 0 ? at % words.length : 0;
	const some = Math.min(length, words.length - place);
	if (kind === 'type') words.insert(place, text);
	else if (kind === 'delete' && some > 0) words.delete(place, some);
	else if (kind === 'part') {
		const tail = words
			.toString()
			.replace(/<[^>]*>/g, '')
			.slice(place);
		if (words.length > place) words.delete(place, words.length - place);
		lines.insert((line % lines.length) + 1, [paragraph(tail)]);
	} else if (kind === 'drop') lines.delete(line % lines.length, 1);
	else if (kind === 'level') (element as Y.XmlElement).setAttribute('level', String(length));
	else if (kind === 'bold' && some > 0) words.format(place, some, { bold: at % 3 > 0 ? {} : null });
}

/** What a reader sees of a line: its attributes, its words, which of them are bold. */
const seen = (doc: Y.Doc): string[] =>
	textOf(doc)
		.toArray()
		.map((element) => {
			const delta = lineOf(element).toDelta() as { insert: string; attributes?: object }[];
			const words = delta.map(({ insert, attributes }) => (attributes && 'bold' in attributes ? insert.toUpperCase() : insert));
			return JSON.stringify([(element as Y.XmlElement).getAttributes(), words.join('')]);
		});
const shown = (nodes: readonly ShownNode[]): string[] =>
	nodes.map(({ attrs, content }) => {
		const words = content.filter(isSegment).map(({ text, marks }) => ('bold' in marks ? text.toUpperCase() : text));
		return JSON.stringify([attrs, words.join('')]);
	});

test('any history that people write at the same time shows every moment as it was', () => {
	fc.assert(
		fc.property(fc.array(act, { minLength: 5, maxLength: 60 }), (acts) => {
			const log: { person: string; update: Uint8Array }[] = [];
			const heard = [0, 0, 0];
			const docs = heard.map((_, writer) => {
				const doc = new Y.Doc();
				doc.clientID = writer + 1;
				doc.on('update', (update: Uint8Array, origin: unknown) => {
					if (origin !== 'log') log.push({ person: String(writer), update });
				});
				return doc;
			});
			for (const each of acts) {
				const doc = docs[each.writer] as Y.Doc;
				// Writers hear of each other now and then only: what they do meanwhile is concurrent.
				if (each.kind === 'hear') {
					for (const { update } of log.slice(heard[each.writer])) Y.applyUpdate(doc, update, 'log');
					heard[each.writer] = log.length;
				} else doc.transact(() => perform(doc, each));
			}
			const timeline = new Timeline();
			timeline.add(
				log.map(({ person, update }, index) => ({
					seq: index + 1,
					personId: person,
					at: index,
					inserted: 0,
					deletedOwn: 0,
					deletedOthers: 0,
					update
				}))
			);
			timeline.arrange();
			const replica = new Y.Doc();
			for (const [index, { update }] of log.entries()) {
				Y.applyUpdate(replica, update);
				expect(shown(timeline.textAt(index + 1))).toEqual(seen(replica));
			}
			const characters = seen(replica).reduce((sum, line) => sum + [...(JSON.parse(line) as [object, string])[1]].length, 0);
			expect(timeline.shares(log.length).reduce((sum, { standing }) => sum + standing, 0)).toBe(characters);
		}),
		{ numRuns: 300 }
	);
});
