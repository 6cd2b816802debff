import { boolean, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { documents } from '#lib/documents/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import { rooms, sessions } from '#lib/rooms/server/table.ts';
import { key, ltree, moment, ref } from '#lib/server/columns.ts';

/** What one session has to be read again: its text for notes, and whether speech becomes captions. */
export const sessionNotes = pgTable('session_notes', {
	sessionId: ref<'session'>('session_id')
		.primaryKey()
		.references(() => sessions.id),
	roomId: ref<'room'>('room_id')
		.notNull()
		.references(() => rooms.id),
	spacePath: ltree('space_path').notNull(),
	documentId: ref<'document'>('document_id').references(() => documents.id),
	captions: boolean('captions').notNull().default(false)
});

/** What somebody said, as it was understood. */
export const captions = pgTable(
	'captions',
	{
		id: key<'caption'>(),
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		startedAt: moment('started_at').notNull(),
		endedAt: moment('ended_at').notNull(),
		text: text('text').notNull()
	},
	(t) => [
		// Told twice, kept once.
		uniqueIndex('captions_said').on(t.sessionId, t.personId, t.startedAt),
		index('captions_session').on(t.sessionId, t.startedAt)
	]
);
