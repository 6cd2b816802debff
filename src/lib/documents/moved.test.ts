import { getSchema } from '@tiptap/core';
import { TaskItem, TaskList } from '@tiptap/extension-list';
import { chainCommands, joinBackward, lift, setBlockType, splitBlock, wrapIn } from '@tiptap/pm/commands';
import type { Node } from '@tiptap/pm/model';
import { liftListItem, splitListItem, wrapInList } from '@tiptap/pm/schema-list';
import { EditorState, TextSelection } from '@tiptap/pm/state';
import type { Command, Transaction } from '@tiptap/pm/state';
import { StarterKit } from '@tiptap/starter-kit';
import { initProseMirrorDoc, updateYFragment } from '@tiptap/y-tiptap';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Authorship } from './authorship.ts';
import { measure } from './server/effects.ts';
import type { UpdateEffects } from './server/table.ts';

const schema = getSchema([StarterKit, TaskList, TaskItem.configure({ nested: true })]);
const { nodes } = schema as { nodes: Record<string, (typeof schema)['nodes'][string]> };

/** Several people who write one text in the real editor's model, and the server that measures what each sends. */
class Desk {
	readonly server = new Y.Doc();
	readonly authors = new Authorship();
	readonly #docs = new Map<string, Y.Doc>();
	readonly #undo = new Map<string, Y.UndoManager>();

	/** Lets a person change the text; what it did, as the server saw it. */
	edit(person: string, change: (state: EditorState) => Transaction | null): UpdateEffects {
		const doc = this.#docOf(person);
		const { doc: shown, meta } = initProseMirrorDoc(textIn(doc), schema);
		const state = EditorState.create({ schema, doc: shown.childCount > 0 ? shown : schema.topNodeType.createAndFill()! });
		const tr = change(state);
		return this.#send(person, () => tr && updateYFragment(doc, textIn(doc), tr.doc as never, meta));
	}

	run(person: string, at: number, command: Command): UpdateEffects {
		return this.edit(person, (state) => done(state.apply(state.tr.setSelection(near(state.doc, at))), command));
	}

	undo(person: string): UpdateEffects {
		const manager = this.#undo.get(person)!;
		return this.#send(person, () => manager.undo());
	}

	type(person: string, at: number, text: string): UpdateEffects {
		return this.edit(person, ({ doc, tr }) => tr.insertText(text, near(doc, at).from));
	}

	get text(): Node {
		return initProseMirrorDoc(textIn(this.server), schema).doc as unknown as Node;
	}

	/** Each character that is there, with its author. */
	written(): [string, string][] {
		const written: [string, string][] = [];
		for (const structs of this.server.store.clients.values())
			for (const struct of structs) {
				if (!(struct instanceof Y.Item) || struct.deleted || !(struct.content instanceof Y.ContentString)) continue;
				let at = 0;
				const { client, clock } = struct.id;
				for (const { length, personId } of this.authors.of({ client, clock, length: struct.length }))
					for (const character of struct.content.str.slice(at, (at += length))) written.push([character, personId]);
			}
		return written;
	}

	by(person: string): string {
		const own = new Set(this.written().flatMap(([character, author]) => (author === person ? [character] : [])));
		return [...this.text.textContent].filter((character) => own.has(character)).join('');
	}

	#docOf(person: string): Y.Doc {
		const known = this.#docs.get(person);
		if (known) {
			Y.applyUpdate(known, Y.encodeStateAsUpdate(this.server, Y.encodeStateVector(known)));
			return known;
		}
		const doc = new Y.Doc();
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.server));
		this.authors.set(doc.clientID, person);
		this.#docs.set(person, doc);
		this.#undo.set(person, new Y.UndoManager(textIn(doc), { trackedOrigins: new Set(['own']), captureTimeout: 0 }));
		return doc;
	}

	#send(person: string, change: () => unknown): UpdateEffects {
		const doc = this.#docOf(person);
		const updates: Uint8Array[] = [];
		const keep = (update: Uint8Array) => void updates.push(update);
		doc.on('update', keep);
		doc.transact(change, 'own');
		doc.off('update', keep);
		const effects = measure(this.server, 'text', this.authors, () => {
			if (updates.length > 0) Y.applyUpdate(this.server, Y.mergeUpdates(updates));
		});
		this.authors.keep(effects.moved ?? []);
		return effects;
	}
}

const textIn = (doc: Y.Doc) => doc.getXmlFragment('default');
const near = (doc: Node, at: number) => TextSelection.near(doc.resolve(Math.min(at, doc.content.size)));

function done(state: EditorState, command: Command): Transaction | null {
	let made: Transaction | null = null;
	command(state, (tr) => (made = tr));
	return made;
}

