import type { Interval, RoomEvent } from './event.ts';

/** A stretch of time, both ends included; milliseconds since 1970. */
export interface Window {
	readonly from: number;
	readonly to: number;
}

export const lengthOf = ({ from, to }: Window): number => Math.max(0, to - from);

/** The part of an interval inside the window; null when nothing of it is. */
export function clip({ start, end }: Interval, { from, to }: Window): Interval | null {
	const clipped = { start: Math.max(start, from), end: Math.min(end, to) };
	return clipped.end > clipped.start ? clipped : null;
}

/**
 * Whether an act belongs to the window: speech when any of it is heard there (it is cut at the borders),
 * everything else when it begins there (a burst of typing cannot be divided).
 */
export function belongs(event: RoomEvent, window: Window): boolean {
	if (event.start > window.to) return false;
	return event.start >= window.from || (event.verb === 'spoke' && event.end > window.from);
}

export const within = (events: readonly RoomEvent[], window: Window): RoomEvent[] =>
	events.filter((event) => belongs(event, window));
