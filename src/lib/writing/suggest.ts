import type { Mark, Node, NodeType, ResolvedPos, Slice } from '@tiptap/pm/model';
import { TextSelection } from '@tiptap/pm/state';
import type { EditorState, Transaction } from '@tiptap/pm/state';
import { AddMarkStep, AttrStep, RemoveMarkStep, ReplaceAroundStep, ReplaceStep } from '@tiptap/pm/transform';
import type { Step } from '@tiptap/pm/transform';
import type { AuthoredRange } from '#lib/documents/places.ts';
import { changedRanges, tightened } from './changed-ranges.ts';
import type { ChangedRange } from './changed-ranges.ts';
import { joinBefore } from './join.ts';
import { isWhole, leavesOf, ownAttrs, plansBetween, roomsOf, samePlan, standing } from './structure.ts';
import type { Leaf } from './structure.ts';
import {
	blockSuggestions,
	canBeNoted,
	carriedOn,
	foreignIn,
	formOf,
	suggestionsOn,
	writtenMarks,
	writtenSuggestions
} from './suggestion.ts';
import type { BlockKind, Suggested, SuggestedBlock } from './suggestion.ts';

/** Who suggests now. */
export interface Suggester {
	readonly personId: string;
	readonly at: number;
	/** A new id for what belongs to no suggestion yet. */
	readonly newId: () => string;
	/** Who wrote what, as far as it is known: what others wrote is never taken for one's own suggestion. */
	readonly authored?: () => readonly AuthoredRange[];
}

/**
 * What a transaction would do to a text, as suggestions: what it writes is marked as written, what it takes away stays
 * and is marked, forms are changed and remember what they were; where a block shall become a heading or stand in a list
 * or a quote, that is noted and done once it is accepted. One's own suggestions are really changed. Returns null for
 * what cannot be suggested: cells that are merged, parted, or become headings, and more at once than can be told apart.
 */
export function suggest(state: EditorState, plain: Transaction, suggester: Suggester): Transaction | null {
	return new Suggesting(state, plain, suggester).run();
}

const isPartOfTable = (node: Node): boolean => {
	const role = node.type.spec.tableRole as unknown;
	return role !== undefined && role !== 'table';
};

interface Retyped {
	pos: number;
	type: NodeType;
	attrs: Record<string, unknown>;
}
/** Where what was written stands, after so many steps. */
interface Written extends ChangedRange {
	start: number;
	steps: number;
}

class Suggesting {
	readonly #state: EditorState;
	readonly #plain: Transaction;
	readonly #before: Node;
	readonly #suggester: Suggester;
	readonly #out: Transaction;

	constructor(state: EditorState, plain: Transaction, suggester: Suggester) {
		this.#state = state;
		this.#plain = plain;
		this.#before = plain.before;
		this.#suggester = suggester;
		this.#out = state.tr;
	}

