import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, real, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { people } from '#lib/people/server/table.ts';
import { rooms, sessions } from '#lib/rooms/server/table.ts';
import { createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { Step } from '../model.ts';

/** Plans of lessons, kept with a room. */
export const runSheets = pgTable(
	'run_sheets',
	{
		id: key<'sheet'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		/** Whose it is, and who takes it to other rooms. */
		ownerId: ref<'person'>('owner_id')
			.notNull()
			.references(() => people.id),
		title: text('title').notNull(),
		steps: jsonb('steps').$type<Step[]>().notNull(),
		createdAt: createdAt(),
		archivedAt: moment('archived_at')
	},
	(t) => [index('run_sheets_room').on(t.roomId, t.createdAt), index('run_sheets_owner').on(t.ownerId, t.createdAt)]
);

/** A session that goes by a plan, with its own copy of the steps: what is moved in a lesson is moved in this one only. */
export const sheetRuns = pgTable(
	'sheet_runs',
	{
		id: key<'run'>(),
		sheetId: ref<'sheet'>('sheet_id')
			.notNull()
			.references(() => runSheets.id),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		spacePath: ltree('space_path').notNull(),
		title: text('title').notNull(),
		steps: jsonb('steps').$type<Step[]>().notNull(),
		startedAt: moment('started_at').notNull(),
		endedAt: moment('ended_at')
	},
	(t) => [
		uniqueIndex('sheet_runs_running')
			.on(t.roomId)
			.where(sql`ended_at is null`),
		index('sheet_runs_session').on(t.sessionId, t.startedAt)
	]
);

/** Each time that a step began, and when it ended; one that was begun again has several. */
export const runSteps = pgTable(
	'run_steps',
	{
		id: key<'runStep'>(),
		runId: ref<'run'>('run_id')
			.notNull()
			.references(() => sheetRuns.id),
		sessionId: ref<'session'>('session_id')
			.notNull()
			.references(() => sessions.id),
		spacePath: ltree('space_path').notNull(),
		stepId: text('step_id').notNull(),
		name: text('name').notNull(),
		minutes: real('minutes').notNull(),
		startedAt: moment('started_at').notNull(),
		endedAt: moment('ended_at')
	},
	(t) => [
		uniqueIndex('run_steps_current')
			.on(t.runId)
			.where(sql`ended_at is null`),
		index('run_steps_session').on(t.sessionId, t.startedAt)
	]
);
