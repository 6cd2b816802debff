import * as Y from 'yjs';
import { charactersIn } from '#lib/documents/characters.ts';
import type { LogEntry } from './log.ts';
import { fragmentName } from '#lib/writing/document.ts';
import { Moves } from './moves.ts';
import { ClientRanges } from './ranges.ts';

/** Everything below is told in numbers of updates: from the one that wrote something up to the one that took it away. */
const forever = Infinity;

/** A stretch of text that was written and taken away as one. */
interface Stretch {
	text: string;
	written: number;
	deleted: number;
	/** The update in which it was written first, if it was moved here. */
	first: number;
	moved: boolean;
}
interface Format {
	key: string;
	value: unknown;
	written: number;
	deleted: number;
}
interface Value {
	value: unknown;
	written: number;
	deleted: number;
}
interface Box {
	name: string;
	written: number;
	deleted: number;
	values: Map<string, Value[]>;
	inside: (Box | Line)[];
}
interface Line {
	parts: (Stretch | Format)[];
}
interface Block {
	box: Box;
	/** Numbers of the updates that changed it, rising. */
	touched: number[];
}

export type Marks = Readonly<Record<string, unknown>>;

/** Text of one author, alike in form, as it is shown. */
export interface Segment {
	text: string;
	marks: Marks;
	/** The place of its author among the people. */
	author: number;
	/** When it was written, from its first character to its last, in milliseconds. */
	from: number;
	to: number;
	/** Who took it away, and when; null while it is there. */
	gone: { by: number; at: number } | null;
}
export interface ShownNode {
	name: string;
	attrs: Readonly<Record<string, unknown>>;
	gone: boolean;
	content: (ShownNode | Segment)[];
}
export const isSegment = (part: ShownNode | Segment): part is Segment => 'text' in part;

/** The people who wrote, by the order in which they came; figures count characters up to a moment. */
export interface Share {
	personId: string;
	/** Still to be seen. */
	standing: number;
	inserted: number;
	deletedOwn: number;
	deletedOthers: number;
	/** Of a map: the nodes in which this person wrote last. */
	nodes?: number;
}

/** A stretch of time in which was written without a longer pause. */
export interface Sitting {
	firstSeq: number;
	lastSeq: number;
	from: number;
	to: number;
	people: number[];
	inserted: number;
	deleted: number;
}

/** A pause of this length ends a sitting, in milliseconds: longer than a break between two lessons. */
const sittingPause = 20 * 60_000;
/** A pause of this length ends a person's burst, in milliseconds; the statements have the same. */
const burstPause = 10_000;
/** Text of one author with such a pause in it is shown as two pieces, so that each tells its own time. */
const segmentPause = 10 * 60_000;

/**
 * How a text came about, from its log: what was there after any update, and who wrote and who took away each
 * character. The order of characters never changes in Yjs, so one walk over all that was ever written,
 * leaving out what was not there, gives the text of any moment.
 */
export class Timeline {
	/** Keeps what is deleted. */
	readonly #doc = new Y.Doc({ gc: false });
	readonly #written = new ClientRanges<number>();
	readonly #deleted = new ClientRanges<number>();
	readonly #moves = new Moves();
	readonly #places = new Map<string, number>();
	readonly people: string[] = [];
	/** By the number of the update: who, when, and what it did. */
	readonly entries: (Omit<LogEntry, 'update' | 'personId'> & { person: number })[] = [];
	readonly skipped: number[] = [];
	#blocks: Block[] = [];
	#adding = 0;

	constructor() {
		this.#doc.getXmlFragment(fragmentName);
		this.#doc.on('afterTransaction', (transaction: Y.Transaction) => this.#note(transaction));
	}

