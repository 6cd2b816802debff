import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { people } from '#lib/people/server/table.ts';
import { rooms, sessions } from '#lib/rooms/server/table.ts';
import { createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { Role } from '#lib/spaces/model.ts';
import type { RoundKind } from '../model.ts';

/** Rounds of a room, also questions that wait to be asked. What was asked stays, with its answers. */
export const rounds = pgTable(
	'rounds',
	{
		id: key<'round'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		/** In which it was done; null while it waits. */
		sessionId: ref<'session'>('session_id').references(() => sessions.id),
		spacePath: ltree('space_path').notNull(),
		kind: text('kind').$type<RoundKind>().notNull(),
		question: text('question').notNull().default(''),
		options: jsonb('options').$type<string[]>().notNull().default([]),
		correct: jsonb('correct').$type<number[]>().notNull().default([]),
		many: boolean('many').notNull().default(false),
		createdBy: ref<'person'>('created_by')
			.notNull()
			.references(() => people.id),
		createdAt: createdAt(),
		startedAt: moment('started_at'),
		endsAt: moment('ends_at'),
		closedAt: moment('closed_at'),
		/** Off the screens. */
		dismissedAt: moment('dismissed_at'),
		/** Who pressed first, or was picked. */
		winnerId: ref<'person'>('winner_id').references(() => people.id)
	},
	(t) => [
		uniqueIndex('rounds_shown')
			.on(t.roomId)
			.where(sql`started_at is not null and dismissed_at is null`),
		index('rounds_open')
			.on(t.endsAt)
			.where(sql`started_at is not null and closed_at is null`),
		index('rounds_room').on(t.roomId, t.createdAt)
	]
);

/** What one person chose in a round; the last choice counts. */
export const roundAnswers = pgTable(
	'round_answers',
	{
		roundId: ref<'round'>('round_id')
			.notNull()
			.references(() => rounds.id),
		spacePath: ltree('space_path').notNull(),
		personId: ref<'person'>('person_id')
			.notNull()
			.references(() => people.id),
		role: text('role').$type<Role>().notNull(),
		choice: jsonb('choice').$type<number[]>().notNull(),
		answeredAt: moment('answered_at').notNull()
	},
	(t) => [primaryKey({ columns: [t.roundId, t.personId] })]
);
