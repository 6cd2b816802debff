import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';

type Struct = Y.Item | Y.GC;
interface Range {
	clock: number;
	len: number;
}

/**
 * Cuts an update into updates of about `size` bytes at most, to be applied in order: each refers only to what
 * was in those before it, or to what the whole referred to. Deletions of what the receiver has already go first
 * and alone, as they make room. Larger than `size` is only what stands in one piece.
 */
export function splitUpdate(update: Uint8Array, size: number): Uint8Array[] {
	const { structs, ds } = Y.decodeUpdate(update);
	const ordered = inOrder(structs);
	if (!ordered) return [update];
	const parts = new Parts(size);
	const starts = new Map<number, number>();
	for (const { id } of structs) starts.set(id.client, Math.min(id.clock, starts.get(id.client) ?? Infinity));
	for (const [client, ranges] of ds.clients) {
		const start = starts.get(client) ?? Infinity;
		for (const range of within(ranges, 0, start)) parts.delete(client, range);
	}
	parts.end();
	for (const struct of ordered) {
		for (const { struct: piece, bytes } of pieces(withoutDeleted(struct, ds, size), size)) {
			const { client, clock } = piece.id;
			parts.write(piece, bytes, within(ds.clients.get(client) ?? [], clock, clock + piece.length));
		}
	}
	const all = parts.all();
	return all.length > 0 ? all : [update];
}

/** What of sorted ranges lies between two clocks. */
function within(ranges: readonly Range[], from: number, to: number): Range[] {
	let low = 0;
	let high = ranges.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		const { clock, len } = ranges[middle] as Range;
		if (clock + len <= from) low = middle + 1;
		else high = middle;
	}
	const found: Range[] = [];
	for (let range = ranges[low]; range && range.clock < to; range = ranges[++low]) {
		const clock = Math.max(range.clock, from);
		found.push({ clock, len: Math.min(range.clock + range.len, to) - clock });
	}
	return found;
}

/** Whether an update takes something away. */
export const takesAway = (update: Uint8Array): boolean => Y.decodeUpdate(update).ds.clients.size > 0;

/** The structs so that each comes after what it refers to; null when the update holds no such order. */
function inOrder(structs: readonly (Struct | Y.Skip)[]): Struct[] | null {
	const queues = new Map<number, { structs: Struct[]; next: number; reached: number }>();
	for (const struct of structs) {
		if (struct instanceof Y.Skip) return null;
		const { client, clock } = struct.id;
		const queue = queues.get(client);
		if (queue) queue.structs.push(struct);
		else queues.set(client, { structs: [struct], next: 0, reached: clock });
	}
	const isThere = (id: unknown) => !(id instanceof Y.ID) || id.clock < (queues.get(id.client)?.reached ?? Infinity);
	const isReady = (struct: Struct) =>
		!(struct instanceof Y.Item) || (isThere(struct.origin) && isThere(struct.rightOrigin) && isThere(struct.parent));
	const ordered: Struct[] = [];
	for (let moved = true; moved;) {
		moved = false;
		for (const queue of queues.values()) {
			for (let struct = queue.structs[queue.next]; struct && isReady(struct); struct = queue.structs[++queue.next]) {
				ordered.push(struct);
				queue.reached = struct.id.clock + struct.length;
				moved = true;
			}
		}
	}
	return ordered.length === structs.length ? ordered : null;
}

/** What was written and deleted again, and is kept for undoing only, travels as its length; a format if it is large. */
function withoutDeleted(struct: Struct, { clients }: { clients: Map<number, Range[]> }, size: number): Struct {
	if (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentType) return struct;
	if (struct.content instanceof Y.ContentFormat && encode(struct).length <= size) return struct;
	const { id, length } = struct;
	const [range] = within(clients.get(id.client) ?? [], id.clock, id.clock + length);
	if (range?.len !== length) return struct;
	return itemLike(struct, id, struct.origin, new Y.ContentDeleted(length));
}

/** A struct in pieces that fit; strings are never cut within a character. */
function* pieces(struct: Struct, size: number): Generator<{ struct: Struct; bytes: Uint8Array }> {
	const bytes = encode(struct);
	const halves = bytes.length > size && struct instanceof Y.Item ? cut(struct) : null;
	if (halves) for (const half of halves) yield* pieces(half, size);
	else yield { struct, bytes };
}

