import { bigint, index, pgTable, text } from 'drizzle-orm/pg-core';
import { documents } from '#lib/documents/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import { bytea, key, moment, ref } from '#lib/server/columns.ts';
import type { VersionKind } from '../model.ts';

/** Moments of a document's log that somebody named, made again or handed in. Rows are only ever added. */
export const documentVersions = pgTable(
	'document_versions',
	{
		id: key<'version'>(),
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		/** The text is that after this update. */
		seq: bigint('seq', { mode: 'number' }).notNull(),
		kind: text('kind').$type<VersionKind>().notNull(),
		name: text('name'),
		/** Of a restored one: the update whose text it has again. */
		restored: bigint('restored', { mode: 'number' }),
		/** Of one that was handed in: its whole state, and the SHA-256 of that. */
		state: bytea('state'),
		hash: text('hash'),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		at: moment('at').notNull()
	},
	(t) => [index('document_versions_document').on(t.documentId, t.at)]
);
