import { afterEach, expect, test } from 'vitest';
import { openProxy } from '#collab/test/proxy.ts';
import type { Proxy } from '#collab/test/proxy.ts';
import { Client, makeClassroom, startCollab, storedDocument } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import type { Classroom, TestPerson, TestServer } from '#collab/test/support.ts';
import type { CollabOptions } from '#collab/index.ts';
import type { DocumentId } from '#lib/ids.ts';
import type { Services } from '#lib/server/services.ts';
import { createDatabase } from '#tests/support/servers.ts';

interface Bench {
	/** The services of the server, whose line to the database is the proxy. */
	services: Services;
	/** A line of the test's own. */
	direct: Services;
	proxy: Proxy;
	classroom: Classroom;
	server: TestServer;
	connect(person: TestPerson, documentId: DocumentId, doc?: Client['doc']): Promise<Client>;
}

const clients: Client[] = [];
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const client of clients.splice(0)) client.destroy();
	for (const end of ends.splice(0).reverse()) await end();
});

async function start(options: CollabOptions = {}): Promise<Bench> {
	const { appUrl } = await createDatabase();
	const proxy = await openProxy(appUrl);
	const [services, direct] = [await openServices({ databaseUrl: proxy.url }), await openServices({ databaseUrl: appUrl })];
	const classroom = await makeClassroom(direct);
	const server = await startCollab(services, { records: false, ...options });
	ends.push(
		async () => proxy.close(),
		() => direct.close(),
		() => services.close(),
		() => server.close(),
		async () => {
			proxy.release();
			await proxy.mend();
		}
	);
	return {
		services,
		direct,
		proxy,
		classroom,
		server,
		async connect(person, documentId, doc) {
			const client = new Client(server.url, documentId, await classroom.token(person, documentId), doc);
			clients.push(client);
			return client;
		}
	};
}

const soon = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('nothing is confirmed, and nothing shown to others, before it is committed', async () => {
	const { proxy, classroom, connect } = await start();
	const documentId = await classroom.document();
	const [writer, reader] = [await connect(classroom.teacher, documentId), await connect(classroom.students[0], documentId)];
	await Promise.all([writer.synced(), reader.synced()]);
	writer.text.insert(0, '先');
	await Promise.all([writer.saved(), reader.until(() => reader.text.toString() === '先')]);

	proxy.hold();
	writer.text.insert(1, '后');
	// Long enough for a server that would not wait.
	await soon(300);
	expect(reader.text.toString()).toBe('先');
	expect(writer.durable.get(writer.doc.clientID)).toBe(1);

	proxy.release();
	await Promise.all([writer.saved(), reader.until(() => reader.text.toString() === '先后')]);
});

test('a newcomer is shown only what is committed, with all of it in one answer', async () => {
	const { proxy, classroom, connect } = await start();
	const documentId = await classroom.document();
	const writer = await connect(classroom.teacher, documentId);
	const newcomer = await connect(classroom.students[0], documentId);
	await Promise.all([writer.synced(), newcomer.synced()]);
	proxy.hold();
	writer.text.insert(0, '还没有存');
	await soon(100);
	// Asks as a newcomer does: what is there that I do not have?
	newcomer.provider.synced = false;
	newcomer.send(Uint8Array.from([0, 0, 1, 0]));
	await soon(200);
	expect([newcomer.provider.synced, newcomer.text.toString()]).toEqual([false, '']);
	proxy.release();
	await newcomer.until(() => newcomer.text.toString() === '还没有存');
});

test('the database goes and comes back: nothing accepted is lost, and it is confirmed in the end', async () => {
	const { proxy, classroom, direct, services, server, connect } = await start();
	const documentId = await classroom.document();
	const [writer, other] = [await connect(classroom.teacher, documentId), await connect(classroom.students[0], documentId)];
	await Promise.all([writer.synced(), other.synced()]);
	proxy.cut();
	const written = '白日依山尽黄河入海流';
	for (const character of written) {
		writer.text.insert(writer.text.length, character);
		await soon(20);
	}
	await expect.poll(async () => (await server.gateway.state()).ok).toBe(false);
	expect(writer.durable.get(writer.doc.clientID) ?? 0).toBe(0);
	expect(writer.closes).toEqual([]);

	await proxy.mend();
	await Promise.all([writer.saved(), other.until(() => other.text.toString() === written)]);
	expect((await storedDocument(direct, documentId)).getText('text').toString()).toBe(written);
	expect(await server.gateway.state()).toEqual({ ok: true });
	expect(services.database.pool.totalCount).toBeGreaterThan(0);
});

