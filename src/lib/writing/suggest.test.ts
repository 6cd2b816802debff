import { getSchema } from '@tiptap/core';
import type { Node, NodeType } from '@tiptap/pm/model';
import { liftListItem, sinkListItem, wrapRangeInList } from '@tiptap/pm/schema-list';
import { EditorState, TextSelection } from '@tiptap/pm/state';
import type { Command, Transaction } from '@tiptap/pm/state';
import {
	CellSelection,
	addColumnAfter,
	addRowAfter,
	addRowBefore,
	deleteColumn,
	deleteRow,
	mergeCells,
	toggleHeaderRow
} from '@tiptap/pm/tables';
import { Transform, canJoin, findWrapping } from '@tiptap/pm/transform';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { form } from './extensions.ts';
import { resolveSuggestions, suggestionPieces } from './resolve.ts';
import { suggest } from './suggest.ts';
import { blockSuggestions, carriedOn, writtenSuggestions } from './suggestion.ts';

const schema = getSchema(form());
const p = (...content: object[]) => ({ type: 'paragraph', content });
const t = (text: string, ...marks: string[]) => ({ type: 'text', text, marks: marks.map((type) => ({ type })) });
const docOf = (...content: object[]): Node => schema.nodeFromJSON({ type: 'doc', content });
const kind = (name: string): NodeType => {
	const type = schema.nodes[name];
	if (!type) throw new Error(name);
	return type;
};
const stateOf = (doc: Node) => EditorState.create({ doc });

let ids = 0;
const lin = { personId: 'lin', at: 1, newId: () => `s${++ids}` };
const chen = { ...lin, personId: 'chen' };

function suggested(doc: Node, change: (tr: Transaction) => Transaction, who = lin): Node {
	const state = stateOf(doc);
	const tr = suggest(state, change(state.tr), who);
	if (!tr) throw new Error('not suggestable');
	const next = state.apply(tr).doc;
	next.check();
	return next;
}
function resolved(doc: Node, accept: boolean): Node {
	const tr = new Transform(doc);
	resolveSuggestions(tr, accept);
	tr.doc.check();
	return tr.doc;
}
/** Lines, with what is written in +, what goes in -, both in ~. */
const told = (doc: Node): string[] => {
	const lines: string[] = [];
	doc.descendants((node) => {
		if (!node.isTextblock) return true;
		let line = blockSuggestions(node)
			.map(({ kind }) => `<${kind}>`)
			.join('');
		node.forEach((child) => {
			const kinds = child.marks.map(({ type }) => type.name);
			const sign = `${kinds.includes('insertion') ? '+' : ''}${kinds.includes('deletion') ? '-' : ''}${kinds.includes('change') ? '*' : ''}`;
			line += sign ? `[${sign}${child.text ?? ''}]` : (child.text ?? '');
		});
		lines.push(line);
		return false;
	});
	return lines;
};

test('what is typed is marked as written, and one’s own letters really go again', () => {
	let doc = docOf(p(t('春天来了')));
	doc = suggested(doc, (tr) => tr.insertText('真的', 3));
	doc = suggested(doc, (tr) => tr.insertText('！', 5), { ...lin, at: 2 });
	expect(told(doc)).toEqual(['春天[+真的！]来了']);
	expect(new Set(suggestionPieces(doc).map(({ id }) => id)).size).toBe(1);
	doc = suggested(doc, (tr) => tr.delete(5, 6));
	expect(told(doc)).toEqual(['春天[+真的]来了']);
	expect(told(suggested(doc, (tr) => tr.delete(4, 5), chen))).toEqual(['春天[+真][+-的]来了']);
});

test('what is taken away stays and is struck, and a replacement is one suggestion', () => {
	let doc = docOf(p(t('春天来了')));
	doc = suggested(doc, (tr) => tr.insertText('夏', 1, 2));
	expect(told(doc)).toEqual(['[-春][+夏]天来了']);
	expect(new Set(suggestionPieces(doc).map(({ id }) => id)).size).toBe(1);
	expect(told(resolved(doc, true))).toEqual(['夏天来了']);
	expect(told(resolved(doc, false))).toEqual(['春天来了']);
});

test('the caret goes behind what is written, before what is taken away by Backspace, behind it by Delete', () => {
	const state = stateOf(docOf(p(t('春天来了'))));
	const caret = (at: number, change: (tr: Transaction) => Transaction) => {
		const placed = state.apply(state.tr.setSelection(TextSelection.create(state.doc, at)));
		return suggest(placed, change(placed.tr), lin)?.selection.head;
	};
	expect(caret(3, (tr) => tr.insertText('很', 3))).toBe(4);
	expect(caret(3, (tr) => tr.delete(2, 3))).toBe(2);
	expect(caret(3, (tr) => tr.delete(3, 4))).toBe(4);
});

