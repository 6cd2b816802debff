import { getSchema } from '@tiptap/core';
import { EditorState, TextSelection } from '@tiptap/pm/state';
import type { Transaction } from '@tiptap/pm/state';
import { findWrapping } from '@tiptap/pm/transform';
import { initProseMirrorDoc, updateYFragment } from '@tiptap/y-tiptap';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { Authorship, movedText } from '#lib/documents/authorship.ts';
import { changedText } from '#lib/documents/moved.ts';
import { authoredRanges, placedLines } from '#lib/documents/places.ts';
import { plainText, textOf } from './document.ts';
import { form } from './extensions.ts';
import { resolveSuggestions, suggestionPieces } from './resolve.ts';
import { suggestionsOf } from './review.ts';
import { singly } from './singly.ts';
import { suggest } from './suggest.ts';

const schema = getSchema(form());
const first = '春天来了，燕子回来。';
let ids = 0;

/** One person's copy of a shared text, as the editor keeps it. */
class Replica {
	readonly doc = new Y.Doc();
	readonly name: string;
	constructor(name: string, from?: Replica) {
		this.name = name;
		if (from) Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(from.doc));
	}
	#authors: Authorship | undefined;
	/** As the server does: text that this person only moved stays its author's. */
	keepMoves(authors: Authorship): void {
		this.#authors = authors;
		this.doc.on('afterTransaction', (transaction: Y.Transaction) => {
			if (transaction.local) authors.keep(changedText(transaction).moves.flatMap((move) => movedText(move, authors)));
		});
	}
	change(make: (state: EditorState) => Transaction | null): void {
		const { doc, mapping } = initProseMirrorDoc(textOf(this.doc), schema);
		let state = EditorState.create({ doc });
		const tr = make(state);
		if (!tr) return;
		for (const part of singly(tr, () => state)) {
			state = state.apply(part);
			this.doc.transact(() => updateYFragment(this.doc, textOf(this.doc), state.doc, { mapping, isOMark: new Map() }));
		}
	}
	suggest(make: (tr: Transaction) => Transaction): void {
		this.change((state) =>
			suggest(state, make(state.tr), {
				personId: this.name,
				at: 1,
				newId: () => `s${++ids}`,
				authored: () => (this.#authors ? rangesOf(this, this.#authors) : [])
			})
		);
	}
	answer(accept: boolean, authors?: Authorship): void {
		this.change(({ tr }) => {
			resolveSuggestions(tr, accept, undefined, authors && rangesOf(this, authors));
			return tr;
		});
	}
	get suggestions() {
		return suggestionPieces(initProseMirrorDoc(textOf(this.doc), schema).doc);
	}
	meet(other: Replica): void {
		const [mine, its] = [Y.encodeStateAsUpdate(this.doc), Y.encodeStateAsUpdate(other.doc)];
		Y.applyUpdate(this.doc, its);
		Y.applyUpdate(other.doc, mine);
	}
}

function pair(...lines: string[]): [Replica, Replica] {
	const lin = new Replica('lin');
	lin.doc.transact(() =>
		textOf(lin.doc).push(
			lines.map((text) => {
				const paragraph = new Y.XmlElement('paragraph');
				paragraph.insert(0, [new Y.XmlText(text)]);
				return paragraph;
			})
		)
	);
	return [lin, new Replica('chen', lin)];
}
const authorsOf = (lin: Replica, chen: Replica) =>
	new Authorship<string>([
		[lin.doc.clientID, 'lin'],
		[chen.doc.clientID, 'chen']
	]);
const rangesOf = (replica: Replica, authors: Authorship) =>
	authoredRanges(
		placedLines(textOf(replica.doc), (name) => schema.nodes[name]?.isLeaf ?? false),
		authors
	);

test('accepted words stay those of whoever suggested them, and whoever claims another’s is found out', () => {
	const [lin, chen] = pair(first);
	chen.suggest((tr) => tr.insertText('小', 6));
	lin.meet(chen);
	const authors = authorsOf(lin, chen);
	expect(suggestionsOf(lin.suggestions, rangesOf(lin, authors))).toMatchObject([{ by: ['chen'], added: '小', removed: '' }]);
	lin.suggest((tr) => tr.delete(1, 2));
	lin.suggest((tr) => tr.delete(4, 5));
	const teacher = new Replica('teacher', lin);
	teacher.answer(true);
	expect(plainText(teacher.doc)).toBe('天来，小燕子回来。');
	authors.set(teacher.doc.clientID, 'teacher');
	expect(rangesOf(teacher, authors)).toEqual([
		{ from: 1, to: 4, personId: 'lin' },
		{ from: 4, to: 5, personId: 'chen' },
		{ from: 5, to: 10, personId: 'lin' }
	]);

	const liar = new Replica('chen', chen);
	liar.change((state) => suggest(state, state.tr.insertText('假', 1), { personId: 'lin', at: 1, newId: () => 'x' }));
	const known = new Authorship([
		[lin.doc.clientID, 'lin'],
		[chen.doc.clientID, 'chen'],
		[liar.doc.clientID, 'chen']
	]);
	expect(suggestionsOf(liar.suggestions, rangesOf(liar, known)).find(({ id }) => id === 'x')?.by).toEqual(['chen']);
});

