import { date, doublePrecision, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { documents } from '#lib/documents/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';
import type { TaskState } from '../model.ts';

/** Days that a project works towards. */
export const projectMilestones = pgTable(
	'project_milestones',
	{
		id: key<'milestone'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		title: text('title').notNull(),
		on: date('on_day').notNull(),
		createdAt: createdAt()
	},
	(t) => [index('project_milestones_room').on(t.roomId, t.on)]
);

/** What the people of a room have to do. A room has one project: all its tasks. */
export const projectTasks = pgTable(
	'project_tasks',
	{
		id: key<'task'>(),
		roomId: ref<'room'>('room_id')
			.notNull()
			.references(() => rooms.id),
		spacePath: ltree('space_path').notNull(),
		title: text('title').notNull(),
		note: text('note').notNull().default(''),
		state: text('state').$type<TaskState>().notNull().default('todo'),
		ownerId: ref<'person'>('owner_id').references(() => people.id),
		startsOn: date('starts_on'),
		dueOn: date('due_on'),
		milestoneId: ref<'milestone'>('milestone_id').references(() => projectMilestones.id, { onDelete: 'set null' }),
		/** Where it stands among the others; a number between two always exists, or all are numbered anew. */
		position: doublePrecision('position').notNull(),
		/** Grows with each change. */
		revision: integer('revision').notNull().default(1),
		createdBy: ref<'person'>('created_by').references(() => people.id),
		createdAt: createdAt(),
		removedAt: moment('removed_at')
	},
	(t) => [index('project_tasks_room').on(t.roomId, t.id), index('project_tasks_path').using('gist', t.spacePath)]
);

/** Which documents of the room's table belong to a task. */
export const projectLinks = pgTable(
	'project_links',
	{
		taskId: ref<'task'>('task_id')
			.notNull()
			.references(() => projectTasks.id),
		documentId: ref<'document'>('document_id')
			.notNull()
			.references(() => documents.id),
		spacePath: ltree('space_path').notNull(),
		createdAt: createdAt()
	},
	(t) => [primaryKey({ columns: [t.taskId, t.documentId] })]
);
