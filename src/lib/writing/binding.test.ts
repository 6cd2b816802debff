import { getSchema } from '@tiptap/core';
import { joinBackward, lift, setBlockType, splitBlock, toggleMark, wrapIn } from '@tiptap/pm/commands';
import { Fragment } from '@tiptap/pm/model';
import { EditorState, TextSelection } from '@tiptap/pm/state';
import type { Command, Transaction } from '@tiptap/pm/state';
import { Transform } from '@tiptap/pm/transform';
import { ProsemirrorBinding, ySyncPluginKey, yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
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
		Y.applyUpdate(this.doc, its, 'other');
		Y.applyUpdate(other.doc, mine, 'other');
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
