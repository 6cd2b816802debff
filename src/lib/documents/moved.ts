import * as Y from 'yjs';

/** A stretch of one Yjs client's text; `clock` and `length` in UTF-16 code units, as Yjs counts. */
export interface Piece {
	readonly client: number;
	readonly clock: number;
	readonly length: number;
}

/** Text that stood together without anything in between. */
export interface Run {
	readonly text: string;
	readonly pieces: readonly Piece[];
}

/** The same text before and after: pieces that were deleted, and those that stand for them now. */
export interface Move {
	readonly from: readonly Piece[];
	readonly to: readonly Piece[];
}

export interface ChangedText {
	readonly inserted: Run[];
	readonly deleted: Run[];
	readonly moves: Move[];
}

type Text = Y.Item & { content: Y.ContentString };
const isText = (struct: Y.AbstractStruct | null): struct is Text =>
	struct instanceof Y.Item && struct.content instanceof Y.ContentString;

/** Items looked at to find what stood together; beyond, runs are shorter than they could be. */
const mostSteps = 100_000;
/** Pairs of runs that are compared with each other. */
const mostPairs = 10_000;
/** Characters that are looked for one by one. */
const mostSingle = 4_000;

/**
 * What a transaction wrote and deleted, without what it only moved. An editor that parts a paragraph writes
 * its tail anew in a new paragraph and deletes the old one; joining, moving and turning paragraphs into
 * something else do the like. So text of one transaction that was deleted and is there again is moved.
 */
export function changedText(transaction: Y.Transaction): ChangedText {
	const added = insertedItems(transaction);
	const gone = deletedItems(transaction);
	if (added.length === 0 || gone.length === 0) return { inserted: added.map(runOf), deleted: gone.map(runOf), moves: [] };
	const isNew = (item: Y.Item) => item.id.clock >= (transaction.beforeState.get(item.id.client) ?? 0);
	const wasGone = new Set<Y.Item>(gone);
	const inserted = runsOf(added, (item) => item.countable && !item.deleted);
	const deleted = runsOf(gone, (item) => item.countable && !isNew(item) && (!item.deleted || wasGone.has(item)));
	return withoutMoved(inserted, deleted);
}

function insertedItems({ beforeState, afterState, doc }: Y.Transaction): Text[] {
	const items: Text[] = [];
	for (const [client, after] of afterState) {
		const before = beforeState.get(client) ?? 0;
		if (after === before) continue;
		const structs = doc.store.clients.get(client) ?? [];
		for (let index = structs.length - 1; index >= 0; index--) {
			const struct = structs[index];
			if (!struct || struct.id.clock < before) break;
			// What the same change takes back again (letters of a word that an input method composed) was never text.
			if (!struct.deleted && isText(struct)) items.push(struct);
		}
	}
	return items;
}

function deletedItems(transaction: Y.Transaction): Text[] {
	const items: Text[] = [];
	Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
		if (isText(struct) && struct.id.clock < (transaction.beforeState.get(struct.id.client) ?? 0)) items.push(struct);
	});
	return items;
}

const runOf = (item: Text): Run => ({
	text: item.content.str,
	pieces: [{ client: item.id.client, clock: item.id.clock, length: item.length }]
});

/** Items as runs; `stood` says what was there at the time and so parts two runs. */
function runsOf(items: readonly Text[], stood: (item: Y.Item) => boolean): Run[] {
	const among = new Set<Y.Item>(items);
	const next = new Map<Text, Text>();
	const followers = new Set<Y.Item>();
	let steps = mostSteps;
	for (const item of items) {
		let right = item.right;
		while (right && !stood(right) && steps-- > 0) right = right.right;
		if (!isText(right) || !among.has(right)) continue;
		next.set(item, right);
		followers.add(right);
	}
	return items
		.filter((item) => !followers.has(item))
		.map((first) => {
			const runs: Run[] = [];
			for (let item: Text | undefined = first; item; item = next.get(item)) runs.push(runOf(item));
			return { text: runs.map(({ text }) => text).join(''), pieces: runs.flatMap(({ pieces }) => pieces) };
		});
}

/** Finds what was moved: whole runs, then their beginnings and ends, then single characters. */
function withoutMoved(inserted: readonly Run[], deleted: readonly Run[]): ChangedText {
	const moves: Move[] = [];
	let rest = withoutWhole(inserted, deleted, moves);
	if (rest.inserted.length * rest.deleted.length <= mostPairs) rest = withoutEnds(rest.inserted, rest.deleted, moves);
	return { ...withoutSingle(rest.inserted, rest.deleted, moves), moves };
}