test('a paragraph that is parted or joined is suggested, too', () => {
	const doc = docOf(p(t('一二')), p(t('三四')));
	const parted = suggested(doc, (tr) => tr.split(2));
	expect(told(parted)).toEqual(['一', '<parted>二', '三四']);
	expect(told(resolved(parted, true))).toEqual(['一', '二', '三四']);
	expect(told(resolved(parted, false))).toEqual(['一二', '三四']);
	expect(told(suggested(parted, (tr) => tr.join(3)))).toEqual(['一二', '三四']);
	const joined = suggested(doc, (tr) => tr.delete(2, 6));
	expect(told(joined)).toEqual(['一[-二]', '<joined>[-三]四']);
	expect(told(resolved(joined, true))).toEqual(['一四']);
	expect(told(resolved(joined, false))).toEqual(['一二', '三四']);
});

test('a change of form remembers what was', () => {
	const bold = schema.marks.bold?.create();
	if (!bold) throw new Error('no bold');
	const doc = docOf(p(t('一二三四')));
	const changed = suggested(doc, (tr) => tr.addMark(2, 4, bold));
	expect(told(changed)).toEqual(['一[*二三]四']);
	expect(resolved(changed, true).eq(docOf(p(t('一'), t('二三', 'bold'), t('四'))))).toBe(true);
	expect(resolved(changed, false).eq(doc)).toBe(true);
	expect(suggested(changed, (tr) => tr.removeMark(2, 4, bold)).eq(doc)).toBe(true);
});

test('a paragraph becomes a heading once that is accepted; the same once more takes it back', () => {
	const doc = docOf(p(t('标题')));
	const changed = suggested(doc, (tr) => tr.setBlockType(1, 1, kind('heading'), { level: 2 }));
	expect(changed.firstChild?.type.name).toBe('paragraph');
	expect(told(changed)).toEqual(['<planned>标题']);
	expect(resolved(changed, false).eq(doc)).toBe(true);
	expect(resolved(changed, true).firstChild?.type.name).toBe('heading');
	expect(told(resolved(changed, true))).toEqual(['标题']);
	const back = suggested(changed, (tr) => tr.setBlockType(1, 1, kind('heading'), { level: 2 }));
	expect(back.eq(doc)).toBe(true);
});

const list = (...items: string[]) => ({
	type: 'bulletList',
	content: items.map((item) => ({ type: 'listItem', content: [p(t(item))] }))
});
const table = () => ({
	type: 'table',
	content: [{ type: 'tableRow', content: ['甲', '乙'].map((text) => ({ type: 'tableCell', content: [p(t(text))] })) }]
});

test('in a list items are parted and joined; from a list into the text after it, too', () => {
	const doc = docOf(list('一二', '三四'), p(t('五六')));
	const parted = suggested(doc, (tr) => tr.split(4, 2));
	expect(told(parted)).toEqual(['一', '<parted>二', '三四', '五六']);
	expect(resolved(parted, false).eq(doc)).toBe(true);
	const cut = (tr: Transaction) => tr.delete(4, 16);
	const gone = suggested(doc, cut);
	expect(told(gone)).toEqual(['一[-二]', '<joined>[-三四]', '<joined>[-五]六']);
	expect(resolved(gone, false).eq(doc)).toBe(true);
	expect(resolved(gone, true).eq(cut(stateOf(doc).tr).doc)).toBe(true);
});

test('a table comes and goes as a whole; text in its cells is suggested as elsewhere', () => {
	const empty = docOf(p(t('一')), p(t('二')));
	const added = suggested(empty, (tr) => tr.insert(3, schema.nodeFromJSON(table())));
	expect(told(resolved(added, true))).toEqual(['一', '甲', '乙', '二']);
	expect(resolved(added, false).eq(empty)).toBe(true);
	const doc = docOf(p(t('一')), table(), p(t('二')));
	const size = doc.child(1).nodeSize;
	const removed = suggested(doc, (tr) => tr.delete(3, 3 + size));
	expect(told(resolved(removed, true))).toEqual(['一', '二']);
	expect(resolved(removed, false).eq(doc)).toBe(true);
	const within = suggested(doc, (tr) => tr.insertText('子', 8));
	expect(told(within)).toEqual(['一', '甲[+子]', '乙', '二']);
});