	run(): Transaction | null {
		const rebuilds = this.#plain.steps.some((step) => step instanceof ReplaceAroundStep && !revaluedBy(step));
		if (!rebuilds) return this.#write() ? this.#out : this.#rebuild();
		const written = new Suggesting(this.#state, this.#plain, this.#suggester);
		return this.#rebuild() ?? (written.#write() ? written.#out : null);
	}

	/** Notes how blocks shall stand, once they are written; null where more is done to them. */
	#rebuild(): Transaction | null {
		const { steps, docs, doc: last } = this.#plain;
		// A line that is left below a block so that one can go on is for whoever writes really.
		const ends = [last, ...(leavesEmptyLine(steps.at(-1)) ? docs.slice(-1) : [])];
		for (const end of ends) {
			for (let done = 0; done < steps.length; done++) {
				const base = docs[done];
				const plans = base && plansBetween(base, end);
				if (!plans) continue;
				const written = this.#state.tr;
				for (const step of steps.slice(0, done)) written.step(step);
				if (done > 0) {
					const before = new Suggesting(this.#state, written, this.#suggester);
					if (!before.#write()) return null;
					for (const step of before.#out.steps) this.#out.step(step);
					this.#written = before.#written;
				}
				return this.#notePlans(base, plans) ? this.#finish(written) : null;
			}
		}
		return null;
	}

	#notePlans(base: Node, plans: ReadonlyMap<number, ReturnType<typeof standing>>): boolean {
		const steps = this.#out.mapping.maps.length;
		const places = [...plans].map(([pos, plan]) => {
			const inside = base.nodeAt(pos)?.isTextblock ? 1 : 0;
			return { pos: this.#place(pos + inside, false) - inside, plan };
		});
		const leaves = new Map<number, Leaf>(
			roomsOf(this.#out.doc).flatMap((room) => leavesOf(room).map((leaf) => [leaf.pos, leaf] as const))
		);
		let one: Suggested | undefined;
		for (const { pos, plan } of places) {
			const leaf = leaves.get(pos);
			if (!leaf) return false;
			const entries = blockSuggestions(leaf.node);
			const own = entries.find(({ kind, by }) => kind === 'planned' && by === this.#suggester.personId);
			const others = entries.filter((entry) => entry !== own);
			// The same once more takes it back.
			const isBack = own?.to && samePlan(own.to, plan);
			one ??= own ? { id: own.id, by: own.by, at: own.at } : this.#newOne();
			const next: SuggestedBlock[] = isBack ? others : [...others, { kind: 'planned', ...one, to: plan }];
			if (!canBeNoted(next)) return false;
			this.#out.setNodeAttribute(pos, 'suggested', writtenSuggestions(next));
		}
		return this.#out.mapping.maps.length > steps || plans.size === 0;
	}

	/** What is written, taken away, or said otherwise; false where more is done. */
	#write(): boolean {
		const { steps, mapping } = this.#plain;
		const retyped: Retyped[] = [];
		const replaced: number[] = [];
		for (const [index, step] of steps.entries()) {
			const change = step instanceof ReplaceAroundStep ? revaluedBy(step) : null;
			const valued = step instanceof AttrStep ? this.#plain.docs[index]?.nodeAt(step.pos) : null;
			if (change) retyped.push({ ...change, pos: this.#back(change.pos, index) });
			else if (step instanceof ReplaceStep || step instanceof ReplaceAroundStep) replaced.push(index);
			else if (step instanceof AttrStep && valued)
				retyped.push({
					pos: this.#back(step.pos, index),
					type: valued.type,
					attrs: { ...valued.attrs, [step.attr]: step.value }
				});
			else if (!(step instanceof AddMarkStep || step instanceof RemoveMarkStep)) return false;
		}
		const ranges = changedRanges(replaced.map((index) => mapping.maps[index]).filter((map) => map !== undefined)).flatMap(
			(range) => this.#worthTelling(tightened(this.#before, this.#plain.doc, range))
		);
		if (!ranges.every((range) => this.#canBeSuggested(range))) return false;
		if (!retyped.every((change) => this.#canBeRevalued(change))) return false;
		this.#changeForms(ranges);
		for (const change of retyped) this.#revalue(change);
		const written: Written[] = [];
		for (const range of ranges.toReversed()) written.unshift(this.#replace(range));
		this.#written = written;
		this.#finish(this.#plain);
		return true;
	}
	#written: readonly Written[] = [];

	/** Gives the selection and whatever else a transaction carries. */
	#finish(plain: Transaction): Transaction {
		this.#select(plain);
		return this.#out;
	}

	/** Where a position before a step was before all. */
	#back(pos: number, index: number): number {
		for (let step = index - 1; step >= 0; step--) pos = this.#plain.mapping.maps[step]?.invert().map(pos) ?? pos;
		return pos;
	}

	/** Whether what goes and what comes are text, paragraphs and wholes; not only the walls of lists and cells. */
	#canBeSuggested({ from, to, newFrom, newTo }: ChangedRange): boolean {
		return isSpeakable(this.#before, from, to) && isSpeakable(this.#plain.doc, newFrom, newTo);
	}

	/** A cell that grew over others would tear the table. */
	#canBeRevalued({ pos, type }: Retyped): boolean {
		return this.#before.nodeAt(pos)?.type === type && (type.spec.tableRole === undefined || type.spec.tableRole === 'table');
	}

	/** What only ends blocks that began before says nothing. */
	#worthTelling(range: ChangedRange): ChangedRange[] {
		if (hasBeginning(this.#plain.doc, range.newFrom, range.newTo)) return [range];
		return hasBeginning(this.#before, range.from, range.to) ? [{ ...range, newTo: range.newFrom }] : [];
	}

	#replace(range: ChangedRange): Written {
		const { from, to, newFrom, newTo } = range;
		const one = this.#ownAround(from, to) ?? this.#newOne();
		const { at, size } = this.#insert(range, this.#plain.doc.slice(newFrom, newTo));
		const steps = this.#out.steps.length;
		const $from = this.#before.resolve(from);
		const carried = $from.parent.isTextblock && newTo > newFrom ? carriedOn($from, one.by) : [];
		if (size > 0) this.#markWritten(at, at + size, one, carried);
		const shift = at === to ? 0 : size;
		if (to > from) this.#markGone(from + shift, to + shift, one, shift);
		return { ...range, start: at, steps };
	}

	/** Puts what was written behind what it replaces, and tells where it stands now. */
	#insert({ from, to, newFrom, newTo }: ChangedRange, slice: Slice): { at: number; size: number } {
		if (slice.size === 0) return { at: to, size: 0 };
		const { size } = this.#out.doc.content;
		const grown = () => this.#out.doc.content.size - size;
		// As it is; empty paragraphs at its edges are what was meant.
		if (!this.#out.maybeStep(new ReplaceStep(to, to, slice)).failed) return { at: to, size: grown() };
		const words = wordsOnly(this.#plain.doc, newFrom, newTo);
		if (words && this.#before.resolve(from).parent.inlineContent) {
			this.#out.insert(from, words);
			return { at: from, size: grown() };
		}
		this.#out.replace(to, to, slice);
		return { at: to, size: grown() };
	}

	/** What one act does is one suggestion. */
	#one: Suggested | undefined;
	#newOne(): Suggested {
		return (this.#one ??= { id: this.#suggester.newId(), by: this.#suggester.personId, at: this.#suggester.at });
	}

	#mark(name: 'insertion' | 'deletion', one: Suggested): Mark {
		const type = this.#state.schema.marks[name];
		if (!type) throw new Error(`the schema has no ${name}`);
		return type.create({ ...one });
	}

	#note(pos: number, kind: BlockKind, one: Suggested, others: readonly SuggestedBlock[] = []): void {
		const entries = [...others, { kind, ...one }];
		this.#out.setNodeAttribute(pos, 'suggested', writtenSuggestions(entries));
	}

	#markWritten(from: number, to: number, one: Suggested, carried: readonly SuggestedBlock[]): void {
		const insertion = this.#mark('insertion', one);
		const { deletion, change } = this.#state.schema.marks;
		const notes: [number, BlockKind][] = [];
		const texts: [number, number][] = [];
		this.#out.doc.nodesBetween(from, to, (node, pos) => {
			if (node.isText) texts.push([Math.max(pos, from), Math.min(pos + node.nodeSize, to)]);
			else if (pos < from) return true;
			else if (isWhole(node) || isPartOfTable(node)) notes.push([pos, 'added']);
			else if (node.isTextblock) notes.push([pos, 'parted']);
			return !isWhole(node) && !isPartOfTable(node);
		});
		for (const [start, end] of texts) {
			if (deletion) this.#out.removeMark(start, end, deletion);
			if (change) this.#out.removeMark(start, end, change);
			this.#out.addMark(start, end, insertion);
		}
		for (const [pos, kind] of notes) this.#note(pos, kind, one, kind === 'parted' ? carried : []);
	}

	/** What goes stays, marked; what was one's own suggestion really goes. */
	#markGone(from: number, to: number, one: Suggested, shift: number): void {
		const deletion = this.#mark('deletion', one);
		const own = (by: string) => by === this.#suggester.personId;
		const undo: (() => void)[] = [];
		const meet: { pos: number; entries: readonly SuggestedBlock[] }[] = [];
		this.#out.doc.nodesBetween(from, to, (node, pos) => {
			const end = pos + node.nodeSize;
			if (node.isText) {
				const [start, stop] = [Math.max(pos, from), Math.min(end, to)];
				const carried = suggestionsOn(node.marks);
				const written = carried.find(({ kind, suggested }) => kind === 'insertion' && own(suggested.by));
				if (written) {
					let begin = start;
					for (const foreign of this.#foreignIn(start, stop, shift)) {
						const [first, last] = [begin, foreign.from];
						if (first < last) undo.push(() => this.#out.delete(first, last));
						this.#out.removeMark(foreign.from, foreign.to, written.mark).addMark(foreign.from, foreign.to, deletion);
						begin = foreign.to;
					}
					if (begin < stop) undo.push(() => this.#out.delete(begin, stop));
				} else if (!carried.some(({ kind }) => kind === 'deletion')) this.#out.addMark(start, stop, deletion);
				return false;
			}
			if (pos < from) return true;
			const entries = blockSuggestions(node);
			if (isWhole(node) || isPartOfTable(node)) {
				if (entries.some(({ kind, by }) => kind === 'added' && own(by))) undo.push(() => this.#out.delete(pos, end));
				else if (!entries.some(({ kind }) => kind === 'removed')) this.#note(pos, 'removed', one, entries);
				return false;
			}
			if (node.isTextblock) {
				if (entries.some(({ kind, by }) => kind === 'parted' && own(by))) meet.push({ pos, entries });
				else if (!entries.some(({ kind }) => kind === 'joined')) this.#note(pos, 'joined', one, entries);
			}
			return true;
		});
		const begun = this.#out.mapping.maps.length;
		for (const act of undo.toReversed()) act();
		const gone = this.#out.mapping.maps.length;
		for (const { pos, entries } of meet.toReversed()) {
			const now = this.#out.mapping.slice(begun, gone).map(pos);
			// What others put in between is still there: then the two shall meet once it is gone.
			if (!joinBefore(this.#out, now) && !entries.some(({ kind }) => kind === 'joined')) this.#note(now, 'joined', one, entries);
		}
	}

	/** What others wrote in a range that was moved on by what is written before it. */
	#foreignIn(from: number, to: number, shift: number): { from: number; to: number }[] {
		const authored = this.#suggester.authored?.() ?? [];
		return foreignIn(authored, { from: from - shift, to: to - shift, by: this.#suggester.personId }).map((range) => ({
			from: range.from + shift,
			to: range.to + shift
		}));
	}

	/** Of text that stays, the form may change; it remembers what it was. */
	#changeForms(ranges: readonly ChangedRange[]): void {
		const { steps, mapping, doc } = this.#plain;
		const spans = steps.flatMap((step: Step, index) =>
			step instanceof AddMarkStep || step instanceof RemoveMarkStep
				? [[mapping.slice(index + 1).map(step.from, 1), mapping.slice(index + 1).map(step.to, -1)] as const]
				: []
		);
		for (const [from, to] of spans) {
			if (to <= from) continue;
			doc.nodesBetween(from, to, (node, pos) => {
				if (!node.isText) return true;
				for (const kept of keptParts(ranges, Math.max(pos, from), Math.min(pos + node.nodeSize, to)))
					this.#reform(kept.from, kept.to, formOf(node.marks));
				return false;
			});
		}
	}

	#reform(from: number, to: number, form: readonly Mark[]): void {
		const { change } = this.#state.schema.marks;
		this.#before.nodesBetween(from, to, (node, pos) => {
			if (!node.isText) return true;
			const [start, end] = [Math.max(pos, from), Math.min(pos + node.nodeSize, to)];
			const was = formOf(node.marks);
			for (const mark of was) if (!mark.isInSet(form)) this.#out.removeMark(start, end, mark);
			for (const mark of form) if (!mark.isInSet(was)) this.#out.addMark(start, end, mark);
			const carried = suggestionsOn(node.marks);
			const isOwn = carried.some(({ kind, suggested }) => kind === 'insertion' && suggested.by === this.#suggester.personId);
			if (isOwn || !change) return false;
			const before = carried.find(({ kind }) => kind === 'change');
			const first: unknown = before?.mark.attrs.was ?? writtenMarks(was);
			if (before) this.#out.removeMark(start, end, change);
			if (first === writtenMarks(form)) return false;
			const one = before?.suggested.by === this.#suggester.personId ? before.suggested : this.#oneForForm(start, end);
			this.#out.addMark(start, end, change.create({ ...one, was: first }));
			return false;
		});
	}

	/** One change of form is one suggestion, also when it reaches over several pieces of text. */
	#newForm: Suggested | undefined;
	#oneForForm(from: number, to: number): Suggested {
		return (this.#newForm ??= this.#ownAround(from, to) ?? this.#newOne());
	}

	/** What a block says besides its words is changed, and it remembers what it said. */
	#revalue({ pos, attrs }: Retyped): void {
		const node = this.#out.doc.nodeAt(pos);
		if (!node) return;
		const others = blockSuggestions(node);
		const was = ownAttrs(node);
		const before = others.find(({ kind }) => kind === 'retyped');
		const isOwn = others.some(({ kind, by }) => (kind === 'parted' || kind === 'added') && by === this.#suggester.personId);
		const { suggested: _, ...now } = attrs;
		const isBack = JSON.stringify(before?.was?.attrs ?? was) === JSON.stringify(now);
		const entries = others.filter(({ kind }) => kind !== 'retyped');
		if (!isOwn && !isBack) {
			const { id, by, at } = before?.by === this.#suggester.personId ? before : this.#newOne();
			entries.push({ kind: 'retyped', id, by, at, was: before?.was ?? { type: node.type.name, attrs: was } });
		}
		for (const [name, value] of Object.entries(now)) if (value !== node.attrs[name]) this.#out.setNodeAttribute(pos, name, value);
		this.#out.setNodeAttribute(pos, 'suggested', writtenSuggestions(entries));
	}

	/** One's own suggestion that lies at or in this range: what is written on belongs to it, as if written at once. */
	#ownAround(from: number, to: number): Suggested | undefined {
		const own = (by: string) => by === this.#suggester.personId;
		let found: Suggested | undefined;
		const size = this.#before.content.size;
		this.#before.nodesBetween(Math.max(0, from - 1), Math.min(size, to + 1), (node) => {
			if (found) return false;
			const carried: readonly Suggested[] = node.isText
				? suggestionsOn(node.marks)
						.filter(({ kind }) => kind !== 'change')
						.map(({ suggested }) => suggested)
				: blockSuggestions(node).filter(({ kind }) => kind !== 'retyped' && kind !== 'planned');
			found = carried.find(({ by }) => own(by));
			return !found;
		});
		return found && { id: found.id, by: found.by, at: found.at };
	}

	/** The caret goes where one looks: behind what was written, before what was taken away backwards, behind it forwards. */
	#select(plain: Transaction): void {
		const { selection } = plain;
		const { doc } = this.#out;
		const at = (pos: number): ResolvedPos => doc.resolve(Math.max(0, Math.min(this.#place(pos), doc.content.size)));
		this.#out.setSelection(
			selection instanceof TextSelection
				? TextSelection.between(at(selection.anchor), at(selection.head))
				: TextSelection.near(at(selection.to), -1)
		);
		if (this.#plain.storedMarks) this.#out.setStoredMarks(formOf(this.#plain.storedMarks));
		for (const [key, value] of Object.entries((this.#plain as unknown as { meta: Record<string, unknown> }).meta))
			this.#out.setMeta(key, value);
		if (this.#plain.scrolledIntoView) this.#out.scrollIntoView();
	}

	/** Where a place of the text as it would be written stands now; a caret stands before what it has deleted. */
	#place(pos: number, isCaret = true): number {
		let moved = 0;
		for (const { from, to, newFrom, newTo, start, steps } of this.#written) {
			if (pos < newFrom) break;
			if (pos <= newTo) {
				const forwards = !isCaret || (this.#state.selection.empty && this.#state.selection.head <= from && to > from);
				if (newTo > newFrom) return this.#out.mapping.slice(steps).map(start + pos - newFrom, -1);
				return this.#out.mapping.map(forwards ? to : from, -1);
			}
			moved = to - newTo;
		}
		return this.#out.mapping.map(pos + moved);
	}
}

/** A step that only has one block say something else. */
function revaluedBy(step: ReplaceAroundStep): Retyped | null {
	const { from, to, gapFrom, gapTo, slice, insert } = step;
	const node = slice.content.firstChild;
	const isOne = slice.content.childCount === 1 && slice.openStart === 0 && slice.openEnd === 0 && insert === 1;
	if (!node || !isOne || node.content.size > 0 || gapFrom !== from + 1 || gapTo !== to - 1) return null;
	return { pos: from, type: node.type, attrs: node.attrs };
}

function leavesEmptyLine(step: Step | undefined): boolean {
	if (!(step instanceof ReplaceStep) || step.from !== step.to || step.slice.content.childCount !== 1) return false;
	const line = step.slice.content.firstChild;
	return line?.isTextblock === true && line.content.size === 0;
}

/** Whether a range can be told in words: text, whole things, and where paragraphs begin. */
function isSpeakable(doc: Node, from: number, to: number): boolean {
	if (from === to || isOfRows(doc, from, to)) return true;
	let speaks = false;
	let isTorn = false;
	doc.nodesBetween(from, to, (node, pos) => {
		const begins = pos >= from;
		if (node.isText || (begins && (isWhole(node) || node.isTextblock))) speaks = true;
		if (isPartOfTable(node) && (begins || pos + node.nodeSize <= to)) isTorn = true;
		if (isWhole(node) && !node.isLeaf && begins && pos + node.nodeSize > to) isTorn = true;
		return !(begins && isWhole(node));
	});
	return speaks && !isTorn;
}

/** Whether a range is whole rows of a table, or whole cells of a row. */
function isOfRows(doc: Node, from: number, to: number): boolean {
	const { content, openStart, openEnd } = doc.slice(from, to);
	return openStart === 0 && openEnd === 0 && content.childCount > 0 && content.content.every(isPartOfTable);
}

/** The text of a range in which no paragraph begins, whatever else ends or begins there; null for other ranges. */
function wordsOnly(doc: Node, from: number, to: number): Node[] | null {
	const words: Node[] = [];
	let isMore = false;
	doc.nodesBetween(from, to, (node, pos) => {
		if (node.isInline) words.push(node.isText ? node.cut(Math.max(0, from - pos), to - pos) : node);
		else if (pos >= from && (node.isTextblock || isWhole(node))) isMore = true;
		return !node.isInline;
	});
	return isMore || words.length === 0 ? null : words;
}

/** Whether anything begins in a range, be it text. */
function hasBeginning(doc: Node, from: number, to: number): boolean {
	let begins = false;
	doc.nodesBetween(from, to, (node, pos) => {
		begins ||= node.isText || pos >= from;
		return !begins;
	});
	return begins;
}

/** The parts of a stretch of the new text that stood in the old one, there. */
function keptParts(ranges: readonly ChangedRange[], from: number, to: number): { from: number; to: number }[] {
	const parts: { from: number; to: number }[] = [];
	let at = from;
	let shift = 0;
	for (const range of ranges) {
		if (range.newTo <= at) {
			shift = range.to - range.newTo;
			continue;
		}
		if (range.newFrom >= to) break;
		if (range.newFrom > at) parts.push({ from: at + shift, to: range.newFrom + shift });
		at = range.newTo;
		shift = range.to - range.newTo;
	}
	if (at < to) parts.push({ from: at + shift, to: to + shift });
	return parts;
}
