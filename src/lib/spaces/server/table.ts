import { sql } from 'drizzle-orm';
import { date, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { people } from '#lib/people/server/table.ts';
import { createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { Role, SpaceKind } from '../model.ts';

export const spaces = pgTable(
	'spaces',
	{
		id: key<'space'>(),
		parentId: ref<'space'>('parent_id'),
		kind: text('kind').$type<SpaceKind>().notNull(),
		name: text('name').notNull(),
		path: ltree('path').notNull(),
		/** The person whose personal space this is. */
		ownerId: ref<'person'>('owner_id').references(() => people.id),
		createdAt: createdAt(),
		archivedAt: moment('archived_at')
	},
	(t) => [
		uniqueIndex('spaces_path').on(t.path),
		index('spaces_path_tree').using('gist', t.path),
		index('spaces_parent').on(t.parentId),
		uniqueIndex('spaces_owner').on(t.ownerId)
	]
);

export const memberships = pgTable(
	'memberships',
	{
		id: key<'membership'>(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		spaceId: ref<'space'>('space_id')
			.notNull()
			.references(() => spaces.id),
		spacePath: ltree('space_path').notNull(),
		role: text('role').$type<Role>().notNull(),
		since: date('since').notNull(),
		/** The last day; null while it goes on. */
		until: date('until'),
		createdAt: createdAt()
	},
	(t) => [
		uniqueIndex('memberships_open')
			.on(t.personId, t.spaceId, t.role)
			.where(sql`until is null`),
		index('memberships_person').on(t.personId),
		index('memberships_space').on(t.spaceId, t.role),
		index('memberships_path').using('gist', t.spacePath)
	]
);
