import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import type { Decoder } from 'lib0/decoding';
import type { Logger } from 'pino';
import type { RawData } from 'ws';
import { messageTypes } from '#lib/documents/model.ts';
import type { Closing, DocumentRight, Refusal } from '#lib/documents/model.ts';
import type { DocumentId, PersonId } from '#lib/ids.ts';
import type { Role } from '#lib/spaces/model.ts';
import { closeWith } from './close.ts';
import { Budget, limits } from './limits.ts';
import type { Allowed } from './limits.ts';
import { readAnnouncements } from './presence.ts';
import type { Announcement } from './presence.ts';
import { askAwareness, durableMessage, refusedMessage, syncMessage, syncSteps } from './protocol.ts';
import { runOf } from './runs.ts';
import type { Member, SharedDocument } from './shared-document.ts';

/** Who is at the other end, and what the token gave. */
export interface Holder {
	readonly personId: PersonId;
	readonly name: string;
	readonly role: Role;
	readonly signInId: string;
	readonly right: DocumentRight;
	readonly documentId: DocumentId;
}

/** What a connection needs of its line: a WebSocket of the `ws` library has it, and what stands for one over HTTP. */
export interface Socket {
	readonly OPEN: number;
	readonly CLOSED: number;
	readonly readyState: number;
	readonly isPaused: boolean;
	/** Bytes that wait for the other side. */
	readonly bufferedAmount: number;
	send(message: Uint8Array, sent?: () => void): void;
	close(code: number, reason: string): void;
	terminate(): void;
	ping(): void;
	pause(): void;
	resume(): void;
	on(event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown;
	on(event: 'error', listener: (error: Error) => void): unknown;
	on(event: 'close' | 'pong', listener: () => void): unknown;
}

/** Something arrived that no client of ours sends. */
class Malformed extends Error {}

/**
 * One line of one person to one document. Whatever it sends, the worst that comes of it is that this
 * connection is closed; nothing is ever thrown out of a handler.
 */
export class Connection implements Member {
	readonly holder: Holder;
	right: DocumentRight;
	readonly #socket: Socket;
	readonly #logs: Logger;
	readonly #now: () => Date;
	#document: SharedDocument | null = null;
	/** Messages that came before the document could take them. */
	#inbox: Uint8Array[] = [];
	#draining = false;
	/** How many at the head of the inbox are to be judged one by one. */
	#alone = 0;
	readonly #messages: Budget;
	readonly #bytes: Budget;
	/** Bytes of document states on the way out, which do not count as a slow reader's backlog. */
	#stateBytes = 0;
	#answered = false;
	/** Update messages received, and how many of them, from the first on, are settled. */
	#received = 0;
	#settledCount = 0;
	/** Those beyond the first that is not. */
	readonly #settledEarly = new Set<number>();
	#refusals = 0;
	/** The client id under which this connection shows its cursor. */
	#client: number | null = null;
	#alive = true;

