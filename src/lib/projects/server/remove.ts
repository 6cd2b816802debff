import { and, eq, sql } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { SeeTask } from '../model.ts';
import type { Task } from '../model.ts';
import { findTask, leaveSpace, oneAtATime } from './find.ts';
import { presentTask } from './present.ts';
import { projectTasks } from './table.ts';

/** Take a task away. It is kept, and comes back when one thinks better of it. */
export async function removeTask(ctx: Context, input: SeeTask): Promise<void> {
	const { roomId, taskId } = SeeTask.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		await findTask(ctx, { roomId, taskId });
		await ctx.db
			.update(projectTasks)
			.set({ removedAt: ctx.now(), revision: sql`${projectTasks.revision} + 1` })
			.where(eq(projectTasks.id, taskId));
		await auditAct(ctx, { verb: 'task.remove', object: { type: 'task', id: taskId }, path: room.spacePath, detail: { roomId } });
		await publish(ctx.db, { kind: 'project', roomId, taskId });
	});
}

/** Bring back a task that was taken away. */
export async function restoreTask(ctx: Context, input: SeeTask): Promise<Task> {
	const { roomId, taskId } = SeeTask.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		await leaveSpace(ctx, roomId);
		const [task] = await ctx.db
			.update(projectTasks)
			.set({ removedAt: null, revision: sql`${projectTasks.revision} + 1` })
			.where(and(eq(projectTasks.id, taskId), eq(projectTasks.roomId, roomId)))
			.returning();
		if (!task) throw new NotFound();
		await auditAct(ctx, { verb: 'task.restore', object: { type: 'task', id: taskId }, path: room.spacePath, detail: { roomId } });
		await publish(ctx.db, { kind: 'project', roomId, taskId });
		return presentTask(ctx, task);
	});
}
