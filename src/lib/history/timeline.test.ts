import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { LogEntry } from './log.ts';
import { decodeLog, encodeLog } from './log.ts';
import { coauthoring } from '#tests/support/coauthoring.ts';
import { textOf } from '#lib/writing/document.ts';
import { isSegment, Timeline } from './timeline.ts';
import type { Segment, ShownNode } from './timeline.ts';

/** People who write one text, each with a replica that is always up to date; the log of what they did. */
class Writers {
	readonly log: LogEntry[] = [];
	readonly #docs = new Map<string, Y.Doc>();
	at = Date.UTC(2026, 10, 25, 6);

	write(person: string, change: (doc: Y.Doc) => void): void {
		const doc = this.#docs.get(person) ?? this.#join(person);
		const updates: Uint8Array[] = [];
		const keep = (update: Uint8Array) => updates.push(update);
		doc.on('update', keep);
		doc.transact(() => change(doc));
		doc.off('update', keep);
		for (const update of updates) {
			this.log.push({
				seq: this.log.length + 1,
				personId: person,
				at: this.at,
				inserted: 0,
				deletedOwn: 0,
				deletedOthers: 0,
				update
			});
			for (const other of this.#docs.values()) if (other !== doc) Y.applyUpdate(other, update);
		}
		this.at += 1000;
	}

	#join(person: string): Y.Doc {
		const doc = new Y.Doc();
		for (const { update } of this.log) Y.applyUpdate(doc, update);
		this.#docs.set(person, doc);
		return doc;
	}

	timeline(): Timeline {
		const timeline = new Timeline();
		timeline.add(decodeLog(encodeLog(this.log)));
		timeline.arrange();
		return timeline;
	}
}

function paragraph(text: string): Y.XmlElement {
	const element = new Y.XmlElement('paragraph');
	element.insert(0, [new Y.XmlText(text)]);
	return element;
}
const line = (doc: Y.Doc, index = 0): Y.XmlText => (textOf(doc).get(index) as Y.XmlElement).get(0) as Y.XmlText;

const segmentsOf = (nodes: readonly (ShownNode | Segment)[]): Segment[] =>
	nodes.flatMap((node) => (isSegment(node) ? [node] : segmentsOf(node.content)));
const plain = (nodes: readonly ShownNode[]): string[] =>
	nodes.map((node) =>
		segmentsOf([node])
			.map(({ text }) => text)
			.join('')
	);
const byAuthor = (timeline: Timeline, moment = timeline.length, withDeleted = false): string[] =>
	segmentsOf(timeline.textAt(moment, withDeleted)).map(
		({ text, author, gone }) => `${timeline.people[author]}:${text}${gone ? `−${timeline.people[gone.by]}` : ''}`
	);