test('code is suggested upon like other words', () => {
	const doc = docOf({ type: 'codeBlock', content: [{ type: 'text', text: 'let a' }] }, p(t('写 '), t('let', 'code')));
	const changed = suggested(
		suggested(doc, (tr) => tr.insertText('b', 5, 6)),
		(tr) => tr.insertText('var', 11, 14)
	);
	expect(told(changed)).toEqual(['let [-a][+b]', '写 [-let][+var]']);
	expect(resolved(changed, false).eq(doc)).toBe(true);
});

/** Puts the paragraphs of a range into a list, or takes them out, as the buttons do. */
function relist(tr: Transaction, from: number, to: number, name: 'bulletList' | 'orderedList'): Transaction {
	const range = tr.doc.resolve(from).blockRange(tr.doc.resolve(to));
	if (range) wrapRangeInList(tr, range, kind(name));
	for (let pos = tr.mapping.map(from) - 1; pos > 0; pos--) {
		const $pos = tr.doc.resolve(pos);
		const [before, after] = [$pos.nodeBefore, $pos.nodeAfter];
		if (before && after && before.type === after.type && before.type.name === name && canJoin(tr.doc, pos)) tr.join(pos);
	}
	return tr;
}
function wrapped(tr: Transaction, from: number, to: number, name: string): Transaction {
	const range = tr.doc.resolve(from).blockRange(tr.doc.resolve(to));
	const wrapping = range && findWrapping(range, kind(name));
	return range && wrapping ? tr.wrap(range, wrapping) : tr;
}
/** As a command would do it to a text with the caret at a place. */
function commanded(command: Command, doc: Node, at: number): Transaction | null {
	let done: Transaction | null = null;
	const state = stateOf(doc);
	command(state.apply(state.tr.setSelection(TextSelection.create(doc, at))), (tr) => (done = tr));
	return done;
}
const redone = (tr: Transaction, done: Transaction | null) => {
	for (const step of done?.steps ?? []) tr.step(step);
	return tr;
};

test('paragraphs go into a list or a quote once that is accepted; words written meanwhile go along', () => {
	const doc = docOf(p(t('一')), p(t('二')), p(t('三')));
	for (const change of [
		(tr: Transaction) => relist(tr, 1, 5, 'bulletList'),
		(tr: Transaction) => wrapped(tr, 1, 5, 'blockquote')
	]) {
		const planned = suggested(doc, change);
		expect(told(planned)).toEqual(['<planned>一', '<planned>二', '三']);
		expect(new Set(suggestionPieces(planned).map(({ id }) => id)).size).toBe(1);
		expect(resolved(planned, true).toString()).toBe(change(stateOf(doc).tr).doc.toString());
		expect(resolved(planned, false).eq(doc)).toBe(true);
		expect(suggested(planned, change).eq(doc)).toBe(true);
		const more = suggested(planned, (tr) => tr.insertText('又', 2).split(3));
		expect(told(resolved(more, true))).toEqual(['一又', '', '二', '三']);
		expect(resolved(more, true).childCount).toBe(2);
		expect(resolved(more, false).eq(doc)).toBe(true);
	}
});

test('two paragraphs that go into a list one after the other stand in one list', () => {
	const doc = docOf(p(t('一')), p(t('二')));
	for (const order of [
		[1, 4],
		[4, 1]
	]) {
		let planned = doc;
		for (const at of order) planned = suggested(planned, (tr) => relist(tr, at, at, 'orderedList'));
		expect(resolved(planned, true).childCount).toBe(1);
		expect(resolved(planned, true).firstChild?.childCount).toBe(2);
	}
});

test('an item leaves its list, or goes under the one before', () => {
	const doc = docOf(list('一', '二', '三'), p(t('四')));
	const item = kind('listItem');
	for (const command of [liftListItem(item), sinkListItem(item)]) {
		const done = commanded(command, doc, 8);
		const changed = suggested(doc, (tr) => redone(tr, done));
		expect(told(changed)).toContain('<planned>二');
		expect(resolved(changed, true).toString()).toBe(done?.doc.toString());
		expect(resolved(changed, false).eq(doc)).toBe(true);
	}
});

test('rows and columns of a table come and go by suggestion', () => {
	const grid = { type: 'table', content: [table().content[0], table().content[0]] };
	const doc = docOf(grid, p(t('完')));
	for (const command of [addRowAfter, addRowBefore, deleteRow, addColumnAfter, deleteColumn]) {
		const done = commanded(command as Command, doc, 4);
		const changed = suggested(doc, (tr) => redone(tr, done));
		expect(resolved(changed, true).toString(), command.name).toBe(done?.doc.toString());
		expect(resolved(changed, false).eq(doc)).toBe(true);
		expect(new Set(suggestionPieces(changed).map(({ id }) => id)).size).toBe(1);
	}
	let gone = suggested(doc, (tr) => redone(tr, commanded(deleteRow as Command, doc, 4)));
	gone = suggested(gone, (tr) => redone(tr, commanded(deleteRow as Command, gone, gone.child(0).nodeSize - 5)));
	expect(resolved(gone, true).toString()).toBe(docOf(p(t('完'))).toString());
});

