import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { Role } from '#lib/spaces/model.ts';
import type { RecordVerb } from '../vocabulary.ts';

/** The stream of evidence: one row per act of a person, with its xAPI statement. */
export const statements = pgTable(
	'statements',
	{
		id: key<'statement'>(),
		/** Names the act itself, so that an act told twice is kept once. */
		key: text('key').notNull(),
		spacePath: ltree('space_path').notNull(),
		roomId: ref<'room'>('room_id'),
		sessionId: ref<'session'>('session_id'),
		documentId: ref<'document'>('document_id'),
		actorId: ref<'person'>('actor_id').notNull(),
		role: text('role').$type<Role>().notNull(),
		verb: text('verb').$type<RecordVerb>().notNull(),
		/** The person answered, or whose text was changed. */
		targetId: ref<'person'>('target_id'),
		startedAt: moment('started_at').notNull(),
		endedAt: moment('ended_at').notNull(),
		/** Characters, nodes or milliseconds, as the verb says. */
		amount: integer('amount').notNull().default(0),
		statement: jsonb('statement').notNull(),
		storedAt: moment('stored_at').notNull().defaultNow()
	},
	(t) => [
		uniqueIndex('statements_key').on(t.key),
		index('statements_room').on(t.roomId, t.startedAt),
		index('statements_session').on(t.sessionId, t.startedAt),
		index('statements_spoke')
			.on(t.sessionId, t.actorId)
			.where(sql`verb = 'spoke'`),
		index('statements_actor').on(t.actorId, t.startedAt),
		index('statements_document').on(t.documentId, t.startedAt)
	]
);

/** Who changed rights, people, rooms or settings, and who signed in. Rows are only ever added. No personal text. */
export const audit = pgTable(
	'audit',
	{
		id: key<'audit'>(),
		at: moment('at').notNull(),
		/** Null when nobody was signed in. */
		personId: ref<'person'>('person_id'),
		role: text('role'),
		verb: text('verb').notNull(),
		objectType: text('object_type').notNull(),
		objectId: text('object_id'),
		spacePath: ltree('space_path'),
		address: text('address'),
		outcome: text('outcome').$type<'done' | 'refused'>().notNull(),
		/** Ids, counts and codes; never names, texts or passwords. */
		detail: jsonb('detail').$type<Record<string, string | number | boolean | null>>().notNull().default({}),
		requestId: uuid('request_id')
	},
	(t) => [index('audit_at').on(t.at), index('audit_person').on(t.personId, t.at), index('audit_path').using('gist', t.spacePath)]
);
