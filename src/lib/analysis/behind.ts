import { teaches } from './event.ts';
import type { RoomEvent } from './event.ts';
import { answersBehind } from './replies.ts';
import type { Layer } from './replies.ts';
import { presentIn } from './report.ts';
import { heardParts, soundOf, speakingDefaults, turnsAndBackchannels, unionOf } from './speaking.ts';
import type { Turn } from './speaking.ts';
import { clip, lengthOf, within } from './window.ts';
import type { Window } from './window.ts';

/** Everything that the page counts. */
export const figures = [
	'people',
	'talk',
	'solo',
	'overlap',
	'silence',
	'turns',
	'longest',
	'interruptions',
	'backchannels',
	'messages',
	'characters',
	'deletedOwn',
	'deletedOthers',
	'nodes',
	'moved',
	'linked',
	'removed',
	'answers',
	'toOneself'
] as const;
export type Figure = (typeof figures)[number];

/** Figures that are lengths of time, in milliseconds. */
export const isTime = (figure: Figure): boolean => ['talk', 'solo', 'overlap', 'silence', 'longest'].includes(figure);

export interface Question {
	readonly figure: Figure;
	readonly person?: string;
	readonly documentId?: string;
	/** Whom the answers are to. */
	readonly target?: string;
	/** Only of those who do not teach. */
	readonly learners?: boolean;
	/** Only of so many of those who were there: who did most of it, or least. */
	readonly most?: number;
	readonly least?: number;
	readonly ties?: readonly Layer[];
}

export interface Behind {
	ids: Set<string>;
	/** What they come to: the number on the page. */
	sum: number;
}

/**
 * The events that a number of the page counts, and what they come to. `events` are those of the extent, because
 * who was there in the window may have come before it.
 */
export function behind(events: readonly RoomEvent[], extent: Window, window: Window, question: Question): Behind {
	const inside = within(events, window);
	const { figure, person, documentId, target } = question;
	const learner = new Set(question.learners ? learnersAmong(events) : []);
	const ranked = question.most || question.least ? new Set(rankedBy(events, extent, window, question)) : null;
	const asked = (actorId: string) =>
		(!person || actorId === person) && (!question.learners || learner.has(actorId)) && (!ranked || ranked.has(actorId));
	const own = inside.filter((event) => asked(event.actorId) && (!documentId || event.documentId === documentId));
	const adding = (of: (event: RoomEvent) => number): Behind => {
		const counted = own.filter((event) => of(event) > 0);
		return { ids: idsOf(counted), sum: counted.reduce((sum, event) => sum + of(event), 0) };
	};
	const turning = (turns: readonly Pick<Turn, 'events'>[], sum = turns.length): Behind => ({
		ids: new Set(turns.flatMap((turn) => turn.events)),
		sum
	});

	switch (figure) {
		case 'people': {
			const present = [...presentIn(events, extent, window)].filter(asked);
			const first = present.flatMap((id) => events.find(({ actorId }) => actorId === id) ?? []);
			return { ids: idsOf(first), sum: present.length };
		}
		case 'talk': {
			const spoken = own.filter(isHeard);
			const bySpeaker = Map.groupBy(spoken, ({ actorId }) => actorId);
			const unions = [...bySpeaker.values()].flatMap((of) => unionOf(of.flatMap((event) => clip(event, window) ?? [])));
			return { ids: idsOf(spoken), sum: unions.reduce((sum, { start, end }) => sum + end - start, 0) };
		}
		case 'solo':
		case 'overlap': {
			const parts = heardParts(inside, window, figure);
			const heard = own.filter(
				(event) => isHeard(event) && parts.some((part) => part.start < event.end && part.end > event.start)
			);
			return { ids: idsOf(heard), sum: parts.reduce((sum, { start, end }) => sum + end - start, 0) };
		}
		case 'silence': {
			const spoken = inside.filter(isHeard);
			const bySpeaker = Map.groupBy(spoken, ({ actorId }) => actorId);
			const unions = [...bySpeaker.values()].flatMap((of) => unionOf(of.flatMap((event) => clip(event, window) ?? [])));
			const { solo, overlap } = soundOf(unions, speakingDefaults.overlapFrom);
			return { ids: idsOf(spoken), sum: lengthOf(window) - solo - overlap };
		}
		case 'turns':
			return turning(turnsAndBackchannels(inside, window).turns.filter(({ speaker }) => asked(speaker)));
		case 'interruptions':
			return turning(turnsAndBackchannels(inside, window).turns.filter((turn) => turn.interrupts && asked(turn.speaker)));
		case 'backchannels':
			return turning(turnsAndBackchannels(inside, window).backchannels.filter(({ speaker }) => asked(speaker)));
		case 'longest': {
			const turns = turnsAndBackchannels(inside, window).turns.filter(({ speaker }) => asked(speaker));
			const [longest] = turns.toSorted((a, b) => b.end - b.start - (a.end - a.start));
			return longest ? turning([longest], longest.end - longest.start) : turning([]);
		}
		case 'messages':
			return adding(({ verb }) => Number(verb === 'posted' || verb === 'replied'));
		case 'characters':
			return adding(({ inserted }) => inserted);
		case 'deletedOwn':
			return adding(({ actorId, deleted }) => deleted[actorId] ?? 0);
		case 'deletedOthers':
			return adding(({ actorId, deleted }) =>
				Object.entries(deleted).reduce((sum, [author, characters]) => (author === actorId ? sum : sum + characters), 0)
			);
		case 'nodes':
			return adding(({ verb, amount }) => (verb === 'mapped' || verb === 'drew' ? amount : 0));
		case 'moved':
		case 'linked':
		case 'removed':
			return adding(({ verb, amount }) => (verb === figure ? amount : 0));
		case 'answers': {
			const answers = answersBehind(inside, turnsAndBackchannels(inside, window).turns, question.ties).filter(
				({ from, to }) => from !== to && asked(from) && (!target || to === target)
			);
			return turning(answers);
		}
		case 'toOneself':
			return adding(({ verb, actorId, targetId }) => Number(verb === 'replied' && actorId === targetId));
	}
}

/** Who did most of it, or least, among those who were there. */
function rankedBy(events: readonly RoomEvent[], extent: Window, window: Window, question: Question): string[] {
	const { most, least, ...whole } = question;
	const present = [...presentIn(events, extent, window)];
	const did = new Map(present.map((person) => [person, behind(events, extent, window, { ...whole, person }).sum]));
	const rising = present.toSorted((a, b) => (did.get(a) ?? 0) - (did.get(b) ?? 0));
	return most ? rising.slice(-most) : rising.slice(0, least);
}

const idsOf = (events: readonly RoomEvent[]) => new Set(events.map(({ id }) => id));
const isHeard = ({ verb, start, end }: RoomEvent) => verb === 'spoke' && end > start;

/** By the role in which they acted last, as the figures of the page take it. */
function learnersAmong(events: readonly RoomEvent[]): string[] {
	const roles = new Map(events.map(({ actorId, role }) => [actorId, role]));
	return [...roles].flatMap(([id, role]) => (teaches(role) ? [] : [id]));
}
