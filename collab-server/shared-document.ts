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
import { syncMessage, syncSteps, updateOf } from './protocol.ts';
import { mergeRun } from './runs.ts';
import type { LogEntry, News, StoredDocument, StoredEntry } from './storage.ts';
import type { Word } from './wire.ts';

/** Somebody who has the document open; `connection.ts` is the one that speaks over a WebSocket. */
export interface Member {
	readonly personId: PersonId;
	readonly role: Role;
	/** One of this member's updates is settled: on disk, or known before. */
	settled(ticket: number): void;
	/** One that was taken in is not kept after all: another process had taken something else in before. */
	refused(ticket: number, refusal: Refusal): void;
	/** Something of this member's was judged anew, as its client id wrote elsewhere at the same time. */
	clashed(): void;
	/** Everything up to here is on disk. */
	durable(): void;
	/** Something of others' writing, as the message of it. */
	show(message: Uint8Array): void;
	/** Something of others' presence, as the message of it. */
	hear(message: Uint8Array): void;
	close(closing: Closing): void;
}

export interface Entry extends LogEntry {
	readonly member: Member;
	/** Of the first of the parts; the others' follow. */
	readonly ticket: number;
	/** The updates that came together and are stored as one, as they came. */
	readonly parts: readonly Uint8Array[];
	readonly advances: ReadonlyMap<number, number>;
	/** How many had been taken in, with this one, since the document is in memory. */
	readonly number: number;
}

/** Something that can be said once all that was taken in before is on disk. */
interface Wish {
	run(): void;
	/** The document has been made again meanwhile. */
	again(): void;
	/** Somebody at another process has written meanwhile. */
	late?(update: Uint8Array): void;
}

/** An update that looks wrong here, and is perhaps right where more of the log has been read. */
interface Doubt {
	readonly member: Member;
	readonly ticket: number;
	readonly update: Uint8Array;
}

/** What a document needs of the process it lives in. */
export interface Surroundings {
	readonly appender: Appender<Entry>;
	readonly log: Logger;
	/** Whether no other process writes to the same logs. */
	readonly isAlone: boolean;
	readonly load: () => Promise<StoredDocument>;
	/** The document is not to be used any more; the next who wants it opens it from the log. */
	forget(): void;
	/** Something was added to the log. */
	stored(): void;
	/** Tells the other processes. */
	tell(word: Word): void;
	/** The log has grown by so much since the last snapshot that a new one pays. */
	compact(): void;
}

export const largestDocument = 20 * 1024 * 1024;
/**
 * When a document is stored as a whole again, which costs as much as all of it: after so many updates, if they are a
 * good part of it or keep whoever opens it waiting.
 */
const compacting = { least: 500, share: 1 / 3, most: 5_000 };
/** How many client ids one person may bring into a document at once: copies that were offline bring old ones. */
const mostClaims = 100;

/** Refusals that may come of an entry of the log that has not been read here. */
const ignorant: readonly Refusal[] = [
	'gap',
	'foreignClient',
	'tooManyClients',
	'unknownOrigin',
	'unknownParent',
	'wrongPlace',
	'deleteOutOfBounds'
];
/** Bytes of updates that wait for the log to be read on. */
const mostDoubts = 4 * 1024 * 1024;