test('cells that are merged, or become headings, are not suggested', () => {
	const doc = docOf(table(), p(t('三')));
	const done = commanded(toggleHeaderRow as Command, doc, 4);
	expect(done?.docChanged).toBe(true);
	const state = stateOf(doc);
	expect(suggest(state, redone(state.tr, done), lin)).toBeNull();
	const merged = state.tr.setSelection(CellSelection.create(doc, 2, 7) as unknown as TextSelection);
	let tr: Transaction | null = null;
	mergeCells(state.apply(merged), (made) => (tr = made));
	expect(tr).not.toBeNull();
	expect(suggest(state, redone(state.tr, tr), lin)).toBeNull();
});

test('pictures with what is written below them, formulas and what stands about them come by suggestion', () => {
	const doc = docOf(p(t('一二')), p(t('三')));
	const picture = schema.nodeFromJSON({ type: 'picture', attrs: { src: 'x' }, content: [t('图')] });
	for (const change of [
		(tr: Transaction) => tr.insert(4, picture),
		(tr: Transaction) => tr.insert(4, schema.node('formulaBlock', { latex: 'x' })),
		(tr: Transaction) => tr.insert(2, schema.node('formula', { latex: 'x' })),
		(tr: Transaction) => tr.insert(2, schema.node('footnote', { id: 'n' })).insert(8, schema.node('note', { id: 'n' }))
	]) {
		const added = suggested(doc, change);
		expect(new Set(suggestionPieces(added).map(({ id }) => id)).size).toBe(1);
		expect(resolved(added, false).eq(doc)).toBe(true);
		const plain = change(stateOf(doc).tr).doc;
		expect(resolved(added, true).toString()).toBe(plain.toString());
		const removed = suggested(plain, (tr) => redone(tr, undone(plain, doc)));
		expect(resolved(removed, true).eq(doc)).toBe(true);
		expect(resolved(removed, false).eq(plain)).toBe(true);
	}
	const aligned = suggested(doc, (tr) => tr.setNodeAttribute(0, 'align', 'center'));
	expect(told(aligned)).toEqual(['<retyped>一二', '三']);
	expect(resolved(aligned, false).eq(doc)).toBe(true);
	expect(resolved(aligned, true).firstChild?.attrs.align).toBe('center');
});
/** Takes out what one text holds and the other not. */
function undone(from: Node, to: Node): Transaction {
	const { tr } = stateOf(from);
	tr.doc.descendants((node, pos) => {
		const { name } = node.type;
		if (['picture', 'formula', 'formulaBlock', 'footnote', 'note'].includes(name)) {
			const at = tr.mapping.map(pos);
			tr.delete(at, at + node.nodeSize);
		}
		return name !== 'picture';
	});
	if (!tr.doc.eq(to)) throw new Error('not undone');
	return tr;
}

test('garbage in the attributes is no suggestion, and refusing what makes no sense breaks nothing', () => {
	for (const garbage of [7, '{', '[7]', '[{"kind":"retyped"}]', '[{"kind":"x"}]', 'x'.repeat(5_000), { a: 1 }])
		expect(blockSuggestions(schema.node('paragraph', { suggested: garbage }))).toEqual([]);
	const wild = JSON.stringify([
		{ kind: 'retyped', id: 3, by: {}, at: 'x', was: { type: 'table', attrs: {} } },
		{ kind: 'joined' },
		{ kind: 'removed', id: 'r' }
	]);
	const doc = docOf(
		{
			...p({ ...t('一'), marks: [{ type: 'change', attrs: { was: '[["code",7],["nothing"],3]', id: 4 } }] }),
			attrs: { suggested: wild }
		},
		{ ...p({ ...t('二'), marks: [{ type: 'insertion', attrs: { id: [], by: null, at: 'now' } }] }) }
	);
	for (const accept of [true, false]) expect(suggestionPieces(resolved(doc, accept))).toEqual([]);
});

