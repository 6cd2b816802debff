import type { EventFilter } from './model.ts';

/** Opens the list of events behind a number; without a window of its own, those of the window on screen. */
export type Show = (title: string, filter: EventFilter, window?: { from: string; to: string }) => void;
