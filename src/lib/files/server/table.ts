import { bigint, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { documents } from '#lib/documents/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import { key, moment, ref } from '#lib/server/columns.ts';

/**
 * Files of documents or of rooms, of one of both, and uploads that are still under way: those have no hash yet. The
 * bytes lie in the storage.
 */
export const files = pgTable(
	'files',
	{
		id: key<'file'>(),
		documentId: ref<'document'>('document_id').references(() => documents.id),
		roomId: ref<'room'>('room_id').references(() => rooms.id),
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
	(t) => [index('files_document').on(t.documentId, t.at), index('files_room').on(t.roomId, t.at)]
);
