import { createDecoder, readVarString, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';

/** One entry of an awareness message: what a client says of itself; `state` null says that it is gone. */
export interface Announcement {
	client: number;
	state: string | null;
}

/** Reads an awareness message of y-protocols; its clocks do not matter, as the line keeps the order. */
export function readAnnouncements(update: Uint8Array): Announcement[] {
	const decoder = createDecoder(update);
	const count = readVarUint(decoder);
	const announcements: Announcement[] = [];
	for (let index = 0; index < count; index++) {
		const client = readVarUint(decoder);
		readVarUint(decoder);
		const state = readVarString(decoder);
		announcements.push({ client, state: state === 'null' ? null : state });
	}
	return announcements;
}

/** How often a document tells who is where, in milliseconds: cursors of a whole class go in one message. */
const beat = 60;

/**
 * Who is in a document, and where. The clocks that readers compare are the server's own, so that neither a
 * restart nor a client decides which announcement is the newer one.
 */
export class Presence {
	readonly #states = new Map<number, { holder: object; state: string | null; clock: number }>();
	readonly #changed = new Set<number>();
	readonly #tell: (updateFor: (listener: object) => Uint8Array | null) => void;
	#timer: NodeJS.Timeout | undefined;
	#clock = 0;

	/** `tell` is called with what each listener is to hear: never of itself, whose own word is newer. */
	constructor(tell: (updateFor: (listener: object) => Uint8Array | null) => void) {
		this.#tell = tell;
	}

	holderOf(client: number): object | undefined {
		const entry = this.#states.get(client);
		return entry?.state === null ? undefined : entry?.holder;
	}

	set(holder: object, { client, state }: Announcement): void {
		if (state === null && !this.holderOf(client)) return;
		this.#clock = Math.max(this.#clock + 1, Date.now());
		this.#states.set(client, { holder, state, clock: this.#clock });
		this.#changed.add(client);
		this.#timer ??= setTimeout(() => this.#flush(), beat);
	}

	/** Takes a client out, unless another connection has taken its place. */
	remove(holder: object, client: number): void {
		if (this.holderOf(client) === holder) this.set(holder, { client, state: null });
	}

	/** Everyone who is here, for a newcomer; null when nobody is. */
	all(): Uint8Array | null {
		const clients = [...this.#states.keys()].filter((client) => this.holderOf(client));
		return clients.length > 0 ? this.#encode(clients) : null;
	}

	close(): void {
		clearTimeout(this.#timer);
	}

	#flush(): void {
		this.#timer = undefined;
		const clients = [...this.#changed];
		this.#changed.clear();
		const holders = new Set(clients.map((client) => this.#states.get(client)?.holder));
		const forOthers = this.#encode(clients);
		this.#tell((listener) => {
			if (!holders.has(listener)) return forOthers;
			const ofOthers = clients.filter((client) => this.#states.get(client)?.holder !== listener);
			return ofOthers.length > 0 ? this.#encode(ofOthers) : null;
		});
		for (const client of clients) if (!this.holderOf(client)) this.#states.delete(client);
	}

	#encode(clients: readonly number[]): Uint8Array {
		const encoder = createEncoder();
		writeVarUint(encoder, clients.length);
		for (const client of clients) {
			const entry = this.#states.get(client);
			writeVarUint(encoder, client);
			writeVarUint(encoder, entry?.clock ?? 0);
			writeVarString(encoder, entry?.state ?? 'null');
		}
		return toUint8Array(encoder);
	}
}