function withoutWhole(inserted: readonly Run[], deleted: readonly Run[], moves: Move[]) {
	const byText = new Map<string, Run[]>();
	for (const run of deleted) byText.set(run.text, [...(byText.get(run.text) ?? []), run]);
	const found = new Set<Run>();
	const rest = inserted.filter((run) => {
		const from = byText.get(run.text)?.shift();
		if (!from) return true;
		found.add(from);
		moves.push({ from: from.pieces, to: run.pieces });
		return false;
	});
	return { inserted: rest, deleted: deleted.filter((run) => !found.has(run)) };
}

/** The tail of a paragraph that is joined to another, or written on before it was sent. One character may be chance. */
function withoutEnds(inserted: Run[], deleted: Run[], moves: Move[]) {
	const gone = [...deleted];
	const rest: Run[] = [];
	for (let run of inserted) {
		for (;;) {
			let best = { index: -1, length: 0, atEnd: false };
			for (const [index, { text }] of gone.entries()) {
				for (const atEnd of [true, false]) {
					const length = commonLength(run.text, text, atEnd);
					const counts = length > 1 || length === run.text.length || length === text.length;
					if (counts && length > best.length) best = { index, length, atEnd };
				}
			}
			const other = gone[best.index];
			if (!other) break;
			const [mine, after] = cut(run, best.length, best.atEnd);
			const [its, left] = cut(other, best.length, best.atEnd);
			moves.push({ from: its.pieces, to: mine.pieces });
			gone[best.index] = left;
			run = after;
		}
		rest.push(run);
	}
	const some = ({ text }: Run) => text !== '';
	return { inserted: rest.filter(some), deleted: gone.filter(some) };
}

/**
 * What is left is the same characters in another order: nothing was written and nothing deleted. So it is where
 * a text repeats itself: of 我想我 parted before the second 我, an editor may keep the first one as the last.
 */
function withoutSingle(inserted: Run[], deleted: Run[], moves: Move[]) {
	const lengthOf = (runs: readonly Run[]) => runs.reduce((sum, { text }) => sum + text.length, 0);
	const length = lengthOf(inserted);
	if (length === 0 || length > mostSingle || length !== lengthOf(deleted)) return { inserted, deleted };
	const waiting = new Map<string, Run[]>();
	for (const run of deleted.flatMap(charactersOf)) waiting.set(run.text, [...(waiting.get(run.text) ?? []), run]);
	const found: Move[] = [];
	for (const run of inserted.flatMap(charactersOf)) {
		const from = waiting.get(run.text)?.shift();
		if (!from) return { inserted, deleted };
		found.push({ from: from.pieces, to: run.pieces });
	}
	moves.push(...found);
	return { inserted: [], deleted: [] };
}

/** A run in runs of one character each. */
function charactersOf({ text, pieces }: Run): Run[] {
	const places = pieces.flatMap(({ client, clock, length }) =>
		Array.from({ length }, (_, index) => ({ client, clock: clock + index, length: 1 }))
	);
	let at = 0;
	return [...text].map((character) => ({ text: character, pieces: places.slice(at, (at += character.length)) }));
}

/** How much two texts have in common at their end or beginning; half a surrogate pair is nothing. */
function commonLength(one: string, other: string, atEnd: boolean): number {
	const most = Math.min(one.length, other.length);
	const at = (text: string, index: number) => text.charCodeAt(atEnd ? text.length - 1 - index : index);
	let length = 0;
	while (length < most && at(one, length) === at(other, length)) length++;
	const edge = length > 0 ? at(one, length - 1) : 0;
	const isHalf = atEnd ? edge >= 0xdc00 && edge <= 0xdfff : edge >= 0xd800 && edge <= 0xdbff;
	return isHalf ? length - 1 : length;
}

/** A part of a run of this length, from its beginning or its end, and what is left of it. */
function cut(run: Run, length: number, atEnd: boolean): [part: Run, rest: Run] {
	const at = atEnd ? run.text.length - length : length;
	const [before, after] = [slice(run, 0, at), slice(run, at, run.text.length)];
	return atEnd ? [after, before] : [before, after];
}

function slice({ text, pieces }: Run, from: number, to: number): Run {
	const kept: Piece[] = [];
	let at = 0;
	for (const { client, clock, length } of pieces) {
		const [start, end] = [Math.max(from, at), Math.min(to, at + length)];
		if (end > start) kept.push({ client, clock: clock + start - at, length: end - start });
		at += length;
	}
	return { text: text.slice(from, to), pieces: kept };
}
