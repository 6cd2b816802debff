import { and, count, eq, sql } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, NotFound } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { LinkDocument, mostLinks } from '../model.ts';
import type { Task } from '../model.ts';
import { findTask, oneAtATime } from './find.ts';
import type { TaskId } from './find.ts';
import { presentTask } from './present.ts';
import { projectLinks, projectTasks } from './table.ts';

/** Say that a document of the room's table belongs to a task. */
export async function linkDocument(ctx: Context, input: LinkDocument): Promise<Task> {
	const { roomId, taskId, documentId } = LinkDocument.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		await findTask(ctx, { roomId, taskId });
		const { document } = await findDocument(ctx, documentId);
		if (document.roomId !== roomId) throw new NotFound();
		const [there] = await ctx.db.select({ links: count() }).from(projectLinks).where(eq(projectLinks.taskId, taskId));
		if ((there?.links ?? 0) >= mostLinks) throw new Conflict('projects.tooManyLinks');
		await ctx.db
			.insert(projectLinks)
			.values({ taskId, documentId, spacePath: room.spacePath, createdAt: ctx.now() })
			.onConflictDoNothing();
		await publish(ctx.db, { kind: 'project', roomId, taskId });
		return presentTask(ctx, await changed(ctx, taskId));
	});
}

/** Say that it does not any more. */
export async function unlinkDocument(ctx: Context, input: LinkDocument): Promise<Task> {
	const { roomId, taskId, documentId } = LinkDocument.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		await findTask(ctx, { roomId, taskId });
		await ctx.db.delete(projectLinks).where(and(eq(projectLinks.taskId, taskId), eq(projectLinks.documentId, documentId)));
		await publish(ctx.db, { kind: 'project', roomId, taskId });
		return presentTask(ctx, await changed(ctx, taskId));
	});
}

async function changed(ctx: Context, taskId: TaskId) {
	const [task] = await ctx.db
		.update(projectTasks)
		.set({ revision: sql`${projectTasks.revision} + 1` })
		.where(eq(projectTasks.id, taskId))
		.returning();
	if (!task) throw new Error('a task was changed and not returned');
	return task;
}
