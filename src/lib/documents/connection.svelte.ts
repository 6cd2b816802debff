import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import type { Decoder } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import type { Encoder } from 'lib0/encoding';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import { messageYjsSyncStep1, messageYjsUpdate, writeSyncStep1, writeSyncStep2, writeUpdate } from 'y-protocols/sync';
import * as Y from 'yjs';
import { Keeper } from './keeper.ts';
import type { LocalCopy } from './localCopy.ts';
import { closings, largestMessage, messageTypes, subprotocol } from './model.ts';
import type { Closing, DocumentRight } from './model.ts';
import { splitUpdate, takesAway } from './parts.ts';
import { PollSocket } from './pollSocket.ts';
import { keepUndoneInPlace } from './undone.ts';

/** Where the newest change is, the worst news first. */
export type SaveState =
	| { kind: 'refused'; reason: string }
	| { kind: 'readOnly' }
	| { kind: 'local'; count: number }
	| { kind: 'saving'; count: number }
	/** `at` is the server's clock in milliseconds; null while it has confirmed nothing yet. */
	| { kind: 'saved'; at: number | null };

export type Link = 'connecting' | 'online' | 'offline';
export interface ConnectionOptions {
	documentId: string;
	/** Origin of the WebSocket (and of the requests that stand for it), like `wss://space.example`. */
	origin: string;
	/** What this person may do as far as the page knows; every token says it anew. */
	right: DocumentRight;
	/** A token that opens one connection; rejects with a `status` when the server says no. */
	token: () => Promise<{ token: string; right?: DocumentRight }>;
	copy?: (doc: Y.Doc) => LocalCopy | null;
	patience?: Partial<typeof patience>;
}

/** Milliseconds. */
const patience = {
	/** After this long without a word from the server it is asked for one … */
	quiet: 20_000,
	/** … and after this long the line counts as dead. */
	dead: 30_000,
	/** A change that is not confirmed for this long needs a new connection, whatever the old one looks like. */
	behind: 30_000,
	/** After this long a line that does not open never will. */
	opening: 10_000,
	watch: 5_000,
	/** How often what a full document did not take is offered again. */
	again: 15_000,
	retry: 500,
	longestRetry: 15_000
};

/** A change larger than this, in bytes, travels in parts: small enough for a slow line to carry one between two signs of life. */
const largestPart = 128 * 1024;
/** Bytes of parts that are sent per second; the server takes no more for long. */
const partsPerSecond = 2 * 1024 * 1024;
/** Refusals that end by themselves when something is deleted: until then, what comes after would only make a gap. */
const endsWithRoom = (reason: string | null): boolean => reason === 'documentFull' || reason === 'itemTooLarge';

/** Up to where a message reaches: so many changes are in the document, and so much this client has written. */
interface Mark {
	changes: number;
	clock: number;
}
const nowhere: Mark = { changes: 0, clock: 0 };

/** y-websocket: the server asks who is here. */
const askAwareness = 3;

/** So many WebSockets in a row that lead nowhere: then none passes here. */
const socketTries = 2;
const closingNames = Object.fromEntries(Object.entries(closings).map(([name, code]) => [code, name])) as Record<number, Closing>;

/** How the token endpoint refuses, as the server's own ways to end a connection. */
const refusedTokens: Record<number, Closing> = { 401: 'signedOut', 403: 'noAccess', 404: 'missing', 409: 'outdated' };
/** After these the token endpoint says what is left to the person: nothing, or a smaller right. */
const askAgain: readonly Closing[] = ['signedOut', 'badToken', 'noAccess', 'missing'];

/**
 * One person's line to one shared document: keeps both in step, survives cuts, and knows of every change
 * whether it is on the server's disk, on its way, or on this machine only.
 */
export class DocumentConnection {
	readonly documentId: string;
	readonly doc = new Y.Doc();
	readonly awareness = new Awareness(this.doc);

	link = $state<Link>('connecting');
	/** Whether there is content to show: the server's, or the copy of this machine. */
	loaded = $state(false);
	right = $state<DocumentRight>('read');
	/** Why no further connection is tried until the person does something. */
	ended = $state<Closing | null>(null);
	/** The server has confirmed nothing for too long although the line looked fine. */
	behind = $state(false);
	/** Why the server closed the last connection; null when the line was merely lost, or is there again. */
	closing = $state<Closing | null>(null);

	#changes = $state(0);
	#savedChanges = $state(0);
	#savedAt = $state<number | null>(null);
	#refused = $state<string | null>(null);

