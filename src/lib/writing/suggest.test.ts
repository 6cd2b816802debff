import { getSchema } from '@tiptap/core';
import type { Node, NodeType } from '@tiptap/pm/model';
import { EditorState, TextSelection } from '@tiptap/pm/state';
import type { Transaction } from '@tiptap/pm/state';
import { Transform } from '@tiptap/pm/transform';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { form } from './extensions.ts';
import { resolveSuggestions, suggestionPieces } from './resolve.ts';
import { suggest } from './suggest.ts';
import { blockSuggestions } from './suggestion.ts';

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

test('a paragraph that becomes a heading remembers what it was', () => {
	const doc = docOf(p(t('标题')));
	const changed = suggested(doc, (tr) => tr.setBlockType(1, 1, kind('heading'), { level: 2 }));
	expect(changed.firstChild?.type.name).toBe('heading');
	expect(told(changed)).toEqual(['<retyped>标题']);
	expect(resolved(changed, false).eq(doc)).toBe(true);
	expect(resolved(changed, true).firstChild?.type.name).toBe('heading');
	expect(told(resolved(changed, true))).toEqual(['标题']);
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

test('the build of a list or a table is not changed by suggestion', () => {
	const state = stateOf(docOf(list('一', '二'), table(), p(t('三'))));
	const { doc } = state;
	const row = doc.child(1).child(0);
	const at = doc.child(0).nodeSize + 1;
	expect(suggest(state, state.tr.insert(at, row), lin)).toBeNull();
	const $start = doc.resolve(doc.content.size - 1);
	const range = $start.blockRange();
	if (!range || !schema.nodes.blockquote) throw new Error('no range');
	expect(suggest(state, state.tr.wrap(range, [{ type: schema.nodes.blockquote }]), lin)).toBeNull();
});

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
		kind: fc.constantFrom('type', 'type', 'delete', 'delete', 'replace', 'split', 'join', 'form', 'retype'),
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
	list('第一条', '第二条'),
	p(t('完'))
);

/** A place in the text, between 0 and 1, as a position where a caret can be. */
function caretAt(doc: Node, at: number): number {
	return TextSelection.near(doc.resolve(Math.round(at * doc.content.size))).from;
}
function changeOf({ kind: what, at, length, words }: Edit, state: EditorState): Transaction | null {
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
		const after = { type, attrs: { ...attrs, suggested: null } };
		return $from.node(-1).type.name === 'listItem' ? tr.split(from, 2, [null, after]) : tr.split(from, 1, [after]);
	}
	if (what === 'join')
		return $from.index(0) > 0 && $from.depth === 1 && $from.node(0).child($from.index(0) - 1).isTextblock
			? tr.join($from.before())
			: null;
	const bold = schema.marks.bold?.create();
	if (what === 'form')
		return bold && to > from ? (length % 2 ? tr.addMark(from, to, bold) : tr.removeMark(from, to, bold)) : null;
	if ($from.depth !== 1) return null;
	return tr.setBlockType(from, from, kind(length % 2 ? 'heading' : 'paragraph'), ({ attrs }) => ({ suggested: attrs.suggested }));
}

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
				expect(resolved(next.doc, true).toString()).toBe(resolved(plain.doc, true).toString());
				state = next;
				expect(resolved(state.doc, false).toString()).toBe(start.toString());
			}
		}),
		{ numRuns: 1000 }
	);
});
