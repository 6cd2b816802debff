import type { EventFilter, Measure } from './model.ts';

/** Opens the list of events behind a number; without a window of its own, those of the window on screen. */
export type Show = (title: string, filter: EventFilter, window?: { from: string; to: string }) => void;

/** The kinds of acts that a measure counts. */
export const verbsOf: Record<Measure, string> = {
	talk: 'spoke',
	turns: 'spoke',
	messages: 'posted,replied',
	characters: 'edited',
	nodes: 'mapped'
};
