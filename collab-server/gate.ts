import type { Decoder } from 'lib0/decoding';
import * as Y from 'yjs';
import type { Refusal } from '#lib/documents/model.ts';

/** To whom a Yjs client id belongs, as the sender of an update sees it. */
export type Owner = 'own' | 'free' | 'foreign';

export interface Accepted {
	readonly accepted: true;
	/** The update without what the document knows already: this is what is applied, kept and handed on. */
	readonly update: Uint8Array;
	/** False when the document knows all of it already: there is nothing to store. */
	readonly news: boolean;
	/** The clock up to which each client id has written, after the update. */
	readonly advances: ReadonlyMap<number, number>;
	/** Client ids that nobody had used before. */
	readonly claims: readonly number[];
}
export type Verdict = Accepted | { readonly accepted: false; readonly refusal: Refusal };

type Struct = Y.Item | Y.GC;
/** Where an item stands: in a type (or in a root type, by name, that nobody has used yet), under a key or in the list. */
interface Place {
	readonly parent: Y.AbstractType<unknown> | string;
	readonly key: string | null;
}
/** What stands in something that was deleted and forgotten: Yjs keeps its length only. */
const gone = null;

const largestClient = 0xffff_ffff;
const largestClock = 0x7fff_ffff;
const longestKey = 256;
const mostRoots = 32;
const deepestValue = 48;
/** Steps along a list after which an index of the list is cheaper. */
const stepBudget = 20_000;

class Refused extends Error {
	readonly refusal: Refusal;
	constructor(refusal: Refusal) {
		super(refusal);
		this.refusal = refusal;
	}
}

/**
 * Judges an update against a document before anything of it is applied. Nothing passes that Yjs would keep
 * waiting (a gap, an unknown origin), half apply (a wrong place, a range out of bounds) or write in somebody
 * else's name. What the document knows already is skipped, as a client sends it again after every cut.
 */
export function judge(doc: Y.Doc, update: Uint8Array, ownerOf: (client: number) => Owner): Verdict {
	try {
		return new Judgement(doc, update, ownerOf).verdict();
	} catch (error) {
		return { accepted: false, refusal: error instanceof Refused ? error.refusal : 'malformed' };
	}
}

/** The reading of one update against one document. */
class Judgement {
	readonly #doc: Y.Doc;
	#update: Uint8Array;
	readonly #ownerOf: (client: number) => Owner;
	/** New structs by client, in order. */
	readonly #fresh = new Map<number, Struct[]>();
	/** Up to which clock the simulation has integrated each client that writes. */
	readonly #reached = new Map<number, number>();
	readonly #places = new Map<Struct, Place | typeof gone>();
	readonly #advances = new Map<number, number>();
	readonly #claims: number[] = [];
	readonly #newRoots = new Set<string>();
	readonly #indexes = new Map<Y.AbstractType<unknown>, Map<Y.Item, number>>();
	#steps = 0;
	/** Pairs of neighbours whose order only the applied update can show. */
	readonly #unproven: [left: Y.ID, right: Y.ID][] = [];

	constructor(doc: Y.Doc, update: Uint8Array, ownerOf: (client: number) => Owner) {
		this.#doc = doc;
		this.#update = update;
		this.#ownerOf = ownerOf;
	}