	/** Takes the next updates in. Call `arrange` when the last is in. */
	add(entries: readonly LogEntry[]): void {
		for (const { update, personId, ...entry } of entries) {
			let person = this.#places.get(personId);
			if (person === undefined) {
				this.#places.set(personId, (person = this.people.length));
				this.people.push(personId);
			}
			this.entries.push({ ...entry, person });
			this.#adding = this.entries.length;
			try {
				Y.applyUpdate(this.#doc, update);
			} catch {
				this.skipped.push(entry.seq);
			}
		}
	}

	/** How many updates there are. Moments are numbers from 0, before the first, to this. */
	get length(): number {
		return this.entries.length;
	}

	arrange(): void {
		this.#blocks = [];
		for (let item = this.#doc.getXmlFragment(fragmentName)._start; item; item = item.right) {
			const box = this.#boxOf(item);
			if (box) this.#blocks.push({ box, touched: [...new Set(touchesOf(box))].sort((one, other) => one - other) });
		}
	}

	get blocks(): number {
		return this.#blocks.length;
	}

	/** Which blocks differ between two moments; all of them when `from` is null. */
	changed(from: number | null, to: number): number[] {
		const [low, high] = from === null ? [-1, forever] : [Math.min(from, to), Math.max(from, to)];
		return this.#blocks.flatMap(({ touched }, index) => (from === null || hasBetween(touched, low, high) ? [index] : []));
	}

	/** A block of the text as it was after update `moment`; null when it was not there. */
	show(block: number, moment: number, withDeleted = false): ShownNode | null {
		const found = this.#blocks[block];
		return found ? this.#shownBox(found.box, moment, withDeleted) : null;
	}

	/** The whole text of a moment. */
	textAt(moment: number, withDeleted = false): ShownNode[] {
		return this.#blocks.map(({ box }) => this.#shownBox(box, moment, withDeleted)).filter((node) => node !== null);
	}

	/** Who has how much in the text of a moment, and did how much until then, in the order of `people`. */
	shares(moment: number): Share[] {
		const shares = this.people.map((personId) => ({ personId, standing: 0, inserted: 0, deletedOwn: 0, deletedOthers: 0 }));
		for (const { person, inserted, deletedOwn, deletedOthers } of this.entries.slice(0, moment)) {
			const share = shares[person];
			if (!share) continue;
			share.inserted += inserted;
			share.deletedOwn += deletedOwn;
			share.deletedOthers += deletedOthers;
		}
		for (const { box } of this.#blocks) this.#countStanding(box, moment, shares);
		return shares;
	}

	sittings(): Sitting[] {
		const sittings: Sitting[] = [];
		this.entries.forEach(({ person, at, inserted, deletedOwn, deletedOthers }, index) => {
			let last = sittings.at(-1);
			if (!last || at - last.to > sittingPause)
				sittings.push((last = { firstSeq: index + 1, lastSeq: 0, from: at, to: at, people: [], inserted: 0, deleted: 0 }));
			last.lastSeq = index + 1;
			last.to = at;
			if (!last.people.includes(person)) last.people.push(person);
			last.inserted += inserted;
			last.deleted += deletedOwn + deletedOthers;
		});
		return sittings;
	}

	/** The moments just before somebody began to write after a pause. */
	bursts(): number[] {
		const lastOf = new Map<number, number>();
		return this.entries.flatMap(({ person, at }, index) => {
			const last = lastOf.get(person);
			lastOf.set(person, at);
			return last === undefined || at - last > burstPause ? [index] : [];
		});
	}

	#note(transaction: Y.Transaction): void {
		const seq = this.#adding;
		for (const [client, after] of transaction.afterState) {
			const before = transaction.beforeState.get(client) ?? 0;
			if (after > before) this.#written.add(client, before, after - before, seq);
		}
		for (const [client, ranges] of transaction.deleteSet.clients)
			for (const { clock, len } of ranges) this.#deleted.add(client, clock, len, seq);
		this.#moves.note(transaction);
	}

	/** When an item, or what stands at a place in it, was written and deleted; text is asked piece by piece elsewhere. */
	#times({ id }: Y.Item, place = 0): { written: number; deleted: number } {
		return {
			written: this.#written.at(id.client, id.clock + place).value ?? 0,
			deleted: this.#deleted.at(id.client, id.clock + place).value ?? forever
		};
	}

