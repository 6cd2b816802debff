import { sql } from 'drizzle-orm';
import { boolean, index, pgTable, text } from 'drizzle-orm/pg-core';
import { documents } from '#lib/documents/server/table.ts';
import { files } from '#lib/files/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import { projectTasks } from '#lib/projects/server/table.ts';
import { groupSets, rooms, sessions } from '#lib/rooms/server/table.ts';
import { key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { HandoutKind } from '../model.ts';

/** Something that was put in front of people in a session. */
export const handouts = pgTable(
	'handouts',
	{
		id: key<'handout'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		spacePath: ltree('space_path').notNull(),
		kind: text('kind').$type<HandoutKind>().notNull(),
		title: text('title').notNull(),
		documentId: ref<'document'>('document_id').references(() => documents.id),
		taskId: ref<'task'>('task_id').references(() => projectTasks.id),
		fileId: ref<'file'>('file_id').references(() => files.id),
		path: text('path'),
		/** Everybody, or every group, has a copy to work on. */
		work: boolean('work').notNull().default(false),
		/** To one group or one person; to all when neither. */
		groupId: ref<'room'>('group_id').references(() => rooms.id),
		personId: ref<'person'>('person_id').references(() => people.id),
		/** Of copies for persons: the set of the places of their own in which these lie. */
		placesId: ref<'groupSet'>('places_id').references(() => groupSets.id),
		createdBy: ref<'person'>('created_by')
			.notNull()
			.references(() => people.id),
		createdAt: moment('created_at').notNull(),
		collectedAt: moment('collected_at')
	},
	(t) => [index('handouts_room').on(t.roomId, t.createdAt)]
);

/** One copy of what was handed out to work on; it lies in a group, or in a place of its person's own. */
export const handoutCopies = pgTable(
	'handout_copies',
	{
		id: key<'copy'>(),
		handoutId: ref<'handout'>('handout_id')
			.notNull()
			.references(() => handouts.id),
		spacePath: ltree('space_path').notNull(),
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		groupId: ref<'room'>('group_id').references(() => rooms.id),
		personId: ref<'person'>('person_id').references(() => people.id),
		/** When one of those whose it is first saw it. */
		openedAt: moment('opened_at'),
		/** When it was handed back last, to be worked on again. */
		returnedAt: moment('returned_at')
	},
	(t) => [
		index('handout_copies_handout').on(t.handoutId),
		index('handout_copies_person')
			.on(t.personId)
			.where(sql`person_id is not null`)
	]
);