	readonly #options: ConnectionOptions;
	readonly #patience: typeof patience;
	readonly #copy: LocalCopy | null;
	readonly #watch: ReturnType<typeof setInterval>;
	#socket: WebSocket | PollSocket | null = null;
	/** Whether the server was heard on this line, and on how many WebSockets in a row it was not. */
	#reached = false;
	#unreached = 0;
	/** For every message of this connection that carries changes: how many changes are in the document with it. */
	#sent: Mark[] = [];
	/** What is sent part by part, each when the one before is on disk, and which message the last of them was. */
	#parts: { update: Uint8Array; mark: Mark }[] = [];
	#partSent = { count: 0, at: 0 };
	#nextPart: ReturnType<typeof setTimeout> | null = null;
	/** What was changed meanwhile, and goes out after the parts. */
	#later: { updates: Uint8Array[]; mark: Mark } | null = null;
	/** What the server has on disk, as it said last. */
	#onServer: Uint8Array | undefined;
	/** Client ids under which this person wrote, perhaps on another day, what the server did not know yet. */
	readonly #unsent = new Set<number>();
	readonly #keeper = new Keeper(this.doc, {
		isOwn: (client) => client === this.doc.clientID || this.#unsent.has(client),
		outClock: (client) => (this.#onServer && Y.decodeStateVector(this.#onServer).get(client)) ?? 0,
		made: () => this.#changes,
		out: () => this.#savedChanges
	});
	#offeredAt = 0;
	/** The server has our whole state, so single updates make sense to it. */
	#answered = false;
	#held: { incoming: Uint8Array[]; outgoing: Uint8Array[] } | null = null;
	#heardAt = 0;
	#unsavedSince = 0;
	#attempts = 0;
	#retry: ReturnType<typeof setTimeout> | null = null;
	#closed = false;
	#keptChanges = 0;

	/** Called before what others did is shown, so that what one's own hands have just done on the page is read first. */
	beforeOthers: (() => void) | null = null;
	/** Puts blocks where the caret is, and notes at the end, while a text is shown; false when they do not fit. */
	insert = $state.raw<((content: object[], notes: object[]) => boolean) | null>(null);

	constructor(options: ConnectionOptions) {
		this.#options = options;
		this.documentId = options.documentId;
		this.#patience = { ...patience, ...options.patience };
		this.right = options.right;
		this.#copy = options.copy?.(this.doc) ?? null;
		keepUndoneInPlace(this.doc);
		this.doc.on('update', this.#onUpdate);
		this.awareness.on('update', this.#onAwareness);
		this.#watch = setInterval(() => this.#look(), this.#patience.watch);
		globalThis.window?.addEventListener('online', this.#onOnline);
		globalThis.window?.addEventListener('offline', this.#onOffline);
		globalThis.window?.addEventListener('beforeunload', this.#onUnload);
		void this.#start();
	}

	/** How many changes the server has not confirmed. */
	get unsaved(): number {
		return this.#changes - this.#savedChanges;
	}

	get save(): SaveState {
		if (this.#refused !== null) return { kind: 'refused', reason: this.#refused };
		// What was typed when the document was locked: nobody takes it any more.
		if (this.unsaved > 0 && this.link === 'online' && this.right !== 'write') return { kind: 'refused', reason: 'reader' };
		if (this.unsaved > 0) return { kind: this.link === 'online' ? 'saving' : 'local', count: this.unsaved };
		if (this.right !== 'write') return { kind: 'readOnly' };
		return { kind: 'saved', at: this.#savedAt };
	}

	/** Whether this person may type here now. */
	get writable(): boolean {
		return this.right === 'write' && this.loaded && this.ended === null;
	}

	/** Keeps what others do out of the document (and ours back) while an input method composes a word. */
	hold(): void {
		this.#held ??= { incoming: [], outgoing: [] };
	}

	/** Lets through, in order, what came in and went out since `hold`. */
	release(): void {
		const held = this.#held;
		if (!held) return;
		this.#held = null;
		if (held.outgoing.length > 0) this.#sendUpdate(Y.mergeUpdates(held.outgoing));
		for (const bytes of held.incoming) this.#take(bytes);
	}

	/** Tries again after an ending that the person has done something about. */
	retry(): void {
		if (this.ended === null) return;
		this.ended = null;
		this.#attempts = 0;
		this.link = 'connecting';
		void this.#connect();
	}

	/** Gives up what this machine holds and the server refused; the page then opens the document anew. */
	async discard(): Promise<void> {
		const copy = this.#copy;
		this.#keptChanges = this.#changes;
		this.close();
		await copy?.erase();
	}

	/** Ends the connection; what is not on the server stays in the copy of this machine. */
	close(): void {
		if (this.#closed) return;
		this.release();
		this.#closed = true;
		clearInterval(this.#watch);
		if (this.#retry) clearTimeout(this.#retry);
		globalThis.window?.removeEventListener('online', this.#onOnline);
		globalThis.window?.removeEventListener('offline', this.#onOffline);
		globalThis.window?.removeEventListener('beforeunload', this.#onUnload);
		this.awareness.destroy();
		this.#drop();
		this.#copy?.close();
		this.doc.destroy();
	}

	async #start(): Promise<void> {
		const opened = await this.#copy?.opened;
		if (opened) {
			this.#changes += opened.unsaved;
			if (opened.unsaved > 0) this.#unsavedSince ||= Date.now();
			if (this.doc.store.clients.size > 0) this.loaded = true;
		}
		await this.#connect();
	}

	async #connect(): Promise<void> {
		this.#retry = null;
		if (this.#closed || this.ended !== null || this.#socket) return;
		if (globalThis.navigator?.onLine === false) return this.#wait('offline');
		try {
			const { token, right } = await this.#options.token();
			if (this.#closed || this.#socket) return;
			if (right) this.right = right;
			this.#open(token);
		} catch (error) {
			this.#refusedToken(error);
		}
	}

	#refusedToken(error: unknown): void {
		const status = error instanceof Error && 'status' in error ? Number(error.status) : 0;
		const refused = refusedTokens[status];
		if (refused) this.#end(refused);
		else this.#wait('offline');
	}

	#end(closing: Closing): void {
		this.ended = closing;
		this.link = 'offline';
	}

	/** Tries again later and later, never in step with the rest of the class. */
	#wait(link: Link): void {
		this.link = link;
		if (this.#closed || this.#retry) return;
		const longest = Math.min(this.#patience.longestRetry, this.#patience.retry * 2 ** this.#attempts++);
		this.#retry = setTimeout(() => void this.#connect(), longest * (0.5 + Math.random() / 2));
	}

	#open(token: string): void {
		const url = `${this.#options.origin}/collab/${this.documentId}`;
		// The token came over HTTP just now. Where no WebSocket passes all the same, HTTP carries the messages, too.
		const passes = this.#unreached < socketTries;
		const socket = passes ? new WebSocket(url, [subprotocol, token]) : new PollSocket(url, token);
		this.#reached = false;
		socket.binaryType = 'arraybuffer';
		this.#socket = socket;
		this.#heardAt = Date.now();
		socket.onopen = () => {
			this.#heardAt = Date.now();
			this.#sent = [];
			this.#partSent = { count: 0, at: 0 };
			this.#answered = false;
			this.#send(messageTypes.sync, (encoder) => writeSyncStep1(encoder, this.doc));
			this.#sendAwareness([this.doc.clientID]);
		};
		socket.onmessage = ({ data }: { data: unknown }) => {
			this.#heardAt = Date.now();
			this.#reached = true;
			this.#receive(new Uint8Array(data as ArrayBuffer));
		};
		socket.onclose = ({ code }: { code: number }) => {
			if (socket !== this.#socket) return;
			this.#reached ||= code in closingNames;
			this.#noteReach();
			this.#drop();
			this.#takeClosing(code);
		};
	}

	/** After some WebSockets that lead nowhere comes HTTP, and after that one WebSocket again, or some if HTTP led nowhere. */
	#noteReach(): void {
		if (this.#socket instanceof PollSocket) this.#unreached = this.#reached ? socketTries - 1 : 0;
		else this.#unreached = this.#reached ? 0 : this.#unreached + 1;
	}

	/** 44xx: coming back by itself would not help. Everything else: come back. */
	#takeClosing(code: number): void {
		this.closing = closingNames[code] ?? null;
		if (this.closing && code >= 4400 && code < 4500 && !askAgain.includes(this.closing)) this.#end(this.closing);
		else this.#wait('offline');
	}

	/** Lets go of the socket without waiting for a line that may be dead to say goodbye. */
	#drop(): void {
		const socket = this.#socket;
		this.#socket = null;
		this.#answered = false;
		this.#dropParts();
		socket?.close();
		const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
		removeAwarenessStates(this.awareness, others, this);
	}

	#receive(bytes: Uint8Array): void {
		const kind = bytes[0];
		const changesTheDocument =
			kind === messageTypes.awareness || (kind === messageTypes.sync && bytes[1] !== messageYjsSyncStep1);
		if (this.#held && changesTheDocument) this.#held.incoming.push(bytes);
		else this.#take(bytes);
	}

	#take(bytes: Uint8Array): void {
		const decoder = createDecoder(bytes);
		switch (readVarUint(decoder)) {
			case messageTypes.sync:
				this.beforeOthers?.();
				return this.#takeSync(decoder);
			case messageTypes.awareness:
				this.beforeOthers?.();
				return applyAwarenessUpdate(this.awareness, readVarUint8Array(decoder), this);
			case askAwareness:
				return this.#sendAwareness([...this.awareness.getStates().keys()]);
			case messageTypes.durable:
				return this.#takeDurable(readVarUint(decoder), readVarUint(decoder), readVarUint8Array(decoder));
			case messageTypes.refused:
				return this.#takeRefusal(readVarUint(decoder), readVarString(decoder));
		}
	}

	#takeSync(decoder: Decoder): void {
		const step = readVarUint(decoder);
		const payload = readVarUint8Array(decoder);
		if (step === messageYjsSyncStep1) return this.#answer(payload);
		this.#keeper.take(payload, this);
		if (step !== messageYjsUpdate) {
			this.loaded = true;
			this.link = 'online';
			this.#attempts = 0;
			this.closing = null;
		}
	}

	/** Sends the server all that it lacks; with it on disk, everything up to here is saved. */
	#answer(stateVector: Uint8Array): void {
		if (this.right !== 'write') return;
		this.#answered = true;
		this.#onServer = stateVector;
		const there = Y.decodeStateVector(stateVector);
		for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(this.doc)))
			if (clock > (there.get(client) ?? 0)) this.#unsent.add(client);
		this.#offer();
	}

	#offer(): void {
		if (this.#held) this.#held.outgoing = [];
		this.#dropParts();
		this.#offeredAt = Date.now();
		const update = Y.encodeStateAsUpdate(this.doc, this.#onServer);
		if (endsWithRoom(this.#refused) || update.length > largestPart) this.#sendParts(update, this.#mark());
		else this.#sendChanges((encoder) => writeSyncStep2(encoder, this.doc, this.#onServer), this.#mark());
	}

	/** The first refusal tells; those after it come of what is missing then. */
	#takeRefusal(index: number, reason: string): void {
		this.#refused ??= reason;
		if (index === this.#partSent.count) this.#dropParts();
	}

	/** `count` of our messages are on disk; the state vector shows whether the server means the same by it. */
	#takeDurable(count: number, at: number, stateVector: Uint8Array): void {
		this.#onServer = stateVector;
		if (this.#parts.length > 0 && count >= this.#partSent.count) this.#afterPart();
		const sent = this.#sent[count - 1];
		if (!sent) return;
		if ((Y.decodeStateVector(stateVector).get(this.doc.clientID) ?? 0) < sent.clock) return;
		if (sent.changes > this.#savedChanges) {
			this.#savedChanges = sent.changes;
			this.#unsavedSince = Date.now();
		}
		this.#savedAt = at;
		if (this.unsaved > 0) return;
		this.behind = false;
		void this.#keep();
	}

	readonly #onUpdate = (update: Uint8Array, origin: unknown) => {
		if (origin === this || origin === this.#copy?.origin) return;
		if (this.unsaved === 0) this.#unsavedSince = Date.now();
		this.#changes++;
		void this.#keep();
		if (this.#held) this.#held.outgoing.push(update);
		else this.#sendUpdate(update);
	};

	/** Writes the copy of this machine and remembers which changes are in it. */
	async #keep(): Promise<void> {
		const changes = this.#changes;
		try {
			await this.#copy?.remember(this.unsaved);
			if (this.#copy) this.#keptChanges = Math.max(this.#keptChanges, changes);
		} catch {
			// Without a copy the page asks before it is left.
		}
	}

	readonly #onAwareness = (changes: { added: number[]; updated: number[]; removed: number[] }, origin: unknown) => {
		if (origin === 'local') this.#sendAwareness([...changes.added, ...changes.updated, ...changes.removed]);
	};

	readonly #onOnline = () => {
		// Perhaps another network.
		this.#unreached = 0;
		if (this.#retry) clearTimeout(this.#retry);
		this.#attempts = 0;
		void this.#connect();
	};

	readonly #onOffline = () => {
		this.#drop();
		this.#wait('offline');
	};

	/** Asks before work is lost that is neither on the server nor on this machine. */
	readonly #onUnload = (event: BeforeUnloadEvent) => {
		if (this.unsaved > 0 && this.#keptChanges < this.#changes) event.preventDefault();
	};

	/** Trusts neither a silent line nor one that takes changes and never confirms them. */
	#look(): void {
		if (!this.#socket) return;
		const now = Date.now();
		const mayBeTaken = this.#answered && this.#parts.length === 0 && endsWithRoom(this.#refused);
		if (mayBeTaken && now - this.#offeredAt > this.#patience.again) this.#offer();
		const silent = now - this.#heardAt;
		if (this.#socket.readyState === WebSocket.CONNECTING && silent > this.#patience.opening) return this.#renew();
		const unconfirmed = this.unsaved > 0 && this.#refused === null ? now - this.#unsavedSince : 0;
		if (unconfirmed > this.#patience.behind) {
			this.behind = true;
			this.#unsavedSince = now;
			this.#renew();
		} else if (silent > this.#patience.dead) this.#renew();
		else if (silent > this.#patience.quiet) this.#send(messageTypes.sync, (encoder) => writeSyncStep1(encoder, this.doc));
	}

	#renew(): void {
		this.#noteReach();
		this.#drop();
		this.#wait('connecting');
	}

	#sendUpdate(update: Uint8Array): void {
		if (!this.#answered) return;
		const mark = this.#mark();
		if (this.#parts.length > 0) this.#later = { updates: [...(this.#later?.updates ?? []), update], mark };
		else if (endsWithRoom(this.#refused)) {
			if (takesAway(update)) this.#offer();
		} else if (update.length > largestPart) this.#sendParts(update, mark);
		else this.#sendChanges((encoder) => writeUpdate(encoder, update), mark);
	}

	#mark(): Mark {
		return { changes: this.#changes, clock: Y.getState(this.doc.store, this.doc.clientID) };
	}

	#sendParts(update: Uint8Array, mark: Mark): void {
		const parts = splitUpdate(update, largestPart);
		this.#parts = parts.map((part, index) => ({ update: part, mark: index === parts.length - 1 ? mark : nowhere }));
		this.#sendPart();
	}

	#sendPart(): void {
		const part = this.#parts[0];
		if (!part) return;
		const { update, mark } = part;
		// With the few bytes around it.
		if (update.length + 16 > largestMessage) {
			this.#refused ??= 'itemTooLarge';
			return this.#dropParts();
		}
		this.#sendChanges((encoder) => writeUpdate(encoder, update), mark);
		this.#partSent = { count: this.#sent.length, at: Date.now() };
	}

	/** The part that was sent is on disk; the next one goes when the server has had time for this one. */
	#afterPart(): void {
		if (this.#nextPart) return;
		this.#unsavedSince = Date.now();
		const due = this.#partSent.at + ((this.#parts[0]?.update.length ?? 0) / partsPerSecond) * 1000;
		this.#parts.shift();
		if (this.#parts.length > 0) {
			this.#nextPart = setTimeout(
				() => {
					this.#nextPart = null;
					this.#sendPart();
				},
				Math.max(0, due - Date.now())
			);
			return;
		}
		if (endsWithRoom(this.#refused)) this.#refused = null;
		const later = this.#later;
		this.#later = null;
		if (later) this.#sendParts(Y.mergeUpdates(later.updates), later.mark);
	}

	#dropParts(): void {
		if (this.#nextPart) clearTimeout(this.#nextPart);
		this.#nextPart = null;
		this.#parts = [];
		this.#later = null;
	}

	#sendChanges(write: (encoder: Encoder) => void, mark: Mark): void {
		this.#sent.push(mark);
		this.#send(messageTypes.sync, write);
	}

	#sendAwareness(clients: number[]): void {
		const update = encodeAwarenessUpdate(this.awareness, clients);
		this.#send(messageTypes.awareness, (encoder) => writeVarUint8Array(encoder, update));
	}

	#send(kind: number, write: (encoder: Encoder) => void): void {
		if (this.#socket?.readyState !== WebSocket.OPEN) return;
		const encoder = createEncoder();
		writeVarUint(encoder, kind);
		write(encoder);
		this.#socket.send(toUint8Array(encoder) as Uint8Array<ArrayBuffer>);
	}
}
