import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { expect, test } from 'vitest';
import pino from 'pino';
import * as Y from 'yjs';
import type { Appender } from '#collab/appender.ts';
import { syncSteps } from '#collab/protocol.ts';
import { emptyDocument } from '#collab/replay.ts';
import { largestDocument, SharedDocument } from '#collab/shared-document.ts';
import type { Entry, Member } from '#collab/shared-document.ts';
import type { StoredDocument } from '#collab/storage.ts';
import { messageTypes } from '#lib/documents/model.ts';
import { Authorship } from '#lib/documents/server/index.ts';
import { newId } from '#lib/ids.ts';
import type { PersonId } from '#lib/ids.ts';

/** A document over a log in memory; `open` makes each reading of it. */
function overLog(open: (reading: number, doc: Y.Doc) => void, bytes = 0) {
	const log: Uint8Array[] = [];
	const id = newId<'document'>();
	let readings = 0;
	const load = async (): Promise<StoredDocument> => {
		const doc = emptyDocument('text');
		for (const update of log) Y.applyUpdate(doc, update);
		open(++readings, doc);
		return {
			id,
			roomId: newId<'room'>(),
			kind: 'text',
			doc,
			seq: log.length,
			snapshotSeq: 0,
			snapshotBytes: 0,
			bytes,
			authors: new Authorship<PersonId>()
		};
	};
	const waiting: Entry[] = [];
	const appender = {
		append(source: SharedDocument, entry: Entry) {
			waiting.push(entry);
			setImmediate(() => {
				const news = waiting.splice(0).map((ours) => ({ seq: log.push(ours.update), ours }));
				if (news.length > 0) source.grown(news);
			});
		},
		// Whatever was appended is under way.
		withdraw: () => new Promise<void>((resolve) => setImmediate(resolve))
	};
	return {
		log,
		start: async () =>
			new SharedDocument(await load(), {
				appender: appender as unknown as Appender<Entry>,
				log: pino({ level: 'silent' }),
				isAlone: true,
				load,
				forget: () => undefined,
				compact: () => undefined,
				stored: () => undefined,
				tell: () => undefined
			}),
		readings: () => readings
	};
}

class Recorder implements Member {
	readonly personId = newId<'person'>();
	readonly role = 'student' as const;
	readonly updates: Uint8Array[] = [];
	readonly tickets: number[] = [];
	closing: string | null = null;
	clashes = 0;
	settled(ticket: number): void {
		this.tickets.push(ticket);
	}
	refused(): void {}
	clashed(): void {
		this.clashes++;
	}
	durable(): void {}
	show(message: Uint8Array): void {
		const decoder = createDecoder(message);
		expect([readVarUint(decoder), readVarUint(decoder)]).toEqual([messageTypes.sync, syncSteps.update]);
		this.updates.push(readVarUint8Array(decoder));
	}
	hear(): void {}
	close(closing: string): void {
		this.closing = closing;
	}
}

function updateOf(text: string): Uint8Array {
	const doc = new Y.Doc();
	doc.getText('t').insert(0, text);
	return Y.encodeStateAsUpdate(doc);
}

test('an update that breaks the document in memory is neither kept nor shown, and the document is made again', async () => {
	const bench = overLog((reading, doc) => {
		// As Yjs throws in the middle of a transaction, with half of the update in the document.
		if (reading === 1) {
			doc.on('afterTransaction', () => {
				if (doc.getText('t').toString().includes('坏')) throw new Error('broken inside');
			});
		}
	});
	const document = await bench.start();
	const [writer, other] = [new Recorder(), new Recorder()];
	document.join(writer);
	document.join(other);
	expect(document.receive(writer, 1, updateOf('好'))).toBeNull();
	expect(document.receive(writer, 2, updateOf('坏'))).toBe('malformed');
	await document.ready;
	expect(bench.readings()).toBe(2);
	expect(document.receive(other, 1, updateOf('再'))).toBeNull();
	await expect.poll(() => other.tickets).toEqual([1]);
	expect(bench.log).toHaveLength(2);
	expect(other.updates).toEqual([bench.log[0]]);
	const seen = new Y.Doc();
	document.answer(Uint8Array.from([0]), (update) => Y.applyUpdate(seen, update));
	expect(seen.getText('t').toString()).not.toContain('坏');
	expect([writer.closing, other.closing]).toEqual([null, null]);
});

test('what a writer sends again is confirmed and kept once', async () => {
	const bench = overLog(() => undefined);
	const document = await bench.start();
	const writer = new Recorder();
	document.join(writer);
	const update = updateOf('一次');
	document.receive(writer, 1, update);
	document.receive(writer, 2, update);
	expect(writer.tickets).toEqual([]);
	await expect.poll(() => writer.tickets).toEqual([1, 2]);
	expect(bench.log).toHaveLength(1);
});

test('a full document takes deletions, and nothing else', async () => {
	const doc = new Y.Doc();
	doc.getText('t').insert(0, '太多了');
	const bench = overLog((_reading, stored) => Y.applyUpdate(stored, Y.encodeStateAsUpdate(doc)), largestDocument);
	const document = await bench.start();
	const writer = new Recorder();
	document.join(writer);
	expect(document.receive(writer, 1, updateOf('还要写'))).toBe('documentFull');
	const before = Y.encodeStateVector(doc);
	doc.getText('t').delete(0, 2);
	expect(document.receive(writer, 2, Y.encodeStateAsUpdate(doc, before))).toBeNull();
	await expect.poll(() => writer.tickets).toEqual([2]);
	expect(writer.closing).toBeNull();
});

test('a client id that wrote elsewhere meanwhile counts against its own writer, and all that others wrote is kept', async () => {
	const bench = overLog(() => undefined);
	const document = await bench.start();
	const [double, other] = [new Recorder(), new Recorder()];
	document.join(double);
	document.join(other);
	const [here, elsewhere] = [new Y.Doc(), new Y.Doc()];
	elsewhere.clientID = here.clientID;
	here.getText('t').insert(0, '这里');
	elsewhere.getText('t').insert(0, '那里');
	expect(document.receive(double, 1, Y.encodeStateAsUpdate(here))).toBeNull();
	expect(document.receive(other, 1, updateOf('别人'))).toBeNull();
	const effects = { inserted: 2, deleted: {}, nodesCreated: [], nodesMoved: [], nodesLinked: [], nodesDeleted: [] };
	const update = Y.encodeStateAsUpdate(elsewhere);
	expect(document.fits([{ seq: 1, personId: double.personId, update, effects }])).toBe(false);
	document.clashed();
	await document.ready;
	expect([double.clashes, other.clashes, double.closing, other.closing]).toEqual([1, 0, null, null]);
	await expect.poll(() => [double.tickets, other.tickets]).toEqual([[1], [1]]);
});

test('of two who write at the same time, each hears in the order of the log what is on disk and what the other wrote', async () => {
	const document = await overLog(() => undefined).start();
	const heard: string[] = [];
	const hearer = (name: string): Recorder =>
		Object.assign(new Recorder(), {
			durable: () => void heard.push(`${name} durable`),
			show: () => void heard.push(`${name} update`)
		});
	const [first, second] = [hearer('first'), hearer('second')];
	for (const member of [first, second]) document.join(member);
	document.receive(first, 1, updateOf('a'));
	document.receive(second, 1, updateOf('b'));
	document.receive(first, 2, updateOf('c'));
	await new Promise((resolve) => setTimeout(resolve));
	expect(heard).toEqual(['second update', 'first durable', 'first update', 'second durable', 'second update', 'first durable']);
});
