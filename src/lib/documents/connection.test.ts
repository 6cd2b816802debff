import { once } from 'node:events';
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket as ServerSocket } from 'ws';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import * as Y from 'yjs';
import { DocumentConnection } from './connection.svelte.ts';
import type { ConnectionOptions } from './connection.svelte.ts';
import { closings } from './model.ts';

/** A server of the protocol that confirms when the test says so. */
class Server {
	readonly doc = new Y.Doc();
	readonly sockets = new Set<ServerSocket>();
	readonly protocols: string[] = [];
	/** What each connection sent that changes the document. */
	received: Uint8Array[] = [];
	confirms = true;
	/** How it refuses tokens, as an HTTP status; null while it gives them. */
	refusal: number | null = null;
	readonly #wss: WebSocketServer;

	constructor() {
		this.#wss = new WebSocketServer({ port: 0, handleProtocols: () => 'space.v1' });
		this.#wss.on('connection', (socket, request) => {
			this.protocols.push((request.headers['sec-websocket-protocol'] ?? '').replaceAll(' ', ''));
			this.sockets.add(socket);
			this.received = [];
			let count = 0;
			const encoder = createEncoder();
			writeVarUint(encoder, 0);
			writeSyncStep1(encoder, this.doc);
			socket.send(toUint8Array(encoder));
			socket.on('message', (data: Buffer) => {
				const decoder = createDecoder(new Uint8Array(data));
				if (readVarUint(decoder) !== 0) return;
				const reply = createEncoder();
				writeVarUint(reply, 0);
				const before = decoder.pos;
				if (readSyncMessage(decoder, reply, this.doc, socket) === 0) return socket.send(toUint8Array(reply));
				const payload = createDecoder(new Uint8Array(data).slice(before + 1));
				this.received.push(readVarUint8Array(payload));
				count++;
				if (this.confirms) this.confirm(count);
			});
			socket.on('close', () => this.sockets.delete(socket));
		});
	}

	get origin() {
		const address = this.#wss.address();
		return `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
	}

	confirm(count: number, stateVector = Y.encodeStateVector(this.doc), at = 1_790_000_000_000) {
		const encoder = createEncoder();
		writeVarUint(encoder, 100);
		writeVarUint(encoder, count);
		writeVarUint(encoder, at);
		writeVarUint8Array(encoder, stateVector);
		this.#send(encoder);
	}

	refuse(index: number, reason: string) {
		const encoder = createEncoder();
		writeVarUint(encoder, 101);
		writeVarUint(encoder, index);
		writeVarString(encoder, reason);
		this.#send(encoder);
	}

	/** What another person types. */
	type(text: string) {
		this.doc.once('update', (update: Uint8Array) => {
			const encoder = createEncoder();
			writeVarUint(encoder, 0);
			writeUpdate(encoder, update);
			this.#send(encoder);
		});
		this.doc.getText('t').insert(this.doc.getText('t').length, text);
	}

	cut(code = 1001) {
		for (const socket of this.sockets) socket.close(code);
	}

	async stop() {
		for (const socket of this.sockets) socket.terminate();
		this.#wss.close();
		await once(this.#wss, 'close');
	}

	#send(encoder: ReturnType<typeof createEncoder>) {
		for (const socket of this.sockets) socket.send(toUint8Array(encoder));
	}
}

let server: Server;
const open: DocumentConnection[] = [];

beforeEach(() => {
	server = new Server();
});
afterEach(async () => {
	for (const connection of open.splice(0)) connection.close();
	await server.stop();
});

function connect(options: Partial<ConnectionOptions> = {}) {
	let number = 0;
	const connection = new DocumentConnection({
		documentId: 'd1',
		origin: server.origin,
		right: 'write',
		token: async () => (server.refusal === null ? { token: `t${++number}` } : Promise.reject(refusal(server.refusal))),
		patience: { retry: 10, longestRetry: 50, watch: 20 },
		...options
	});
	open.push(connection);
	return connection;
}

const isOnline = (connection: DocumentConnection) => vi.waitFor(() => expect(connection.link).toBe('online'));
const isSaved = (connection: DocumentConnection) =>
	vi.waitFor(() => expect(connection.save).toEqual({ kind: 'saved', at: 1_790_000_000_000 }));
const isCut = (connection: DocumentConnection) => {
	server.refusal = 503;
	server.cut();
	return vi.waitFor(() => expect(connection.link).toBe('offline'));
};
const refusal = (status: number) => Object.assign(new Error('refused'), { status });

describe('the line to the server', () => {
	test('a fresh token opens each connection, as a subprotocol', async () => {
		const connection = connect();
		await isOnline(connection);
		server.cut();
		await vi.waitFor(() => expect(server.protocols).toEqual(['space.v1,t1', 'space.v1,t2']));
	});

	test('a refused token ends it in words, not in endless tries', async () => {
		const token = vi.fn(async () => Promise.reject(refusal(404)));
		const connection = connect({ token });
		await vi.waitFor(() => expect(connection.ended).toBe('missing'));
		expect(token).toHaveBeenCalledTimes(1);
		expect(connection.writable).toBe(false);
	});
	test('a page from before an update does not come back by itself: it is to be loaded anew', async () => {
		const token = vi.fn(async () => Promise.reject(refusal(409)));
		const connection = connect({ token });
		await vi.waitFor(() => expect(connection.ended).toBe('outdated'));
		expect(token).toHaveBeenCalledTimes(1);
		expect(connection.writable).toBe(false);
	});

	test('a server that is away is asked again', async () => {
		let calls = 0;
		const connection = connect({ token: async () => (++calls < 3 ? Promise.reject(refusal(503)) : { token: 'late' }) });
		await isOnline(connection);
		expect(calls).toBe(3);
	});

	test('the right that the token carries decides who may type', async () => {
		const connection = connect({ token: async () => ({ token: 't', right: 'read' }) });
		await isOnline(connection);
		expect(connection.save).toEqual({ kind: 'readOnly' });
		expect(connection.writable).toBe(false);
		expect(server.received).toEqual([]);
	});

	test('after a loss of access the token endpoint has the last word', async () => {
		const connection = connect();
		await isOnline(connection);
		server.refusal = 403;
		server.cut(closings.noAccess);
		await vi.waitFor(() => expect(connection.ended).toBe('noAccess'));
	});

	test('a closing that coming back would not mend waits for the person', async () => {
		const connection = connect();
		await isOnline(connection);
		server.cut(closings.tooManyConnections);
		await vi.waitFor(() => expect(connection.ended).toBe('tooManyConnections'));
		expect(server.protocols).toHaveLength(1);
		connection.retry();
		await isOnline(connection);
		expect(server.protocols).toHaveLength(2);
	});

	test('a silent line is given up', async () => {
		const connection = connect({ patience: { retry: 10, longestRetry: 50, watch: 20, quiet: 10_000, dead: 80 } });
		await isOnline(connection);
		await vi.waitFor(() => expect(server.protocols.length).toBeGreaterThan(1));
	});
});

describe('what is saved', () => {
	test('text is saved when the server says that it is on disk, not when it is sent', async () => {
		const connection = connect();
		await isSaved(connection);
		server.confirms = false;
		connection.doc.getText('t').insert(0, '春眠不觉晓');
		await vi.waitFor(() => expect(server.doc.getText('t').toString()).toBe('春眠不觉晓'));
		expect(connection.save).toEqual({ kind: 'saving', count: 1 });
		server.confirm(2);
		await isSaved(connection);
	});

	test('what is typed while the line is cut is counted, and saved when it is back', async () => {
		const connection = connect();
		await isSaved(connection);
		await isCut(connection);
		connection.doc.getText('t').insert(0, '离线');
		connection.doc.getText('t').insert(2, '也写');
		expect(connection.save).toEqual({ kind: 'local', count: 2 });
		server.refusal = null;
		await isSaved(connection);
		expect(server.doc.getText('t').toString()).toBe('离线也写');
	});

	test('a deletion made offline counts and arrives', async () => {
		const connection = connect();
		connection.doc.getText('t').insert(0, '多余的字');
		await isSaved(connection);
		await isCut(connection);
		connection.doc.getText('t').delete(0, 2);
		expect(connection.save).toEqual({ kind: 'local', count: 1 });
		server.refusal = null;
		await isSaved(connection);
		expect(server.doc.getText('t').toString()).toBe('的字');
	});

	test('a confirmation that does not cover what we typed is not believed', async () => {
		const connection = connect();
		await isSaved(connection);
		server.confirms = false;
		const before = Y.encodeStateVector(server.doc);
		connection.doc.getText('t').insert(0, '丢了吗');
		await vi.waitFor(() => expect(server.received).toHaveLength(2));
		server.confirm(2, before);
		server.type('；');
		await vi.waitFor(() => expect(connection.doc.getText('t').toString()).toContain('；'));
		expect(connection.save).toEqual({ kind: 'saving', count: 1 });
	});

	test('a line that takes changes and confirms nothing is named and renewed', async () => {
		const connection = connect({ patience: { retry: 10, longestRetry: 50, watch: 20, behind: 100 } });
		await isSaved(connection);
		server.confirms = false;
		connection.doc.getText('t').insert(0, '要紧');
		await vi.waitFor(() => expect(connection.behind).toBe(true));
		server.confirms = true;
		await isSaved(connection);
		expect(connection.behind).toBe(false);
	});

	test('a refused change is said in the words of the server', async () => {
		const connection = connect();
		await isSaved(connection);
		server.confirms = false;
		connection.doc.getText('t').insert(0, '太大了');
		server.refuse(2, 'tooLarge');
		await vi.waitFor(() => expect(connection.save).toEqual({ kind: 'refused', reason: 'tooLarge' }));
	});

	test('what the copy of this machine knows to be unsaved is counted after a reload', async () => {
		const connection = connect({
			token: async () => Promise.reject(refusal(503)),
			copy: (doc) => {
				doc.transact(() => doc.getText('t').insert(0, '昨晚离线写的'), 'copy');
				return {
					origin: 'copy',
					opened: Promise.resolve({ unsaved: 3 }),
					remember: async () => {},
					erase: async () => {},
					close: () => {}
				};
			}
		});
		await vi.waitFor(() => expect(connection.loaded).toBe(true));
		expect(connection.save).toEqual({ kind: 'local', count: 3 });
	});
});

describe('while an input method composes', () => {
	test('what others type waits, and comes in order afterwards', async () => {
		const connection = connect();
		await isSaved(connection);
		connection.hold();
		server.type('别人');
		server.type('在写');
		server.confirm(1, undefined, 1_790_000_001_000);
		await vi.waitFor(() => expect(connection.save).toEqual({ kind: 'saved', at: 1_790_000_001_000 }));
		expect(connection.doc.getText('t').toString()).toBe('');
		connection.release();
		expect(connection.doc.getText('t').toString()).toBe('别人在写');
	});

	test('a composed word leaves as one update, without the letters it was composed of', async () => {
		const connection = connect();
		await isSaved(connection);
		const text = connection.doc.getText('t');
		connection.hold();
		text.insert(0, 'ni');
		text.delete(0, 2);
		text.insert(0, '你');
		connection.release();
		await vi.waitFor(() => expect(server.received).toHaveLength(2));
		expect(server.doc.getText('t').toDelta()).toEqual([{ insert: '你' }]);
		await isSaved(connection);
	});
});
