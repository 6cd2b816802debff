import { createDecoder, readVarString, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import type { PersonId } from '#lib/ids.ts';
import { awarenessMessage } from './protocol.ts';

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

/** Whose a client id is: a connection of this process, or somebody at another one. */
export interface Holder {
	readonly personId: PersonId;
	/** The other process; none for a connection of this one. */
	readonly elsewhere?: string;
}

interface Entry {
	holder: Holder;
	state: string | null;
	clock: number;
	/** When it was said last, in milliseconds. */
	at: number;
}

/** How often a document tells who is where, in milliseconds: cursors of a whole class go in one message. */
const beat = 60;
/** Clients say where they are every 15 s; somebody at another process who has not for this long went down with it. */
const silence = 40_000;

/** Where a document tells who is where. */
export interface Audience {
	/** The members here, each with the message that it is to hear: never of itself, whose own word is newer. */
	members(messageFor: (listener: object) => Uint8Array | null): void;
	/** The other processes, with what the people at this one say. */
	processes(update: Uint8Array): void;
}

/**
 * Who is in a document, and where. The clocks that readers compare are the server's own, so that neither a
 * restart nor a client decides which announcement is the newer one.
 */
export class Presence {
	readonly #states = new Map<number, Entry>();
	readonly #changed = new Set<number>();
	readonly #audience: Audience;
	#timer: NodeJS.Timeout | undefined;
	#clock = 0;

	constructor(audience: Audience) {
		this.#audience = audience;
	}

	holderOf(client: number): Holder | undefined {
		const entry = this.#states.get(client);
		return entry?.state === null ? undefined : entry?.holder;
	}

	set(holder: Holder, { client, state }: Announcement): void {
		if (state === null && !this.holderOf(client)) return;
		const now = Date.now();
		this.#clock = Math.max(this.#clock + 1, now);
		this.#states.set(client, { holder, state, clock: this.#clock, at: now });
		this.#changed.add(client);
		this.#timer ??= setTimeout(() => this.#flush(), beat);
	}

	/** Takes a client out, unless another connection has taken its place. */
	remove(holder: Holder, client: number): void {
		if (this.holderOf(client) === holder) this.set(holder, { client, state: null });
	}

	/** Takes in what another process tells of the people there. Throws when it cannot be read. */
	hear(elsewhere: string, update: Uint8Array): void {
		const decoder = createDecoder(update);
		for (let left = readVarUint(decoder); left > 0; left--) {
			const client = readVarUint(decoder);
			const personId = readVarString(decoder) as PersonId;
			const state = readVarString(decoder);
			if (state !== 'null') this.set({ personId, elsewhere }, { client, state });
			else if (this.holderOf(client)?.elsewhere === elsewhere) this.set({ personId, elsewhere }, { client, state: null });
		}
	}

	/** Tells the other processes of everybody here. */
	tellAll(): void {
		const here = [...this.#states.keys()].filter((client) => this.holderOf(client) && this.#isHere(client));
		if (here.length > 0) this.#audience.processes(this.#encodeForProcesses(here));
	}

	/** The message of everyone who is here, for a newcomer; null when nobody is. */
	all(): Uint8Array | null {
		this.#forgetTheSilent();
		const clients = [...this.#states.keys()].filter((client) => this.holderOf(client));
		return clients.length > 0 ? this.#encode(clients) : null;
	}

	/** Tells what is still to be told, such as that everybody has left. */
	close(): void {
		clearTimeout(this.#timer);
		if (this.#timer) this.#flush();
	}

	#isHere(client: number): boolean {
		return this.#states.get(client)?.holder.elsewhere === undefined;
	}

	/** Browsers forget them by themselves, at about the same time. */
	#forgetTheSilent(): void {
		const now = Date.now();
		for (const [client, { holder, at }] of this.#states) {
			if (holder.elsewhere !== undefined && now - at > silence) this.set(holder, { client, state: null });
		}
	}

	#flush(): void {
		this.#timer = undefined;
		const clients = [...this.#changed];
		this.#changed.clear();
		const holders = new Set<object | undefined>(clients.map((client) => this.#states.get(client)?.holder));
		const forOthers = this.#encode(clients);
		this.#audience.members((listener) => {
			if (!holders.has(listener)) return forOthers;
			const ofOthers = clients.filter((client) => this.#states.get(client)?.holder !== listener);
			return ofOthers.length > 0 ? this.#encode(ofOthers) : null;
		});
		const here = clients.filter((client) => this.#isHere(client));
		if (here.length > 0) this.#audience.processes(this.#encodeForProcesses(here));
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
		return awarenessMessage(toUint8Array(encoder));
	}

	#encodeForProcesses(clients: readonly number[]): Uint8Array {
		const encoder = createEncoder();
		writeVarUint(encoder, clients.length);
		for (const client of clients) {
			const entry = this.#states.get(client);
			writeVarUint(encoder, client);
			writeVarString(encoder, entry?.holder.personId ?? '');
			writeVarString(encoder, entry?.state ?? 'null');
		}
		return toUint8Array(encoder);
	}
}
