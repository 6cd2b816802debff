import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import { documents } from '#lib/documents/server/table.ts';
import { people } from '#lib/people/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import type { Milestone, Task } from '../model.ts';
import type { MilestoneRow, TaskRow } from './find.ts';
import { projectLinks } from './table.ts';

/** Tasks with their owners' names and the documents that lie on the table, in the order given. */
export async function presentTasks(ctx: Context, tasks: readonly TaskRow[]): Promise<Task[]> {
	if (tasks.length === 0) return [];
	const owners = [...new Set(tasks.flatMap(({ ownerId }) => ownerId ?? []))];
	const named =
		owners.length === 0
			? []
			: await ctx.db.select({ id: people.id, name: people.name }).from(people).where(inArray(people.id, owners));
	const names = new Map<string, string>(named.map(({ id, name }) => [id, name]));
	const links = await ctx.db
		.select({ taskId: projectLinks.taskId, id: documents.id, kind: documents.kind, title: documents.title })
		.from(projectLinks)
		.innerJoin(documents, eq(documents.id, projectLinks.documentId))
		.where(
			and(
				inArray(
					projectLinks.taskId,
					tasks.map(({ id }) => id)
				),
				isNull(documents.archivedAt)
			)
		)
		.orderBy(asc(projectLinks.createdAt), asc(documents.id));
	const linked = Map.groupBy(links, ({ taskId }) => taskId);
	return tasks.map(({ id, title, note, state, ownerId, startsOn, dueOn, milestoneId, position, revision }) => ({
		id,
		title,
		note,
		state,
		owner: ownerId && { id: ownerId, name: names.get(ownerId) ?? null },
		startsOn,
		dueOn,
		milestoneId,
		position,
		documents: (linked.get(id) ?? []).map(({ taskId: _, ...document }) => document),
		revision
	}));
}

export async function presentTask(ctx: Context, task: TaskRow): Promise<Task> {
	const [presented] = await presentTasks(ctx, [task]);
	if (!presented) throw new Error('a task was not presented');
	return presented;
}

export const presentMilestone = ({ id, title, on }: MilestoneRow): Milestone => ({ id, title, on });
