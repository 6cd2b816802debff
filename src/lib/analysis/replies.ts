import { DirectedGraph } from 'graphology';
import { density } from 'graphology-metrics/graph/density.js';
import type { RoomEvent } from './event.ts';
import { entryOf } from './event.ts';
import type { Turn } from './speaking.ts';

/** What counts as answering somebody: a reply in the chat, a turn after theirs, a change to their text. */
export const layers = ['chat', 'speech', 'doc'] as const;
export type Layer = (typeof layers)[number];

export interface ReplySettings {
	/** A turn answers the turn before when it begins at most this many milliseconds after that one's end. */
	readonly followWithin: number;
}
export const replyDefaults: ReplySettings = { followWithin: 5_000 };

/** Who answered whom, how often in each way. For `doc` the weight is characters. */
export interface Tie {
	from: string;
	to: string;
	chat: number;
	speech: number;
	doc: number;
	/** Sum of the ways that count, each act once: a change of text counts once, however many characters. */
	weight: number;
}

export interface Node {
	personId: string;
	/** People who answered this person, and people whom this person answered. */
	inDegree: number;
	outDegree: number;
	/** Answers received and given. */
	received: number;
	given: number;
}

export interface ReplyNetwork {
	nodes: Node[];
	ties: Tie[];
	/** Answers to oneself, left out. */
	toOneself: number;
	/** Ties there are of those there could be, m / n(n − 1); null with fewer than two people. */
	density: number | null;
	/** Part of the ties that go both ways ("arc" reciprocity); null without ties. */
	reciprocity: number | null;
}

interface Answer {
	readonly from: string;
	readonly to: string;
	readonly layer: Layer;
	readonly amount: number;
	/** Ids of the events that make it up. */
	readonly events: readonly string[];
}

/** Whether a turn answers the one before: another's, and soon enough. */
export const answersTurnBefore = ({ after, speaker, gap }: Turn, { followWithin }: ReplySettings = replyDefaults): boolean =>
	after !== null && after !== speaker && gap !== null && gap <= followWithin;

function answersIn(events: readonly RoomEvent[], turns: readonly Turn[], settings: ReplySettings): Answer[] {
	const inChat = events.flatMap((event): Answer[] =>
		event.verb === 'replied' && event.targetId
			? [{ from: event.actorId, to: event.targetId, layer: 'chat', amount: 1, events: [event.id] }]
			: []
	);
	const inSpeech = turns.flatMap((turn): Answer[] =>
		answersTurnBefore(turn, settings) && turn.after
			? [{ from: turn.speaker, to: turn.after, layer: 'speech', amount: 1, events: turn.events }]
			: []
	);
	const inText = events.flatMap((event) =>
		Object.entries(event.deleted).map(([to, amount]): Answer => ({
			from: event.actorId,
			to,
			layer: 'doc',
			amount,
			events: [event.id]
		}))
	);
	// Text of nobody known was, say, there when the document was made: changing it answers nobody.
	return [...inChat, ...inSpeech, ...inText.filter(({ to, amount }) => to !== '' && amount > 0)];
}

/** The answers by the ways that count, each with the events that make it up; those to oneself too. */
export const answersBehind = (
	events: readonly RoomEvent[],
	turns: readonly Turn[],
	counted: readonly Layer[] = ['chat'],
	settings: ReplySettings = replyDefaults
): Answer[] => answersIn(events, turns, settings).filter(({ layer }) => counted.includes(layer));

/** The directed network of answers by the ways that count; everyone of `people` is in it, also who is alone. */
export function repliesOf(
	events: readonly RoomEvent[],
	turns: readonly Turn[],
	people: readonly string[],
	counted: readonly Layer[] = ['chat'],
	settings: ReplySettings = replyDefaults
): ReplyNetwork {
	const answers = answersBehind(events, turns, counted, settings);
	const ties = new Map<string, Tie>();
	for (const { from, to, layer, amount } of answers) {
		if (from === to) continue;
		const tie = entryOf(ties, `${from}>${to}`, () => ({ from, to, chat: 0, speech: 0, doc: 0, weight: 0 }));
		tie[layer] += amount;
		tie.weight += 1;
	}
	// Changes to one's own text are no answer to anybody, so they are not told of.
	const toOneself = answers.filter(({ from, to, layer }) => from === to && layer === 'chat').length;
	return { ...networkOf([...ties.values()], people), toOneself };
}

function networkOf(ties: Tie[], people: readonly string[]): Omit<ReplyNetwork, 'toOneself'> {
	const graph = new DirectedGraph<object, { weight: number }>();
	for (const person of people) graph.mergeNode(person);
	for (const { from, to, weight } of ties) graph.mergeEdge(from, to, { weight });
	const nodes = graph.mapNodes((personId): Node => ({
		personId,
		inDegree: graph.inDegree(personId),
		outDegree: graph.outDegree(personId),
		received: graph.reduceInEdges(personId, (sum, _edge, { weight }) => sum + weight, 0),
		given: graph.reduceOutEdges(personId, (sum, _edge, { weight }) => sum + weight, 0)
	}));
	const returned = ties.filter(({ from, to }) => graph.hasDirectedEdge(to, from)).length;
	return {
		nodes,
		ties: ties.sort((a, b) => b.weight - a.weight),
		density: graph.order > 1 ? density(graph) : null,
		reciprocity: ties.length > 0 ? returned / ties.length : null
	};
}
