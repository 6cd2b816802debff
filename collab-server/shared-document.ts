import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';
import type { Logger } from 'pino';
import { measure } from '#lib/documents/server/index.ts';
import type { Closing, Refusal } from '#lib/documents/model.ts';
import type { DocumentId, PersonId } from '#lib/ids.ts';
import type { Role } from '#lib/spaces/model.ts';
import type { Appender, Source } from './appender.ts';
import { judge } from './gate.ts';
import type { Accepted, Owner } from './gate.ts';
import { Presence } from './presence.ts';
import type { LogEntry, StoredDocument } from './storage.ts';

/** Somebody who has the document open; `connection.ts` is the one that speaks over a WebSocket. */
export interface Member {
	readonly personId: PersonId;
	readonly role: Role;
	/** One of this member's updates is settled: on disk, or known before. */
	settled(ticket: number): void;
	/** Everything up to here is on disk. */
	durable(): void;
	update(update: Uint8Array): void;
	awareness(update: Uint8Array): void;
	close(closing: Closing): void;
}

export interface Entry extends LogEntry {
	readonly member: Member;
	readonly ticket: number;
	readonly advances: ReadonlyMap<number, number>;
}

/** What a document needs of the process it lives in. */
export interface Surroundings {
	readonly appender: Appender<Entry>;
	readonly log: Logger;
	load(): Promise<StoredDocument>;
	/** The document is not to be used any more; the next who wants it opens it from the log. */
	forget(): void;
	/** Something was added to the log. */
	stored(): void;
	/** The log has grown by so much since the last snapshot that a new one pays. */
	compact(): void;
}

export const largestDocument = 20 * 1024 * 1024;
/** Updates after which a document is stored as a whole again. */
const compactEvery = 500;
/** How many client ids one person may bring into a document at once: copies that were offline bring old ones. */
const mostClaims = 100;

/**
 * One document in memory. An update is judged, applied, appended to the log, and only when it is on disk
 * shown to others and confirmed to its writer: nobody ever sees what a crash could take away.
 */
export class SharedDocument implements Source<Entry> {
	readonly id: DocumentId;
	readonly members = new Set<Member>();
	readonly presence: Presence;
	readonly #surroundings: Surroundings;
	#stored: StoredDocument;
	#seq: number;
	#bytes: number;
	#snapshotSeq: number;
	/** State vector of what is on disk. */
	#durable: Map<number, number>;
	/** What waits until everything accepted before it is on disk; by the number of the last update it waits for. */
	#waiting: { seq: number; run: () => void }[] = [];
	#committedSeq: number;
	/** The whole state, encoded once for all who open the document between two changes. */
	#whole: { seq: number; state: Uint8Array } | null = null;
	#rebuilding: Promise<void> | null = null;
	#lost = false;

	constructor(stored: StoredDocument, surroundings: Surroundings) {
		this.id = stored.id;
		this.#surroundings = surroundings;
		this.presence = new Presence((updateFor) => {
			for (const member of this.members) {
				const update = updateFor(member);
				if (update) member.awareness(update);
			}
		});
		this.#stored = stored;
		this.#seq = this.#committedSeq = stored.seq;
		this.#bytes = stored.bytes;
		this.#snapshotSeq = stored.snapshotSeq;
		this.#durable = new Map(Y.decodeStateVector(Y.encodeStateVector(stored.doc)));
	}

	get roomId(): string {
		return this.#stored.roomId;
	}

	get kind(): StoredDocument['kind'] {
		return this.#stored.kind;
	}

	/** Resolves at once, unless the document is being made again from the log. */
	get ready(): Promise<void> | null {
		return this.#rebuilding;
	}

	/** Whether it can leave memory: nobody has it open and nothing waits to be stored. */
	get isIdle(): boolean {
		return this.members.size === 0 && this.#committedSeq === this.#seq && !this.#rebuilding;
	}

	get isLost(): boolean {
		return this.#lost;
	}

	join(member: Member): void {
		this.members.add(member);
	}

	leave(member: Member): void {
		this.members.delete(member);
	}

	ownerOf(client: number, personId: PersonId): Owner {
		const owner = this.#stored.authors.get(client);
		if (owner === undefined) return 'free';
		return owner === personId ? 'own' : 'foreign';
	}

