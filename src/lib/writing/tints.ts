import { Extension } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import type { Transaction } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import type { EditorView } from '@tiptap/pm/view';
import type { AuthoredRange } from '#lib/documents/places.ts';
import { suggestionPieces } from './resolve.ts';
import type { Piece } from './resolve.ts';
import { isItem } from './structure.ts';
import { changeOf } from './suggested-words.ts';

/** What gives text its colours. */
export interface Tinting {
	/** Whether every author's text is coloured, not only suggestions. */
	readonly coloured: boolean;
	/** Whose text stands out; null for nobody's. */
	readonly chosen: string | null;
	/** The suggestion that is looked at. */
	readonly active: string | null;
	/** The place of a person among the authors; -1 for nobody known. */
	readonly placeOf: (personId: string) => number;
	/** Who wrote what; null when that is not known for this text, as for a moment after typing. */
	readonly ranges: (doc: Node) => readonly AuthoredRange[] | null;
}

export interface TintsOptions {
	tinting: () => Tinting | null;
	onpress: (id: string) => void;
	/** Called before anything is drawn anew, so that what the hands have just done on the page is read first. */
	beforeDrawing: () => void;
}

const key = new PluginKey<DecorationSet>('tints');
/** How long after typing the colours are found anew, in milliseconds. */
const settleAfter = 120;

/** Has the colours found anew. */
export const retint = (tr: Transaction): Transaction => tr.setMeta(key, true).setMeta('addToHistory', false);

/** Suggestions, and when one wants so every word, in the colour of whoever wrote it. */
export const Tints = Extension.create<TintsOptions>({
	name: 'tints',
	addOptions: () => ({ tinting: () => null, onpress: () => {}, beforeDrawing: () => {} }),
	addProseMirrorPlugins() {
		const { tinting, onpress, beforeDrawing } = this.options;
		return [
			new Plugin<DecorationSet>({
				key,
				state: {
					init: () => DecorationSet.empty,
					apply(tr, decorations) {
						if (tr.getMeta(key)) return decorationsOf(tr.doc, tinting(), decorations);
						return tr.docChanged ? decorations.map(tr.mapping, tr.doc) : decorations;
					}
				},
				props: {
					decorations: (state) => key.getState(state),
					handleClick(_view, _pos, event) {
						const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-suggestion]') : null;
						if (pressed?.dataset.suggestion) onpress(pressed.dataset.suggestion);
						return false;
					}
				},
				view: (view) => new Watch(view, beforeDrawing)
			})
		];
	}
});

class Watch {
	readonly #view: EditorView;
	readonly #beforeDrawing: () => void;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(view: EditorView, beforeDrawing: () => void) {
		this.#view = view;
		this.#beforeDrawing = beforeDrawing;
		this.#later();
	}

	update(view: EditorView, before: { doc: Node }): void {
		if (view.state.doc !== before.doc) this.#later();
	}

	destroy(): void {
		clearTimeout(this.#timer);
	}

	#later(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			// Nothing is drawn around a word that is being composed.
			if (this.#view.composing) this.#later();
			else {
				this.#beforeDrawing();
				this.#view.dispatch(retint(this.#view.state.tr));
			}
		}, settleAfter);
	}
}

function decorationsOf(doc: Node, tinting: Tinting | null, before: DecorationSet): DecorationSet {
	if (!tinting) return DecorationSet.empty;
	const pieces = suggestionPieces(doc);
	if (!tinting.coloured && pieces.length === 0) return DecorationSet.empty;
	const ranges = tinting.ranges(doc);
	if (!ranges) return before;
	const decorations = pieces.map((piece) => suggestionDecoration(piece, tinting, authorAt(ranges, piece.from)));
	if (tinting.coloured) decorations.push(...ranges.flatMap((range) => authorDecoration(range, tinting)));
	return DecorationSet.create(doc, decorations);
}

function suggestionDecoration(piece: Piece, { placeOf, active }: Tinting, author: string | undefined): Decoration {
	// Who wrote text is sure; who took it away is what the page of that person said.
	const place = placeOf(piece.kind === 'insertion' && author ? author : piece.by);
	const attributes = {
		class: `by-suggestion ${piece.kind}${piece.id === active ? ' active' : ''}`,
		'data-suggestion': piece.id,
		style: place < 0 ? '' : `--by: var(--author-${place % 8})`,
		...('mark' in piece || piece.kind !== 'planned' ? {} : planShown(piece))
	};
	return 'mark' in piece
		? Decoration.inline(piece.from, piece.to, attributes)
		: Decoration.node(piece.from, piece.to, attributes);
}

/** How a block shall stand is shown on it, and said at its end. */
function planShown({ entry, ...piece }: Extract<Piece, { entry: unknown }>): Record<string, string> {
	const inner = entry.to?.within.findLast(({ type }) => !isItem(type))?.type;
	const level = entry.to?.type === 'heading' ? String(entry.to.attrs.level) : '';
	return { 'data-plan': changeOf({ entry, ...piece }) ?? '', 'data-in': inner ?? '', 'data-level': level };
}

function authorDecoration({ from, to, personId }: AuthoredRange, { placeOf, chosen }: Tinting): Decoration[] {
	const place = placeOf(personId);
	if (place < 0) return [];
	const line = ['solid', 'dashed', 'dotted', 'double'][place % 4];
	return [
		Decoration.inline(from, to, {
			class: `authored${chosen === null ? '' : chosen === personId ? ' chosen' : ' dimmed'}`,
			style: `--who: var(--author-${place % 8}); --line-style: ${line}`
		})
	];
}

/** Who wrote the character at a position. */
export function authorAt(ranges: readonly AuthoredRange[], pos: number): string | undefined {
	let [low, high] = [0, ranges.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((ranges[middle]?.to ?? Infinity) <= pos) low = middle + 1;
		else high = middle;
	}
	const found = ranges[low];
	return found && found.from <= pos && found.personId !== '' ? found.personId : undefined;
}
