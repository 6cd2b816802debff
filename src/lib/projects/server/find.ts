import { and, count, eq, isNull } from 'drizzle-orm';
import type { Id, RoomId } from '#lib/ids.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, NotFound } from '#lib/server/errors.ts';
import { mostTasks } from '../model.ts';
import { projectMilestones, projectTasks } from './table.ts';

export type TaskId = Id<'task'>;
export type TaskRow = typeof projectTasks.$inferSelect;
export type MilestoneRow = typeof projectMilestones.$inferSelect;

/** Changes of one project follow one another, so that what was checked still holds when it is written. */
export async function oneAtATime(ctx: Context, { id }: RoomRow): Promise<void> {
	await ctx.db.select({ id: rooms.id }).from(rooms).where(eq(rooms.id, id)).for('no key update');
}

/** A task of a room that is not taken away. */
export async function findTask(ctx: Context, { roomId, taskId }: { roomId: RoomId; taskId: TaskId }): Promise<TaskRow> {
	const [task] = await ctx.db
		.select()
		.from(projectTasks)
		.where(and(eq(projectTasks.id, taskId), eq(projectTasks.roomId, roomId), isNull(projectTasks.removedAt)));
	if (!task) throw new NotFound();
	return task;
}

export async function findMilestone(
	ctx: Context,
	{ roomId, milestoneId }: { roomId: RoomId; milestoneId: Id<'milestone'> }
): Promise<MilestoneRow> {
	const [milestone] = await ctx.db
		.select()
		.from(projectMilestones)
		.where(and(eq(projectMilestones.id, milestoneId), eq(projectMilestones.roomId, roomId)));
	if (!milestone) throw new NotFound();
	return milestone;
}

/** Refuses one task more than a project holds. */
export async function leaveSpace(ctx: Context, roomId: RoomId): Promise<void> {
	const [there] = await ctx.db
		.select({ tasks: count() })
		.from(projectTasks)
		.where(and(eq(projectTasks.roomId, roomId), isNull(projectTasks.removedAt)));
	if ((there?.tasks ?? 0) >= mostTasks) throw new Conflict('projects.tooManyTasks');
}
