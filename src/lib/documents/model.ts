import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

export const documentKinds = ['text', 'map', 'board'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** What a connection to a document may do. */
export const documentRights = ['read', 'comment', 'write'] as const;
export type DocumentRight = (typeof documentRights)[number];

const Title = z.string().trim().min(1).max(80);

export const CreateDocument = z.strictObject({
	roomId: idOf('room'),
	kind: z.enum(documentKinds),
	title: Title
});
export type CreateDocument = z.input<typeof CreateDocument>;

export const RenameDocument = z.strictObject({ documentId: idOf('document'), title: Title });
export type RenameDocument = z.input<typeof RenameDocument>;

/** Who wrote what: the people by the order in which they came, the Yjs client ids, and text that somebody else moved. */
export interface DocumentAuthors {
	people: { id: string; name: string | null }[];
	clients: { client: number; personId: string }[];
	moved: { client: number; clock: number; length: number; personId: string }[];
}

/**
 * Grows whenever documents may hold something that pages opened before do not know. Such a page takes it for a mistake and
 * takes it away, for everybody; so it may not connect any more before it is loaded anew.
 */
export const documentForm = 2;

export const OpenDocument = z.strictObject({
	documentId: idOf('document'),
	/** The form that the asking page knows; other programs keep to what they find. */
	form: z.coerce.number().int().min(0).optional(),
	/** Only to look at it, whatever one may do otherwise. */
	only: z.literal('read').optional()
});
export type OpenDocument = z.input<typeof OpenDocument>;

/** How long a token opens a document connection, in milliseconds; it opens one only. */
export const tokenLife = 60_000;

/**
 * The WebSocket subprotocol of a document connection. A client offers it followed by its token, so that
 * the token stands in no address and no log: `new WebSocket(url, [subprotocol, token])`.
 */
export const subprotocol = 'space.v1';

/** The largest message of a document connection, in bytes; the WebSocket library refuses more. */
export const largestMessage = 1024 * 1024;

/** Message types beside those of y-websocket (0 sync, 1 awareness); all numbers are lib0 varUints. */
export const messageTypes = {
	sync: 0,
	awareness: 1,
	/**
	 * Server to client: how many of this connection's update messages (sync types 1 and 2, counted from its
	 * start) are settled, the server's time in milliseconds, and the state vector of the document on disk
	 * (varUint8Array). A refused message counts as settled. Sent after each commit and every 15 s.
	 */
	durable: 100,
	/** Server to client: which update message (counted from 1) was refused, and why (varString, a `Refusal`). */
	refused: 101
} as const;

/** Why an update was refused; nothing of it was kept. */
export const refusals = [
	'malformed',
	'reader',
	'gap',
	'foreignClient',
	'tooManyClients',
	'unknownOrigin',
	'unknownParent',
	'wrongPlace',
	'wrongContent',
	'deleteOutOfBounds',
	'documentFull'
] as const;
export type Refusal = (typeof refusals)[number];

/**
 * Every way in which the server ends a document connection. 44xx: connecting again cannot help until the
 * person does something; 45xx: try again, with a new token. y-websocket keeps to the same ranges.
 */
export const closings = {
	malformed: 4400,
	signedOut: 4401,
	badToken: 4402,
	noAccess: 4403,
	missing: 4404,
	outdated: 4409,
	awarenessTooLarge: 4413,
	tooManyMessages: 4429,
	tooManyConnections: 4430,
	tooManyRefusals: 4431,
	notStored: 4503,
	restarting: 4501,
	unavailable: 4504,
	slowReader: 4508,
	silent: 4509,
	rightsChanged: 4510,
	/** Set by the WebSocket protocol itself: a frame over 1 MB. */
	frameTooLarge: 1009
} as const;
export type Closing = keyof typeof closings;

/** Message key of the sentence for a close code; null when the connection was merely lost. */
export function closingKey(code: number): `documents.closed.${Closing}` | null {
	const found = Object.entries(closings).find(([, value]) => value === code);
	return found ? `documents.closed.${found[0] as Closing}` : null;
}