// Random edits: where in the text, how much, what, by whom.
const edits = fc.array(
	fc.record({
		kind: fc.constantFrom(
			...'type type delete delete replace split join form retype list quote lift sink row rows whole align'.split(' ')
		),
		at: fc.double({ min: 0, max: 1, noNaN: true }),
		length: fc.nat(9),
		words: fc.constantFrom('春', '夏天', 'ab', '😀', '秋风起'),
		who: fc.constantFrom(lin, chen)
	}),
	{ minLength: 1, maxLength: 14 }
);
type Edit = (typeof edits extends fc.Arbitrary<infer Value> ? Value : never)[number];

const start = docOf(
	p(t('春天来了，'), t('燕子', 'bold'), t('回来。')),
	p(),
	p(t('我们去看它们。')),
	list('第一条', '第二条', '第三条'),
	table(),
	p(t('完'))
);
/** What puts blocks elsewhere or makes others of them. */
const rebuilding = ['retype', 'list', 'quote', 'lift', 'sink'];

/** A place in the text, between 0 and 1, as a position where a caret can be. */
function caretAt(doc: Node, at: number): number {
	return TextSelection.near(doc.resolve(Math.round(at * doc.content.size))).from;
}
function changeOf({ kind: what, at, length, words, who }: Edit, state: EditorState): Transaction | null {
	const { tr, doc } = state;
	const from = caretAt(doc, at);
	const to = TextSelection.near(doc.resolve(Math.min(doc.content.size, from + length)), -1).to;
	const $from = doc.resolve(from);
	if (what === 'type') return tr.insert(from, schema.text(words));
	if (what === 'delete') return to > from ? tr.delete(from, to) : null;
	if (what === 'replace') return to > from ? tr.replaceWith(from, to, schema.text(words)) : null;
	// As the editor parts a paragraph: the new one takes no suggestion along.
	if (what === 'split') {
		const { type, attrs } = $from.parent;
		const suggested = writtenSuggestions(carriedOn($from, who.personId));
		const after = { type, attrs: { ...attrs, suggested } };
		return $from.node(-1).type.name === 'listItem' ? tr.split(from, 2, [null, after]) : tr.split(from, 1, [after]);
	}
	if (what === 'join')
		return $from.index(0) > 0 && $from.depth === 1 && $from.node(0).child($from.index(0) - 1).isTextblock
			? tr.join($from.before())
			: null;
	if (what === 'list') return relist(tr, from, from, length % 2 ? 'bulletList' : 'orderedList');
	if (what === 'quote') return wrapped(tr, from, to > from ? to : from, length % 2 ? 'blockquote' : 'callout');
	if (what === 'lift') return commanded(liftListItem(kind('listItem')), doc, from);
	if (what === 'sink') return commanded(sinkListItem(kind('listItem')), doc, from);
	if (what === 'row') return commanded((length % 2 ? addRowAfter : addColumnAfter) as Command, doc, from);
	if (what === 'rows') return commanded((length % 2 ? deleteRow : deleteColumn) as Command, doc, from);
	if (what === 'align') return tr.setNodeAttribute($from.before(), 'align', length % 2 ? 'center' : null);
	if (what === 'whole')
		return length % 2
			? tr.insert($from.after(), schema.node(words === 'ab' ? 'picture' : 'formulaBlock'))
			: tr.insert(from, schema.node('formula', { latex: words }));
	const bold = schema.marks.bold?.create();
	if (what === 'form')
		return bold && to > from ? (length % 2 ? tr.addMark(from, to, bold) : tr.removeMark(from, to, bold)) : null;
	if ($from.depth !== 1) return null;
	return tr.setBlockType(from, from, kind(length % 2 ? 'heading' : 'paragraph'), ({ attrs }) => ({ suggested: attrs.suggested }));
}

/** A formula has no bold of its own. */
const read = (doc: Node): string => doc.toString().replaceAll('bold(formula)', 'formula');

test('accepting all is the plain edit, refusing all is the text before, whatever is suggested by whomever', () => {
	fc.assert(
		fc.property(edits, (sequence) => {
			let state = stateOf(start);
			for (const edit of sequence) {
				const plain = changeOf(edit, state);
				const tr = plain && plain.docChanged ? suggest(state, plain, edit.who) : null;
				if (!plain || !tr) continue;
				const next = state.apply(tr);
				next.doc.check();
				// A block for which somebody has another wish already is put where the last wish says.
				const isWished = rebuilding.includes(edit.kind) && suggestionPieces(state.doc).some((piece) => piece.kind === 'planned');
				const accepted = resolved(next.doc, true);
				expect(suggestionPieces(accepted)).toEqual([]);
				if (!isWished) expect(read(accepted)).toBe(read(resolved(plain.doc, true)));
				state = next;
				expect(resolved(state.doc, false).toString()).toBe(start.toString());
			}
		}),
		{ numRuns: 1000 }
	);
});
