import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

export const documentKinds = ['text', 'map', 'board'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** What a connection to a document may do. */
export const documentRights = ['read', 'comment', 'write'] as const;
export type DocumentRight = (typeof documentRights)[number];

export const CreateDocument = z.strictObject({
	roomId: idOf('room'),
	kind: z.enum(['text', 'map']),
	title: z.string().trim().min(1).max(80)
});
export type CreateDocument = z.input<typeof CreateDocument>;

export const RenameDocument = z.strictObject({ documentId: idOf('document'), title: z.string().trim().min(1).max(80) });
export type RenameDocument = z.input<typeof RenameDocument>;

/** How long a token opens a document connection, in milliseconds; it opens one only. */
export const tokenLife = 60_000;
