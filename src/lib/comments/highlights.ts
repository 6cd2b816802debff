import { Extension } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import type { Transaction } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import type { EditorView } from '@tiptap/pm/view';
import { ySyncPluginKey } from '@tiptap/y-tiptap';
import type * as Y from 'yjs';
import { placedLines } from '#lib/documents/places.ts';
import type { PlacedLine } from '#lib/documents/places.ts';
import { onlyPlaceOf, rangeOf } from './anchors.ts';
import type { Range } from './anchors.ts';
import type { Anchor } from './model.ts';

/** Something that is said about a place. */
export interface Commented {
	readonly id: string;
	readonly anchor: Anchor;
	readonly quote: string;
	/** Whether its words are shown as commented. */
	readonly shown: boolean;
}

export interface HighlightsOptions {
	fragment: Y.XmlFragment | null;
	/** Where each thread is now; those whose words are gone are missing. */
	onplaces: (places: ReadonlyMap<string, Range>) => void;
	onpress: (id: string) => void;
	/** Called before anything is drawn anew, so that what the hands have just done on the page is read first. */
	beforeDrawing: () => void;
}

interface State {
	threads: readonly Commented[];
	active: string | null;
	places: ReadonlyMap<string, Range>;
	decorations: DecorationSet;
}
type Change = Partial<Pick<State, 'threads' | 'active' | 'places'>>;

const key = new PluginKey<State>('comments');
/** How long after typing the places are looked up in the shared text again, in milliseconds. */
const settleAfter = 250;

/** Tells the editor what is said about its text, and which of it is looked at. */
export const showComments = (tr: Transaction, change: Pick<Change, 'threads' | 'active'>): Transaction =>
	tr.setMeta(key, change).setMeta('addToHistory', false);

/** The lines of the shared text as the editor's document has them; null while both differ for a moment. */
export function linesOf(fragment: Y.XmlFragment, doc: Node): readonly PlacedLine[] | null {
	const { lines, size } = placedLines(fragment, (name) => doc.type.schema.nodes[name]?.isLeaf ?? false);
	return size === doc.content.size ? lines : null;
}

/** Marks the words that something is said about, wherever they go. */
export const Highlights = Extension.create<HighlightsOptions>({
	name: 'commentHighlights',
	addOptions: () => ({ fragment: null, onplaces: () => {}, onpress: () => {}, beforeDrawing: () => {} }),
	addProseMirrorPlugins() {
		const { fragment, onplaces, onpress, beforeDrawing } = this.options;
		if (!fragment) return [];
		return [
			new Plugin<State>({
				key,
				state: {
					init: () => ({ threads: [], active: null, places: new Map(), decorations: DecorationSet.empty }),
					apply: (tr, state) => applied(tr, state, fragment)
				},
				props: {
					decorations: (state) => key.getState(state)?.decorations,
					handleClick(_view, _pos, event) {
						const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-thread]') : null;
						if (pressed?.dataset.thread) onpress(pressed.dataset.thread);
						return false;
					}
				},
				view: (view) => new Watch(view, fragment, { onplaces, beforeDrawing })
			})
		];
	}
});

function applied(tr: Transaction, state: State, fragment: Y.XmlFragment): State {
	const change = tr.getMeta(key) as Change | undefined;
	const fromOthers = (tr.getMeta(ySyncPluginKey) as { isChangeOrigin?: boolean } | undefined)?.isChangeOrigin === true;
	if (!change && !tr.docChanged) return state;
	const next = { ...state, ...change };
	if (!change?.places && (change?.threads || fromOthers)) next.places = placesOf(next, fragment, tr.doc) ?? next.places;
	else if (tr.docChanged) next.places = mapped(next.places, tr);
	next.decorations = DecorationSet.create(tr.doc, decorationsOf(next, tr.doc));
	return next;
}

function placesOf({ threads }: State, fragment: Y.XmlFragment, doc: Node): Map<string, Range> | null {
	const lines = threads.length > 0 ? linesOf(fragment, doc) : [];
	if (!lines || !fragment.doc) return null;
	const starts = new Map<unknown, number>(lines.map(({ line, from }) => [line, from]));
	const places = new Map<string, Range>();
	let blocks: { text: string; from: number }[] | null = null;
	for (const { id, anchor, quote } of threads) {
		const found = rangeOf(anchor, starts, fragment.doc) ?? onlyPlaceOf(quote, (blocks ??= blocksOf(doc)));
		if (found) places.set(id, found);
	}
	return places;
}

function blocksOf(doc: Node): { text: string; from: number }[] {
	const blocks: { text: string; from: number }[] = [];
	doc.descendants((node, pos) => {
		if (node.isTextblock) blocks.push({ text: node.textBetween(0, node.content.size, undefined, '\ufffc'), from: pos + 1 });
		return !node.isTextblock;
	});
	return blocks;
}

function mapped(places: ReadonlyMap<string, Range>, { mapping }: Transaction): Map<string, Range> {
	const moved = new Map<string, Range>();
	for (const [id, { from, to }] of places) {
		const range = { from: mapping.map(from, 1), to: mapping.map(to, -1) };
		if (range.from < range.to) moved.set(id, range);
	}
	return moved;
}

function decorationsOf({ threads, active, places }: State, doc: Node): Decoration[] {
	return threads.flatMap(({ id, shown }) => {
		const place = places.get(id);
		if (!place || place.to > doc.content.size || (!shown && id !== active)) return [];
		return [
			Decoration.inline(place.from, place.to, { class: id === active ? 'commented active' : 'commented', 'data-thread': id })
		];
	});
}

/** Tells of the places, and looks them up again once one's own typing has reached the shared text. */
class Watch {
	readonly #view: EditorView;
	readonly #fragment: Y.XmlFragment;
	readonly #options: Pick<HighlightsOptions, 'onplaces' | 'beforeDrawing'>;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#told: ReadonlyMap<string, Range> | null = null;

	constructor(view: EditorView, fragment: Y.XmlFragment, options: Pick<HighlightsOptions, 'onplaces' | 'beforeDrawing'>) {
		this.#view = view;
		this.#fragment = fragment;
		this.#options = options;
	}

	update(view: EditorView, before: { doc: Node }): void {
		const state = key.getState(view.state);
		if (!state) return;
		if (state.places !== this.#told) this.#options.onplaces((this.#told = state.places));
		if (view.state.doc === before.doc || state.threads.length === 0) return;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#lookUp(), settleAfter);
	}

	destroy(): void {
		clearTimeout(this.#timer);
	}

	#lookUp(): void {
		if (!this.#view.composing) this.#options.beforeDrawing();
		const state = key.getState(this.#view.state);
		if (!state || this.#view.composing) return;
		const places = placesOf(state, this.#fragment, this.#view.state.doc);
		if (!places || isSame(places, state.places)) return;
		this.#view.dispatch(this.#view.state.tr.setMeta(key, { places }).setMeta('addToHistory', false));
	}
}

const isSame = (one: ReadonlyMap<string, Range>, other: ReadonlyMap<string, Range>): boolean =>
	one.size === other.size && [...one].every(([id, { from, to }]) => other.get(id)?.from === from && other.get(id)?.to === to);