	#boxOf(item: Y.Item): Box | null {
		if (!(item.content instanceof Y.ContentType)) return null;
		const { type } = item.content;
		if (type instanceof Y.XmlText)
			return { ...this.#times(item), name: 'paragraph', values: new Map(), inside: [this.#lineOf(type)] };
		if (!(type instanceof Y.XmlElement)) return null;
		return { ...this.#times(item), name: type.nodeName, values: this.#valuesOf(type), inside: this.#insideOf(type) };
	}

	#insideOf(type: Y.XmlElement): (Box | Line)[] {
		const inside: (Box | Line)[] = [];
		for (let item = type._start; item; item = item.right) {
			if (!(item.content instanceof Y.ContentType)) continue;
			if (item.content.type instanceof Y.XmlText) inside.push(this.#lineOf(item.content.type));
			else {
				const box = this.#boxOf(item);
				if (box) inside.push(box);
			}
		}
		return inside;
	}

	/** What an attribute has been, the newest first. */
	#valuesOf(type: Y.XmlElement): Map<string, Value[]> {
		return new Map(
			[...type._map].map(([key, newest]) => {
				const values: Value[] = [];
				// Yjs keeps values that came one after the other and are gone in one item.
				for (let item: Y.Item | null = newest; item; item = item.left)
					for (let place = item.length - 1; place >= 0; place--)
						values.push({ value: item.content.getContent()[place] as unknown, ...this.#times(item, place) });
				return [key, values];
			})
		);
	}

	#lineOf(type: Y.XmlText): Line {
		const parts: (Stretch | Format)[] = [];
		for (let item = type._start; item; item = item.right) {
			const { content } = item;
			if (content instanceof Y.ContentString) this.#stretchesOf(item, content.str, parts);
			else if (content instanceof Y.ContentFormat)
				parts.push({ key: content.key, value: content.value as unknown, ...this.#times(item) });
		}
		return { parts };
	}

	#stretchesOf({ id: { client, clock: start }, length }: Y.Item, text: string, parts: (Stretch | Format)[]): void {
		const end = start + length;
		for (let clock = start; clock < end;) {
			const written = this.#written.at(client, clock);
			const deleted = this.#deleted.at(client, clock);
			const moved = this.#moves.isMoved(client, clock);
			const origin = this.#moves.origin(client, clock);
			const first = this.#written.at(origin.client, origin.clock);
			const upTo = Math.min(end, written.upTo, deleted.upTo, moved.upTo, origin.upTo, clock + first.upTo - origin.clock);
			parts.push({
				text: text.slice(clock - start, upTo - start),
				written: written.value ?? 0,
				deleted: deleted.value ?? forever,
				first: first.value ?? 0,
				moved: moved.value ?? false
			});
			clock = upTo;
		}
	}

	#shownBox(box: Box, moment: number, withDeleted: boolean): ShownNode | null {
		const there = isThere(box, moment);
		if (!there && !(withDeleted && box.written <= moment)) return null;
		const content: (ShownNode | Segment)[] = [];
		for (const part of box.inside) {
			if ('parts' in part) content.push(...this.#shownLine(part, moment, withDeleted));
			else {
				const shown = this.#shownBox(part, moment, withDeleted);
				if (shown) content.push(shown);
			}
		}
		// Of a paragraph that is gone, its words are shown; without any left to show, it is not.
		if (!there && content.length === 0) return null;
		const attrs: Record<string, unknown> = {};
		for (const [key, values] of box.values) {
			const value = values.find((value) => isThere(value, there ? moment : box.deleted - 1));
			if (value) attrs[key] = value.value;
		}
		return { name: box.name, attrs, gone: !there, content };
	}

	#shownLine({ parts }: Line, moment: number, withDeleted: boolean): Segment[] {
		const segments: Segment[] = [];
		let marks: Marks = {};
		for (const part of parts) {
			if ('key' in part) {
				if (isThere(part, moment)) marks = withMark(marks, part);
				continue;
			}
			if (part.written > moment) continue;
			const isGone = part.deleted <= moment;
			// What was taken back by the update that wrote it (letters of an input method) was never to be seen.
			if (isGone && (!withDeleted || part.moved || part.deleted === part.written)) continue;
			this.#append(segments, part, marks, isGone);
		}
		return segments;
	}

	#append(segments: Segment[], { text, first, deleted }: Stretch, marks: Marks, isGone: boolean): void {
		const author = this.entries[first - 1];
		const remover = isGone ? this.entries[deleted - 1] : undefined;
		const last = segments.at(-1);
		const at = author?.at ?? 0;
		const person = author?.person ?? 0;
		if (
			last &&
			last.author === person &&
			last.marks === marks &&
			last.gone?.by === remover?.person &&
			Math.abs(at - last.to) <= segmentPause &&
			Math.abs((remover?.at ?? 0) - (last.gone?.at ?? 0)) <= segmentPause
		) {
			last.text += text;
			last.from = Math.min(last.from, at);
			last.to = Math.max(last.to, at);
			return;
		}
		segments.push({
			text,
			marks,
			author: person,
			from: at,
			to: at,
			gone: remover ? { by: remover.person, at: remover.at } : null
		});
	}

	#countStanding(box: Box, moment: number, shares: Share[]): void {
		if (!isThere(box, moment)) return;
		for (const part of box.inside) {
			if (!('parts' in part)) this.#countStanding(part, moment, shares);
			else
				for (const stretch of part.parts) {
					if (!('text' in stretch) || !isThere(stretch, moment)) continue;
					const share = shares[this.entries[stretch.first - 1]?.person ?? -1];
					if (share) share.standing += charactersIn(stretch.text);
				}
		}
	}
}

const isThere = ({ written, deleted }: { written: number; deleted: number }, moment: number): boolean =>
	written <= moment && moment < deleted;

function withMark(marks: Marks, { key, value }: Format): Marks {
	const { [key]: before, ...others } = marks;
	if (value === null) return before === undefined ? marks : others;
	return { ...others, [key]: value };
}

function* touchesOf(box: Box): Generator<number> {
	yield* timesOf(box);
	for (const values of box.values.values()) for (const value of values) yield* timesOf(value);
	for (const part of box.inside) {
		if ('parts' in part) for (const stretch of part.parts) yield* timesOf(stretch);
		else yield* touchesOf(part);
	}
}

function* timesOf({ written, deleted }: { written: number; deleted: number }): Generator<number> {
	yield written;
	if (deleted < forever) yield deleted;
}

/** Whether a rising list has a number over `low`, up to `high`. */
function hasBetween(numbers: readonly number[], low: number, high: number): boolean {
	let [from, to] = [0, numbers.length];
	while (from < to) {
		const middle = (from + to) >> 1;
		if ((numbers[middle] ?? 0) <= low) from = middle + 1;
		else to = middle;
	}
	return (numbers[from] ?? Infinity) <= high;
}
