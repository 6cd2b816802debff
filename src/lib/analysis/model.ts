import { z } from 'zod';
import { idOf } from '#lib/ids.ts';
import type { DocumentKind } from '#lib/documents/model.ts';
import { verbs } from '#lib/records/vocabulary.ts';
import type { RecordVerb } from '#lib/records/vocabulary.ts';
import type { RoomKind } from '#lib/rooms/model.ts';
import type { Role } from '#lib/spaces/model.ts';
import { figures } from './behind.ts';
import type { Contribution } from './contributions.ts';
import type { Equality } from './equality.ts';
import type { Lane } from './lanes.ts';
import { layers } from './replies.ts';
import type { Layer, ReplyNetwork, ReplySettings } from './replies.ts';
import type { Speaking, SpeakingSettings } from './speaking.ts';

/** A moment that records can have: what lies beyond, PostgreSQL writes otherwise than JavaScript. */
const moment = z.iso
	.datetime({ offset: true })
	.refine((at) => Date.parse(at) >= Date.UTC(1970, 1) && Date.parse(at) < Date.UTC(9999, 0));

/** Several names of a closed list in one parameter, divided by commas. */
const someOf = (names: readonly string[]) => z.string().regex(new RegExp(`^(${names.join('|')})(,(${names.join('|')}))*$`));

/** How many people, as an address has it. */
const someMany = z.string().regex(/^[1-9]\d{0,4}$/);

/** A session, or a window of time in it or anywhere else; without either, the latest session. */
export const AnalyseRoom = z.strictObject({
	roomId: idOf('room'),
	sessionId: idOf('session').optional(),
	from: moment.optional(),
	to: moment.optional(),
	ties: someOf(layers).optional().describe('What counts as an answer in the reply network: chat, speech, doc.')
});
export type AnalyseRoom = z.input<typeof AnalyseRoom>;

/** Which events: of whom, of what kind, on which document, to whom; or those that a figure of the page counts. */
export const ListEvents = z.strictObject({
	roomId: idOf('room'),
	from: moment,
	to: moment,
	person: idOf('person').optional(),
	verbs: someOf(Object.keys(verbs)).optional(),
	documentId: idOf('document').optional(),
	target: idOf('person').optional(),
	figure: z.enum(figures).optional().describe('What is counted: then the answer has the sum, too.'),
	ties: someOf(layers).optional().describe('What counts as an answer for the figure `answers`.'),
	learners: z.literal('true').optional().describe('For a figure: only of those who do not teach.'),
	most: someMany.optional().describe('For a figure: only of so many people, those who did most of it.'),
	least: someMany.optional().describe('For a figure: only of so many people, those who did least of it.'),
	extentFrom: moment.optional().describe('Who is in the window may have come before it: what the timeline shows.'),
	extentTo: moment.optional(),
	/** Where the page before ended. */
	after: z.string().max(80).optional()
});
export type ListEvents = z.input<typeof ListEvents>;
/** Which events stand behind a number, within the window that is on screen. */
export type EventFilter = Pick<
	ListEvents,
	'person' | 'verbs' | 'documentId' | 'target' | 'figure' | 'ties' | 'learners' | 'most' | 'least' | 'extentFrom' | 'extentTo'
>;

/** How many events a page of the list has. */
export const pageSize = 50;

export interface SessionCard {
	id: string;
	startedAt: string;
	/** Null while it goes on. */
	endedAt: string | null;
	people: number;
}

export interface Participant {
	id: string;
	/** Null when the asker may no longer see who it was. */
	name: string | null;
	role: Role;
	/** In the window: there, or known by an act. */
	here: boolean;
	messages: number;
	characters: number;
	nodes: number;
}

export const measures = ['talk', 'turns', 'messages', 'characters', 'nodes'] as const;
export type Measure = (typeof measures)[number];

/** How evenly one measure is spread, over everyone and over those who do not teach. */
export interface MeasureEquality {
	measure: Measure;
	everyone: Equality;
	learners: Equality;
}

export interface DocumentReport {
	id: string;
	title: string | null;
	kind: DocumentKind;
	people: Contribution[];
}

/** What the events of a window say; times are ISO moments, everything inside lanes and figures milliseconds. */
export interface Report {
	/** What the timeline shows: the session, and the window if it reaches further. */
	extent: { from: string; to: string };
	window: { from: string; to: string };
	events: number;
	people: Participant[];
	lanes: Lane[];
	speaking: Speaking;
	ties: Layer[];
	replies: ReplyNetwork;
	documents: DocumentReport[];
	equality: MeasureEquality[];
	settings: { speaking: SpeakingSettings; replies: ReplySettings };
}

export interface RoomAnalysis {
	room: { id: string; title: string; kind: RoomKind };
	session: SessionCard | null;
	/** Null when nobody has been in the room yet. */
	report: Report | null;
}

export interface EventRow {
	id: string;
	startedAt: string;
	endedAt: string;
	person: { id: string; name: string | null };
	role: Role;
	verb: RecordVerb;
	target: { id: string; name: string | null } | null;
	document: { id: string; title: string | null } | null;
	amount: number;
	inserted: number;
	deletedOwn: number;
	deletedOthers: number;
}

export interface EventPage {
	events: EventRow[];
	total: number;
	/** What the events come to: the number that the figure shows; null without a figure. */
	sum: number | null;
	/** Hand this in as `after` for the next page; null at the end. */
	next: string | null;
}
