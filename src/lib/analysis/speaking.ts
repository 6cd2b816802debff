import { entryOf } from './event.ts';
import type { Interval, RoomEvent } from './event.ts';
import { clip, lengthOf } from './window.ts';
import type { Window } from './window.ts';

/** The constants of the turn analysis; printed with every result. */
export interface SpeakingSettings {
	/** Pauses of one speaker up to this many milliseconds are part of the turn. */
	readonly joinGap: number;
	/** Shorter than this many milliseconds and inside another's turn: a backchannel (嗯, 对), no turn. */
	readonly backchannelUnder: number;
	/** Begun at least this many milliseconds before the turn before ends: an interruption. */
	readonly interruptionOver: number;
	/** From this many speakers at once, talk overlaps. */
	readonly overlapFrom: number;
}

export const speakingDefaults: SpeakingSettings = {
	joinGap: 1_000,
	backchannelUnder: 1_500,
	interruptionOver: 200,
	overlapFrom: 2
};

/** One turn at talk, after Sacks, Schegloff & Jefferson (1974). */
export interface Turn extends Interval {
	readonly speaker: string;
	/** Ids of the utterances that make it up. */
	readonly events: readonly string[];
	/** Milliseconds since the turn before ended; negative when it had not ended yet; null for the first. */
	readonly gap: number | null;
	/** Who had the turn before; null for the first. */
	readonly after: string | null;
	readonly interrupts: boolean;
}

export interface PersonTalk {
	personId: string;
	/** Milliseconds in which the person speaks, each counted once. */
	talk: number;
	/** Part of all talk, 0 to 1; null when nobody spoke. */
	share: number | null;
	turns: number;
	backchannels: number;
	/** Turns begun while another's had not ended. */
	interruptions: number;
	/** Milliseconds of the longest turn; null without one. */
	longestTurn: number | null;
}

export interface Speaking {
	people: PersonTalk[];
	/** Milliseconds of the window, of one voice, of several at once, and of none: span = solo + overlap + silence. */
	span: number;
	solo: number;
	overlap: number;
	silence: number;
	/** Sum of everybody's talk. */
	talk: number;
	turns: number;
}

/** The intervals without their overlaps; those at most `joinGap` apart become one. Sorted by start. */
export function unionOf(intervals: readonly Interval[], joinGap = 0): Interval[] {
	const union: { start: number; end: number }[] = [];
	for (const { start, end } of intervals.toSorted((a, b) => a.start - b.start)) {
		const last = union.at(-1);
		if (last && start - last.end <= joinGap) last.end = Math.max(last.end, end);
		else union.push({ start, end });
	}
	return union;
}

const sum = (intervals: readonly Interval[]): number => intervals.reduce((total, { start, end }) => total + end - start, 0);

interface Utterance extends Interval {
	readonly id: string;
}

function utterancesOf(events: readonly RoomEvent[], window: Window): Map<string, Utterance[]> {
	const bySpeaker = new Map<string, Utterance[]>();
	for (const event of events) {
		const heard = event.verb === 'spoke' ? clip(event, window) : null;
		if (heard) entryOf(bySpeaker, event.actorId, () => []).push({ ...heard, id: event.id });
	}
	return bySpeaker;
}

type Stretch = Interval & { readonly speaker: string; readonly events: string[] };

