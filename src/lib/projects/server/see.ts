import { and, asc, eq, gt, isNull } from 'drizzle-orm';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { pageSize, SeeProject, SeeTask } from '../model.ts';
import type { ProjectPage, Task } from '../model.ts';
import { findTask } from './find.ts';
import type { TaskId } from './find.ts';
import { peopleOf } from './people.ts';
import { presentMilestone, presentTask, presentTasks } from './present.ts';
import { projectMilestones, projectTasks } from './table.ts';

/** What a room has to do: a page of tasks in the order in which they were made, and what belongs to all of them. */
export async function seeProject(ctx: Context, input: SeeProject): Promise<ProjectPage> {
	const { roomId, after } = SeeProject.parse(input);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.see', placeOf(room));
		const rows = await ctx.db
			.select()
			.from(projectTasks)
			.where(
				and(
					eq(projectTasks.roomId, roomId),
					isNull(projectTasks.removedAt),
					after ? gt(projectTasks.id, after as TaskId) : undefined
				)
			)
			.orderBy(asc(projectTasks.id))
			.limit(pageSize + 1);
		const page = rows.slice(0, pageSize);
		const milestones = await ctx.db
			.select()
			.from(projectMilestones)
			.where(eq(projectMilestones.roomId, roomId))
			.orderBy(asc(projectMilestones.on), asc(projectMilestones.id));
		return {
			tasks: await presentTasks(ctx, page),
			next: rows.length > pageSize ? (page.at(-1)?.id ?? null) : null,
			milestones: milestones.map(presentMilestone),
			people: await peopleOf(ctx, room),
			can: { change: may(ctx, 'project.change', placeOf(room)) }
		};
	});
}

/** One task, as after news of it. */
export async function seeTask(ctx: Context, input: SeeTask): Promise<Task> {
	const named = SeeTask.parse(input);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'project.see', placeOf(await findRoom(ctx, named.roomId)));
		return presentTask(ctx, await findTask(ctx, named));
	});
}
