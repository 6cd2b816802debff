import type { Editor } from '@tiptap/core';
import { TextSelection } from '@tiptap/pm/state';
import type { Node } from '@tiptap/pm/model';
import type { Awareness } from 'y-protocols/awareness';
import type { Doc } from 'yjs';
import { anchorOf } from '#lib/comments/anchors.ts';
import type { Range } from '#lib/comments/anchors.ts';
import { drafts } from '#lib/comments/drafts.ts';
import { linesOf, showComments } from '#lib/comments/highlights.ts';
import { Anchor, longestQuote } from '#lib/comments/model.ts';
import type { Thread } from '#lib/comments/model.ts';
import { isNamed } from '#lib/comments/naming.ts';
import type { CommentChange } from '#lib/comments/news.ts';
import { Threads } from '#lib/comments/threads.svelte.ts';
import type { Said } from '#lib/comments/threads.svelte.ts';
import { charactersIn } from '#lib/documents/characters.ts';
import { Authors } from '#lib/documents/authors.ts';
import { authoredRanges } from '#lib/documents/places.ts';
import type { AuthoredRange } from '#lib/documents/places.ts';
import { call, client } from '#lib/ui/client.ts';
import { textOf } from './document.ts';
import { resolveSuggestions, suggestionPieces } from './resolve.ts';
import type { Piece } from './resolve.ts';
import { suggestionsOf } from './review.ts';
import type { Suggestion } from './review.ts';
import { singly } from './singly.ts';
import { formOf } from './suggestion.ts';
import { asItIs } from './suggesting.ts';
import { retint } from './tints.ts';
import type { Tinting } from './tints.ts';

export const filters = ['open', 'mine', 'resolved'] as const;
export type Filter = (typeof filters)[number];

/** Something beside the text: what is said about a place, what is suggested there, or the comment one is writing. */
export type Item =
	| { key: string; from: number; kind: 'thread'; thread: Thread; lost: boolean }
	| { key: string; from: number; kind: 'suggestion'; suggestion: Suggestion }
	| { key: string; from: number; kind: 'draft'; draft: Draft };

/** A comment that is being written. */
export interface Draft {
	readonly anchor: Anchor;
	readonly quote: string;
}

/** How much of a text is whose. */
export interface Share {
	personId: string;
	name: string | null;
	place: number;
	characters: number;
}

interface Shared {
	readonly documentId: string;
	readonly doc: Doc;
	readonly awareness: Awareness;
	beforeOthers: (() => void) | null;
}

export const draftKey = 'draft';
const threadKey = (id: string) => `thread:${id}`;
const suggestionKey = (id: string) => `suggestion:${id}`;
/** How long after a change the suggestions are gathered again, in milliseconds. */
const gatherAfter = 120;

/** What is said and suggested about one text, who wrote it, and what of it this person looks at. */
export class Reviewing {
	readonly threads: Threads;
	readonly meId: string;
	suggesting = $state(false);
	coloured = $state(false);
	/** Whose text stands out while authors are shown; null for nobody's. */
	chosen = $state<string | null>(null);
	filter = $state<Filter>('open');
	active = $state<string | null>(null);
	draft = $state.raw<Draft | null>(null);
	/** Grows when something could not be suggested. */
	refusals = $state(0);
	places = $state.raw<ReadonlyMap<string, Range>>(new Map());
	pieces = $state.raw<readonly Piece[]>([]);
	ranges = $state.raw<readonly AuthoredRange[]>([]);
	/** Grows when more is known about the authors. */
	known = $state(0);

	readonly #shared: Shared;
	readonly #authors: Authors;
	#editor: Editor | null = null;
	#gathering: ReturnType<typeof setTimeout> | undefined;