/**
 * One document in memory. An update is judged, applied, appended to the log, and only when it is on disk
 * shown to others and confirmed to its writer: nobody ever sees what a crash could take away.
 *
 * Other processes may write to the same log. Yjs gives the same document in whatever order updates arrive, as long
 * as each writes under client ids of its own; a client id that wrote at two processes at once (somebody's line broke,
 * and the new one leads elsewhere) is found when the log is read, and what waits here is judged anew.
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
	#snapshotBytes: number;
	/** State vector of what is on disk. */
	#durable: Map<number, number>;
	/** What is taken in and not yet on disk. */
	#pending: Entry[] = [];
	#waiting: { readonly number: number; readonly wish: Wish }[] = [];
	/** In the order in which they came; each is judged once more when the log has been read on. */
	#doubts: Doubt[] = [];
	/** The client id that was last found to have written here and elsewhere. */
	#clashing: number | null = null;
	/** How far other processes say that the log reaches. */
	#heard = 0;
	/** How many updates were taken in, and how many of them are on disk. */
	#taken = 0;
	#committed = 0;
	/** Counts what changes the document. */
	#version = 0;
	/** The message of the whole state, encoded once for all who open the document between two changes. */
	#whole: { version: number; message: Uint8Array } | null = null;
	#rebuilding: Promise<void> | null = null;
	#lost = false;

	constructor(stored: StoredDocument, surroundings: Surroundings) {
		this.id = stored.id;
		this.#surroundings = surroundings;
		this.presence = new Presence({
			members: (messageFor) => {
				for (const member of this.members) {
					const message = messageFor(member);
					if (message) member.hear(message);
				}
			},
			processes: (update) => surroundings.tell({ kind: 'presence', update })
		});
		this.#stored = stored;
		this.#seq = stored.seq;
		this.#bytes = stored.bytes;
		this.#snapshotSeq = stored.snapshotSeq;
		this.#snapshotBytes = stored.snapshotBytes;
		this.#durable = vectorOf(stored.doc);
	}

	/** Number of the last entry of the log that is in this document. */
	get seq(): number {
		return this.#seq;
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
		return this.members.size === 0 && this.#pending.length === 0 && this.#doubts.length === 0 && !this.#rebuilding;
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
		return encodeVector(this.#durable);
	}

	/**
	 * Hands over what is missing from a state vector, as a message, once all of it is on disk. Returns its size in bytes;
	 * throws when the vector is malformed.
	 */
	answer(stateVector: Uint8Array, send: (message: Uint8Array) => void): number {
		const isEmpty = Y.decodeStateVector(stateVector).size === 0;
		const message = isEmpty ? this.#wholeMessage() : missingMessage(Y.encodeStateAsUpdate(this.#stored.doc, stateVector));
		// What others write at other processes may be on disk before what this answer waits for.
		const late: Uint8Array[] = [];
		this.#whenDurable({
			run: () => send(late.length > 0 ? missingMessage(Y.mergeUpdates([updateOf(message), ...late])) : message),
			again: () => this.answer(stateVector, send),
			late: (other) => late.push(other)
		});
		return message.length;
	}

	/** Takes an update of a member in, or says why not. `ticket` is given back when it is settled. */
	receive(member: Member, ticket: number, update: Uint8Array): Refusal | null {
		// What comes behind something that is in doubt may build on it.
		if (this.#doubts.some((doubt) => doubt.member === member)) return this.#doubt(member, ticket, update, 'gap');
		const refusal = this.#judge(member, ticket, update);
		if (refusal === null || this.#surroundings.isAlone || !ignorant.includes(refusal)) return refusal;
		return this.#doubt(member, ticket, update, refusal);
	}

	/**
	 * Takes several in that came at once, the first of them with `ticket`, as one. False when that cannot be: then each is
	 * to be received alone, so that it shows which one is refused.
	 */
	receiveAll(member: Member, ticket: number, updates: readonly Uint8Array[]): boolean {
		const merged = this.#doubts.length === 0 ? mergeRun(updates) : null;
		const verdict = merged && judge(this.#stored.doc, merged, (client) => this.ownerOf(client, member.personId));
		if (!verdict?.accepted || !verdict.news || verdict.claims.length > mostClaims || !this.#hasRoomFor(verdict)) return false;
		return this.#take(member, ticket, verdict, updates) === null;
	}

	#judge(member: Member, ticket: number, update: Uint8Array): Refusal | null {
		const verdict = judge(this.#stored.doc, update, (client) => this.ownerOf(client, member.personId));
		if (!verdict.accepted) return verdict.refusal;
		if (!verdict.news) {
			this.#whenDurable({
				run: () => {
					member.settled(ticket);
					member.durable();
				},
				again: () => this.#judgeAgain(member, ticket, update)
			});
			return null;
		}
		if (verdict.claims.length > mostClaims) return 'tooManyClients';
		if (!this.#hasRoomFor(verdict)) {
			this.#surroundings.compact();
			return 'documentFull';
		}
		return this.#take(member, ticket, verdict, [update]);
	}

	/** Deletions alone make room. */
	#hasRoomFor({ advances, update }: Accepted): boolean {
		return advances.size === 0 || this.#bytes + update.length <= largestDocument;
	}

	/**
	 * Whoever came here from another process has seen what was stored there: it is in the log, but not
	 * necessarily here yet.
	 */
	#doubt(member: Member, ticket: number, update: Uint8Array, refusal: Refusal): Refusal | null {
		const bytes = this.#doubts.reduce((sum, doubt) => sum + doubt.update.length, update.length);
		if (bytes > mostDoubts) return refusal;
		this.#doubts.push({ member, ticket, update });
		if (!this.#rebuilding) this.#surroundings.appender.catchUp(this);
		return null;
	}

	compactWhenLong(): void {
		const length = this.#seq - this.#snapshotSeq;
		const isGrown = this.#bytes - this.#snapshotBytes >= this.#snapshotBytes * compacting.share;
		const pays = length >= (isGrown ? compacting.least : compacting.most);
		if (pays && !this.#lost) this.#surroundings.compact();
	}

	/** The snapshot at `seq` is kept. */
	compacted(seq: number, bytes: number): void {
		this.#snapshotSeq = Math.max(this.#snapshotSeq, seq);
		this.#bytes = bytes;
		this.#snapshotBytes = bytes;
	}

	/** The log reaches up to here. While something of ours is on its way there, that may be what is meant. */
	heard(seq: number): void {
		this.#heard = Math.max(this.#heard, seq);
		this.#catchUp();
	}

	fits(others: readonly StoredEntry[]): boolean {
		const reached = new Map<number, number>();
		for (const { update } of others) {
			const { from, to } = Y.parseUpdateMeta(update);
			for (const [client, clock] of from) {
				if (clock === (reached.get(client) ?? Y.getState(this.#stored.doc.store, client))) continue;
				this.#clashing = client;
				return false;
			}
			for (const [client, clock] of to) reached.set(client, clock);
		}
		return true;
	}

	grown(news: readonly News<Entry>[]): void {
		/** Those who are yet to hear that something of theirs is on disk. */
		const writers = new Set<Member>();
		const tellDurable = (writer: Member) => {
			writers.delete(writer);
			writer.durable();
		};
		let confirmed = 0;
		let isTrue = !this.#rebuilding;
		for (const one of news) {
			if (one.seq <= this.#seq) continue;
			this.#seq = one.seq;
			// In the order of the log: by it two who did not know of each other find out which of them is late.
			for (const writer of writers) if (!('ours' in one && one.ours.member === writer)) tellDurable(writer);
			if ('other' in one) {
				isTrue &&= this.#apply(one.other);
				this.#show(one.other.update);
				for (const { wish } of this.#waiting) wish.late?.(one.other.update);
			} else {
				this.#confirm(one.ours);
				confirmed++;
				writers.add(one.ours.member);
			}
		}
		// At once: taking them one by one off a long list would move the rest each time.
		this.#pending.splice(0, confirmed);
		for (const writer of writers) tellDurable(writer);
		if (confirmed > 0) {
			this.#surroundings.tell({ kind: 'grown', seq: this.#seq });
			this.#surroundings.stored();
		}
		if (!isTrue) return this.#beginAgain();
		this.compactWhenLong();
		this.#catchUp();
	}

	caughtUp(): void {
		if (this.#rebuilding) return;
		const doubts = this.#doubts;
		this.#doubts = [];
		for (const { member, ticket, update } of doubts) this.#judgeAgain(member, ticket, update);
	}

	clashed(): void {
		this.#beginAgain();
	}

	lost(): void {
		this.end('notStored');
	}

	/** Closes everybody out and forgets the document. */
	end(closing: Closing): void {
		if (this.#lost) return;
		this.#lost = true;
		this.#waiting = [];
		this.#doubts = [];
		for (const member of this.members) member.close(closing);
		this.#surroundings.forget();
	}

	destroy(): void {
		this.presence.close();
		this.#stored.doc.destroy();
	}

	#take(member: Member, ticket: number, { update, advances, claims }: Accepted, parts: readonly Uint8Array[]): Refusal | null {
		const { doc, kind, authors } = this.#stored;
		for (const client of claims) authors.set(client, member.personId);
		try {
			const effects = measure(doc, kind, authors, () => Y.applyUpdate(doc, update, member));
			if (!isWhole(doc, advances)) throw new Error('an accepted update was applied in part');
			authors.keep(effects.moved ?? []);
			this.#version++;
			this.#bytes += update.length;
			const { personId, role } = member;
			const number = ++this.#taken;
			const entry = { documentId: this.id, personId, role, update, effects, claims, member, ticket, parts, advances, number };
			this.#pending.push(entry);
			this.#surroundings.appender.append(this, entry);
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

	/** One of ours is on disk. */
	#confirm({ number, advances, member, ticket, parts, update }: Entry): void {
		this.#committed = number;
		for (const [client, clock] of advances) this.#durable.set(client, clock);
		this.#show(update, member);
		for (const index of parts.keys()) member.settled(ticket + index);
		for (let first = this.#waiting[0]; first && first.number <= number; first = this.#waiting[0]) {
			this.#waiting.shift();
			first.wish.run();
		}
	}

	#catchUp(): void {
		const isQuiet = this.#pending.length === 0 && !this.#rebuilding && !this.#lost;
		if (this.#heard > this.#seq && isQuiet) this.#surroundings.appender.catchUp(this);
	}

	#show(update: Uint8Array, writer?: Member): void {
		const message = syncMessage(syncSteps.update, update);
		for (const other of this.members) if (other !== writer) other.show(message);
	}

	/** Takes in what another process has judged and stored; false when the document is not what the log says. */
	#apply(other: StoredEntry): boolean {
		const { doc, authors } = this.#stored;
		if (!this.fits([other])) return false;
		const { to } = Y.parseUpdateMeta(other.update);
		try {
			for (const client of to.keys()) authors.set(client, other.personId);
			Y.applyUpdate(doc, other.update);
			authors.keep(other.effects.moved ?? []);
			this.#version++;
			this.#bytes += other.update.length;
			for (const [client, clock] of to) this.#durable.set(client, clock);
			return isWhole(doc, to);
		} catch (error) {
			this.#surroundings.log.error(
				{ err: error, documentId: this.id, seq: other.seq },
				'an entry of the log could not be applied'
			);
			return false;
		}
	}

	/** Whoever wrote here under a client id that wrote elsewhere hears of it; nobody else does. */
	#beginAgain(): void {
		const client = this.#clashing;
		this.#clashing = null;
		const here = client === null ? [] : this.#pending.filter(({ advances }) => advances.has(client));
		for (const member of new Set(here.map(({ member }) => member))) member.clashed();
		this.#rebuild();
	}

	/** Makes the document again from the log, and judges anew what was taken in and is not there. */
	#rebuild(): void {
		if (this.#rebuilding) return;
		const { appender, log, load } = this.#surroundings;
		this.#rebuilding = appender
			.withdraw(this)
			.then(load)
			.then((stored) => {
				this.#rebuilding = null;
				this.#begin(stored);
			})
			.catch((error: unknown) => {
				this.#rebuilding = null;
				log.error({ err: error, documentId: this.id }, 'a document could not be made again from the log');
				this.end('unavailable');
			});
	}

	#begin(stored: StoredDocument): void {
		if (this.#lost) return stored.doc.destroy();
		const hasGrown = stored.seq !== this.#seq;
		const before = encodeVector(this.#durable);
		this.#stored.doc.destroy();
		this.#stored = stored;
		this.#seq = stored.seq;
		this.#bytes = stored.bytes;
		this.#snapshotSeq = stored.snapshotSeq;
		this.#snapshotBytes = stored.snapshotBytes;
		this.#durable = vectorOf(stored.doc);
		this.#version++;
		this.#committed = this.#taken;
		if (hasGrown) this.#show(Y.encodeStateAsUpdate(stored.doc, before));
		const [pending, waiting] = [this.#pending, this.#waiting];
		this.#pending = [];
		this.#waiting = [];
		for (const { member, ticket, parts } of pending) {
			for (const [index, part] of parts.entries()) this.#judgeAgain(member, ticket + index, part);
		}
		for (const { wish } of waiting) wish.again();
		if (this.#doubts.length > 0) this.#surroundings.appender.catchUp(this);
		this.#catchUp();
	}

	#judgeAgain(member: Member, ticket: number, update: Uint8Array): void {
		const refusal = this.#judge(member, ticket, update);
		if (refusal) member.refused(ticket, refusal);
	}

	/** Runs something when all that is taken in by now is on disk; at once when it is. */
	#whenDurable(wish: Wish): void {
		if (this.#committed === this.#taken) wish.run();
		else this.#waiting.push({ number: this.#taken, wish });
	}

	#wholeMessage(): Uint8Array {
		const version = this.#version;
		if (this.#whole?.version !== version) {
			this.#whole = { version, message: missingMessage(Y.encodeStateAsUpdate(this.#stored.doc)) };
		}
		return this.#whole.message;
	}
}

const missingMessage = (update: Uint8Array): Uint8Array => syncMessage(syncSteps.missing, update);

const vectorOf = (doc: Y.Doc): Map<number, number> => new Map(Y.decodeStateVector(Y.encodeStateVector(doc)));

function encodeVector(vector: ReadonlyMap<number, number>): Uint8Array {
	const encoder = createEncoder();
	writeVarUint(encoder, vector.size);
	for (const [client, clock] of vector) {
		writeVarUint(encoder, client);
		writeVarUint(encoder, clock);
	}
	return toUint8Array(encoder);
}

/** Whether Yjs has integrated all of an update and keeps nothing back. */
function isWhole({ store }: Y.Doc, advances: ReadonlyMap<number, number>): boolean {
	if (store.pendingStructs || store.pendingDs) return false;
	return [...advances].every(([client, clock]) => Y.getState(store, client) === clock);
}
