import { Extension } from '@tiptap/core';
import type { Extensions } from '@tiptap/core';
import type { Doc } from 'yjs';
import { Highlights } from '#lib/comments/highlights.ts';
import { textOf } from './document.ts';
import type { Item, Reviewing } from './reviewing.svelte.ts';
import { Suggesting } from './suggesting.ts';
import { Tints } from './tints.ts';

interface Deps {
	reviewing: Reviewing;
	shared: { readonly doc: Doc; beforeOthers: (() => void) | null };
	/** Something beside the text was chosen from the text; by keys, these go there. By hand, the caret stays in the text. */
	onshow: (item: Item | null, byKeys: boolean) => void;
}

/** The keys for what stands beside the text, as people read them. */
export const reviewKeys = {
	comment: 'Ctrl+Alt+M',
	next: 'Ctrl+Alt+J',
	before: 'Ctrl+Alt+K',
	accept: 'Ctrl+Alt+Y',
	refuse: 'Ctrl+Alt+X'
};

/** What a text needs to be talked about, corrected, and shown with its authors. */
export function reviewTools({ reviewing, shared, onshow }: Deps): Extensions {
	const shown = (key: string | null) => onshow(reviewing.items.find((item) => item.key === key) ?? null, false);
	const beforeDrawing = () => shared.beforeOthers?.();
	const step = (by: 1 | -1) => {
		const item = reviewing.step(by);
		if (item) reviewing.reveal(item);
		onshow(item, true);
		return true;
	};
	const answer = (accept: boolean) => {
		const id = reviewing.suggestionHere;
		if (id) reviewing.answer(accept, [id]);
		return true;
	};
	return [
		Highlights.configure({
			fragment: textOf(shared.doc),
			beforeDrawing,
			onplaces: (places) => (reviewing.places = places),
			onpress: (id) => {
				reviewing.pressThread(id);
				shown(reviewing.active);
			}
		}),
		Tints.configure({
			tinting: reviewing.tinting,
			beforeDrawing,
			onpress: (id) => {
				reviewing.pressSuggestion(id);
				shown(reviewing.active);
			}
		}),
		Suggesting.configure({
			suggester: () => (reviewing.suggesting ? reviewing.meId : null),
			authored: () => reviewing.authored(),
			refused: () => reviewing.refusals++
		}),
		Extension.create({
			name: 'reviewKeys',
			addKeyboardShortcuts: () => ({
				'Mod-Alt-m': () => {
					reviewing.comment();
					shown(reviewing.active);
					return true;
				},
				'Mod-Alt-j': () => step(1),
				'Mod-Alt-k': () => step(-1),
				'Mod-Alt-y': () => answer(true),
				'Mod-Alt-x': () => answer(false)
			})
		})
	];
}
