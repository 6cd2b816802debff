import { z } from 'zod';
import { idOf } from '#lib/ids.ts';
import type { Role } from '#lib/spaces/model.ts';

/** What a file of a recording holds: one thing that one person sent, from when it began to when it ended or paused. */
export const trackKinds = ['microphone', 'camera', 'screen', 'screenSound'] as const;
export type TrackKind = (typeof trackKinds)[number];

/** Who may watch: everybody who may enter the room, or only those who lead it. */
export const audiences = ['members', 'leads'] as const;
export type Audience = (typeof audiences)[number];

/** So many cameras are recorded of one call at once, at most; screens always are. */
export const mostCameras = 9;
/** How long a recording is kept where nothing else was said, in days. */
export const keptDays = 365;

const OneRoom = { roomId: idOf('room') };
const One = { recordingId: idOf('recording') };
/** A moment of a recording, in milliseconds from its beginning; at most a day. */
const at = z.int().min(0).max(86_400_000);

export const InRoom = z.strictObject(OneRoom);
export type InRoom = z.input<typeof InRoom>;
export const OneRecording = z.strictObject(One);
export type OneRecording = z.input<typeof OneRecording>;
export const Consent = z.strictObject({ ...OneRoom, given: z.boolean() });
export type Consent = z.input<typeof Consent>;
export const ChangeRecording = z.strictObject({
	...One,
	title: z.string().trim().min(1).max(120).optional(),
	audience: z.enum(audiences).optional()
});
export type ChangeRecording = z.input<typeof ChangeRecording>;
export const OneTrack = z.strictObject({ ...One, trackId: idOf('recordingTrack') });
export type OneTrack = z.input<typeof OneTrack>;

/** A word about a moment, or a part that is worth to be found again under a name. */
export const Mark = z.strictObject({ at, until: at.optional(), text: z.string().trim().min(1).max(500) });
export const MarkRecording = Mark.extend(One).refine(({ at, until }) => until === undefined || until >= at + 1_000, {
	path: ['until'],
	message: 'a second at least'
});
export type MarkRecording = z.input<typeof MarkRecording>;
export const OneMark = z.strictObject({ ...One, markId: idOf('recordingMark') });
export type OneMark = z.input<typeof OneMark>;
export const KeepRecordings = z.strictObject({ spaceId: idOf('space'), days: z.int().min(1).max(3_650).nullable() });
export type KeepRecordings = z.input<typeof KeepRecordings>;

/** What a session in a room is told of its recording. */
export interface RecordingNow {
	id: string;
	since: string;
	/** Who began it. */
	by: string;
	/** What one said to being recorded oneself; null when nothing yet: nothing of one's own is kept until one says yes. */
	consent: boolean | null;
	/** Those who said yes, and how many of those inside; only for those who lead. */
	given: number;
	of: number;
	/** Nothing is being kept at this moment, and why. */
	trouble: Trouble | null;
}
export const troubles = ['noRecorder', 'diskFull'] as const;
export type Trouble = (typeof troubles)[number];

export type RecordingState = 'going' | 'finishing' | 'ready';

export interface RecordingCard {
	id: string;
	title: string;
	state: RecordingState;
	startedAt: string;
	/** In milliseconds. */
	duration: number;
	by: string;
	audience: Audience;
	people: number;
	bytes: number;
	expiresAt: string;
	can: { lead: boolean };
}

/** A file of a recording, placed in its time. */
export interface RecordedTrack {
	id: string;
	personId: string;
	kind: TrackKind;
	/** In milliseconds from the beginning of the recording. */
	from: number;
	to: number;
	bytes: number;
}

/** Something that happened, at so many milliseconds. */
export type RecordedEvent =
	| { kind: 'spoke'; at: number; until: number; personId: string }
	| { kind: 'hand' | 'joined' | 'left'; at: number; personId: string }
	| {
			kind: 'round';
			at: number;
			until: number | null;
			round: 'question' | 'buzzer' | 'pick' | 'timer';
			question: string;
			options: string[];
			counts: number[];
			correct: number[];
			winner: string | null;
	  }
	| { kind: 'message'; at: number; personId: string | null; text: string }
	/** A step of the lesson's plan, with the minutes that were planned. */
	| { kind: 'step'; at: number; until: number | null; name: string; minutes: number }
	/** A page of slides came in front of all; null: none any more. */
	| { kind: 'slide'; at: number; title: string; page: number | null; url: string | null }
	/** What was understood of what somebody said. */
	| { kind: 'caption'; at: number; until: number; personId: string; text: string };

export interface RecordingMark {
	id: string;
	at: number;
	/** Of a part; null for a word about a moment. */
	until: number | null;
	text: string;
	by: { personId: string; name: string };
	createdAt: string;
	can: { remove: boolean };
}

export type FilmState = 'waiting' | 'working' | 'ready' | 'failed';
export interface Film {
	state: FilmState;
	/** Parts that are done, of how many. */
	done: number;
	of: number;
	bytes: number;
	/** Why it failed. */
	reason: 'noFfmpeg' | 'diskFull' | 'broken' | null;
}

export interface RecordingView extends Omit<RecordingCard, 'people'> {
	room: { id: string; title: string; space: { id: string; name: string } };
	tracks: RecordedTrack[];
	people: { personId: string; name: string; role: Role | null }[];
	events: RecordedEvent[];
	/** Texts, maps and boards on the room's table, whose history is shown beside. */
	documents: { id: string; kind: 'text' | 'map' | 'board'; title: string }[];
	marks: RecordingMark[];
	film: Film | null;
	/** What could not be shown. */
	missing: ('chat' | 'documents')[];
}

/** Where in the space's data folder a recording lies; a track by its id in it. */
export const folderOf = (recordingId: string): string => `recordings/${recordingId}`;
export const trackFileOf = (recordingId: string, trackId: string): string => `${folderOf(recordingId)}/${trackId}.webm`;
export const filmFileOf = (recordingId: string): string => `${folderOf(recordingId)}/film.mp4`;

/** The tracks that are to be heard or seen at a moment. */
export const tracksAt = (tracks: readonly RecordedTrack[], at: number): RecordedTrack[] =>
	tracks.filter(({ from, to }) => from <= at && at < to);
