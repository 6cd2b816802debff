import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as Y from 'yjs';
import { BenchClient } from './client.ts';
import type { Running, Shared } from './running.ts';

/** What is found, by what it is and in which unit; the smaller the better unless it says otherwise. */
export type Figures = Record<string, number>;
export type Measure = (server: Running) => Promise<Figures>;

const connect = async (shared: Shared, options?: { deaf?: boolean }) => new BenchClient(await shared(), options);

/** Opens a document for the first time and gives it its paragraph. */
async function begin(shared: Shared): Promise<BenchClient> {
	const client = await connect(shared);
	await client.synced();
	const paragraph = new Y.XmlElement('paragraph');
	paragraph.insert(0, [new Y.XmlText('春眠不觉晓')]);
	client.doc.getXmlFragment('default').insert(0, [paragraph]);
	await client.settled();
	return client;
}

/** All writers of one document; each has what the first began. */
async function gather(shared: Shared, count: number): Promise<BenchClient[]> {
	const first = await begin(shared);
	const others = await Promise.all(Array.from({ length: count - 1 }, () => connect(shared)));
	await Promise.all(others.map((client) => client.until(() => client.doc.getXmlFragment('default').length > 0)));
	return [first, ...others];
}

/** Writes at random places at an even pace, each writer at its own moment, and measures how long each character is on its way. */
class Typing {
	readonly delays: number[] = [];
	sent = 0;
	readonly #writers: readonly (readonly BenchClient[])[];
	readonly #sentAt = new Map<string, number>();
	readonly #perSecond: number;
	readonly #cursors: boolean;
	readonly #timers: NodeJS.Timeout[] = [];

	constructor(
		writers: readonly (readonly BenchClient[])[],
		{ perSecond, cursors = false }: { perSecond: number; cursors?: boolean }
	) {
		this.#writers = writers;
		this.#perSecond = perSecond;
		this.#cursors = cursors;
		for (const client of writers.flat()) {
			client.arrived = (author, clock) => {
				const at = this.#sentAt.get(`${author}:${clock}`);
				if (at !== undefined) this.delays.push(performance.now() - at);
			};
		}
	}

