import { getSchema } from '@tiptap/core';
import { EditorState } from '@tiptap/pm/state';
import type { Transaction } from '@tiptap/pm/state';
import { initProseMirrorDoc, updateYFragment } from '@tiptap/y-tiptap';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { Authorship } from '#lib/documents/authorship.ts';
import { authoredRanges, placedLines } from '#lib/documents/places.ts';
import { plainText, textOf } from './document.ts';
import { form } from './extensions.ts';
import { resolveSuggestions, suggestionPieces } from './resolve.ts';
import { suggestionsOf } from './review.ts';
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
	change(make: (state: EditorState) => Transaction | null): void {
		const { doc, mapping } = initProseMirrorDoc(textOf(this.doc), schema);
		const state = EditorState.create({ doc });
		const tr = make(state);
		if (tr)
			this.doc.transact(() => updateYFragment(this.doc, textOf(this.doc), state.apply(tr).doc, { mapping, isOMark: new Map() }));
	}
	suggest(make: (tr: Transaction) => Transaction): void {
		this.change((state) => suggest(state, make(state.tr), { personId: this.name, at: 1, newId: () => `s${++ids}` }));
	}
	answer(accept: boolean): void {
		this.change(({ tr }) => {
			resolveSuggestions(tr, accept);
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

function pair(): [Replica, Replica] {
	const lin = new Replica('lin');
	lin.doc.transact(() => {
		const paragraph = new Y.XmlElement('paragraph');
		paragraph.insert(0, [new Y.XmlText(first)]);
		textOf(lin.doc).push([paragraph]);
	});
	return [lin, new Replica('chen', lin)];
}
const authorsOf = (lin: Replica, chen: Replica) =>
	new Authorship([
		[lin.doc.clientID, 'lin'],
		[chen.doc.clientID, 'chen']
	]);
const rangesOf = (replica: Replica, authors: Authorship) =>
	authoredRanges(
		placedLines(textOf(replica.doc), (name) => schema.nodes[name]?.isLeaf ?? false),
		authors
	);

test('accepted words stay those of whoever suggested them, and whoever claims another’s is found out', () => {
	const [lin, chen] = pair();
	chen.suggest((tr) => tr.insertText('小', 6));
	lin.meet(chen);
	const authors = authorsOf(lin, chen);
	expect(suggestionsOf(lin.suggestions, rangesOf(lin, authors))).toMatchObject([{ by: ['chen'], added: '小', removed: '' }]);
	const before = rangesOf(lin, authors);
	lin.answer(true);
	expect(plainText(lin.doc)).toBe('春天来了，小燕子回来。');
	expect(rangesOf(lin, authors)).toEqual(before);

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
		lin: fc.boolean(),
		meet: fc.boolean()
	}),
	{ minLength: 1, maxLength: 12 }
);

test('two people suggest at once: both see the same, and refusing all gives the text back', () => {
	fc.assert(
		fc.property(edits, (sequence) => {
			const [lin, chen] = pair();
			for (const { at, length, words, lin: isLin, meet } of sequence) {
				(isLin ? lin : chen).suggest((tr) => {
					const end = tr.doc.content.size - 1;
					const from = Math.min(1 + at, end);
					return tr.insertText(words, from, Math.min(from + length, end));
				});
				if (meet) lin.meet(chen);
			}
			lin.meet(chen);
			expect(lin.suggestions.map(({ from, to, kind, id }) => [from, to, kind, id])).toEqual(
				chen.suggestions.map(({ from, to, kind, id }) => [from, to, kind, id])
			);
			expect(plainText(lin.doc)).toBe(plainText(chen.doc));
			const refusing = new Replica('teacher', lin);
			refusing.answer(false);
			expect(plainText(refusing.doc)).toBe(first);
			lin.answer(true);
			expect(lin.suggestions).toEqual([]);
		}),
		{ numRuns: 150 }
	);
});