const enter = chainCommands(splitListItem(nodes.listItem!), splitListItem(nodes.taskItem!), splitBlock);
/** As Backspace at the beginning of a paragraph does. */
const back: Command = (state, dispatch) => {
	const start = state.selection.$from.start();
	return joinBackward(state.apply(state.tr.setSelection(TextSelection.create(state.doc, start))), dispatch);
};
const nothing = { inserted: 0, deleted: {} };

/** 林 writes two paragraphs, and 陈 some words into the first. */
function shared(): Desk {
	const desk = new Desk();
	desk.type('林', 1, '春眠不觉晓处处闻啼鸟');
	desk.run('林', 11, enter);
	desk.type('林', 13, '夜来风雨声花落知多少');
	desk.type('陈', 6, '，我说，');
	return desk;
}

describe('who only moves text has neither written nor deleted it', () => {
	test('Enter within a paragraph', () => {
		const desk = shared();
		expect(desk.run('王', 4, enter)).toMatchObject(nothing);
		expect(desk.text.textBetween(0, desk.text.content.size, '\n')).toBe('春眠不\n觉晓，我说，处处闻啼鸟\n夜来风雨声花落知多少');
		expect(desk.by('林')).toBe('春眠不觉晓处处闻啼鸟夜来风雨声花落知多少');
		expect(desk.by('王')).toBe('');
		// Whoever deletes it later takes it from whom it was by.
		expect(desk.edit('王', ({ tr }) => tr.delete(6, 11))).toMatchObject({ inserted: 0, deleted: { 林: 2, 陈: 3 } });
	});

	test('Backspace at the beginning of a paragraph', () => {
		const desk = shared();
		expect(desk.run('王', 20, back)).toMatchObject(nothing);
		expect(desk.text.childCount).toBe(1);
		expect(desk.by('林')).toBe('春眠不觉晓处处闻啼鸟夜来风雨声花落知多少');
		expect(desk.by('陈')).toBe('，我说，');
	});

	test('a paragraph put before another, and turned into a heading or a list', () => {
		const desk = shared();
		const moved = desk.edit('王', ({ doc, tr }) =>
			tr.delete(0, doc.child(0).nodeSize).insert(doc.child(1).nodeSize, doc.child(0))
		);
		expect(moved).toMatchObject(nothing);
		expect(desk.text.lastChild?.textContent).toBe('春眠不觉晓，我说，处处闻啼鸟');
		expect(desk.run('王', 3, setBlockType(nodes.heading!, { level: 1 }))).toMatchObject(nothing);
		expect(desk.run('王', 18, wrapInList(nodes.bulletList!))).toMatchObject(nothing);
		expect(desk.text.firstChild?.type.name).toBe('heading');
		expect(desk.text.lastChild?.type.name).toBe('bulletList');
		expect([desk.by('林').length, desk.by('陈'), desk.by('王')]).toEqual([20, '，我说，', '']);
	});

	test('taking a split back, and text that two people have moved', () => {
		const desk = shared();
		desk.run('王', 4, enter);
		expect(desk.undo('王')).toMatchObject(nothing);
		desk.run('王', 4, enter);
		expect(desk.run('李', 8, enter)).toMatchObject(nothing);
		expect(desk.run('王', 10, back)).toMatchObject(nothing);
		expect([desk.by('林').length, desk.by('陈'), desk.by('王'), desk.by('李')]).toEqual([20, '，我说，', '', '']);
	});

	test('a long text, all of it made a list at once', () => {
		const desk = new Desk();
		desk.edit('林', ({ tr }) => {
			const lines = Array.from({ length: 120 }, (_, line) => nodes.paragraph!.create(null, schema.text(`第${line}行`)));
			return tr.replaceWith(0, tr.doc.content.size, lines);
		});
		const made = desk.edit('王', (state) => {
			const all = TextSelection.between(state.doc.resolve(0), state.doc.resolve(state.doc.content.size));
			return done(state.apply(state.tr.setSelection(all)), wrapInList(nodes.bulletList!));
		});
		expect(desk.text.firstChild?.childCount).toBe(120);
		expect(made).toMatchObject(nothing);
		expect(desk.written().every(([, author]) => author === '林')).toBe(true);
	});

	test('Enter in an item of a list that begins as its tail does', () => {
		const desk = new Desk();
		desk.run('林', 1, wrapInList(nodes.bulletList!));
		desk.run('林', 3, splitBlock);
		desk.type('林', 3, '我的了我');
		expect(desk.run('王', 6, splitListItem(nodes.listItem!))).toMatchObject(nothing);
		expect(desk.by('王')).toBe('');
	});

	test('a passage that reaches over two paragraphs and is replaced: its ends stay, the rest is deleted, the new is written', () => {
		const desk = shared();
		const effects = desk.edit('王', ({ tr }) => tr.insertText('改', 4, 24));
		expect(desk.text.textContent).toBe('春眠不改知多少');
		expect(effects).toMatchObject({ inserted: 1, deleted: { 林: 14, 陈: 4 } });
		expect(desk.by('王')).toBe('改');
	});
});

