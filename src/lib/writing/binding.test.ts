import { getSchema } from '@tiptap/core';
import { joinBackward, lift, setBlockType, splitBlock, toggleMark, wrapIn } from '@tiptap/pm/commands';
import { Fragment } from '@tiptap/pm/model';
import type { Node } from '@tiptap/pm/model';
import { EditorState, TextSelection } from '@tiptap/pm/state';
import type { Command, Transaction } from '@tiptap/pm/state';
import { Transform } from '@tiptap/pm/transform';
import { ProsemirrorBinding, ySyncPluginKey, yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Keeper } from '#lib/documents/keeper.ts';
import { amendBinding, differenceOf } from './binding.ts';
import type { Binding } from './binding.ts';
import { textOf } from './document.ts';
import { form } from './extensions.ts';

const schema = getSchema(form());

interface Bound extends Binding {
	initView(view: unknown): void;
	_forceRerender(): void;
	_prosemirrorChanged(doc: unknown): void;
	mux(run: () => void): void;
}

/** An editor without a screen: what the binding needs of a view. */
class Page {
	readonly doc = new Y.Doc();
	state: EditorState;
	/** How much of the page the last edit of somebody else replaced, in positions. */
	replaced = 0;
	readonly #binding: Bound;
	#out = 0;
	readonly #changes = { made: 0, out: 0 };
	readonly #keeper = new Keeper(this.doc, {
		isOwn: (client) => client === this.doc.clientID,
		outClock: () => this.#out,
		made: () => this.#changes.made,
		out: () => this.#changes.out
	});

	constructor(from?: Page) {
		this.doc.getXmlFragment('default');
		if (from) Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(from.doc));
		const binding = new ProsemirrorBinding(textOf(this.doc)) as unknown as Bound;
		this.#binding = binding;
		const sync = { snapshot: null, prevSnapshot: null };
		this.state = EditorState.create({ schema });
		const read = (state: EditorState, name: string | symbol) =>
			name === ySyncKey ? sync : (Reflect.get(state, name) as unknown);
		const view = {
			dispatch: (tr: Transaction) => this.#show(tr),
			hasFocus: () => false
		};
		Object.defineProperty(view, 'state', { get: () => new Proxy(this.state, { get: read }) });
		binding.initView(view);
		binding._forceRerender();
		amendBinding(binding);
	}

	/** As a keystroke: the page first, then the shared text. */
	do(command: Command): void {
		command(this.state, (tr) => {
			this.state = this.state.apply(tr);
			this.#binding.mux(() => this.#binding._prosemirrorChanged(this.state.doc));
		});
	}
	select(from: number, to = from): void {
		const size = this.state.doc.content.size;
		const at = (place: number) => this.state.doc.resolve(Math.min(place, size));
		this.state = this.state.apply(this.state.tr.setSelection(TextSelection.between(at(from), at(to))));
	}
	type(text: string): void {
		this.do((state, dispatch) => {
			dispatch?.(state.tr.insertText(text));
			return true;
		});
	}
	meet(other: Page): void {
		const [mine, its] = [Y.encodeStateAsUpdate(this.doc), Y.encodeStateAsUpdate(other.doc)];
		this.hear(its);
		other.hear(mine);
	}
	/** Others know from now on what was done here with this update. */
	confirm(update: Uint8Array): void {
		this.#out = Math.max(this.#out, Y.parseUpdateMeta(update).to.get(this.doc.clientID) ?? 0);
		this.#changes.out++;
	}
	/** What others hear of this page, as it is done. */
	tell(others: (update: Uint8Array) => void): void {
		this.doc.on('update', (update: Uint8Array, origin: unknown) => {
			if (origin === 'other') return;
			this.#changes.made++;
			others(update);
		});
	}
	hear(update: Uint8Array): void {
		this.#keeper.take(update, 'other');
	}
	/** What the shared text reads like, made anew. */
	get whole() {
		const copy = new Y.Doc();
		Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.doc));
		return yXmlFragmentToProseMirrorRootNode(textOf(copy), schema);
	}

	#show(tr: Transaction): void {
		this.replaced = 0;
		for (const map of tr.mapping.maps) map.forEach((from, to) => (this.replaced += to - from));
		this.state = this.state.apply(tr);
	}
}
const ySyncKey = (ySyncPluginKey as unknown as { key: string }).key;

