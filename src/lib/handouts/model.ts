import { z } from 'zod';
import type { DocumentKind } from '#lib/documents/model.ts';
import { idOf } from '#lib/ids.ts';

/** What is put in front of people: something of the table, something to do, a file, or a page of the space. */
export const handoutKinds = ['document', 'task', 'file', 'page'] as const;
export type HandoutKind = (typeof handoutKinds)[number];

const Title = z
	.string()
	.trim()
	.min(1)
	.max(80)
	.regex(/^\P{Cc}*$/u);
/** A page of the space itself, never another site: what is pushed opens in front of children. */
const Path = z
	.string()
	.max(500)
	.regex(/^\/(?![/\\])[\w\-./?=&%#~:@+,]*$/)
	.refine((path) => !path.includes('\\') && !path.startsWith('/api/'), { message: 'a page of the space' });

const OneRoom = { roomId: idOf('room') };
export const PushHandout = z.strictObject({
	...OneRoom,
	what: z.discriminatedUnion('kind', [
		z.strictObject({
			kind: z.literal('document'),
			documentId: idOf('document'),
			/** To work on: everybody, or every group, gets an own copy. */
			work: z.boolean().default(false)
		}),
		z.strictObject({ kind: z.literal('task'), taskId: idOf('task') }),
		z.strictObject({ kind: z.literal('file'), fileId: idOf('file') }),
		z.strictObject({ kind: z.literal('page'), path: Path, title: Title })
	]),
	to: z.discriminatedUnion('kind', [
		z.strictObject({ kind: z.literal('all') }),
		z.strictObject({ kind: z.literal('group'), groupId: idOf('room') }),
		z.strictObject({ kind: z.literal('person'), personId: idOf('person') })
	]),
	/** Of what is to work on: a copy for each person, or for each group. */
	each: z.enum(['person', 'group']).default('person')
});
export type PushHandout = z.input<typeof PushHandout>;
export const SeeHandouts = z.strictObject({
	...OneRoom,
	/** One whose copies are wanted too, although it is of an earlier session. */
	of: idOf('handout').optional()
});
export type SeeHandouts = z.input<typeof SeeHandouts>;
export const OneHandout = z.strictObject({ ...OneRoom, handoutId: idOf('handout') });
export type OneHandout = z.input<typeof OneHandout>;
export const OneCopy = z.strictObject({ ...OneRoom, copyId: idOf('copy') });
export type OneCopy = z.input<typeof OneCopy>;

/** What opens for the asker, as the table shows it. */
export interface HandedDocument {
	id: string;
	kind: DocumentKind;
	title: string;
	lockedAt: string | null;
	can: { write: boolean; change: boolean };
}

/** One copy, as those who lead see how far it is. */
export interface Copy {
	id: string;
	document: HandedDocument;
	/** Whose it is: a person, or a group. */
	owner: string;
	openedAt: string | null;
	handedInAt: string | null;
	returnedAt: string | null;
	/** Characters written since it was handed out, by person. */
	written: { name: string; characters: number }[];
}

/** How far a copy is; whoever wrote in it has had it open, whatever was told of that. */
export const copyState = ({ document, handedInAt, returnedAt, openedAt, written }: Copy) =>
	handedInAt
		? 'handedIn'
		: document.lockedAt
			? 'collected'
			: returnedAt
				? 'returned'
				: openedAt || written.length > 0
					? 'opened'
					: 'new';

export interface Handout {
	id: string;
	kind: HandoutKind;
	title: string;
	/** Of a page or a file: where it is; of a file also its type. */
	path: string | null;
	type: string | null;
	/** Of something to do: which, and what is noted about it. */
	task: { id: string; note: string } | null;
	work: boolean;
	from: string;
	at: string;
	/** In the session that goes on. */
	current: boolean;
	/** To whom: all when null. */
	to: string | null;
	collectedAt: string | null;
	/** What opens: one's own copy, that of one's group, or the thing itself; null where there is none. */
	document: HandedDocument | null;
	/** The asker's copy, to say that it was opened. */
	copyId: string | null;
	handedInAt: string | null;
	/** For those who lead, of the session that goes on and of the one that was asked for. */
	copies: Copy[];
}

export interface HandoutsView {
	handouts: Handout[];
}