describe('the timeline of a text', () => {
	test('gives the contributions that the scripted session of three authors has', () => {
		const { ops, text: written, authors, deleted, runs } = coauthoring;
		const writers = new Writers();
		writers.write('A', (doc) => textOf(doc).push([paragraph('')]));
		for (const { author, op, pos, text, len } of ops)
			writers.write(author, (doc) => (op === 'insert' ? line(doc).insert(pos, text ?? '') : line(doc).delete(pos, len ?? 0)));
		const timeline = writers.timeline();

		expect(plain(timeline.textAt(timeline.length))).toEqual([written]);
		const segments = segmentsOf(timeline.textAt(timeline.length));
		expect(segments.map(({ author, text }) => [timeline.people[author], text.length])).toEqual(runs);
		for (const { personId, standing } of timeline.shares(timeline.length)) {
			expect([personId, standing]).toEqual([personId, authors[personId]?.surviving]);
			expect(standing / written.length).toBeCloseTo(authors[personId]?.ownership ?? 0, 9);
		}
		const gone: Record<string, number> = {};
		for (const { author, gone: end, text } of segmentsOf(timeline.textAt(timeline.length, true))) {
			if (!end) continue;
			const pair = `${timeline.people[end.by]}>${timeline.people[author]}`;
			gone[pair] = (gone[pair] ?? 0) + text.length;
		}
		expect(gone).toEqual(deleted);
	});

	test('shows every moment as it was', () => {
		const writers = new Writers();
		const texts: string[][] = [[]];
		const keep = (doc: Y.Doc) =>
			texts.push(
				textOf(doc)
					.toArray()
					.map((node) => (node as Y.XmlElement).toString())
			);
		const steps: ((doc: Y.Doc) => void)[] = [
			(doc) => textOf(doc).push([paragraph('春天来了')]),
			(doc) => line(doc).insert(4, '，花开了'),
			(doc) => textOf(doc).push([paragraph('第二段')]),
			(doc) => line(doc).delete(0, 2),
			(doc) => textOf(doc).delete(0, 1),
			(doc) => line(doc).insert(0, '还有')
		];
		for (const step of steps)
			writers.write('林', (doc) => {
				step(doc);
				keep(doc);
			});
		const timeline = writers.timeline();
		for (const [moment, text] of texts.entries()) {
			const shown = timeline.textAt(moment).map((node) => `<${node.name}>${plain([node]).join('')}</${node.name}>`);
			expect([moment, shown]).toEqual([moment, text]);
		}
	});

	test('tells only what a step changes', () => {
		const writers = new Writers();
		writers.write('林', (doc) => textOf(doc).push([paragraph('一'), paragraph('二'), paragraph('三')]));
		writers.write('陈', (doc) => line(doc, 1).insert(1, '又'));
		const timeline = writers.timeline();
		expect(timeline.changed(1, 2)).toEqual([1]);
		expect(timeline.changed(2, 1)).toEqual([1]);
		expect(timeline.changed(0, 2)).toEqual([0, 1, 2]);
		expect(timeline.changed(2, 2)).toEqual([]);
	});

	test('leaves text that Enter puts into a new paragraph with whoever wrote it, and calls it not deleted', () => {
		const writers = new Writers();
		writers.write('林', (doc) => textOf(doc).push([paragraph('林写的前半和后半')]));
		writers.write('陈', (doc) => {
			line(doc).delete(5, 3);
			textOf(doc).insert(1, [paragraph('和后半')]);
		});
		writers.write('王', (doc) => line(doc, 1).insert(1, '！'));
		const timeline = writers.timeline();
		expect(plain(timeline.textAt(timeline.length))).toEqual(['林写的前半', '和！后半']);
		expect(byAuthor(timeline, timeline.length, true)).toEqual(['林:林写的前半', '林:和', '王:！', '林:后半']);
	});

	test('leaves text that is cut and pasted with whoever wrote it, also when it is moved again', () => {
		const writers = new Writers();
		writers.write('林', (doc) => textOf(doc).push([paragraph('竹外桃花三两枝，春江水暖鸭先知。')]));
		writers.write('陈', (doc) => line(doc).delete(0, 16));
		writers.write('陈', (doc) => line(doc).insert(0, '春江水暖鸭先知。'));
		writers.write('王', (doc) => {
			line(doc).delete(4, 4);
			textOf(doc).insert(1, [paragraph('鸭先知。')]);
		});
		expect(byAuthor(writers.timeline())).toEqual(['林:春江水暖', '林:鸭先知。']);
	});

	test('shows what was deleted with who wrote it and who deleted it, and whole paragraphs too', () => {
		const writers = new Writers();
		writers.write('林', (doc) => textOf(doc).push([paragraph('林的话'), paragraph('林的第二段')]));
		writers.write('陈', (doc) => line(doc).delete(1, 1));
		writers.write('王', (doc) => textOf(doc).delete(1, 1));
		const timeline = writers.timeline();
		expect(byAuthor(timeline)).toEqual(['林:林话']);
		expect(byAuthor(timeline, timeline.length, true)).toEqual(['林:林', '林:的−陈', '林:话', '林:林的第二段−王']);
	});

	test('keeps form: attributes and formats are those of the moment', () => {
		const writers = new Writers();
		writers.write('林', (doc) => {
			const heading = new Y.XmlElement('heading');
			heading.setAttribute('level', 1 as unknown as string);
			heading.insert(0, [new Y.XmlText('题目')]);
			textOf(doc).push([heading]);
		});
		writers.write('陈', (doc) => (textOf(doc).get(0) as Y.XmlElement<{ level: number }>).setAttribute('level', 2));
		writers.write('陈', (doc) => line(doc).format(0, 1, { bold: {} }));
		const timeline = writers.timeline();
		expect(timeline.textAt(1)[0]?.attrs).toEqual({ level: 1 });
		expect(timeline.textAt(3)[0]?.attrs).toEqual({ level: 2 });
		expect(segmentsOf(timeline.textAt(3)).map(({ text, marks }) => [text, marks])).toEqual([
			['题', { bold: {} }],
			['目', {}]
		]);
		expect(segmentsOf(timeline.textAt(2)).map(({ text, marks }) => [text, marks])).toEqual([['题目', {}]]);
	});

	test('knows sittings and bursts', () => {
		const writers = new Writers();
		writers.write('林', (doc) => textOf(doc).push([paragraph('一')]));
		writers.write('陈', (doc) => line(doc).insert(1, '二'));
		writers.write('林', (doc) => line(doc).insert(2, '三'));
		writers.at += 60_000;
		writers.write('林', (doc) => line(doc).insert(3, '四'));
		writers.at += 3_600_000;
		writers.write('陈', (doc) => line(doc).insert(4, '五'));
		const timeline = writers.timeline();
		expect(timeline.bursts()).toEqual([0, 1, 3, 4]);
		expect(timeline.sittings()).toMatchObject([
			{ firstSeq: 1, lastSeq: 4, people: [0, 1] },
			{ firstSeq: 5, lastSeq: 5, people: [1] }
		]);
	});

	test('leaves out an update that cannot be applied', () => {
		const writers = new Writers();
		writers.write('林', (doc) => textOf(doc).push([paragraph('一')]));
		writers.log.push({ ...(writers.log[0] as LogEntry), seq: 2, update: new Uint8Array([255, 255, 255, 1, 2]) });
		const timeline = writers.timeline();
		expect(timeline.skipped).toEqual([2]);
		expect(plain(timeline.textAt(2))).toEqual(['一']);
	});
});
