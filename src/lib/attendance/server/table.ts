import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { people } from '#lib/people/server/table.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { ltree, moment, ref } from '#lib/server/columns.ts';
import type { Reason } from '../model.ts';

/** Why somebody was not at a session, as written down by whoever leads; when people were there is in their visits. */
export const absences = pgTable(
	'absences',
	{
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		reason: text('reason').$type<Reason>().notNull(),
		note: text('note').notNull().default(''),
		notedBy: ref<'person'>('noted_by')
			.notNull()
			.references(() => people.id),
		notedAt: moment('noted_at').notNull()
	},
	(t) => [primaryKey({ columns: [t.sessionId, t.personId] })]
);
