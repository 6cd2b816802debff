import { contributionsOf } from './contributions.ts';
import type { DocumentContributions } from './contributions.ts';
import { equalityOf } from './equality.ts';
import { teaches } from './event.ts';
import type { RoomEvent } from './event.ts';
import { lanesOf } from './lanes.ts';
import type { Lane } from './lanes.ts';
import type { Measure, MeasureEquality, Participant, Report } from './model.ts';
import { repliesOf, replyDefaults } from './replies.ts';
import type { Layer } from './replies.ts';
import { speakingDefaults, speakingOf, turnsOf } from './speaking.ts';
import type { Speaking } from './speaking.ts';
import { within } from './window.ts';
import type { Window } from './window.ts';

type Anyone = Omit<Participant, 'name'>;
export type Figures = Omit<Report, 'people' | 'documents' | 'extent' | 'window'> & {
	people: Anyone[];
	documents: DocumentContributions[];
};

/**
 * Everything the page of a room shows, from the events of `extent`; the figures are of `window` alone.
 * Equality and shares are over those who were there in the window, whether they did anything or not.
 */
export function figuresOf(
	events: readonly RoomEvent[],
	extent: Window,
	window: Window,
	ties: readonly Layer[] = ['chat']
): Figures {
	const inside = within(events, window);
	const actors = [...new Set(events.map(({ actorId }) => actorId))];
	const lanes = lanesOf(events, actors, extent);
	const present = presentAmong(inside, lanes, extent, window);
	const here = actors.filter((id) => present.has(id));

	const speaking = speakingOf(inside, here, window);
	const replies = repliesOf(inside, turnsOf(inside, window), here, ties);
	const mentioned = replies.nodes.map(({ personId }) => personId);
	const people = [...new Set([...actors, ...mentioned])].map((id) => anyoneOf(id, events, inside, present));
	return {
		events: inside.length,
		people: inOrder(people, lanes),
		lanes,
		speaking,
		ties: [...ties],
		replies,
		documents: contributionsOf(inside),
		equality: equalities(
			people.filter(({ here }) => here),
			speaking
		),
		settings: { speaking: speakingDefaults, replies: replyDefaults }
	};
}

/** Who was there in the window, or did something in it. */
export function presentIn(events: readonly RoomEvent[], extent: Window, window: Window): Set<string> {
	const actors = [...new Set(events.map(({ actorId }) => actorId))];
	return presentAmong(within(events, window), lanesOf(events, actors, extent), extent, window);
}

const presentAmong = (inside: readonly RoomEvent[], lanes: readonly Lane[], extent: Window, window: Window) =>
	new Set([
		...inside.map(({ actorId }) => actorId),
		...lanes.filter((lane) => wasThere(lane, extent, window)).map(({ personId }) => personId)
	]);

function wasThere({ presence }: Lane, extent: Window, { from, to }: Window): boolean {
	for (let at = 0; at < presence.length; at += 2) {
		if (extent.from + (presence[at] ?? 0) <= to && extent.from + (presence[at + 1] ?? 0) >= from) return true;
	}
	return false;
}

function anyoneOf(id: string, events: readonly RoomEvent[], inside: readonly RoomEvent[], present: ReadonlySet<string>): Anyone {
	const own = inside.filter(({ actorId }) => actorId === id);
	return {
		id,
		role: events.findLast(({ actorId }) => actorId === id)?.role ?? 'student',
		here: present.has(id),
		messages: own.filter(({ verb }) => verb === 'posted' || verb === 'replied').length,
		characters: own.reduce((sum, { inserted }) => sum + inserted, 0),
		nodes: own.reduce((sum, { verb, amount }) => (verb === 'mapped' || verb === 'drew' ? sum + amount : sum), 0)
	};
}

/** Teachers first, then in the order in which they came. */
function inOrder(people: readonly Anyone[], lanes: readonly Lane[]): Anyone[] {
	const came = new Map(lanes.map(({ personId, presence }) => [personId, presence[0] ?? Infinity]));
	return people.toSorted(
		(a, b) => Number(teaches(b.role)) - Number(teaches(a.role)) || (came.get(a.id) ?? Infinity) - (came.get(b.id) ?? Infinity)
	);
}

function equalities(people: readonly Anyone[], speaking: Speaking): MeasureEquality[] {
	const spoken = new Map(speaking.people.map((person) => [person.personId, person]));
	const values: Record<Measure, (person: Anyone) => number> = {
		talk: ({ id }) => spoken.get(id)?.talk ?? 0,
		turns: ({ id }) => spoken.get(id)?.turns ?? 0,
		messages: ({ messages }) => messages,
		characters: ({ characters }) => characters,
		nodes: ({ nodes }) => nodes
	};
	const learners = people.filter(({ role }) => !teaches(role));
	return (Object.keys(values) as Measure[]).map((measure) => ({
		measure,
		everyone: equalityOf(people.map(values[measure])),
		learners: equalityOf(learners.map(values[measure]))
	}));
}
