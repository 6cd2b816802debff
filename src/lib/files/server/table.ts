import { bigint, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { documents } from '#lib/documents/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import { key, moment, ref } from '#lib/server/columns.ts';

/** Files of documents, and uploads that are still under way: those have no hash yet. The bytes lie in the storage. */
export const files = pgTable(
	'files',
	{
		id: key<'file'>(),
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		name: text('name').notNull(),
		bytes: bigint('bytes', { mode: 'number' }).notNull(),
		/** SHA-256 of the whole file, by which the storage finds it; null while it is under way. */
		sha256: text('sha256'),
		type: text('type'),
		width: integer('width'),
		height: integer('height'),
		/** When the upload began. */
		at: moment('at').notNull()
	},
	(t) => [index('files_document').on(t.documentId, t.at)]
);
