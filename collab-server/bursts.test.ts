import type { Socket } from 'node:net';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { finishedBursts, groupBursts, recordDocument } from '#collab/bursts.ts';
import type { EditedUpdate } from '#collab/bursts.ts';
import { Dice } from '#collab/test/histories.ts';
import { Client, makeClassroom, startCollab } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import type { Classroom } from '#collab/test/support.ts';
import { documentUpdates } from '#lib/documents/server/table.ts';
import type { UpdateEffects } from '#lib/documents/server/table.ts';
import type { DocumentId, PersonId } from '#lib/ids.ts';
import { statements } from '#lib/records/server/table.ts';
import { enterRoom } from '#lib/rooms/server/index.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';

const nothing: UpdateEffects = { inserted: 0, deleted: {}, nodesCreated: [], nodesMoved: [], nodesLinked: [], nodesDeleted: [] };
const minute = Date.parse('2026-09-01T08:00:00Z');

const typed = (seq: number, person: string, second: number, inserted = 1): EditedUpdate => ({
	seq,
	personId: person as PersonId,
	role: 'student',
	effects: { ...nothing, inserted },
	at: new Date(minute + second * 1_000)
});

/** Services whose database connection breaks just before a commit, as it does when the process is killed there. */
function cutBeforeCommit(services: Services): Services {
	const connect = async () => {
		const client = await services.database.pool.connect();
		const query = client.query.bind(client) as (...given: unknown[]) => unknown;
		const cutting = (...given: unknown[]) => {
			if (given[0] === 'commit') (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
			return query(...given);
		};
		return Object.assign(client, { query: cutting });
	};
	return { ...services, database: { ...services.database, pool: { connect } as unknown as Services['database']['pool'] } };
}

describe('bursts', () => {
	test('a pause of more than ten seconds, and a full minute, end one; others in between do not', () => {
		const updates = [
			typed(1, '林', 0),
			typed(2, '陈', 1),
			typed(3, '林', 9),
			typed(4, '林', 20),
			typed(5, '林', 59),
			typed(6, '林', 61)
		];
		expect(groupBursts(updates).map(({ updates }) => updates.map(({ seq }) => seq))).toEqual([[1, 3], [2], [4], [5], [6]]);
	});

	test('nothing is taken that reaches into what is still being written', () => {
		const updates = [typed(1, '林', 0), typed(2, '陈', 12), typed(3, '王', 13), typed(4, '陈', 14), typed(5, '王', 20)];
		// 王 may go on; 陈's burst reaches beyond the first update of 王's.
		expect(finishedBursts(updates, minute + 27_000)).toMatchObject({ upTo: 1, bursts: [{ personId: '林' }] });
		expect(finishedBursts(updates, minute + 33_000).upTo).toBe(5);
	});

	test('read in whatever pieces, each update is in exactly one burst', () => {
		const dice = new Dice(9);
		for (let round = 0; round < 300; round++) {
			let second = 0;
			const log = Array.from({ length: 60 }, (_, index) =>
				typed(index + 1, dice.of(['林', '陈', '王']), (second += dice.roll() * 8))
			);
			const seen: number[] = [];
			let done = 0;
			for (let now = 0; now < second + 100; now += dice.roll() * 15) {
				const visible = log.filter(({ seq, at }) => seq > done && +at <= minute + now * 1_000);
				const { bursts, upTo } = finishedBursts(visible, minute + now * 1_000);
				seen.push(...bursts.flatMap(({ updates }) => updates.map(({ seq }) => seq)));
				done = upTo ?? done;
			}
			expect(seen.sort((a, b) => a - b)).toEqual(log.map(({ seq }) => seq));
		}
	});
});

describe('statements', () => {
	let services: TestServices;
	let classroom: Classroom;
	beforeAll(async () => {
		services = await openServices();
		classroom = await makeClassroom(services);
	});
	afterAll(() => services.close());

	const statementsOf = (documentId: DocumentId) =>
		query(systemContext(services), ({ db }) =>
			db
				.select()
				.from(statements)
				.where(eq(statements.documentId, documentId))
				.orderBy(asc(statements.startedAt), asc(statements.verb))
		);

	/** Puts updates into the log as if they had been written then. */
	async function writeLog(documentId: DocumentId, updates: readonly EditedUpdate[]): Promise<void> {
		await transaction(systemContext(services), ({ db }) =>
			db.insert(documentUpdates).values(updates.map((update) => ({ ...update, documentId, update: Uint8Array.from([0, 0]) })))
		);
	}

	test('a burst is one statement with what was written and whose text was deleted', async () => {
		const documentId = await classroom.document();
		const [lin, chen] = classroom.students;
		await writeLog(documentId, [
			typed(1, lin.id, 0, 5),
			typed(2, lin.id, 3, 7),
			{ ...typed(3, chen.id, 40, 2), effects: { ...nothing, inserted: 2, deleted: { [lin.id]: 4, [chen.id]: 1 } } }
		]);
		await recordDocument(services, documentId, minute + 200_000);
		const rows = await statementsOf(documentId);
		expect(rows).toMatchObject([
			{ key: `edit:${documentId}:1`, verb: 'edited', actorId: lin.id, amount: 12, targetId: null },
			{ key: `edit:${documentId}:3`, verb: 'edited', actorId: chen.id, amount: 2, targetId: lin.id }
		]);
		expect(JSON.stringify(rows[1]?.statement)).toContain(`"${lin.id}":4`);
	});

	test('two processes at once, and one again after a kill, record every edit exactly once', async () => {
		const documentId = await classroom.document();
		const [lin, chen] = classroom.students;
		let second = 0;
		const dice = new Dice(3);
		const log = Array.from({ length: 200 }, (_, index) =>
			typed(index + 1, dice.of([lin.id, chen.id]), (second += dice.roll() * 9), 3)
		);
		await writeLog(documentId, log);
		await expect(recordDocument(cutBeforeCommit(services), documentId, minute + 100_000)).rejects.toThrow();
		expect(await statementsOf(documentId)).toEqual([]);
		for (let now = 0; now < second + 100; now += 40) {
			await Promise.all([
				recordDocument(services, documentId, minute + now * 1_000),
				recordDocument(services, documentId, minute + now * 1_000)
			]);
		}
		const rows = await statementsOf(documentId);
		expect(rows.reduce((sum, { amount }) => sum + amount, 0)).toBe(600);
		expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
	});

	test('a map gives one statement per node that was made, moved, linked or removed, in the session of the room', async () => {
		const documentId = await classroom.document('map');
		const { sessionId } = await enterRoom(await classroom.as(classroom.teacher), { roomId: classroom.roomId });
		const now = Date.now();
		const at = (seq: number, effects: Partial<UpdateEffects>): EditedUpdate => ({
			...typed(seq, classroom.teacher.id, 0, 0),
			role: 'teacher',
			effects: { ...nothing, ...effects },
			at: new Date(now + seq)
		});
		await writeLog(documentId, [
			at(1, { nodesCreated: ['a'], inserted: 2 }),
			at(2, { nodesCreated: ['b'] }),
			at(3, { nodesMoved: ['b'] }),
			at(4, { nodesMoved: ['b'] }),
			at(5, { nodesLinked: ['l'] }),
			at(6, { nodesDeleted: ['a'] })
		]);
		await recordDocument(services, documentId, now + 200_000);
		const rows = await statementsOf(documentId);
		expect(rows.map(({ verb }) => verb).sort()).toEqual(['edited', 'linked', 'mapped', 'mapped', 'moved', 'removed']);
		expect(new Set(rows.map((row) => row.sessionId))).toEqual(new Set([sessionId]));
	});

	test('a board gives one statement about all that somebody drew in a burst, and one about the words in it', async () => {
		const documentId = await classroom.document('board');
		const now = Date.now();
		const at = (seq: number, effects: Partial<UpdateEffects>): EditedUpdate => ({
			...typed(seq, classroom.teacher.id, 0, 0),
			role: 'teacher',
			effects: { ...nothing, ...effects },
			at: new Date(now + seq)
		});
		await writeLog(documentId, [
			at(1, { nodesCreated: ['a', 'b', 'c'] }),
			at(2, { nodesMoved: ['a', 'old'] }),
			at(3, { nodesMoved: ['old'], inserted: 5 }),
			at(4, { nodesDeleted: ['b', 'older'] })
		]);
		for (const later of [200_000, 200_001]) await recordDocument(services, documentId, now + later);
		const rows = await statementsOf(documentId);
		expect(rows.map(({ verb, amount }) => [verb, amount]).sort()).toEqual([
			['drew', 2],
			['edited', 5]
		]);
		const drew = rows.find(({ verb }) => verb === 'drew');
		expect(JSON.stringify(drew?.statement)).toContain('{"changed":1,"created":2,"removed":1}');
	});

	test('text that somebody parts with Enter stays with its author, also after the document was loaded anew', async () => {
		const documentId = await classroom.document();
		const [lin, chen] = classroom.students;
		const write = async (person: typeof lin, change: (text: Y.XmlFragment) => void) => {
			const server = await startCollab(services);
			const client = new Client(server.url, documentId, await classroom.token(person, documentId));
			await client.synced();
			client.doc.transact(() => change(client.doc.getXmlFragment('default')));
			await client.saved();
			client.destroy();
			await server.close();
		};
		const paragraph = (text: string) => {
			const element = new Y.XmlElement('paragraph');
			element.insert(0, [new Y.XmlText(text)]);
			return element;
		};
		const line = (text: Y.XmlFragment, index: number) => (text.get(index) as Y.XmlElement).get(0) as Y.XmlText;
		await write(lin, (text) => text.insert(0, [paragraph('春眠不觉晓处处闻啼鸟')]));
		await write(chen, (text) => {
			line(text, 0).delete(5, 5);
			text.insert(1, [paragraph('处处闻啼鸟')]);
		});
		await write(chen, (text) => {
			line(text, 1).delete(0, 2);
			line(text, 1).insert(0, '只');
		});
		await recordDocument(services, documentId, Date.now() + 200_000);
		const rows = await statementsOf(documentId);
		expect(rows.map(({ actorId, amount, targetId }) => ({ actorId, amount, targetId }))).toEqual([
			{ actorId: lin.id, amount: 10, targetId: null },
			{ actorId: chen.id, amount: 1, targetId: lin.id }
		]);
		expect(JSON.stringify(rows[1]?.statement)).toContain(`{"${lin.id}":2}`);
	});

	test('what is really typed becomes statements by itself, and none of it twice over a restart', async () => {
		const documentId = await classroom.document();
		const type = async (text: string) => {
			const server = await startCollab(services);
			const client = new Client(server.url, documentId, await classroom.token(classroom.teacher, documentId));
			await client.synced();
			for (const character of text) client.text.insert(client.text.length, character);
			await client.saved();
			client.destroy();
			await server.close();
		};
		await type('一二三');
		await type('四五');
		await recordDocument(services, documentId, Date.now() + 200_000);
		await recordDocument(services, documentId, Date.now() + 200_000);
		const rows = await statementsOf(documentId);
		expect(rows.reduce((sum, { amount }) => sum + amount, 0)).toBe(5);
	});
});
