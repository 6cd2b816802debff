import { sql } from 'drizzle-orm';
import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { documents } from '#lib/documents/server/table.ts';
import type { PersonId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { createdAt, key, moment, ref } from '#lib/server/columns.ts';
import type { Role } from '#lib/spaces/model.ts';

/** What people say about a place in a document; kept beside the document, so that who said it is sure. */
export const commentThreads = pgTable(
	'comment_threads',
	{
		id: key<'thread'>(),
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		/** The place, from and to: relative positions of Yjs, in base64. */
		from: text('from_position').notNull(),
		to: text('to_position').notNull(),
		/** The words there when it was said. */
		quote: text('quote').notNull(),
		createdAt: createdAt(),
		resolvedAt: moment('resolved_at'),
		resolvedBy: ref<'person'>('resolved_by').references(() => people.id)
	},
	(t) => [index('comment_threads_document').on(t.documentId, t.id)]
);

/** What was said in a thread, one after the other; the first is the comment itself. */
export const commentReplies = pgTable(
	'comment_replies',
	{
		id: key<'reply'>(),
		threadId: ref<'thread'>('thread_id')
			.notNull()
			.references(() => commentThreads.id),
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		role: text('role').$type<Role>().notNull(),
		text: text('text').notNull(),
		/** What should stand in place of the words of the thread, where that is proposed. */
		proposal: text('proposal'),
		/** Who is named in it; null of what was said before that was kept, where the names alone tell. */
		named: uuid('named').array().$type<PersonId[]>(),
		at: moment('at')
			.notNull()
			.default(sql`now()`),
		editedAt: moment('edited_at'),
		deletedAt: moment('deleted_at')
	},
	(t) => [index('comment_replies_thread').on(t.threadId, t.id)]
);
