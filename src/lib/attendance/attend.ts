import type { Presence, Reason } from './model.ts';
import { tolerance } from './model.ts';

/** One stay, in milliseconds since 1970; still inside without an end. */
export interface Stay {
	personId: string;
	from: number;
	to: number | null;
}

interface Window {
	from: number;
	/** Null while it goes on: nobody has left early yet. */
	to: number | null;
}

const slack = tolerance * 60_000;

/**
 * The time by which people are measured: from when the first who leads came until the last who leads left. Whoever
 * waits for a teacher who is late is not late. Without anybody who leads it is the whole session.
 */
export function lessonWindow(session: Window, leading: readonly Stay[]): Window {
	if (leading.length === 0) return session;
	const open = session.to === null;
	return {
		from: Math.max(session.from, Math.min(...leading.map(({ from }) => from))),
		to: open ? null : Math.max(...leading.map(({ to }) => to ?? session.to ?? 0))
	};
}

export interface Attended {
	joinedAt: number | null;
	leftAt: number | null;
	inside: number;
	presence: Presence;
}

/** What the stays of one person make of a session. A reason excuses whoever was not there at all. */
export function attended(
	stays: readonly Stay[],
	window: Window,
	{ now, reason }: { now: number; reason: Reason | null }
): Attended {
	if (stays.length === 0) return { joinedAt: null, leftAt: null, inside: 0, presence: reason ? 'excused' : 'absent' };
	const joinedAt = Math.min(...stays.map(({ from }) => from));
	const still = stays.some(({ to }) => to === null);
	const leftAt = still ? null : Math.max(...stays.map(({ to }) => to ?? now));
	const late = joinedAt > window.from + slack;
	const early = leftAt !== null && window.to !== null && leftAt < window.to - slack;
	return {
		joinedAt,
		leftAt,
		inside: stays.reduce((sum, { from, to }) => sum + Math.max(0, (to ?? now) - from), 0),
		presence: late && early ? 'lateAndEarly' : late ? 'late' : early ? 'early' : 'there'
	};
}