	constructor(socket: Socket, holder: Holder, { log, now }: { log: Logger; now: () => Date }, allowed: Allowed = limits) {
		this.#socket = socket;
		this.holder = holder;
		this.right = holder.right;
		this.#logs = log;
		this.#now = now;
		this.#messages = new Budget(allowed.messages);
		this.#bytes = new Budget(allowed.bytes);
		socket.on('pong', () => (this.#alive = true));
		socket.on('close', () => this.#leave());
	}

	/** Made when there is something to say: most connections never have. */
	get #log(): Logger {
		const { documentId, personId } = this.holder;
		return this.#logs.child({ documentId, personId });
	}

	get personId(): PersonId {
		return this.holder.personId;
	}

	get role(): Role {
		return this.holder.role;
	}

	get isOpen(): boolean {
		return this.#socket.readyState === this.#socket.OPEN;
	}

	/** Opens the document to the person and asks for what is only on that side. */
	enter(document: SharedDocument): void {
		if (!this.isOpen) return;
		this.#document = document;
		document.join(this);
		if (this.right === 'write') this.#send(syncMessage(syncSteps.stateVector, document.stateVector()));
		const present = document.presence.all();
		if (present) this.hear(present);
		this.#drain();
	}

	/** Takes a frame in; before the document is there, or while it is made again, it waits. */
	receive(data: RawData, isBinary: boolean): void {
		const message = bytesOf(data);
		if (!this.#messages.spend(1) || !this.#bytes.spend(message.length)) return this.close('tooManyMessages');
		if (!isBinary) return this.close('malformed');
		this.#inbox.push(message);
		if (this.#draining || this.#inbox.length > 1) return;
		// What came in one piece over the line is there before this is run.
		queueMicrotask(() => this.#drain());
	}

	settled(ticket: number): void {
		this.#settledEarly.add(ticket);
		while (this.#settledEarly.delete(this.#settledCount + 1)) this.#settledCount++;
	}

	refused(ticket: number, refusal: Refusal): void {
		this.#log.warn({ refusal, ticket }, 'an update was refused');
		this.#send(refusedMessage(ticket, refusal));
		this.settled(ticket);
		if (refusal === 'malformed') this.close('malformed');
		// A full document is nobody's fault, and what is deleted there is still taken.
		else if (refusal !== 'documentFull') this.#trouble();
	}

	clashed(): void {
		this.#trouble();
	}

	durable(): void {
		if (this.#document)
			this.#send(durableMessage(this.#settledCount, this.#now().getTime(), this.#document.durableStateVector()));
	}

	show(message: Uint8Array): void {
		// What came before the answer to its first question is part of that answer.
		if (this.#answered) this.#send(message);
	}

	hear(message: Uint8Array): void {
		this.#send(message);
	}

	close(closing: Closing): void {
		if (!this.isOpen) return;
		this.#leave();
		this.#inbox = [];
		this.#log.info({ closing }, 'a document connection was closed');
		closeWith(this.#socket, closing);
	}

	/** Called every few seconds: shows that the line lives, and finds out whether it does. */
	beat(): void {
		if (!this.isOpen) return;
		if (!this.#alive) return this.close('silent');
		this.#alive = false;
		this.#socket.ping();
		this.durable();
	}

	#leave(): void {
		const document = this.#document;
		if (!document) return;
		this.#document = null;
		if (this.#client !== null) document.presence.remove(this, this.#client);
		document.leave(this);
	}

	#drain(): void {
		if (this.#draining) return;
		for (let message = this.#inbox[0]; message && this.isOpen; message = this.#inbox[0]) {
			const document = this.#document;
			if (!document) return this.#socket.pause();
			if (document.ready) return this.#waitFor(document.ready);
			const together = this.#editTogether(document);
			if (together > 0) {
				this.#inbox.splice(0, together);
				continue;
			}
			this.#alone = Math.max(0, this.#alone - 1);
			this.#inbox.shift();
			this.#handle(document, message);
		}
		if (this.#socket.isPaused) this.#socket.resume();
	}

	#waitFor(ready: Promise<void>): void {
		this.#draining = true;
		this.#socket.pause();
		void ready.then(() => {
			this.#draining = false;
			this.#drain();
		});
	}

	#handle(document: SharedDocument, message: Uint8Array): void {
		try {
			const decoder = createDecoder(message);
			const type = readVarUint(decoder);
			if (type === messageTypes.sync) this.#sync(document, decoder);
			else if (type === messageTypes.awareness) this.#announce(document, readAnnouncements(readVarUint8Array(decoder)));
			else if (type === askAwareness) this.#tellPresence(document);
			else throw new Malformed(`message type ${type}`);
		} catch (error) {
			this.#log.warn({ err: error, bytes: message.length }, 'a message could not be read');
			this.close('malformed');
		}
	}

	#sync(document: SharedDocument, decoder: Decoder): void {
		const step = readVarUint(decoder);
		const payload = readVarUint8Array(decoder);
		if (step === syncSteps.stateVector) this.#answer(document, payload);
		else if (step === syncSteps.missing || step === syncSteps.update) this.#edit(document, payload);
		else throw new Malformed(`sync step ${step}`);
	}

	#answer(document: SharedDocument, stateVector: Uint8Array): void {
		const size = document.answer(stateVector, (message) => {
			this.#answered = true;
			this.#stateBytes += message.length;
			this.#send(message, () => (this.#stateBytes -= message.length));
		});
		if (!this.#bytes.spend(size)) this.close('tooManyMessages');
	}

	#edit(document: SharedDocument, update: Uint8Array): void {
		const ticket = ++this.#received;
		if (this.right !== 'write') return this.refused(ticket, 'reader');
		const refusal = document.receive(this, ticket, update);
		if (refusal) this.refused(ticket, refusal);
	}

	/** Returns how many of what leads the inbox were taken as one. */
	#editTogether(document: SharedDocument): number {
		if (this.#inbox.length === 1 || this.right !== 'write' || this.#alone > 0) return 0;
		const updates = runOf(this.#inbox);
		if (updates.length < 2) return 0;
		if (!document.receiveAll(this, this.#received + 1, updates)) {
			this.#alone = updates.length;
			return 0;
		}
		this.#received += updates.length;
		return updates.length;
	}

	/** Costs more than what is in order. */
	#trouble(): void {
		if (++this.#refusals >= limits.refusals) this.close('tooManyRefusals');
	}

	#tellPresence(document: SharedDocument): void {
		const present = document.presence.all();
		if (present) this.hear(present);
	}

	/** Says where this person is. What clients tell of others, as y-websocket's echo, is not listened to. */
	#announce(document: SharedDocument, announcements: readonly Announcement[]): void {
		for (const { client, state } of announcements) {
			if (!this.#speaksAs(document, client)) continue;
			if (state !== null && state.length > limits.awareness) return this.close('awarenessTooLarge');
			document.presence.set(this, { client, state: state === null ? null : this.#signed(state) });
		}
	}

	/** The first client id that a connection shows, and that is nobody else's, is its own. */
	#speaksAs(document: SharedDocument, client: number): boolean {
		if (this.#client === null && !this.#isTaken(document, client)) this.#client = client;
		return this.#client === client;
	}

	#isTaken(document: SharedDocument, client: number): boolean {
		const holder = document.presence.holderOf(client);
		const byOther = holder !== undefined && holder.personId !== this.personId;
		return byOther || document.ownerOf(client, this.personId) === 'foreign';
	}

	/** The state with name and role as the roster has them, whatever the client wrote there. */
	#signed(json: string): string {
		const state: unknown = JSON.parse(json);
		if (typeof state !== 'object' || state === null || Array.isArray(state)) throw new Malformed('awareness state');
		const { personId: id, name, role } = this.holder;
		const color = colorOf(state);
		return JSON.stringify({ ...state, user: { id, name, role, ...(color ? { color } : {}) } });
	}

	#send(message: Uint8Array, sent?: () => void): void {
		if (!this.isOpen) return;
		if (this.#socket.bufferedAmount - this.#stateBytes > limits.buffered) return this.close('slowReader');
		this.#socket.send(message, () => sent?.());
	}
}

function colorOf(state: object): string | null {
	const user = 'user' in state && typeof state.user === 'object' ? state.user : null;
	const color = user && 'color' in user ? user.color : null;
	return typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color) ? color : null;
}

function bytesOf(data: RawData): Uint8Array {
	if (Array.isArray(data)) return Buffer.concat(data);
	return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
