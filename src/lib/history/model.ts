import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

export const versionKinds = ['named', 'restored', 'handedIn'] as const;
export type VersionKind = (typeof versionKinds)[number];

const Seq = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
export const longestName = 60;

/** A page of the log: what comes after update `after`. */
export const ReadLog = z.strictObject({ documentId: idOf('document'), after: z.coerce.number().int().min(0).default(0) });
export type ReadLog = z.input<typeof ReadLog>;

/** The text as it was after update `seq`, under a name of one line. */
export const NameVersion = z.strictObject({
	documentId: idOf('document'),
	seq: Seq,
	name: z
		.string()
		.trim()
		.min(1)
		.max(longestName)
		.regex(/^\P{Cc}*$/u)
});
export type NameVersion = z.input<typeof NameVersion>;

/** The text was made again what it was after update `seq`: by an edit, of which this is the note. */
export const NoteRestore = z.strictObject({ documentId: idOf('document'), seq: Seq });
export type NoteRestore = z.input<typeof NoteRestore>;

export const HandIn = z.strictObject({ documentId: idOf('document') });
export type HandIn = z.input<typeof HandIn>;

export const OpenHandIn = z.strictObject({ documentId: idOf('document'), versionId: idOf('version') });
export type OpenHandIn = z.input<typeof OpenHandIn>;

/** Whether handing in locks the document; and whether it is locked now. */
export const SetLock = z.strictObject({
	documentId: idOf('document'),
	onHandIn: z.boolean().optional(),
	locked: z.boolean().optional()
});
export type SetLock = z.input<typeof SetLock>;

export interface Version {
	id: string;
	kind: VersionKind;
	/** The text is that after this update. */
	seq: number;
	/** Null when it was not named. */
	name: string | null;
	/** Of a restored one: the update whose text it has again. */
	restored: number | null;
	/** Of one that was handed in: the SHA-256 of its state, in hexadecimal. */
	hash: string | null;
	/** Null when the asker may no longer see who it was. */
	person: { id: string; name: string | null };
	at: string;
}

/** What is known of the history of a document beside its log. */
export interface DocumentHistory {
	/** Number of the last update; 0 when nothing was written yet. */
	lastSeq: number;
	/** Everybody who wrote. */
	people: { id: string; name: string | null }[];
	/** The newest first. */
	versions: Version[];
	lock: { onHandIn: boolean; lockedAt: string | null };
	can: { handIn: boolean; lock: boolean };
}

/** What was handed in, as it was kept. */
export interface HandedIn {
	version: Version;
	/** A Yjs update that makes the whole document, in base64. */
	state: string;
	/** Whether the state still has its hash. */
	intact: boolean;
}
