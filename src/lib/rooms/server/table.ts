import { sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { people } from '#lib/people/server/table.ts';
import { spaces } from '#lib/spaces/server/table.ts';
import { createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { Role } from '#lib/spaces/model.ts';
import type { Means, Need, Outside, RoomKind, RoomRules, Spotlight } from '../model.ts';

/** A durable place in a space. Ids are random, so that nobody finds a room by counting. */
export const rooms = pgTable(
	'rooms',
	{
		id: key<'room'>(),
		spaceId: ref<'space'>('space_id')
			.notNull()
			.references(() => spaces.id),
		spacePath: ltree('space_path').notNull(),
		kind: text('kind').$type<RoomKind>().notNull(),
		title: text('title').notNull(),
		position: integer('position').notNull().default(0),
		/** What was set otherwise than rooms of this kind begin with. */
		rules: jsonb('rules').$type<Partial<RoomRules>>().notNull().default({}),
		/** Of a group: the room that it is a part of, and the set of groups it belongs to. */
		parentId: ref<'room'>('parent_id').references((): AnyPgColumn => rooms.id),
		setId: ref<'groupSet'>('set_id').references((): AnyPgColumn => groupSets.id),
		createdBy: ref<'person'>('created_by').references(() => people.id),
		createdAt: createdAt(),
		closedAt: moment('closed_at')
	},
	(t) => [
		index('rooms_set').on(t.setId, t.position),
		index('rooms_space').on(t.spaceId, t.position),
		index('rooms_path').using('gist', t.spacePath)
	]
);

/** One meeting in a room, from the first join to the last leave. At most one goes on at a time. */
export const sessions = pgTable(
	'sessions',
	{
		id: key<'session'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		startedAt: moment('started_at').notNull(),
		endedAt: moment('ended_at'),
		/** What is in the middle of the call for everybody. */
		spotlight: jsonb('spotlight').$type<Spotlight>()
	},
	(t) => [
		uniqueIndex('sessions_running')
			.on(t.roomId)
			.where(sql`ended_at is null`),
		index('sessions_room').on(t.roomId, t.startedAt)
	]
);

/** One stay of one person in a session. */
export const visits = pgTable(
	'visits',
	{
		id: key<'visit'>(),
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		role: text('role').$type<Role>().notNull(),
		joinedAt: moment('joined_at').notNull(),
		lastSeenAt: moment('last_seen_at').notNull(),
		leftAt: moment('left_at')
	},
	(t) => [
		uniqueIndex('visits_open')
			.on(t.sessionId, t.personId)
			.where(sql`left_at is null`),
		index('visits_room').on(t.roomId, t.joinedAt),
		index('visits_unfinished')
			.on(t.lastSeenAt)
			.where(sql`left_at is null`)
	]
);

/** What the session that goes on knows of a person besides the visit; gone with the session. */
export const participants = pgTable(
	'participants',
	{
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		role: text('role').$type<Role>().notNull(),
		admission: text('admission').$type<'in' | Outside>().notNull(),
		/** Why the person was sent back or out. */
		message: text('message').notNull().default(''),
		/** When the person came before the door, or was let in or sent out. */
		since: moment('since').notNull(),
		/** Whoever waits is there while a channel says so. */
		lastSeenAt: moment('last_seen_at').notNull(),
		onStage: boolean('on_stage').notNull().default(false),
		denied: jsonb('denied').$type<Means[]>().notNull().default([]),
		handAt: moment('hand_at'),
		need: text('need').$type<Need>()
	},
	(t) => [primaryKey({ columns: [t.roomId, t.personId] }), index('participants_person').on(t.personId)]
);

/** A way to divide a room into groups, kept for the term; of several, one is open at most. */
export const groupSets = pgTable(
	'group_sets',
	{
		id: key<'groupSet'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references((): AnyPgColumn => rooms.id),
		spacePath: ltree('space_path').notNull(),
		title: text('title').notNull(),
		/** Everybody chooses a group. */
		choice: boolean('choice').notNull().default(false),
		createdBy: ref<'person'>('created_by')
			.notNull()
			.references(() => people.id),
		createdAt: createdAt(),
		/** While the groups are at work. */
		openedAt: moment('opened_at'),
		endsAt: moment('ends_at'),
		/** What was said last to all groups. */
		message: text('message').notNull().default(''),
		messageAt: moment('message_at'),
		archivedAt: moment('archived_at')
	},
	(t) => [
		uniqueIndex('group_sets_open')
			.on(t.roomId)
			.where(sql`opened_at is not null`),
		index('group_sets_room').on(t.roomId, t.createdAt)
	]
);

/** Who is in which group of a set; in one at most. */
export const groupMembers = pgTable(
	'group_members',
	{
		setId: ref<'groupSet'>('set_id')
			.notNull()
			.references(() => groupSets.id),
		groupId: ref<'room'>('group_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id)
	},
	(t) => [
		primaryKey({ columns: [t.setId, t.personId] }),
		index('group_members_group').on(t.groupId),
		index('group_members_person').on(t.personId)
	]
);

/** Utterances that go on now, kept so that a crash of the listener loses none; closed ones become statements. */
export const utterances = pgTable(
	'utterances',
	{
		id: key<'utterance'>(),
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		roomId: ref<'room'>('room_id').notNull(),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		startedAt: moment('started_at').notNull(),
		lastHeardAt: moment('last_heard_at').notNull()
	},
	(t) => [uniqueIndex('utterances_speaker').on(t.sessionId, t.personId)]
);