test('what was really deleted and written again elsewhere counts, and emoji stay whole', () => {
	const desk = new Desk();
	desk.type('林', 1, '👩读书😀写字');
	expect(desk.run('王', 3, enter)).toMatchObject(nothing);
	expect(desk.by('林')).toBe('👩读书😀写字');
	expect(desk.edit('王', ({ tr }) => tr.insertText('😁', 1, 3))).toMatchObject({ inserted: 1, deleted: { 林: 1 } });
	expect(desk.edit('王', ({ tr }) => tr.delete(5, 7))).toMatchObject({ inserted: 0, deleted: { 林: 2 } });
	expect(desk.type('王', 5, '读书')).toMatchObject({ inserted: 2, deleted: {} });
});

interface Step {
	who: string;
	at: number;
	act: 'type' | 'delete' | 'enter' | 'back' | 'heading' | 'paragraph' | 'list' | 'out' | 'quote' | 'swap' | 'undo';
	length: number;
}
const acts = [
	'type',
	'type',
	'delete',
	'enter',
	'enter',
	'back',
	'heading',
	'paragraph',
	'list',
	'out',
	'quote',
	'swap'
] as const;
const anyStep: fc.Arbitrary<Step> = fc.record({
	who: fc.constantFrom('林', '陈', '王'),
	at: fc.nat(200),
	act: fc.constantFrom(...acts),
	length: fc.integer({ min: 1, max: 6 })
});
const commands: Partial<Record<Step['act'], Command>> = {
	enter,
	back,
	heading: setBlockType(nodes.heading!, { level: 2 }),
	paragraph: setBlockType(nodes.paragraph!),
	list: wrapInList(nodes.bulletList!),
	out: chainCommands(liftListItem(nodes.listItem!), lift),
	quote: wrapIn(nodes.blockquote!)
};

function take(desk: Desk, { who, at, act, length }: Step, text: string): UpdateEffects {
	const place = at % (desk.text.content.size + 1);
	const command = commands[act];
	if (command) return desk.run(who, place, command);
	if (act === 'type') return desk.type(who, place, text);
	if (act === 'delete')
		return desk.edit(who, ({ doc, tr }) => {
			const { from, $from } = near(doc, place);
			return tr.delete(from, Math.min(from + length, $from.end()));
		});
	return desk.edit(who, ({ doc, tr }) => {
		const index = at % Math.max(1, doc.childCount - 1);
		const [one, other] = [doc.maybeChild(index), doc.maybeChild(index + 1)];
		if (!one || !other) return null;
		let from = 0;
		for (let before = 0; before < index; before++) from += doc.child(before).nodeSize;
		return tr.delete(from, from + one.nodeSize).insert(from + other.nodeSize, one);
	});
}

describe('whatever people do to the text in the editor', () => {
	test('each character stays with who wrote it, and is deleted from that person', () => {
		fc.assert(
			fc.property(fc.array(anyStep, { minLength: 1, maxLength: 40 }), (steps) => {
				const desk = new Desk();
				let next = 0x4e00;
				const authorOf = new Map<string, string>();
				for (const step of steps) {
					const before = desk.text.textContent;
					const text = Array.from({ length: step.length }, () => String.fromCodePoint(next++)).join('');
					const effects = take(desk, step, text);
					for (const character of text) authorOf.set(character, step.who);
					const after = desk.text.textContent;
					const gone: Record<string, number> = {};
					for (const character of before)
						if (!after.includes(character)) gone[authorOf.get(character)!] = (gone[authorOf.get(character)!] ?? 0) + 1;
					expect(effects).toMatchObject({ inserted: step.act === 'type' ? step.length : 0, deleted: gone });
					expect(desk.written().sort()).toEqual([...after].map((character) => [character, authorOf.get(character)]).sort());
				}
			}),
			{ numRuns: 150 }
		);
	});

	test('what is written and deleted adds up to what is there, also of text that repeats itself', () => {
		fc.assert(
			fc.property(fc.array(anyStep, { minLength: 1, maxLength: 40 }), (steps) => {
				const desk = new Desk();
				for (const [index, step] of steps.entries()) {
					const before = desk.text.textContent.length;
					const { inserted, deleted } = take(desk, step, '的了我'.repeat(3).slice(index % 3, (index % 3) + step.length));
					const gone = Object.values(deleted).reduce((sum, count) => sum + count, 0);
					expect(desk.text.textContent.length - before).toBe(inserted - gone);
					if (step.act !== 'type') expect(inserted).toBe(0);
					if (step.act === 'type') expect(gone).toBe(0);
				}
			}),
			{ numRuns: 150 }
		);
	});
});
