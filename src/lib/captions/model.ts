import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

/** The longest caption, in characters; what is longer is cut. */
export const longestCaption = 1_000;
/** The largest piece of sound that is recognised at once, in bytes: half a minute of Opus is a tenth of this. */
export const largestAudio = 10 * 1024 * 1024;
/** Captions that are read at once. */
export const mostCaptions = 500;
/** Captions of the session that goes on which a page shows. */
export const mostShown = 30;

export const audioTypes = ['audio/ogg', 'audio/wav'] as const;
export type AudioType = (typeof audioTypes)[number];

/** A piece of what one person said in a session. */
export const Recognise = z.object({
	sessionId: idOf('session'),
	personId: idOf('person'),
	/** When the sound begins. */
	startedAt: z.date(),
	audio: z
		.instanceof(Uint8Array)
		.refine(({ length }) => length > 0 && length <= largestAudio, { message: 'too large, or nothing' }),
	type: z.enum(audioTypes)
});
export type Recognise = z.input<typeof Recognise>;

/** What was understood of a piece of sound: from so many seconds after its beginning until so many. */
export interface Heard {
	from: number;
	to: number;
	text: string;
}

const OneRoom = { roomId: idOf('room') };
export const SwitchCaptions = z.strictObject({ ...OneRoom, on: z.boolean() });
export type SwitchCaptions = z.input<typeof SwitchCaptions>;
export const ReadCaptions = z.strictObject({
	...OneRoom,
	sessionId: idOf('session'),
	/** Words that must be in it. */
	q: z.string().trim().max(100).default(''),
	/** Only those that begin later, in seconds. */
	after: z.coerce.number().min(-1).max(1e7).default(-1)
});
export type ReadCaptions = z.input<typeof ReadCaptions>;

export interface Caption {
	id: string;
	personId: string;
	name: string;
	/** Seconds from the beginning of the session. */
	from: number;
	to: number;
	text: string;
}

/** The notes and captions of the session that goes on. */
export interface NotesNow {
	/** The text of this session; null until somebody opens it. */
	documentId: string | null;
	/** The space can turn speech into text. */
	available: boolean;
	/** Somebody who leads wants that in this session. */
	on: boolean;
	/** The latest, the oldest first. */
	captions: Caption[];
}

/** What is left of one session. */
export interface SessionNotes {
	documentId: string | null;
	captions: Caption[];
	/** There are more; the next begin after the last of these. */
	more: boolean;
}