	async run(seconds: number): Promise<void> {
		const all = this.#writers.flat();
		const pause = 1000 / this.#perSecond;
		for (const [index, client] of all.entries()) {
			const start = setTimeout(
				() => {
					this.#type(client);
					this.#timers.push(setInterval(() => this.#type(client), pause));
				},
				(index / all.length) * pause
			);
			this.#timers.push(start);
		}
		await wait(seconds * 1000);
		for (const timer of this.#timers) clearInterval(timer);
		await wait(500);
	}

	#type(client: BenchClient): void {
		const { doc, text } = client;
		this.#sentAt.set(`${doc.clientID}:${Y.getState(doc.store, doc.clientID)}`, performance.now());
		this.sent++;
		const at = Math.floor(Math.random() * (text.length + 1));
		text.insert(at, '字');
		if (this.#cursors) client.cursor({ anchor: Y.createRelativePositionFromTypeIndex(text, at + 1) });
	}
}

const quantile = (values: readonly number[], share: number): number =>
	values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
const drop = (clients: readonly BenchClient[]) => {
	for (const client of clients) client.drop();
};

export const typing =
	(load: { documents: number; writers: number; perSecond: number; cursors?: boolean }): Measure =>
	async (server) => {
		const rooms: BenchClient[][] = [];
		for (let count = 0; count < load.documents; count++) rooms.push(await gather(await server.document(), load.writers));
		await new Typing(rooms, load).run(2);
		const before = await server.usage();
		const typing = new Typing(rooms, load);
		const seconds = 10;
		await typing.run(seconds);
		const after = await server.usage();
		const expected = typing.sent * (load.writers - 1);
		const figures = {
			'p50 ms': quantile(typing.delays, 0.5),
			'p95 ms': quantile(typing.delays, 0.95),
			'p99 ms': quantile(typing.delays, 0.99),
			'CPU s per 1,000 delivered': ((after.cpu - before.cpu) * 1000) / typing.delays.length,
			'not delivered': expected - typing.delays.length
		};
		drop(rooms.flat());
		return figures;
	};

/** A document with a long past: opened cold, warm, and by sixty at once while others write elsewhere. */
export const large =
	(state: Uint8Array): Measure =>
	async (server) => {
		const whole = new Y.Doc();
		Y.applyUpdate(whole, state);
		const content = whole.getXmlFragment('default').toString();
		const shared = await server.document();
		const author = await connect(shared);
		await author.synced();
		Y.applyUpdate(author.doc, state);
		await author.settled();
		// Whoever stores a while later has stored by then.
		await wait(3_000);
		drop([author]);
		await wait(3_000);
		await server.kill();
		await server.start();
		const opening = async () => {
			const line = await shared();
			const begun = performance.now();
			const client = new BenchClient(line);
			await client.until(() => client.stateAt !== null && client.doc.getXmlFragment('default').length > 0);
			const took = performance.now() - begun;
			if (client.content !== content) throw new Error(`${server.kind} shows another text`);
			return { client, took };
		};
		const cold = await opening();
		const rooms: BenchClient[][] = [];
		for (let count = 0; count < 10; count++) rooms.push(await gather(await server.document(), 2));
		const warm: number[] = [];
		const before = await server.usage();
		for (let count = 0; count < 10; count++) {
			const { client, took } = await opening();
			warm.push(took);
			drop([client]);
		}
		const after = await server.usage();
		const lines = await Promise.all(Array.from({ length: 60 }, shared));
		const typing = new Typing(rooms, { perSecond: 20 });
		const typed = typing.run(3);
		await wait(1_000);
		const begun = performance.now();
		const crowd = lines.map((line) => new BenchClient(line, { deaf: true }));
		await Promise.all(crowd.map((client) => client.synced()));
		const all = performance.now() - begun;
		await typed;
		drop([cold.client, ...crowd, ...rooms.flat()]);
		return {
			'cold, full content ms': cold.took,
			'warm, full content p50 ms': quantile(warm, 0.5),
			'CPU ms per opening': ((after.cpu - before.cpu) * 1000) / warm.length,
			'60 at once: all open ms': all,
			'others meanwhile p95 ms': quantile(typing.delays, 0.95),
			'others meanwhile p99 ms': quantile(typing.delays, 0.99)
		};
	};

/** Every edit of a long text in a message of its own, then a power cut. */
export const replay =
	(updates: readonly Uint8Array[], state: Uint8Array): Measure =>
	async (server) => {
		const whole = new Y.Doc();
		Y.applyUpdate(whole, state);
		const content = whole.getXmlFragment('default').toString();
		const shared = await server.document();
		const author = await connect(shared);
		await author.synced();
		const before = await server.usage();
		const begun = performance.now();
		for (const [index, update] of updates.entries()) {
			author.sendUpdate(update);
			while (author.buffered > 4 * 2 ** 20) await wait(1);
			if (index % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		await author.taken(Y.encodeStateVector(whole));
		const seconds = (performance.now() - begun) / 1000;
		const after = await server.usage();
		await server.kill();
		drop([author]);
		await server.start();
		const again = performance.now();
		const reader = await connect(shared);
		await reader.synced();
		const first = performance.now() - again;
		const isWhole = await Promise.race([reader.until(() => reader.content === content).then(() => true), wait(20_000, false)]);
		const figures = {
			'updates/s (more is better)': updates.length / seconds,
			'CPU s': after.cpu - before.cpu,
			'after kill -9: first answer ms': first,
			'full content ms': isWhole ? performance.now() - again : NaN,
			'lost, characters': content.length - reader.content.length
		};
		drop([reader]);
		return figures;
	};

export const memory =
	({ documents }: { documents: number }): Measure =>
	async (server) => {
		drop(await gather(await server.document(), 1));
		const before = await server.usage();
		const clients: BenchClient[] = [];
		for (let count = 0; count < documents; count++) {
			const client = await begin(await server.document());
			client.text.insert(0, '处处闻啼鸟，夜来风雨声，花落知多少。'.repeat(5));
			await client.settled();
			clients.push(client);
		}
		const open = await server.usage();
		drop(clients);
		const left = await freed(server, before.heap + (open.heap - before.heap) * 0.1);
		return {
			'heap KiB per document and line': ((open.heap - before.heap) * 1024) / documents,
			'RSS MiB with all': open.rss,
			'heap left after 30 s at most, %': ((left - before.heap) / (open.heap - before.heap)) * 100
		};
	};

async function freed(server: Running, enough: number): Promise<number> {
	for (let second = 0; ; second++) {
		const { heap } = await server.usage();
		if (heap <= enough || second === 30) return heap;
		await wait(1_000);
	}
}

/** Six write cursors to a document that one reader has stopped reading. */
export const slowReader: Measure = async (server) => {
	const shared = await server.document();
	const clients = await gather(shared, 6);
	const frozen = await connect(shared);
	await frozen.synced();
	frozen.freeze();
	const before = await server.usage();
	let most = before.rss;
	const cursor = { anchor: 'x'.repeat(3_000) };
	let sent = 0;
	for (let tick = 0; tick < 1_000; tick++) {
		for (const client of clients) {
			client.cursor({ ...cursor, tick });
			sent += cursor.anchor.length;
		}
		if (tick % 100 === 99) most = Math.max(most, (await server.usage()).rss);
		await wait(18);
	}
	drop([...clients, frozen]);
	return { 'MiB sent to it': sent / 2 ** 20, 'RSS grew by MiB': most - before.rss };
};

/** Thirty write, and one more as fast as the line takes it. */
export const attacked: Measure = async (server) => {
	const shared = await server.document();
	const writers = await gather(shared, 30);
	const calm = new Typing([writers], { perSecond: 2 });
	await calm.run(5);
	const attacker = fork(fileURLToPath(new URL('attacker.ts', import.meta.url)));
	let lines = 0;
	attacker.on('message', () => {
		lines++;
		shared().then(
			(line) => attacker.connected && attacker.send(line),
			() => undefined
		);
	});
	await once(attacker, 'message');
	const typing = new Typing([writers], { perSecond: 2 });
	await typing.run(10);
	attacker.kill('SIGKILL');
	const lost = typing.sent * (writers.length - 1) - typing.delays.length;
	drop(writers);
	return {
		'before p95 ms': quantile(calm.delays, 0.95),
		'meanwhile p50 ms': quantile(typing.delays, 0.5),
		'p95 ms': quantile(typing.delays, 0.95),
		'p99 ms': quantile(typing.delays, 0.99),
		'not delivered': lost,
		'lines that the one opened': lines
	};
};

/** Forty characters, then a power cut: at once when another has seen them, and two seconds after the last. */
export const killed: Measure = async (server) => ({
	'at once: lost of 40': await lost(server, 0),
	'after 2 s: lost of 40': await lost(server, 2_000)
});

async function lost(server: Running, pause: number): Promise<number> {
	const shared = await server.document();
	const [writer, witness] = (await gather(shared, 2)) as [BenchClient, BenchClient];
	const before = writer.text.length;
	for (let count = 0; count < 40; count++) {
		await wait(200);
		writer.text.insert(writer.text.length, '字');
	}
	const last = performance.now();
	await witness.until(() => witness.text.length === before + 40);
	await wait(Math.max(0, pause - (performance.now() - last)));
	await server.kill();
	drop([writer, witness]);
	await server.start();
	const reader = await connect(shared);
	await reader.synced();
	// A server that answers before it has read shows more a moment later.
	await wait(1_000);
	const left = reader.doc.getXmlFragment('default').length > 0 ? reader.text.length - before : 0;
	drop([reader]);
	return 40 - Math.max(0, left);
}
