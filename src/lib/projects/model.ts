import { z } from 'zod';
import type { DocumentKind } from '#lib/documents/model.ts';
import { idOf } from '#lib/ids.ts';
import { firstDay, isDay, lastDay } from './days.ts';

export const taskStates = ['todo', 'doing', 'done'] as const;
export type TaskState = (typeof taskStates)[number];

/** How much one project may hold. */
export const mostTasks = 2_000;
export const mostMilestones = 50;
export const mostLinks = 20;
export const longestTitle = 200;
export const longestNote = 4_000;
/** How many tasks one page of the list has. */
export const pageSize = 500;

/** One line that people can read: no control characters. */
const Title = z
	.string()
	.trim()
	.min(1)
	.max(longestTitle)
	.regex(/^\P{Cc}*$/u);
/** PostgreSQL keeps no NUL. */
const Note = z
	.string()
	.max(longestNote)
	.refine((text) => !text.includes('\0'));
const Day = z.string().refine(isDay, { message: `a day as 2026-11-28, from ${firstDay} to ${lastDay}` });

const InRoom = z.strictObject({ roomId: idOf('room') });
const OneTask = z.strictObject({ ...InRoom.shape, taskId: idOf('task') });
const OneMilestone = z.strictObject({ ...InRoom.shape, milestoneId: idOf('milestone') });

export const AddTask = z.strictObject({
	...InRoom.shape,
	/** An id of the asker's own making, so that a task that is sent twice is made once. */
	id: idOf('task').optional(),
	title: Title,
	state: z.enum(taskStates).optional(),
	ownerId: idOf('person').nullable().optional(),
	startsOn: Day.nullable().optional(),
	dueOn: Day.nullable().optional(),
	milestoneId: idOf('milestone').nullable().optional()
});
export type AddTask = z.input<typeof AddTask>;

/** What is not named stays as it is: two people who change different fields both do. */
export const ChangeTask = z.strictObject({
	...OneTask.shape,
	title: Title.optional(),
	note: Note.optional(),
	state: z.enum(taskStates).optional(),
	ownerId: idOf('person').nullable().optional(),
	startsOn: Day.nullable().optional(),
	dueOn: Day.nullable().optional(),
	milestoneId: idOf('milestone').nullable().optional()
});
export type ChangeTask = z.input<typeof ChangeTask>;

/** Puts a task among those of a state, before another of them; null: behind all. */
export const MoveTask = z.strictObject({
	...OneTask.shape,
	state: z.enum(taskStates),
	beforeId: idOf('task').nullable()
});
export type MoveTask = z.input<typeof MoveTask>;

export const SeeTask = OneTask;
export type SeeTask = z.input<typeof SeeTask>;

export const LinkDocument = z.strictObject({ ...OneTask.shape, documentId: idOf('document') });
export type LinkDocument = z.input<typeof LinkDocument>;

export const AddMilestone = z.strictObject({ ...InRoom.shape, title: Title, on: Day });
export type AddMilestone = z.input<typeof AddMilestone>;
export const ChangeMilestone = z.strictObject({ ...OneMilestone.shape, title: Title.optional(), on: Day.optional() });
export type ChangeMilestone = z.input<typeof ChangeMilestone>;
export const RemoveMilestone = OneMilestone;
export type RemoveMilestone = z.input<typeof RemoveMilestone>;

export const SeeProject = z.strictObject({ ...InRoom.shape, after: z.uuid().optional() });
export type SeeProject = z.input<typeof SeeProject>;

/** Somebody of the room; the name is null where the asker may not know it. */
export interface Somebody {
	id: string;
	name: string | null;
}

export interface Linked {
	id: string;
	kind: DocumentKind;
	title: string;
}

export interface Task {
	id: string;
	title: string;
	note: string;
	state: TaskState;
	owner: Somebody | null;
	/** Days, as 2026-11-28. */
	startsOn: string | null;
	dueOn: string | null;
	milestoneId: string | null;
	/** Where it stands among the others. */
	position: number;
	documents: Linked[];
	/** Grows with each change, so that an older answer does not replace a newer one. */
	revision: number;
}

export interface Milestone {
	id: string;
	title: string;
	on: string;
}

export interface ProjectPage {
	tasks: Task[];
	next: string | null;
	milestones: Milestone[];
	/** Who can own a task. */
	people: { id: string; name: string; hat: string }[];
	can: { change: boolean };
}

/** How far a project is; `next` is the milestone that comes. */
export interface Progress {
	done: number;
	total: number;
	overdue: number;
	next: { title: string; on: string } | null;
}

export const noProgress: Progress = { done: 0, total: 0, overdue: 0, next: null };

/** Whether a task should be done by now and is not. */
export const isOverdue = (task: Pick<Task, 'state' | 'dueOn'>, today: string): boolean =>
	task.state !== 'done' && task.dueOn !== null && task.dueOn < today;

/** How far a project is, from its tasks. */
export function progressOf(
	tasks: readonly Pick<Task, 'state' | 'dueOn'>[],
	milestones: readonly Milestone[],
	today: string
): Progress {
	const next = milestones.filter(({ on }) => on >= today).sort((a, b) => a.on.localeCompare(b.on))[0];
	return {
		done: tasks.filter(({ state }) => state === 'done').length,
		total: tasks.length,
		overdue: tasks.filter((task) => isOverdue(task, today)).length,
		next: next ? { title: next.title, on: next.on } : null
	};
}

/** In the order in which they stand; who stands at the same place, by age. */
export const inOrder = (a: Pick<Task, 'position' | 'id'>, b: Pick<Task, 'position' | 'id'>): number =>
	a.position - b.position || (a.id < b.id ? -1 : 1);

/**
 * The place before another (`null`: behind all) among places in ascending order; null when two places are so close
 * that there is none between them.
 */
export function placeBefore(others: readonly { id: string; position: number }[], beforeId: string | null): number | null {
	const found = beforeId === null ? -1 : others.findIndex(({ id }) => id === beforeId);
	const index = found === -1 ? others.length : found;
	const [left, right] = [others[index - 1]?.position, others[index]?.position];
	if (left === undefined) return right === undefined ? 1 : right - 1;
	if (right === undefined) return left + 1;
	const between = (left + right) / 2;
	return between > left && between < right ? between : null;
}
