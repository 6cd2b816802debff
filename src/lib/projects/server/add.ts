import { eq, max } from 'drizzle-orm';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { AddTask } from '../model.ts';
import type { Task } from '../model.ts';
import { checkFields } from './check.ts';
import { findTask, leaveSpace, oneAtATime } from './find.ts';
import { presentTask } from './present.ts';
import { projectTasks } from './table.ts';
import { actsOf, recordActs } from './told.ts';

/** Write down something to do, behind all that is there. Sent twice with the same id, it is made once. */
export async function addTask(ctx: Context, input: AddTask): Promise<Task> {
	const { roomId, id, ...fields } = AddTask.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		const there = id ? await findTask(ctx, { roomId, taskId: id }).catch(() => null) : null;
		if (there) return presentTask(ctx, there);
		await leaveSpace(ctx, roomId);
		await checkFields(ctx, room, fields, { startsOn: null, dueOn: null });
		const [last] = await ctx.db
			.select({ position: max(projectTasks.position) })
			.from(projectTasks)
			.where(eq(projectTasks.roomId, roomId));
		const [task] = await ctx.db
			.insert(projectTasks)
			.values({
				...(id && { id }),
				...fields,
				roomId,
				spacePath: room.spacePath,
				position: (last?.position ?? 0) + 1,
				createdBy: ctx.actor?.personId ?? null,
				createdAt: ctx.now()
			})
			.onConflictDoNothing()
			.returning();
		if (!task) throw new Conflict();
		await recordActs(ctx, room, task, [{ verb: 'planned' }, ...actsOf({ state: 'todo', ownerId: null }, task)]);
		await publish(ctx.db, { kind: 'project', roomId, taskId: task.id });
		return presentTask(ctx, task);
	});
}
