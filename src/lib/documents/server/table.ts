import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { people } from '#lib/people/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { bytea, createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { Role } from '#lib/spaces/model.ts';
import type { DocumentKind, DocumentRight } from '../model.ts';
import type { MovedText } from '../authorship.ts';

/** Anything edited together: text, mind map, board. Belongs to a room and is there next time. */
export const documents = pgTable(
	'documents',
	{
		id: key<'document'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		kind: text('kind').$type<DocumentKind>().notNull(),
		title: text('title').notNull(),
		position: integer('position').notNull().default(0),
		createdBy: ref<'person'>('created_by').references(() => people.id),
		createdAt: createdAt(),
		archivedAt: moment('archived_at'),
		/** Whether handing it in locks it. */
		locksOnHandIn: boolean('locks_on_hand_in').notNull().default(false),
		/** Since when nobody writes in it any more. */
		lockedAt: moment('locked_at')
	},
	(t) => [index('documents_room').on(t.roomId, t.position), index('documents_path').using('gist', t.spacePath)]
);

/** What one update did, counted when it was applied: the raw material of the edit statements. */
export interface UpdateEffects {
	/** Characters typed. */
	inserted: number;
	/** Characters deleted, by the person who had written them. */
	deleted: Record<string, number>;
	/** Nodes of a map; on a board its elements, and those that were changed count as moved. */
	nodesCreated: string[];
	nodesMoved: string[];
	nodesLinked: string[];
	nodesDeleted: string[];
	/** Text of others that was put elsewhere and stays theirs. */
	moved?: MovedText[];
}

/** The append-only log of a document: every accepted Yjs update, in order. Nothing is ever taken out. */
export const documentUpdates = pgTable(
	'document_updates',
	{
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		seq: bigint('seq', { mode: 'number' }).notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		role: text('role').$type<Role>().notNull(),
		update: bytea('update').notNull(),
		effects: jsonb('effects').$type<UpdateEffects>().notNull(),
		at: moment('at').notNull()
	},
	(t) => [
		primaryKey({ columns: [t.documentId, t.seq] }),
		index('document_updates_moved')
			.on(t.documentId)
			.where(sql`${t.effects} ? 'moved'`)
	]
);

/** The state of a document after update `seq`, so that it opens with one read and a short tail. */
export const documentSnapshots = pgTable(
	'document_snapshots',
	{
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		seq: bigint('seq', { mode: 'number' }).notNull(),
		state: bytea('state').notNull(),
		at: moment('at').notNull()
	},
	(t) => [primaryKey({ columns: [t.documentId, t.seq] })]
);

/** Who wrote under which Yjs client id, so that the author of any character is known for good. */
export const documentClients = pgTable(
	'document_clients',
	{
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		clientId: bigint('client_id', { mode: 'number' }).notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		firstSeenAt: moment('first_seen_at').notNull()
	},
	(t) => [primaryKey({ columns: [t.documentId, t.clientId] })]
);

/** Up to which update the edits of a document have become statements. */
export const documentRecorded = pgTable('document_recorded', {
	documentId: ref<'document'>('document_id')
		.primaryKey()
		.references(() => documents.id),
	seq: bigint('seq', { mode: 'number' }).notNull()
});

/** Tokens that open one document connection each; only their SHA-256 is kept. */
export const documentTokens = pgTable(
	'document_tokens',
	{
		hash: text('hash').primaryKey(),
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id, { onDelete: 'cascade' }),
		personId: ref<'person'>('person_id').notNull(),
		signInId: text('sign_in_id').notNull(),
		role: text('role').$type<Role>().notNull(),
		right: text('right').$type<DocumentRight>().notNull(),
		expiresAt: moment('expires_at').notNull()
	},
	(t) => [index('document_tokens_expiry').on(t.expiresAt)]
);