	stateVector(): Uint8Array {
		return Y.encodeStateVector(this.#stored.doc);
	}

	durableStateVector(): Uint8Array {
		const encoder = createEncoder();
		writeVarUint(encoder, this.#durable.size);
		for (const [client, clock] of this.#durable) {
			writeVarUint(encoder, client);
			writeVarUint(encoder, clock);
		}
		return toUint8Array(encoder);
	}

	/**
	 * Hands over what is missing from a state vector, once all of it is on disk. Returns its size in bytes;
	 * throws when the vector is malformed.
	 */
	answer(stateVector: Uint8Array, send: (update: Uint8Array) => void): number {
		const isEmpty = Y.decodeStateVector(stateVector).size === 0;
		const update = isEmpty ? this.#encodeWhole() : Y.encodeStateAsUpdate(this.#stored.doc, stateVector);
		this.#whenDurable(() => send(update));
		return update.length;
	}

	/** Takes an update of a member in, or says why not. `ticket` is given back when it is settled. */
	receive(member: Member, ticket: number, update: Uint8Array): Refusal | null {
		const verdict = judge(this.#stored.doc, update, (client) => this.ownerOf(client, member.personId));
		if (!verdict.accepted) return verdict.refusal;
		if (!verdict.news) {
			this.#whenDurable(() => {
				member.settled(ticket);
				member.durable();
			});
			return null;
		}
		if (verdict.claims.length > mostClaims) return 'tooManyClients';
		// Deletions alone make room.
		if (verdict.advances.size > 0 && this.#bytes + verdict.update.length > largestDocument) {
			this.#surroundings.compact();
			return 'documentFull';
		}
		return this.#take(member, ticket, verdict);
	}

	compactWhenLong(): void {
		if (this.#seq - this.#snapshotSeq >= compactEvery) this.#surroundings.compact();
	}

	/** The snapshot at `seq` is kept. */
	compacted(seq: number, bytes: number): void {
		this.#snapshotSeq = Math.max(this.#snapshotSeq, seq);
		this.#bytes = bytes;
	}

	committed(entries: readonly Entry[]): void {
		const writers = new Set<Member>();
		for (const { seq, advances, member, ticket, update } of entries) {
			this.#committedSeq = seq;
			for (const [client, clock] of advances) this.#durable.set(client, clock);
			for (const other of this.members) if (other !== member) other.update(update);
			member.settled(ticket);
			this.#runWaiting();
			writers.add(member);
		}
		for (const writer of writers) writer.durable();
		this.#surroundings.stored();
		this.compactWhenLong();
	}

	lost(): void {
		this.end('notStored');
	}

	/** Closes everybody out and forgets the document. */
	end(closing: Closing): void {
		if (this.#lost) return;
		this.#lost = true;
		this.#waiting = [];
		for (const member of this.members) member.close(closing);
		this.#surroundings.forget();
	}

	destroy(): void {
		this.presence.close();
		this.#stored.doc.destroy();
	}

	#take(member: Member, ticket: number, { update, advances, claims }: Accepted): Refusal | null {
		const { doc, kind, authors } = this.#stored;
		for (const client of claims) authors.set(client, member.personId);
		try {
			const effects = measure(doc, kind, authors, () => Y.applyUpdate(doc, update, member));
			if (!isWhole(doc, advances)) throw new Error('an accepted update was applied in part');
			authors.keep(effects.moved ?? []);
			const seq = ++this.#seq;
			this.#bytes += update.length;
			const { personId, role } = member;
			this.#surroundings.appender.append(this, {
				documentId: this.id,
				seq,
				personId,
				role,
				update,
				effects,
				claims,
				member,
				ticket,
				advances
			});
			return null;
		} catch (error) {
			for (const client of claims) authors.delete(client);
			this.#surroundings.log.error(
				{ err: error, documentId: this.id, personId: member.personId, bytes: update.length },
				'an update broke a document in memory; it is made again from the log'
			);
			this.#rebuild();
			return 'malformed';
		}
	}

	/** Makes the document again from the log, after everything accepted is in it. */
	#rebuild(): void {
		this.#rebuilding ??= new Promise<void>((resolve) => this.#whenDurable(resolve))
			.then(async () => {
				const stored = await this.#surroundings.load();
				if (stored.seq !== this.#seq) throw new Error('the log has grown without us');
				this.#stored.doc.destroy();
				this.#stored = stored;
				this.#whole = null;
			})
			.catch((error: unknown) => {
				this.#surroundings.log.error({ err: error, documentId: this.id }, 'a document could not be made again from the log');
				this.end('unavailable');
			})
			.finally(() => (this.#rebuilding = null));
	}

	/** Runs something when all that is accepted by now is on disk; at once when it is. */
	#whenDurable(run: () => void): void {
		if (this.#committedSeq === this.#seq) run();
		else this.#waiting.push({ seq: this.#seq, run });
	}

	#runWaiting(): void {
		for (let first = this.#waiting[0]; first && first.seq <= this.#committedSeq; first = this.#waiting[0]) {
			this.#waiting.shift();
			first.run();
		}
	}

	#encodeWhole(): Uint8Array {
		if (this.#whole?.seq !== this.#seq) this.#whole = { seq: this.#seq, state: Y.encodeStateAsUpdate(this.#stored.doc) };
		return this.#whole.state;
	}
}

/** Whether Yjs has integrated all of an update and keeps nothing back. */
function isWhole({ store }: Y.Doc, advances: ReadonlyMap<number, number>): boolean {
	if (store.pendingStructs || store.pendingDs) return false;
	return [...advances].every(([client, clock]) => Y.getState(store, client) === clock);
}