/** Each speaker's utterances, joined over short pauses; sorted by start. */
function stretchesOf(bySpeaker: ReadonlyMap<string, readonly Utterance[]>, joinGap: number): Stretch[] {
	const stretches = [...bySpeaker].flatMap(([speaker, utterances]) => {
		const joined = unionOf(utterances, joinGap).map((interval): Stretch => ({ ...interval, speaker, events: [] }));
		let at = 0;
		for (const utterance of utterances.toSorted((a, b) => a.start - b.start)) {
			while (utterance.start > (joined[at]?.end ?? Infinity)) at += 1;
			joined[at]?.events.push(utterance.id);
		}
		return joined;
	});
	return stretches.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Short stretches that lie inside another's longer one: assent, not turns. */
function backchannelsAmong(stretches: readonly Stretch[], { backchannelUnder }: SpeakingSettings): Set<Stretch> {
	const found = new Set<Stretch>();
	let running: Stretch[] = [];
	const inStartOrder = stretches.toSorted((a, b) => a.start - b.start || b.end - a.end);
	for (const stretch of inStartOrder) {
		running = running.filter(({ end }) => end >= stretch.start);
		const length = stretch.end - stretch.start;
		const inside = running.some(
			(other) => other.speaker !== stretch.speaker && other.end >= stretch.end && other.end - other.start > length
		);
		if (length < backchannelUnder && inside) found.add(stretch);
		running.push(stretch);
	}
	return found;
}

function inTurn(stretches: readonly Stretch[], { interruptionOver }: SpeakingSettings): Turn[] {
	return stretches.map((stretch, index) => {
		const before = stretches[index - 1];
		const gap = before ? stretch.start - before.end : null;
		const interrupts =
			before !== undefined && before.speaker !== stretch.speaker && before.end - stretch.start >= interruptionOver;
		return { ...stretch, gap, after: before?.speaker ?? null, interrupts };
	});
}

/** The turns at talk in the window, in the order in which they began, and the backchannels, which are none. */
export function turnsAndBackchannels(
	events: readonly RoomEvent[],
	window: Window,
	settings: SpeakingSettings = speakingDefaults
): { turns: Turn[]; backchannels: Stretch[] } {
	const stretches = stretchesOf(utterancesOf(events, window), settings.joinGap);
	const backchannels = backchannelsAmong(stretches, settings);
	const turns = inTurn(
		stretches.filter((stretch) => !backchannels.has(stretch)),
		settings
	);
	return { turns, backchannels: [...backchannels] };
}

export const turnsOf = (events: readonly RoomEvent[], window: Window, settings: SpeakingSettings = speakingDefaults): Turn[] =>
	turnsAndBackchannels(events, window, settings).turns;

/** When exactly one voice is heard, or at least as many as overlap (sweep line). */
export function heardParts(
	events: readonly RoomEvent[],
	window: Window,
	which: 'solo' | 'overlap',
	{ overlapFrom }: SpeakingSettings = speakingDefaults
): Interval[] {
	const unions = [...utterancesOf(events, window).values()].flatMap((utterances) => unionOf(utterances));
	return partsOf(unions, overlapFrom).flatMap(({ kind, ...part }) => (kind === which ? [part] : []));
}

/** How long exactly one voice, and how long at least `overlapFrom` voices are heard (sweep line). */
export function soundOf(unions: readonly Interval[], overlapFrom: number): { solo: number; overlap: number } {
	const parts = partsOf(unions, overlapFrom);
	return { solo: sum(parts.filter(({ kind }) => kind === 'solo')), overlap: sum(parts.filter(({ kind }) => kind === 'overlap')) };
}

function partsOf(unions: readonly Interval[], overlapFrom: number): (Interval & { kind: 'solo' | 'overlap' })[] {
	const borders = unions.flatMap(({ start, end }) => [
		{ at: start, change: 1 },
		{ at: end, change: -1 }
	]);
	borders.sort((a, b) => a.at - b.at);
	let voices = 0;
	let since = 0;
	const parts: (Interval & { kind: 'solo' | 'overlap' })[] = [];
	for (const { at, change } of borders) {
		if (voices > 0 && at > since) parts.push({ start: since, end: at, kind: voices >= overlapFrom ? 'overlap' : 'solo' });
		voices += change;
		since = at;
	}
	return parts;
}

/** Who spoke how much in the window: everyone of `people` is told of, also who said nothing. */
export function speakingOf(
	events: readonly RoomEvent[],
	people: readonly string[],
	window: Window,
	settings: SpeakingSettings = speakingDefaults
): Speaking {
	const bySpeaker = utterancesOf(events, window);
	const stretches = stretchesOf(bySpeaker, settings.joinGap);
	const backchannels = backchannelsAmong(stretches, settings);
	const turns = inTurn(
		stretches.filter((stretch) => !backchannels.has(stretch)),
		settings
	);
	const unions = new Map([...bySpeaker].map(([speaker, utterances]) => [speaker, unionOf(utterances)]));
	const talk = [...unions.values()].reduce((total, union) => total + sum(union), 0);

	const told = [...new Set([...people, ...bySpeaker.keys()])].map((personId): PersonTalk => {
		const own = sum(unions.get(personId) ?? []);
		const ownTurns = turns.filter(({ speaker }) => speaker === personId);
		return {
			personId,
			talk: own,
			share: talk > 0 ? own / talk : null,
			turns: ownTurns.length,
			backchannels: [...backchannels].filter(({ speaker }) => speaker === personId).length,
			interruptions: ownTurns.filter(({ interrupts }) => interrupts).length,
			longestTurn: ownTurns.length > 0 ? Math.max(...ownTurns.map(({ start, end }) => end - start)) : null
		};
	});
	const span = lengthOf(window);
	const { solo, overlap } = soundOf([...unions.values()].flat(), settings.overlapFrom);
	return { people: told, span, solo, overlap, silence: span - solo - overlap, talk, turns: turns.length };
}
