import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { messageTypes } from '#lib/documents/model.ts';

/** How one document is reached at one server. */
export interface Line {
	url: string;
	protocols?: string[];
	/** Hocuspocus names the document in every frame. */
	name?: string;
}

const [sync, awareness, auth, syncReply] = [0, 1, 2, 4];

/** A reader or writer of one document, lean enough that hundreds of them disturb the measurement little. */
export class BenchClient {
	readonly doc = new Y.Doc();
	/** Bytes that arrived, and when the first state did. */
	bytes = 0;
	stateAt: number | null = null;
	closed: number | null = null;
	/** Called with the client id and clock of every character that arrives. */
	arrived: (client: number, clock: number) => void = () => undefined;
	readonly #line: Line;
	readonly #socket: WebSocket;
	readonly #awareness = new Awareness(this.doc);
	/** Does not read what arrives into a document. */
	readonly #deaf: boolean;
	readonly #waiting = new Set<() => void>();
	#durable = new Map<number, number>();
	#answers = 0;
	#acknowledges = false;

	constructor(line: Line, { deaf = false }: { deaf?: boolean } = {}) {
		this.#line = line;
		this.#deaf = deaf;
		clearInterval((this.#awareness as unknown as { _checkInterval: NodeJS.Timeout })._checkInterval);
		this.#socket = new WebSocket(line.url, line.protocols ?? [], { perMessageDeflate: false });
		this.#socket.binaryType = 'nodebuffer';
		this.#socket.on('open', () => {
			if (line.name !== undefined) {
				this.#send(auth, (encoder) => {
					writeVarUint(encoder, 0);
					writeVarString(encoder, '');
				});
			}
			this.ask();
		});
		this.#socket.on('message', (data: Buffer) => this.#take(data));
		this.#socket.on('error', () => undefined);
		this.#socket.on('close', (code) => {
			this.closed = code;
			this.#wake();
		});
		this.doc.on('update', (update: Uint8Array, origin: unknown) => {
			if (origin !== this) this.sendUpdate(update);
		});
		this.doc.on('afterTransaction', ({ local, beforeState, afterState }: Y.Transaction) => {
			if (local) return;
			for (const [client, clock] of afterState) {
				const before = beforeState.get(client) ?? 0;
				for (let at = before; at < clock; at++) this.arrived(client, at);
			}
		});
	}

	get text(): Y.XmlText {
		const paragraph = this.doc.getXmlFragment('default').get(0) as Y.XmlElement;
		return paragraph.get(0) as Y.XmlText;
	}
	get content(): string {
		return this.doc.getXmlFragment('default').toString();
	}
	get buffered(): number {
		return this.#socket.bufferedAmount;
	}

	/** Waits for a condition that something from the server makes true. */
	until(condition: () => boolean): Promise<void> {
		return new Promise((resolve, reject) => {
			const check = () => {
				const done = condition();
				if (!done && this.closed === null) return;
				this.#waiting.delete(check);
				if (done) resolve();
				else reject(new Error(`the line was closed with ${this.closed}`));
			};
			this.#waiting.add(check);
			check();
		});
	}
	synced(): Promise<void> {
		return this.until(() => this.stateAt !== null);
	}

	/** What was written here so far has been taken in; it is on disk, where the server tells that. */
	settled(): Promise<void> {
		return this.taken(Y.encodeStateVector(this.doc));
	}
	/** The server has everything up to a state vector. */
	taken(vector: Uint8Array): Promise<void> {
		if (this.#acknowledges) {
			const clocks = [...Y.decodeStateVector(vector)];
			return this.until(() => clocks.every(([client, clock]) => (this.#durable.get(client) ?? 0) >= clock));
		}
		const answers = this.#answers;
		this.ask();
		return this.until(() => this.#answers > answers);
	}

	ask(): void {
		const vector = Y.encodeStateVector(this.doc);
		this.#send(sync, (encoder) => {
			writeVarUint(encoder, 0);
			writeVarUint8Array(encoder, vector);
		});
	}
	sendUpdate(update: Uint8Array): void {
		this.#send(sync, (encoder) => {
			writeVarUint(encoder, 2);
			writeVarUint8Array(encoder, update);
		});
	}
	cursor(cursor: unknown): void {
		this.#awareness.setLocalState({ user: { name: '林一' }, cursor });
		const update = encodeAwarenessUpdate(this.#awareness, [this.doc.clientID]);
		this.#send(awareness, (encoder) => writeVarUint8Array(encoder, update));
	}

	/** Stops reading, as a frozen screen does. */
	freeze(): void {
		this.#socket.pause();
	}
	/** Ends without a goodbye. */
	drop(): void {
		this.#socket.terminate();
		this.doc.destroy();
	}

	#send(type: number, write: (encoder: ReturnType<typeof createEncoder>) => void): void {
		if (this.#socket.readyState !== WebSocket.OPEN) return;
		const encoder = createEncoder();
		if (this.#line.name !== undefined) writeVarString(encoder, this.#line.name);
		writeVarUint(encoder, type);
		write(encoder);
		this.#socket.send(toUint8Array(encoder));
	}

	#take(data: Buffer): void {
		this.bytes += data.length;
		const decoder = createDecoder(data);
		if (this.#line.name !== undefined) readVarString(decoder);
		const type = readVarUint(decoder);
		if (type === messageTypes.durable) {
			this.#acknowledges = true;
			readVarUint(decoder);
			readVarUint(decoder);
			this.#durable = Y.decodeStateVector(readVarUint8Array(decoder));
		} else if (type === sync || type === syncReply) {
			const step = readVarUint(decoder);
			const payload = readVarUint8Array(decoder);
			if (step === 0) this.#answer(payload);
			else {
				if (step === 1) {
					this.stateAt ??= performance.now();
					this.#answers++;
				}
				if (!this.#deaf) Y.applyUpdate(this.doc, payload, this);
			}
		}
		this.#wake();
	}

	#answer(vector: Uint8Array): void {
		if (this.#deaf) return;
		const update = Y.encodeStateAsUpdate(this.doc, vector);
		this.#send(sync, (encoder) => {
			writeVarUint(encoder, 1);
			writeVarUint8Array(encoder, update);
		});
	}

	#wake(): void {
		for (const check of this.#waiting) check();
	}
}