function classroom(lines: number): [Page, Page] {
	const first = new Page();
	for (let line = 0; line < lines; line++) {
		first.select(first.state.doc.content.size);
		first.do(splitBlock);
		first.type(`第${line}行`);
	}
	return [first, new Page(first)];
}

test('a letter of somebody else replaces no more than where it stands, and the rest of the page stays the same', () => {
	const [lin, chen] = classroom(300);
	const before = chen.state.doc;
	lin.select(40);
	lin.type('新');
	lin.meet(chen);
	expect(chen.state.doc.eq(lin.state.doc)).toBe(true);
	expect(chen.replaced).toBeLessThan(10);
	let kept = 0;
	chen.state.doc.forEach((node, _at, index) => (kept += Number(node === before.child(index))));
	expect(kept).toBe(before.childCount - 1);
});

test('the caret stays at its letter while others write before and behind it, part its line and join it', () => {
	const [lin, chen] = classroom(3);
	chen.select(12);
	const letter = () => chen.state.doc.textBetween(chen.state.selection.from - 1, chen.state.selection.from);
	const was = letter();
	lin.select(2);
	lin.type('前面');
	lin.do(splitBlock);
	lin.meet(chen);
	expect(letter()).toBe(was);
	lin.do(joinBackward);
	lin.meet(chen);
	expect(letter()).toBe(was);
});

const place = fc.integer({ min: 0, max: 200 });
const command = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({ kind: fc.constant('type' as const), at: place, text: fc.constantFrom('春', '一一', 'aa', '啊') })
	},
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), at: place, to: fc.integer({ min: 0, max: 12 }) }) },
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constantFrom(
				'split' as const,
				'join' as const,
				'bold' as const,
				'heading' as const,
				'quote' as const,
				'list' as const,
				'lift' as const
			),
			at: place,
			to: fc.integer({ min: 0, max: 12 })
		})
	}
);
const acts = fc.array(fc.record({ who: fc.nat(2), command, meets: fc.option(fc.nat(2), { freq: 2 }) }), {
	minLength: 1,
	maxLength: 25
});

function perform(page: Page, act: { kind: string; at: number; to?: number; text?: string }): void {
	page.select(act.at, act.at + (act.to ?? 0));
	const type = (name: string) => schema.nodes[name]!;
	if (act.kind === 'type') return page.type(act.text ?? '');
	const commands: Record<string, Command> = {
		delete: (state, dispatch) => {
			if (!state.selection.empty) dispatch?.(state.tr.deleteSelection());
			return true;
		},
		split: splitBlock,
		join: joinBackward,
		bold: toggleMark(schema.marks.bold!),
		heading: setBlockType(type('heading'), { level: 2 }),
		quote: wrapIn(type('blockquote')),
		list: wrapIn(type('bulletList')),
		lift
	};
	page.do(commands[act.kind]!);
}

test('whatever three write, each page reads at every moment like the shared text made anew, and all end alike', () => {
	fc.assert(
		fc.property(acts, (acts) => {
			const first = classroom(2)[0];
			const pages = [first, new Page(first), new Page(first)];
			for (const { who, command: act, meets } of acts) {
				const page = pages[who]!;
				perform(page, act);
				if (meets !== null && meets !== who) {
					page.meet(pages[meets]!);
					for (const one of [page, pages[meets]!]) expect(one.state.doc.toJSON()).toEqual(one.whole.toJSON());
				}
			}
			for (let round = 0; round < 2; round++)
				for (const one of pages) for (const other of pages) if (one !== other) one.meet(other);
			for (const page of pages) {
				expect(page.state.doc.toJSON()).toEqual(first.state.doc.toJSON());
				page.state.doc.check();
			}
		}),
		{ numRuns: 300 }
	);
}, 120_000);

/** A server: hands each update on, to all in the same order, when it is told to. */
class Line {
	readonly #log: { from: Page; update: Uint8Array }[] = [];
	readonly #heard = new Map<Page, number>();