function cut(item: Y.Item): [Y.Item, Y.Item] | null {
	const { content, id } = item;
	let at = item.length >> 1;
	// Not between the two halves of a surrogate pair.
	if (content instanceof Y.ContentString && /^[\ud800-\udbff]$/.test(content.str.charAt(at - 1))) at--;
	if (at < 1) return null;
	let halves: [Y.Item['content'], Y.Item['content']];
	if (content instanceof Y.ContentString)
		halves = [new Y.ContentString(content.str.slice(0, at)), new Y.ContentString(content.str.slice(at))];
	else if (content instanceof Y.ContentAny)
		halves = [new Y.ContentAny(content.arr.slice(0, at)), new Y.ContentAny(content.arr.slice(at))];
	else return null;
	const { client, clock } = id;
	return [
		itemLike(item, id, item.origin, halves[0]),
		itemLike(item, Y.createID(client, clock + at), Y.createID(client, clock + at - 1), halves[1])
	];
}

const itemLike = (
	{ rightOrigin, parent, parentSub }: Y.Item,
	id: Y.ID,
	origin: Y.ID | null,
	content: Y.Item['content']
): Y.Item => new Y.Item(id, null, origin, null, rightOrigin, parent, parentSub, content);

function encode(struct: Struct): Uint8Array {
	const encoder = new Y.UpdateEncoderV1();
	struct.write(encoder, 0);
	return toUint8Array(encoder.restEncoder);
}

const beginsElement = (struct: Struct): boolean =>
	struct instanceof Y.Item && struct.content instanceof Y.ContentType && !(struct.content.type instanceof Y.Text);

/** What a deleted range takes at most: two numbers of 31 bits. */
const rangeBytes = 10;

/** Gathers structs and deletions into updates. */
class Parts {
	readonly #size: number;
	readonly #done: Uint8Array[] = [];
	#structs = new Map<number, { clock: number; bytes: Uint8Array[] }>();
	#deletions = new Map<number, Range[]>();
	#bytes = 0;

	constructor(size: number) {
		this.#size = size;
	}

	write(struct: Struct, bytes: Uint8Array, deletions: readonly Range[]): void {
		// Between two paragraphs rather than within one: Yjs tidies away what looks superfluous in half of a format.
		if (this.#bytes > this.#size / 2 && beginsElement(struct)) this.end();
		this.#makeRoom(bytes.length);
		const { client, clock } = struct.id;
		const section = this.#structs.get(client);
		if (section) section.bytes.push(bytes);
		else this.#structs.set(client, { clock, bytes: [bytes] });
		this.#bytes += bytes.length;
		for (const range of deletions) this.#note(client, range);
	}

	delete(client: number, range: Range): void {
		this.#makeRoom(rangeBytes);
		this.#note(client, range);
	}

	all(): Uint8Array[] {
		this.end();
		return this.#done;
	}

	#note(client: number, { clock, len }: Range): void {
		const ranges = this.#deletions.get(client) ?? [];
		const last = ranges.at(-1);
		this.#deletions.set(client, ranges);
		if (last && last.clock + last.len === clock) last.len += len;
		else {
			ranges.push({ clock, len });
			this.#bytes += rangeBytes;
		}
	}

	#makeRoom(bytes: number): void {
		if (this.#bytes > 0 && this.#bytes + bytes > this.#size) this.end();
	}

	end(): void {
		if (this.#bytes === 0) return;
		const encoder = createEncoder();
		writeVarUint(encoder, this.#structs.size);
		// Higher clients first, as Yjs does.
		for (const [client, { clock, bytes }] of [...this.#structs].sort(([a], [b]) => b - a)) {
			for (const number of [bytes.length, client, clock]) writeVarUint(encoder, number);
			for (const struct of bytes) writeUint8Array(encoder, struct);
		}
		writeVarUint(encoder, this.#deletions.size);
		for (const [client, ranges] of this.#deletions) {
			for (const number of [client, ranges.length]) writeVarUint(encoder, number);
			for (const { clock, len } of ranges) for (const number of [clock, len]) writeVarUint(encoder, number);
		}
		this.#done.push(toUint8Array(encoder));
		this.#structs = new Map();
		this.#deletions = new Map();
		this.#bytes = 0;
	}
}
