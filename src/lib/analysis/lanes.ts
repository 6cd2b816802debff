import { modalityOf } from './event.ts';
import type { Interval, RoomEvent } from './event.ts';
import { unionOf } from './speaking.ts';
import { clip } from './window.ts';
import type { Window } from './window.ts';

/** What one person did over time; every time is milliseconds since the window's beginning, rising. */
export interface Lane {
	personId: string;
	/** From joining to leaving: start, end, start, end … */
	presence: number[];
	/** Speech and bursts of typing: start, end, start, end … */
	speech: number[];
	doc: number[];
	/** Messages and changes to nodes: moments. */
	chat: number[];
	map: number[];
}

const flat = (intervals: readonly Interval[], { from }: Window): number[] =>
	intervals.flatMap(({ start, end }) => [start - from, end - from]);

/**
 * When the person was there. A stay without a leave lasts to the window's end, one without a join begins
 * with it; someone of whom only acts are known was there from the first to the last.
 */
function presenceOf(events: readonly RoomEvent[], window: Window): Interval[] {
	const stays: Interval[] = [];
	const moves = events.filter(({ verb }) => verb === 'joined' || verb === 'left');
	let joined: number | null = moves[0]?.verb === 'left' ? window.from : null;
	for (const { verb, start } of moves) {
		if (verb === 'joined') joined ??= start;
		else if (joined !== null) {
			stays.push({ start: joined, end: start });
			joined = null;
		}
	}
	if (joined !== null) stays.push({ start: joined, end: window.to });
	if (moves.length === 0 && events.length > 0) {
		stays.push({ start: Math.min(...events.map(({ start }) => start)), end: Math.max(...events.map(({ end }) => end)) });
	}
	return unionOf(stays.flatMap((stay) => clip(stay, window) ?? []));
}

function laneOf(personId: string, own: readonly RoomEvent[], window: Window): Lane {
	const of = (modality: string) => own.filter((event) => modalityOf(event) === modality);
	const intervals = (modality: string) =>
		flat(unionOf(of(modality).flatMap((event) => clip(atLeast(event), window) ?? [])), window);
	const moments = (modality: string) => of(modality).map(({ start }) => start - window.from);
	return {
		personId,
		presence: flat(presenceOf(own, window), window),
		speech: intervals('speech'),
		doc: intervals('doc'),
		chat: moments('chat'),
		map: moments('map')
	};
}

/** A burst may be over within its first millisecond; it is drawn all the same. */
const atLeast = ({ start, end }: Interval): Interval => ({ start, end: Math.max(end, start + 1) });

/** One lane for each person, in the order given; times out of order or told late are put in order. */
export function lanesOf(events: readonly RoomEvent[], people: readonly string[], window: Window): Lane[] {
	const inOrder = events.filter(({ start, end }) => end >= window.from && start <= window.to).sort((a, b) => a.start - b.start);
	const byPerson = Map.groupBy(inOrder, ({ actorId }) => actorId);
	return people.map((personId) => laneOf(personId, byPerson.get(personId) ?? [], window));
}