	constructor(pages: Page[]) {
		for (const page of pages) {
			this.#heard.set(page, 0);
			page.tell((update) => this.#log.push({ from: page, update }));
		}
	}
	/** Until nobody has anything to say any more. */
	deliver(): void {
		for (let isQuiet = false; !isQuiet;) {
			isQuiet = true;
			for (const [page, heard] of this.#heard) {
				const news = this.#log.slice(heard);
				this.#heard.set(page, heard + news.length);
				for (const { from, update } of news)
					if (from === page) page.confirm(update);
					else page.hear(update);
				isQuiet &&= news.length === 0;
			}
		}
	}
}

/** Both act at once, and each hears of it afterwards. */
function atOnce(one: Page, other: Page, first: (page: Page) => void, second: (page: Page) => void): void {
	const line = new Line([one, other]);
	first(one);
	second(other);
	line.deliver();
}
const linesOf = (page: Page) => {
	const lines: string[] = [];
	page.state.doc.descendants((node, _at, parent) => {
		if (node.isTextblock)
			lines.push(`${parent!.type.name === 'doc' ? '' : `${parent!.type.name} `}${node.type.name} ${node.textContent}`);
		return !node.isTextblock;
	});
	return lines;
};

test('whoever writes a letter leaves empty lines as they are, though others make more of them', () => {
	const [lin, chen] = classroom(3);
	const line = new Line([lin, chen]);
	for (let count = 0; count < 3; count++) {
		lin.select(lin.state.doc.content.size);
		lin.do(splitBlock);
		line.deliver();
	}
	lin.select(lin.state.doc.content.size - 4);
	lin.do(splitBlock);
	line.deliver();
	const updates: Uint8Array[] = [];
	chen.tell((update) => updates.push(update));
	chen.select(4);
	chen.type('新');
	expect(updates.map((update) => [...Y.decodeUpdate(update).ds.clients])).toEqual([[]]);
});

describe('words that somebody writes in a block', () => {
	const write = (at: number, text: string) => (page: Page) => {
		page.select(at);
		page.type(text);
	};
	const make =
		(kind: string, at: number, to = 0) =>
		(page: Page) =>
			perform(page, { kind, at, to });

	test('are in the heading that somebody else makes of it', () => {
		const [lin, chen] = classroom(3);
		atOnce(lin, chen, make('heading', 9), write(9, '新'));
		expect(linesOf(lin)).toEqual(['paragraph ', 'paragraph 第0行', 'heading 第新1行', 'paragraph 第2行']);
		expect(linesOf(chen)).toEqual(linesOf(lin));
	});

	test('are in the item of the list that somebody else makes of it, each in its own where lines read alike', () => {
		const first = new Page();
		for (let line = 0; line < 3; line++) {
			first.type('同样');
			if (line < 2) first.do(splitBlock);
		}
		const other = new Page(first);
		atOnce(first, other, make('list', 1, 11), (page) => {
			write(11, '三')(page);
			write(6, '二')(page);
		});
		expect(linesOf(first)).toEqual(['listItem paragraph 同样', 'listItem paragraph 同二样', 'listItem paragraph 同样三']);
		expect(linesOf(other)).toEqual(linesOf(first));
	});

	test('are in the heading that somebody else makes of an empty line', () => {
		const [lin, chen] = classroom(1);
		atOnce(lin, chen, make('heading', 1), write(1, '题目'));
		expect(linesOf(lin)).toEqual(['heading 题目', 'paragraph 第0行']);
		expect(linesOf(chen)).toEqual(linesOf(lin));
	});

	test('go on where the caret went with the line', () => {
		const [lin, chen] = classroom(3);
		const line = new Line([lin, chen]);
		make('heading', 9)(lin);
		write(9, '新')(chen);
		line.deliver();
		make('quote', 9)(lin);
		chen.type('词');
		line.deliver();
		chen.type('句');
		line.deliver();
		expect(linesOf(lin)[2]).toBe('blockquote heading 第新词句1行');
	});

	test.each([
		{ parted: 2, ends: ['一', '二三四新五六七词'] },
		{ parted: 4, ends: ['一二三', '四新五六七词'] },
		{ parted: 6, ends: ['一二三四新五', '六七词'] },
		{ parted: 8, ends: ['一二三四新五六七词', ''] }
	])('are in its half when somebody else parts it at $parted, and the caret with them', ({ parted, ends }) => {
		const lin = new Page();
		lin.type('一二三四五六七');
		const chen = new Page(lin);
		const wang = new Page(lin);
		const line = new Line([lin, chen, wang]);
		wang.select(8);
		lin.select(parted);
		lin.do(splitBlock);
		write(5, '新')(chen);
		line.deliver();
		chen.type('的');
		wang.type('词');
		line.deliver();
		for (const page of [lin, chen, wang])
			expect(linesOf(page)).toEqual(ends.map((end) => `paragraph ${end.replace('新', '新的')}`));
	});

	test('stay where somebody else has put a stretch before them elsewhere', () => {
		const lin = new Page();
		const chen = new Page(lin);
		const line = new Line([lin, chen]);
		write(1, '一二三')(chen);
		line.deliver();
		lin.do((state, dispatch) => {
			const words = schema.node('paragraph', null, [schema.text('一')]);
			dispatch?.(state.tr.delete(1, 2).insert(0, words));
			return true;
		});
		line.deliver();
		expect(linesOf(chen)).toEqual(['paragraph 一', 'paragraph 二三']);
	});

	test('are not doubled where two begin an empty line at once and go on', () => {
		const [lin, chen] = classroom(1);
		lin.select(lin.state.doc.content.size);
		lin.do(splitBlock);
		lin.meet(chen);
		for (const text of ['一', '二', '三', '四']) {
			for (const page of [lin, chen]) {
				page.select(page.state.doc.content.size);
				page.type(text + (page === lin ? '林' : '陈'));
			}
			lin.meet(chen);
		}
		lin.meet(chen);
		expect([...linesOf(lin)[2]!.replace('paragraph ', '')].sort().join('')).toBe(
			[...'一二三四一二三四林林林林陈陈陈陈'].sort().join('')
		);
		expect(linesOf(chen)).toEqual(linesOf(lin));
	});

	test.each([
		{ what: 'makes a heading of', make: make('heading', 9), expected: ['heading 第新1好行'] },
		{ what: 'parts', make: make('split', 9), expected: ['paragraph 第', 'paragraph 新1好行'] },
		{
			what: 'makes a heading of and quotes',
			make: (page: Page) => ['heading', 'quote'].forEach((kind) => make(kind, 9)(page)),
			expected: ['blockquote heading 第新1好行']
		}
	])('are put right by who $what the block without a line, when their writer has left', ({ make, expected }) => {
		const [lin, chen] = classroom(3);
		const heard: Uint8Array[] = [];
		chen.tell((update) => heard.push(update));
		write(expected.length > 1 ? 10 : 9, expected.length > 1 ? '好' : '新')(chen);
		write(expected.length > 1 ? 9 : 11, expected.length > 1 ? '' : '好')(chen);
		make(lin);
		for (const update of heard) lin.hear(update);
		expect(linesOf(lin).slice(2, -1)).toEqual(expected.map((line) => (expected.length > 1 ? line.replace('新', '') : line)));
	});

	test('become a line of their own where somebody else deletes the block', () => {
		const [lin, chen] = classroom(3);
		atOnce(lin, chen, (page) => page.do((state, dispatch) => (dispatch?.(state.tr.delete(7, 12)), true)), write(9, '新'));
		expect(linesOf(lin)).toEqual(['paragraph ', 'paragraph 第0行', 'paragraph 新', 'paragraph 第2行']);
		expect(linesOf(chen)).toEqual(linesOf(lin));
	});
});

describe('what else somebody puts in a block', () => {
	const listed = (): [Page, Page] => {
		const lin = new Page();
		for (const [index, words] of ['一', '二', '三'].entries()) {
			if (index > 0) lin.do(splitBlock);
			lin.type(words);
		}
		lin.select(1, lin.state.doc.content.size - 1);
		lin.do(wrapIn(schema.nodes.blockquote!));
		return [lin, new Page(lin)];
	};
	const unwrap = (page: Page) => {
		page.select(2, page.state.doc.content.size - 2);
		page.do(lift);
	};
	const insert = (at: number, node: Node) => (page: Page) =>
		page.do((state, dispatch) => (dispatch?.(state.tr.insert(at, node)), true));

	test('a new line, when somebody else takes away the quotation around it', () => {
		const [lin, chen] = listed();
		atOnce(lin, chen, unwrap, (page) => {
			page.select(3);
			page.do(splitBlock);
			page.type('新的一行');
		});
		expect(linesOf(lin).sort()).toEqual(['paragraph 一', 'paragraph 三', 'paragraph 二', 'paragraph 新的一行']);
		expect(linesOf(chen)).toEqual(linesOf(lin));
	});

	test('a formula in a line of which somebody else makes a heading', () => {
		const [lin, chen] = classroom(2);
		atOnce(lin, chen, (page) => perform(page, { kind: 'heading', at: 9 }), insert(11, schema.node('formula', { latex: 'x^2' })));
		for (const page of [lin, chen]) {
			const formulas: string[] = [];
			page.state.doc.descendants((node, _at, parent) => void (node.type.name === 'formula' && formulas.push(parent!.type.name)));
			expect(formulas).toEqual(['heading']);
			expect(page.state.doc.textContent).toBe('第0行第1行');
		}
	});

	test('a formula of its own, when somebody else takes away the quotation around it', () => {
		const [lin, chen] = listed();
		atOnce(lin, chen, unwrap, insert(4, schema.node('formulaBlock', { latex: 'a+b' })));
		for (const page of [lin, chen]) {
			let latex = '';
			page.state.doc.forEach((node) => void (node.type.name === 'formulaBlock' && (latex += String(node.attrs.latex))));
			expect(latex).toBe('a+b');
		}
	});
});

test('whatever somebody makes of the text while others write in it, no word is lost that nobody has deleted, and none is there twice', () => {
	const act = (...kinds: string[]) =>
		fc.record({ kind: fc.constantFrom(...kinds), at: place, to: fc.integer({ min: 0, max: 12 }) });
	const some = <Act>(one: fc.Arbitrary<Act>) => fc.array(one, { minLength: 1, maxLength: 5 });
	const round = fc.record({
		maker: fc.nat(2),
		/** In which order the server hears of what they did. */
		turns: fc.shuffledSubarray([0, 1, 2] as const, { minLength: 3 }),
		made: some(act('type', 'delete', 'split', 'join', 'bold', 'heading', 'quote', 'list', 'lift')),
		written: fc.array(some(act('type', 'type', 'delete', 'bold')), { minLength: 2, maxLength: 2 })
	});
	fc.assert(
		fc.property(fc.array(round, { minLength: 1, maxLength: 5 }), (rounds) => {
			const first = classroom(3)[0];
			const pages = [first, new Page(first), new Page(first)];
			const line = new Line(pages);
			let next = 0x4e00;
			const expected = new Set<string>();
			for (const { maker, made, written, turns } of rounds) {
				const acts = [...turns].flatMap((turn) => [made, ...written][turn]!.map((one) => ({ ...one, who: (maker + turn) % 3 })));
				for (const { who, kind, at, to } of acts) {
					const page = pages[who]!;
					const before = page.state.doc.textContent;
					const text = kind === 'type' ? String.fromCodePoint(next++, next++) : '';
					page.select(at);
					// Whoever only writes stays within a line: two who join the same lines at once would both write them anew.
					const rest = page.state.selection.$from.end() - page.state.selection.from;
					perform(page, {
						kind,
						at: page.state.selection.from,
						to: who === maker ? to : Math.min(to, rest),
						text
					});
					for (const letter of text) expected.add(letter);
					for (const letter of before) if (!page.state.doc.textContent.includes(letter)) expected.delete(letter);
				}
				line.deliver();
				const there = [...first.state.doc.textContent].filter((letter) => expected.has(letter));
				expect(there.sort()).toEqual([...expected].sort());
				for (const page of pages) expect(page.state.doc.toJSON()).toEqual(first.state.doc.toJSON());
			}
		}),
		{ numRuns: 300 }
	);
}, 120_000);

test('between any two texts lies one step', () => {
	const line = fc.record({
		type: fc.constantFrom('paragraph', 'heading', 'quote', 'list'),
		text: fc.string({ unit: fc.constantFrom('一', '二', 'a'), maxLength: 6 })
	});
	const docOf = (lines: { type: string; text: string }[]) =>
		schema.node(
			'doc',
			null,
			lines.map(({ type, text }) => {
				const words = text ? [schema.text(text)] : [];
				const paragraph = schema.node('paragraph', null, words);
				if (type === 'quote') return schema.node('blockquote', null, [paragraph]);
				if (type === 'list') return schema.node('bulletList', null, [schema.node('listItem', null, [paragraph])]);
				return schema.node(type, null, words);
			})
		);
	const text = fc.array(line, { minLength: 1, maxLength: 6 }).map(docOf);
	fc.assert(
		fc.property(text, text, (one, other) => {
			const step = differenceOf(one, Fragment.from(other.content));
			const result = step ? new Transform(one).step(step).doc : one;
			result.check();
			expect(result.toJSON()).toEqual(other.toJSON());
		}),
		{ numRuns: 2_000 }
	);
});