const edits = fc.array(
	fc.record({
		at: fc.nat(30),
		length: fc.nat(4),
		words: fc.constantFrom('', '', '大', '很多', 'ab'),
		what: fc.constantFrom('words', 'words', 'words', 'words', 'split', 'heading', 'quote', 'list', 'formula', 'picture', 'align'),
		lin: fc.boolean(),
		meet: fc.boolean()
	}),
	{ minLength: 1, maxLength: 12 }
);

type Edit = typeof edits extends fc.Arbitrary<(infer One)[]> ? One : never;

function changed(tr: Transaction, what: Edit['what'], { from, to, words }: { from: number; to: number; words: string }) {
	const $from = tr.doc.resolve(TextSelection.near(tr.doc.resolve(from)).from);
	if (what === 'words') return tr.insertText(words, from, to);
	if (!$from.parent.isTextblock || $from.parent.type.spec.isolating) return tr;
	if (what === 'split') return tr.split($from.pos, 1, [{ type: $from.parent.type, attrs: { suggested: null } }]);
	if (what === 'formula') return tr.insert($from.pos, schema.node('formula', { latex: 'x' }));
	if (what === 'picture') return tr.insert($from.after(), schema.node('picture'));
	if (what === 'align') return tr.setNodeAttribute($from.before(), 'align', words === '' ? null : 'center');
	const heading = schema.nodes.heading;
	if (what === 'heading' && heading) return tr.setBlockType($from.pos, $from.pos, heading, { level: 2 });
	const range = $from.blockRange();
	const outer = schema.nodes[what === 'list' ? 'bulletList' : 'blockquote'];
	const wrapping = range && outer && findWrapping(range, outer);
	return range && wrapping ? tr.wrap(range, wrapping) : tr;
}

/** Both suggest, now and then they meet; at the end both have the same. */
function together(
	lin: Replica,
	chen: Replica,
	sequence: readonly Edit[],
	reach: (isLin: boolean, size: number) => [number, number]
) {
	for (const { at, length, words, what, lin: isLin, meet } of sequence) {
		(isLin ? lin : chen).suggest((tr) => {
			const [start, end] = reach(isLin, tr.doc.firstChild?.nodeSize ?? 0);
			const limit = Math.min(end, tr.doc.content.size - 1);
			const from = Math.min(start + at, limit);
			return changed(tr, what, { from, to: Math.min(from + length, limit), words });
		});
		if (meet) lin.meet(chen);
	}
	lin.meet(chen);
	const told = ({ suggestions }: Replica) => suggestions.map(({ from, to, kind, id }) => [from, to, kind, id]);
	expect(told(lin)).toEqual(told(chen));
	expect(plainText(lin.doc)).toBe(plainText(chen.doc));
}
function refused(replica: Replica, authors: Authorship): string {
	const refusing = new Replica('teacher', replica);
	refusing.answer(false, authors);
	expect(refusing.suggestions).toEqual([]);
	return plainText(refusing.doc);
}

test('two people suggest at once, each in a paragraph: refusing all gives the text back, accepting all leaves no suggestion', () => {
	fc.assert(
		fc.property(edits, (sequence) => {
			const [lin, chen] = pair(first, first);
			together(lin, chen, sequence, (isLin, size) => (isLin ? [1, size - 1] : [size + 1, Infinity]));
			expect(refused(lin, authorsOf(lin, chen))).toBe(`${first}\n${first}`);
			lin.answer(true);
			expect(lin.suggestions).toEqual([]);
		}),
		{ numRuns: 150 }
	);
});

/** A full stop of the text came to lie under one's own mark, and once went with what one took back. */
const edgeOfOthers: Edit[] = [
	{ at: 0, length: 0, words: '大', what: 'words', lin: false, meet: false },
	{ at: 0, length: 0, words: '大', what: 'words', lin: true, meet: false },
	{ at: 9, length: 1, words: '大', what: 'words', lin: false, meet: false },
	{ at: 0, length: 0, words: '很多', what: 'words', lin: false, meet: true },
	{ at: 14, length: 0, words: 'ab', what: 'words', lin: true, meet: false },
	{ at: 11, length: 3, words: '', what: 'words', lin: false, meet: true },
	{ at: 13, length: 3, words: '', what: 'words', lin: false, meet: false }
];

test('two people suggest at once in the same words: both see the same, and no word of the text is lost', () => {
	fc.assert(
		fc.property(edits, (sequence) => {
			const [writer, chen] = pair(first);
			const lin = new Replica('lin', writer);
			const authors = new Authorship([
				[writer.doc.clientID, 'writer'],
				[lin.doc.clientID, 'lin'],
				[chen.doc.clientID, 'chen']
			]);
			for (const replica of [lin, chen]) replica.keepMoves(authors);
			together(lin, chen, sequence, () => [1, Infinity]);
			// Where both change the edge of the same suggestion at the same moment, Yjs may take a new word for plain text.
			const left = refused(lin, authors);

			let at = 0;
			for (const character of left) if (character === first[at]) at++;
			expect(at).toBe(first.length);
		}),
		{ numRuns: 150, examples: [[edgeOfOthers]] }
	);
});