	verdict(): Verdict {
		let decoded = decode(this.#update);
		const known = this.#knownPart(decoded);
		if (known.size > 0) {
			this.#update = Y.diffUpdate(this.#update, Y.encodeStateVector(known));
			decoded = decode(this.#update);
		}
		this.#sort(decoded);
		this.#integrateAll();
		const deletes = this.#checkDeletions(decoded.deletions);
		if (this.#unproven.length > 0) this.#prove();
		return {
			accepted: true,
			update: this.#update,
			news: this.#advances.size > 0 || deletes,
			advances: this.#advances,
			claims: this.#claims
		};
	}

	/** Up to where the document knows what an update repeats, by client: Yjs would read it again, and trust it. */
	#knownPart({ structs, sections }: Decoded): Map<number, number> {
		if (new Set(sections).size !== sections.length) throw new Refused('malformed');
		const repeated = new Map<number, number>();
		for (const { id } of structs) {
			const known = this.#known(id.client);
			if (id.clock < known) repeated.set(id.client, known);
		}
		return repeated;
	}

	#known(client: number): number {
		return Y.getState(this.#doc.store, client);
	}

	/** Sorts what is new by client; it begins where the document ends. */
	#sort({ structs }: Decoded): void {
		for (const struct of structs) {
			const { client, clock } = struct.id;
			const end = clock + struct.length;
			if (struct instanceof Y.Skip || clock !== (this.#advances.get(client) ?? this.#known(client))) throw new Refused('gap');
			if (struct.length < 1 || client > largestClient || end > largestClock) throw new Refused('malformed');
			const fresh = this.#fresh.get(client);
			if (fresh) fresh.push(struct);
			else this.#fresh.set(client, [struct]);
			this.#advances.set(client, end);
		}
		for (const client of this.#fresh.keys()) {
			const owner = this.#ownerOf(client);
			if (owner === 'foreign') throw new Refused('foreignClient');
			if (owner === 'free') this.#claims.push(client);
			this.#reached.set(client, this.#known(client));
		}
	}

	/** Walks through the new structs in an order in which each finds what it refers to, as Yjs will. */
	#integrateAll(): void {
		const waiting = new Map([...this.#fresh].map(([client, structs]) => [client, { structs, next: 0 }]));
		for (let moved = true; moved && waiting.size > 0;) {
			moved = false;
			for (const [client, queue] of waiting) {
				for (let struct = queue.structs[queue.next]; struct && this.#isReady(struct); struct = queue.structs[++queue.next]) {
					this.#integrate(struct);
					this.#reached.set(client, struct.id.clock + struct.length);
					moved = true;
				}
				if (queue.next === queue.structs.length) waiting.delete(client);
			}
		}
		if (waiting.size > 0) throw new Refused('unknownOrigin');
	}

	#isReady(struct: Struct): boolean {
		if (!(struct instanceof Y.Item)) return true;
		// An item may refer to its own client's earlier writing only.
		const there = (id: Y.ID | null) =>
			id === null || id.clock < (id.client === struct.id.client ? struct.id.clock : this.#end(id.client));
		return there(struct.origin) && there(struct.rightOrigin) && there(struct.parent instanceof Y.ID ? struct.parent : null);
	}

	#end(client: number): number {
		return this.#reached.get(client) ?? this.#known(client);
	}

	#integrate(struct: Struct): void {
		if (!(struct instanceof Y.Item)) {
			this.#places.set(struct, gone);
			return;
		}
		const place = this.#placeOf(struct);
		this.#places.set(struct, place);
		checkContent(struct, place, this.#doc);
		if (place !== gone && struct.origin && struct.rightOrigin) this.#checkOrder(struct, struct.origin, struct.rightOrigin);
	}

	/** The struct that holds an id, of the document or of this update. */
	#find(id: Y.ID): Struct {
		if (id.clock < this.#known(id.client)) return Y.getItem(this.#doc.store, id) as Struct;
		const structs = this.#fresh.get(id.client);
		if (!structs) throw new Refused('unknownOrigin');
		let low = 0;
		let high = structs.length - 1;
		while (low <= high) {
			const middle = (low + high) >> 1;
			const struct = structs[middle] as Struct;
			if (id.clock < struct.id.clock) high = middle - 1;
			else if (id.clock >= struct.id.clock + struct.length) low = middle + 1;
			else return struct;
		}
		throw new Refused('unknownOrigin');
	}

	#placeOf(item: Y.Item): Place | typeof gone {
		const left = item.origin && this.#standing(item.origin);
		const right = item.rightOrigin && this.#standing(item.rightOrigin);
		if ((item.origin && !left) || (item.rightOrigin && !right)) return gone;
		if (left && right && (left.parent !== right.parent || left.key !== right.key)) throw new Refused('wrongPlace');
		return left ?? right ?? this.#namedPlace(item);
	}

	/** Where the struct with this id stands. */
	#standing(id: Y.ID): Place | typeof gone {
		const struct = this.#find(id);
		const placed = this.#places.get(struct);
		if (placed !== undefined) return placed;
		if (!(struct instanceof Y.Item) || struct.parent === null) return gone;
		return { parent: struct.parent as Y.AbstractType<unknown>, key: struct.parentSub };
	}

	/** The place of an item without neighbours, which names its parent. */
	#namedPlace(item: Y.Item): Place | typeof gone {
		const key = item.parentSub;
		if (key !== null && (key.length > longestKey || key === '__proto__')) throw new Refused('wrongPlace');
		const named = item.parent as Y.ID | string | null;
		if (typeof named === 'string') return { parent: this.#root(named), key };
		if (named === null) throw new Refused('unknownParent');
		const holder = this.#find(named);
		if (!(holder instanceof Y.Item) || holder.content instanceof Y.ContentDeleted) return gone;
		if (this.#places.get(holder) === gone) return gone;
		if (!(holder.content instanceof Y.ContentType)) throw new Refused('unknownParent');
		return { parent: holder.content.type, key };
	}

	#root(name: string): Y.AbstractType<unknown> | string {
		const root = this.#doc.share.get(name);
		if (root) return root as Y.AbstractType<unknown>;
		this.#newRoots.add(name);
		if (name.length > longestKey || name === '__proto__' || this.#doc.share.size + this.#newRoots.size > mostRoots)
			throw new Refused('wrongPlace');
		return `root:${name}`;
	}

	/** An item goes between its neighbours: the left one stands before the right one. */
	#checkOrder(item: Y.Item, leftId: Y.ID, rightId: Y.ID): void {
		const left = this.#find(leftId);
		const right = this.#find(rightId);
		if (!(left instanceof Y.Item) || !(right instanceof Y.Item)) return;
		if (left === right) {
			if (leftId.clock < rightId.clock) return;
			throw new Refused('wrongPlace');
		}
		const inUpdate = this.#places.has(left) || this.#places.has(right);
		if (!inUpdate) {
			if (!this.#precedes(left, right)) throw new Refused('wrongPlace');
			return;
		}
		// Of two neighbours, the one that was written later names the other.
		if (Y.compareIDs(left.rightOrigin, rightId) || Y.compareIDs(right.origin, leftId)) return;
		this.#unproven.push([leftId, rightId]);
	}

	#precedes(left: Y.Item, right: Y.Item): boolean {
		if (this.#steps < stepBudget) {
			for (let item = left.right; item !== null && this.#steps < stepBudget; item = item.right) {
				this.#steps++;
				if (item === right) return true;
			}
			if (this.#steps < stepBudget) return false;
		}
		const index = this.#indexOf(left);
		return (index.get(left) ?? Infinity) < (index.get(right) ?? -1);
	}

	#indexOf(member: Y.Item): Map<Y.Item, number> {
		const parent = member.parent as Y.AbstractType<unknown>;
		const listed = this.#indexes.get(parent);
		if (listed?.has(member)) return listed;
		const index = listed ?? new Map<Y.Item, number>();
		let first = member;
		while (first.left) first = first.left;
		for (let item: Y.Item | null = first; item; item = item.right) index.set(item, index.size);
		this.#indexes.set(parent, index);
		return index;
	}

	/** Tries the update on a copy, for the rare orders that cannot be read off. */
	#prove(): void {
		const copy = new Y.Doc({ gc: this.#doc.gc });
		try {
			for (const [name, type] of this.#doc.share) copy.get(name, type.constructor as new () => Y.AbstractType<unknown>);
			Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.#doc));
			Y.applyUpdate(copy, this.#update);
			const { store } = copy;
			if (store.pendingStructs || store.pendingDs) throw new Refused('unknownOrigin');
			const trial = new Judgement(copy, this.#update, () => 'own');
			for (const [leftId, rightId] of this.#unproven) {
				const left = Y.getItem(store, leftId) as Struct;
				const right = Y.getItem(store, rightId) as Struct;
				if (!(left instanceof Y.Item) || !(right instanceof Y.Item)) continue;
				if (left === right ? leftId.clock >= rightId.clock : !trial.#precedes(left, right)) throw new Refused('wrongPlace');
			}
		} finally {
			copy.destroy();
		}
	}

	/** Deletions lie within what is written; returns whether any of them is new. */
	#checkDeletions(deletions: ReadonlyMap<number, readonly { clock: number; len: number }[]>): boolean {
		let news = false;
		for (const [client, ranges] of deletions) {
			const end = Math.max(this.#known(client), this.#advances.get(client) ?? 0);
			let last = 0;
			for (const { clock, len } of ranges) {
				if (len < 1 || clock < last) throw new Refused('malformed');
				last = clock + len;
				if (last > end) throw new Refused('deleteOutOfBounds');
				news ||= this.#deletesSomething(client, clock, last);
			}
		}
		return news;
	}

	#deletesSomething(client: number, from: number, to: number): boolean {
		const structs = this.#doc.store.clients.get(client);
		if (!structs || from >= this.#known(client)) return false;
		for (let index = Y.findIndexSS(structs, from); index < structs.length; index++) {
			const struct = structs[index] as Struct;
			if (struct.id.clock >= to) return false;
			if (!struct.deleted) return true;
		}
		return false;
	}
}

interface Decoded {
	structs: (Struct | Y.Skip)[];
	deletions: Map<number, { clock: number; len: number }[]>;
	/** The client of each section; Yjs silently keeps the last of two that are alike. */
	sections: number[];
}

/** Yjs' own reader, which also tells how it went; one class for all updates, or the engine would learn nothing from one to the next. */
class Reader extends Y.UpdateDecoderV1 {
	/** The one that was made last: Yjs makes it, and keeps it to itself. */
	static last: Reader;
	readonly sections: number[] = [];

	constructor(decoder: Decoder) {
		super(decoder);
		Reader.last = this;
	}

	override readClient(): number {
		const client = super.readClient();
		this.sections.push(client);
		return client;
	}
}

/** Reads an update to its very end, or throws. */
function decode(update: Uint8Array): Decoded {
	const { structs, ds } = Y.decodeUpdateV2(update, Reader);
	const { restDecoder, sections } = Reader.last;
	if (restDecoder.pos !== update.length) throw new Refused('malformed');
	return { structs: structs as (Struct | Y.Skip)[], deletions: ds.clients, sections };
}

/** Content that its place can hold, so that no reader of the document stumbles over it. */
function checkContent(item: Y.Item, place: Place | typeof gone, doc: Y.Doc): void {
	const { content } = item;
	if (content instanceof Y.ContentDoc || content instanceof Y.ContentJSON) throw new Refused('wrongContent');
	if (content instanceof Y.ContentType && content.type instanceof Y.XmlHook) throw new Refused('wrongContent');
	if (content instanceof Y.ContentAny) for (const value of content.arr) checkValue(value);
	if (content instanceof Y.ContentEmbed) checkValue(content.embed);
	if (content instanceof Y.ContentFormat) {
		if (content.key.length > longestKey) throw new Refused('wrongContent');
		checkValue(content.value);
	}
	if (place === gone || content instanceof Y.ContentDeleted) return;
	if (!fits(content, place, doc)) throw new Refused('wrongContent');
}

function fits(content: Y.Item['content'], { parent, key }: Place, doc: Y.Doc): boolean {
	const isText = content instanceof Y.ContentString || content instanceof Y.ContentFormat;
	if (key !== null) {
		if (isText || parent instanceof Y.Array) return false;
		// A node of a map is a map itself.
		if (isNodes(parent, doc)) return content instanceof Y.ContentType && content.type instanceof Y.Map;
		return true;
	}
	if (parent instanceof Y.Map) return false;
	if (parent instanceof Y.XmlFragment) {
		return content instanceof Y.ContentType && (content.type instanceof Y.XmlElement || content.type instanceof Y.XmlText);
	}
	if (parent instanceof Y.Array) return !isText;
	return true;
}

const isNodes = (parent: unknown, doc: Y.Doc): boolean =>
	parent instanceof Y.Map && parent === (doc.share.get('nodes') as unknown);

/** A value that JSON can say, not deeper than any browser's stack. */
function checkValue(value: unknown, depth = 0): void {
	if (depth > deepestValue || typeof value === 'bigint') throw new Refused('wrongContent');
	if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
	for (const part of Object.values(value)) checkValue(part, depth + 1);
}
