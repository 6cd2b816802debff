import { z } from 'zod';
import * as Y from 'yjs';
import { idOf } from '#lib/ids.ts';
import type { Role } from '#lib/spaces/model.ts';

/** The longest text of a comment, in characters. */
export const longestText = 4_000;
/** So much of the commented words is kept, so that one knows what was meant when they are gone. */
export const longestQuote = 300;
/** How many threads a document may have, and how many replies a thread. */
export const mostThreads = 1_000;
export const mostReplies = 200;
/** How many threads one page of the list has. */
export const pageSize = 100;

/** PostgreSQL keeps no NUL. */
const words = (most: number) =>
	z
		.string()
		.trim()
		.min(1)
		.max(most)
		.refine((text) => !text.includes('\0'));

/** A relative position of Yjs, in base64. */
const Position = z
	.string()
	.max(200)
	.regex(/^[A-Za-z0-9+/]+={0,2}$/)
	.refine((text) => positionOf(text) !== null);

/** A place in a shared document that moves with its text; null when the text is not one. */
export function positionOf(text: string): Y.RelativePosition | null {
	try {
		return Y.decodeRelativePosition(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
	} catch {
		return null;
	}
}

export const positionText = (position: Y.RelativePosition): string =>
	btoa(String.fromCharCode(...Y.encodeRelativePosition(position)));

export const Anchor = z.strictObject({ from: Position, to: Position });
export type Anchor = z.infer<typeof Anchor>;

/** What is said: in words, or by a proposal what should stand there. */
const said = {
	text: z
		.string()
		.trim()
		.max(longestText)
		.refine((text) => !text.includes('\0')),
	proposal: words(longestText).optional(),
	/** Who is named in it: people may bear the same name. */
	named: z.array(idOf('person')).max(50).optional()
};

export const BeginThread = z.strictObject({
	documentId: idOf('document'),
	anchor: Anchor,
	quote: z
		.string()
		.max(longestQuote)
		.refine((text) => !text.includes('\0')),
	...said
});
export type BeginThread = z.input<typeof BeginThread>;

const OneThread = z.strictObject({ documentId: idOf('document'), threadId: idOf('thread') });
export const ReplyTo = z.strictObject({ ...OneThread.shape, ...said });
export type ReplyTo = z.input<typeof ReplyTo>;
export const ResolveThread = z.strictObject({ ...OneThread.shape, resolved: z.boolean() });
export type ResolveThread = z.input<typeof ResolveThread>;
export const SeeThread = OneThread;
export type SeeThread = z.input<typeof SeeThread>;

const OneReply = z.strictObject({ ...OneThread.shape, replyId: idOf('reply') });
export const EditReply = z.strictObject({ ...OneReply.shape, text: said.text, named: said.named });
export type EditReply = z.input<typeof EditReply>;
export const RemoveReply = OneReply;
export type RemoveReply = z.input<typeof RemoveReply>;

export const ListThreads = z.strictObject({ documentId: idOf('document'), after: z.uuid().optional() });
export type ListThreads = z.input<typeof ListThreads>;

interface Somebody {
	id: string;
	/** Null where the asker may not know it. */
	name: string | null;
}

/** One thing that was said in a thread. */
export interface Reply {
	id: string;
	person: Somebody;
	role: Role;
	/** Empty when it was taken back. */
	text: string;
	/** What should stand in place of the words of the thread; null where nothing is proposed. */
	proposal: string | null;
	/** Who is named in it; null where only the names tell. */
	named: string[] | null;
	at: string;
	editedAt: string | null;
	deletedAt: string | null;
	can: { edit: boolean; remove: boolean };
}

/** What people say about a place in a document. */
export interface Thread {
	id: string;
	anchor: Anchor;
	quote: string;
	resolved: { at: string; by: Somebody } | null;
	replies: Reply[];
}

/** What a page of threads tells, and what the asker may do. */
export interface ThreadPage {
	threads: Thread[];
	next: string | null;
	can: { comment: boolean };
}