test('a database that stays away: writers are told by name, keep their text, and bring it when it is back', async () => {
	const { proxy, classroom, direct, connect } = await start({ patience: 300 });
	const documentId = await classroom.document();
	const writer = await connect(classroom.teacher, documentId);
	await writer.synced();
	writer.text.insert(0, '存了');
	await writer.saved();
	proxy.cut();
	writer.text.insert(2, '没有存');
	await writer.closed();
	expect(writer.closes).toEqual([4503]);

	await proxy.mend();
	const again = await connect(classroom.teacher, documentId, writer.doc);
	await again.saved();
	expect((await storedDocument(direct, documentId)).getText('text').toString()).toBe('存了没有存');
});

test('a database that says nothing at all is given up like one that is gone', async () => {
	const { proxy, classroom, connect } = await start({ patience: 400 });
	const documentId = await classroom.document();
	const writer = await connect(classroom.teacher, documentId);
	await writer.synced();
	proxy.hold();
	writer.text.insert(0, '等不到回音');
	await writer.closed();
	expect(writer.closes).toEqual([4503]);
	proxy.release();
	const again = await connect(classroom.teacher, documentId, writer.doc);
	await again.saved();
	expect(again.text.toString()).toBe('等不到回音');
});

test('a log that another process writes to, without a word, is read on before it is written on', async () => {
	const { classroom, direct, services, connect } = await start();
	const documentId = await classroom.document();
	const first = await connect(classroom.teacher, documentId);
	await first.synced();
	first.text.insert(0, '一');
	await first.saved();
	// Another process of the space serves the same document.
	const second = await startCollab(direct, { records: false });
	ends.push(() => second.close());
	const elsewhere = new Client(second.url, documentId, await classroom.token(classroom.students[0], documentId));
	clients.push(elsewhere);
	await elsewhere.synced();
	elsewhere.text.insert(1, '二');
	await elsewhere.saved();

	first.text.insert(1, '三');
	await first.saved();
	await first.until(() => first.text.toString().length === 3);
	expect(first.closes).toEqual([]);
	elsewhere.text.insert(0, '零');
	await elsewhere.saved();
	await elsewhere.until(() => elsewhere.text.toString().length === 4);
	expect((await storedDocument(services, documentId)).getText('text').toString()).toBe(elsewhere.text.toString());
});

test('a process that falls silent while it holds a log keeps nobody else from writing elsewhere', async () => {
	const { classroom, direct, connect } = await start();
	const [held, free] = [await classroom.document(), await classroom.document()];
	const [one, other] = [await connect(classroom.teacher, held), await connect(classroom.students[0], free)];
	const second = await startCollab(direct, { records: false });
	ends.push(() => second.close());
	const elsewhere = new Client(second.url, held, await classroom.token(classroom.students[1], held));
	clients.push(elsewhere);
	await Promise.all([one, other, elsewhere].map((client) => client.synced()));
	elsewhere.text.insert(0, '一');
	await elsewhere.saved();
	one.text.insert(0, '二');
	await one.saved();

	const silent = await direct.database.pool.connect();
	await silent.query('begin');
	await silent.query("select set_config('app.scope', '*', true)");
	const { rowCount } = await silent.query('select id from documents where id = $1 for no key update', [held]);
	expect(rowCount).toBe(1);
	one.text.insert(0, '等');
	other.text.insert(0, '不等');
	await other.saved();
	expect(one.durable.get(one.doc.clientID)).toBe(1);
	await silent.query('rollback');
	silent.release();
	await one.saved();
});

test('a server that closes stores what it has accepted and says that it restarts', async () => {
	const { classroom, direct, server, connect } = await start();
	const documentId = await classroom.document();
	const writer = await connect(classroom.teacher, documentId);
	await writer.synced();
	writer.text.insert(0, '最后一句');
	writer.text.insert(4, '话');
	await writer.until(() => writer.count > 0);
	await server.close();
	await writer.closed();
	expect(writer.closes).toEqual([4501]);
	expect((await storedDocument(direct, documentId)).getText('text').toString().startsWith('最后一句')).toBe(true);
	server.close = async () => undefined;
});
