import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

/** Waits for its turn, is made into a PDF, is looked through, can be shown, or cannot. */
export const deckStates = ['waiting', 'converting', 'checking', 'ready', 'failed'] as const;
export type DeckState = (typeof deckStates)[number];

/** Why a file makes no slides. */
export const deckTroubles = ['broken', 'locked', 'tooManyPages', 'tooHeavy', 'noConverter', 'tookTooLong'] as const;
export type DeckTrouble = (typeof deckTroubles)[number];

/** More pages than this are no lesson. */
export const mostPages = 300;
/** Decks that lie in one room. */
export const mostDecks = 100;

const OneRoom = { roomId: idOf('room') };
const OneDeckOf = { ...OneRoom, deckId: idOf('deck') };
export const AddDeck = z.strictObject({ ...OneRoom, fileId: idOf('file') });
export type AddDeck = z.input<typeof AddDeck>;
export const OneDeck = z.strictObject(OneDeckOf);
export type OneDeck = z.input<typeof OneDeck>;
export const ShowDeck = z.strictObject({
	...OneDeckOf,
	/** From 1. */
	page: z.int().min(1).max(mostPages),
	together: z.boolean()
});
export type ShowDeck = z.input<typeof ShowDeck>;

/** What is shown to the whole room now. */
export interface Show {
	deckId: string;
	title: string;
	/** Where the PDF is fetched, from the root of the space. */
	url: string;
	pages: number;
	page: number;
	together: boolean;
	turn: number;
}

export interface DeckView {
	id: string;
	title: string;
	state: DeckState;
	trouble: DeckTrouble | null;
	pages: number | null;
	scripts: boolean;
	/** Where the PDF is fetched; null while there is none. */
	url: string | null;
	/** Since when this state of work goes on. */
	since: string;
}

export interface SlidesView {
	now: string;
	show: Show | null;
	/** Only for those who lead, the newest first. */
	decks: DeckView[];
	/** Whether PowerPoint files can be made into pages here; only told to those who lead. */
	converter: boolean;
}

/** One page that a session was shown: from so many seconds after it began on. */
export interface Turn {
	at: string;
	seconds: number;
	deckId: string;
	title: string;
	/** null: nothing is shown any more. */
	page: number | null;
	/** Where the PDF is fetched; null when it is there no longer. */
	url: string | null;
}

/** What a file must be to become slides, by its name. */
export const kindOfName = (name: string): 'pdf' | 'office' | null =>
	/\.pdf$/i.test(name) ? 'pdf' : /\.(pptx?|ppsx?|odp)$/i.test(name) ? 'office' : null;

export const accepted = '.pdf,.pptx,.ppt,.ppsx,.pps,.odp';

/** A page that exists. */
export const within = (page: number, pages: number): number => Math.min(Math.max(1, Math.round(page)), Math.max(1, pages));