	readonly suggestions = $derived.by(() => {
		void this.known;
		return suggestionsOf(this.pieces, this.ranges);
	});
	readonly open = $derived.by(() => this.threads.all.filter(({ resolved }) => !resolved));
	/** How much waits for somebody. */
	readonly count = $derived(this.open.length + this.suggestions.length);
	readonly items = $derived(this.#itemsOf());

	constructor(shared: Shared) {
		this.#shared = shared;
		const user = shared.awareness.getLocalState()?.user as { id?: unknown } | undefined;
		this.meId = typeof user?.id === 'string' ? user.id : '';
		this.threads = new Threads(shared.documentId);
		const param = { documentId: shared.documentId };
		this.#authors = new Authors(
			shared.doc,
			() => call(client.documents[':documentId'].authors.$get({ param })),
			() => {
				this.known++;
				this.#gatherLater();
				this.retint();
			}
		);
		this.suggesting = drafts.read(this.#memory('suggesting')) === '1';
		this.coloured = drafts.read(`xingtan:authors:${this.meId}`) === '1';
		this.draft = this.#keptDraft();
	}

	attach(editor: Editor): void {
		this.#editor = editor;
		editor.on('transaction', ({ transaction }) => {
			if (transaction.docChanged) this.#gatherLater();
		});
		this.#gather();
	}

	close(): void {
		clearTimeout(this.#gathering);
		this.threads.close();
		this.#authors.close();
		this.#editor = null;
	}

	/** Where drafts and choices about this text are kept on this machine. */
	#memory(name: string): string {
		return `xingtan:${name}:${this.meId}:${this.#shared.documentId}`;
	}

	get draftMemory(): string {
		return this.#memory('comment');
	}

	nameOf(personId: string): string | null {
		void this.known;
		return this.#authors.nameOf(personId);
	}

	placeOf(personId: string): number {
		void this.known;
		return this.#authors.placeOf(personId);
	}

	/** For the plugin that colours the text. */
	readonly tinting = (): Tinting => ({
		coloured: this.coloured,
		chosen: this.chosen,
		active: this.active?.startsWith('suggestion:') ? this.active.slice('suggestion:'.length) : null,
		placeOf: (personId) => this.#authors.placeOf(personId),
		ranges: (doc) => this.#rangesOf(doc)
	});

	toggleSuggesting(): void {
		this.suggesting = !this.suggesting;
		drafts.keep(this.#memory('suggesting'), this.suggesting ? '1' : '');
	}

	toggleColours(): void {
		this.coloured = !this.coloured;
		this.chosen = null;
		drafts.keep(`xingtan:authors:${this.meId}`, this.coloured ? '1' : '');
		this.retint();
	}

	choose(personId: string): void {
		this.chosen = this.chosen === personId ? null : personId;
		this.retint();
	}

	retint(): void {
		// While a word is composed the page is not touched; the colours follow by themselves.
		if (!this.#editor || this.#editor.view.composing) return;
		this.#shared.beforeOthers?.();
		this.#editor.view.dispatch(retint(this.#editor.state.tr));
	}

	/** Who wrote how much of the text that stands, the most first. */
	get shares(): Share[] {
		void this.known;
		const characters = new Map<string, number>();
		const doc = this.#editor?.state.doc;
		for (const { from, to, personId } of this.ranges) {
			if (!doc || to > doc.content.size) continue;
			characters.set(personId, (characters.get(personId) ?? 0) + charactersIn(doc.textBetween(from, to)));
		}
		return [...characters]
			.map(([personId, count]) => ({
				personId,
				name: this.#authors.nameOf(personId),
				place: this.#authors.placeOf(personId),
				characters: count
			}))
			.sort((one, other) => other.characters - one.characters);
	}

	/** Begins a comment on what is selected, or on the paragraph of the caret. False when there are no words. */
	comment(): boolean {
		const editor = this.#editor;
		if (!editor || !this.threads.canComment) return false;
		const { selection, doc } = editor.state;
		const { $from: caret } = selection;
		const range = selection.empty && caret.parent.isTextblock ? { from: caret.start(), to: caret.end() } : selection;
		const lines = linesOf(textOf(this.#shared.doc), doc);
		const anchor = lines && anchorOf(lines, range);
		if (!anchor) return false;
		this.draft = { anchor, quote: doc.textBetween(range.from, range.to, '\n').slice(0, longestQuote) };
		drafts.keep(`${this.draftMemory}:place`, JSON.stringify(this.draft));
		this.look(draftKey);
		this.showComments();
		return true;
	}

	async send(said: Said): Promise<void> {
		if (!this.draft) return;
		const thread = await this.threads.begin(this.draft.anchor, this.draft.quote, said);
		this.dropDraft();
		this.filter = 'open';
		this.look(threadKey(thread.id));
	}

	/** Whether what is proposed in a thread can be put in place: the words are those that it was about. */
	canTake({ id, quote }: Thread): boolean {
		const place = this.places.get(id);
		const doc = this.#editor?.state.doc;
		return !!place && !!doc && place.to <= doc.content.size && doc.textBetween(place.from, place.to, '\n') === quote;
	}

	/** Puts what is proposed in place of the words of a thread, which is dealt with by that. */
	async take(thread: Thread, proposal: string): Promise<void> {
		const editor = this.#editor;
		const place = this.places.get(thread.id);
		if (!editor?.isEditable || !place || !this.canTake(thread)) return;
		const { schema, tr } = editor.state;
		const marks = formOf(tr.doc.resolve(place.from + 1).marks());
		const lines = proposal.split(/\n+/).filter((line) => line !== '');
		const words = lines.flatMap((line, index) => [
			...(index > 0 && schema.nodes.hardBreak ? [schema.nodes.hardBreak.create()] : []),
			schema.text(line, marks)
		]);
		editor.view.dispatch(asItIs(tr.replaceWith(place.from, place.to, words)));
		await this.threads.resolve(thread, true);
	}

	dropDraft(): void {
		this.draft = null;
		drafts.keep(`${this.draftMemory}:place`, '');
		if (this.active === draftKey) this.look(null);
		this.showComments();
	}

	#keptDraft(): Draft | null {
		try {
			const kept = JSON.parse(drafts.read(`${this.draftMemory}:place`)) as { anchor?: unknown; quote?: unknown };
			return { anchor: Anchor.parse(kept.anchor), quote: String(kept.quote).slice(0, longestQuote) };
		} catch {
			return null;
		}
	}

	/** Looks at something beside the text; its words are brought out. */
	look(key: string | null): void {
		if (this.active === key) return;
		this.active = key;
		this.showComments();
		this.retint();
	}

	pressThread(id: string): void {
		if (id === draftKey) return this.look(draftKey);
		const thread = this.threads.all.find((each) => each.id === id);
		if (thread) this.filter = thread.resolved ? 'resolved' : this.filter === 'resolved' ? 'open' : this.filter;
		this.look(threadKey(id));
	}

	pressSuggestion(id: string): void {
		if (this.filter === 'resolved') this.filter = 'open';
		this.look(suggestionKey(id));
	}

	/** Goes on to the next thing beside the text, or back to the one before. */
	step(by: 1 | -1): Item | null {
		const { items } = this;
		if (items.length === 0) return null;
		const now = items.findIndex(({ key }) => key === this.active);
		const caret = this.#editor?.state.selection.from ?? 0;
		const fresh = by > 0 ? items.findIndex(({ from }) => from >= caret) : items.findLastIndex(({ from }) => from <= caret);
		const next = now < 0 ? (fresh < 0 ? 0 : fresh) : (now + by + items.length) % items.length;
		const item = items[next] ?? null;
		this.look(item?.key ?? null);
		return item;
	}

	/** Brings the words of an item into view. */
	reveal(item: Item): void {
		const editor = this.#editor;
		if (!editor || !Number.isFinite(item.from)) return;
		const { node } = editor.view.domAtPos(Math.min(item.from + 1, editor.state.doc.content.size));
		const element = node instanceof HTMLElement ? node : node.parentElement;
		element?.scrollIntoView({ block: 'nearest' });
	}

	/** Accepts or refuses suggestions: some, by their ids, or all. */
	answer(accept: boolean, ids?: readonly string[]): void {
		const editor = this.#editor;
		if (!editor?.isEditable) return;
		const { tr } = editor.state;
		resolveSuggestions(tr, accept, ids ? ({ id }) => ids.includes(id) : undefined, this.authored());
		for (const part of singly(tr, () => editor.state)) editor.view.dispatch(asItIs(part));
		if (this.active?.startsWith('suggestion:')) this.look(null);
		this.#gather();
	}

	/** Who wrote what, as far as it is known. */
	authored(): readonly AuthoredRange[] {
		return (this.#editor && this.#rangesOf(this.#editor.state.doc)) ?? [];
	}

	/** The suggestion that is looked at, or where the caret is. */
	get suggestionHere(): string | null {
		if (this.active?.startsWith('suggestion:')) return this.active.slice('suggestion:'.length);
		const at = this.#editor?.state.selection;
		return (at && this.pieces.find(({ from, to, ...piece }) => 'mark' in piece && from <= at.to && to >= at.from)?.id) ?? null;
	}

	/** Tells the editor which words are commented. */
	readonly showComments = (): void => {
		const editor = this.#editor;
		if (!editor) return;
		const threads = this.threads.all.map(({ id, anchor, quote, resolved }) => ({ id, anchor, quote, shown: !resolved }));
		const draft = this.draft ? [{ id: draftKey, ...this.draft, shown: true }] : [];
		if (!editor.view.composing) this.#shared.beforeOthers?.();
		const active = this.active?.startsWith('thread:') ? this.active.slice('thread:'.length) : this.active;
		editor.view.dispatch(showComments(editor.state.tr, { threads: [...threads, ...draft], active }));
	};

	#gatherLater(): void {
		clearTimeout(this.#gathering);
		this.#gathering = setTimeout(() => this.#gather(), gatherAfter);
	}

	#gather(): void {
		const editor = this.#editor;
		if (!editor) return;
		this.pieces = suggestionPieces(editor.state.doc);
		this.ranges = this.pieces.length > 0 || this.coloured ? (this.#rangesOf(editor.state.doc) ?? this.ranges) : [];
	}

	#rangesOf(doc: Node): readonly AuthoredRange[] | null {
		const lines = linesOf(textOf(this.#shared.doc), doc);
		return lines && (this.ranges = authoredRanges({ lines }, this.#authors));
	}

	#namesMe(said: { text: string; named: string[] | null }): boolean {
		return isNamed(said, this.meId, this.threads.people);
	}

	/** Reads what is told of a thread; answers its item when the newest thing said in it names whoever reads here. */
	async hear(change: CommentChange): Promise<{ by: string | null; item: Item } | null> {
		const last = () => this.threads.all.find(({ id }) => id === change?.threadId)?.replies.at(-1);
		const before = last()?.id;
		await this.threads.hear(change);
		const said = last();
		if (!said || said.id === before || said.deletedAt || said.person.id === this.meId || !this.#namesMe(said)) return null;
		const item = this.items.find(({ key }) => key === threadKey(change?.threadId ?? ''));
		return item ? { by: said.person.name, item } : null;
	}

	#itemsOf(): Item[] {
		const isMine = ({ replies }: Thread) => replies.some((reply) => reply.person.id === this.meId || this.#namesMe(reply));
		const wanted = this.threads.all.filter((thread) =>
			this.filter === 'resolved' ? thread.resolved : !thread.resolved && (this.filter === 'open' || isMine(thread))
		);
		const items: Item[] = wanted.map((thread) => {
			const place = this.places.get(thread.id);
			return { key: threadKey(thread.id), kind: 'thread', thread, from: place?.from ?? Infinity, lost: !place };
		});
		if (this.filter !== 'resolved')
			for (const suggestion of this.suggestions)
				if (this.filter === 'open' || suggestion.by.includes(this.meId))
					items.push({ key: suggestionKey(suggestion.id), kind: 'suggestion', suggestion, from: suggestion.from });
		if (this.draft)
			items.push({ key: draftKey, kind: 'draft', draft: this.draft, from: this.places.get(draftKey)?.from ?? Infinity });
		return items.sort((one, other) => (one.from === other.from ? 0 : one.from - other.from));
	}

	/** The place of the caret in words of the page, for whoever goes back to the text. */
	toText(): void {
		const editor = this.#editor;
		const item = this.items.find(({ key }) => key === this.active);
		if (editor && item && Number.isFinite(item.from)) {
			const { tr } = editor.state;
			editor.view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(item.from, tr.doc.content.size)))));
		}
		editor?.commands.focus();
	}
}
