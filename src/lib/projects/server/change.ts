import { eq, sql } from 'drizzle-orm';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { ChangeTask } from '../model.ts';
import type { Task } from '../model.ts';
import { checkFields } from './check.ts';
import { findTask, oneAtATime } from './find.ts';
import type { TaskRow } from './find.ts';
import { presentTask } from './present.ts';
import { projectTasks } from './table.ts';
import { actsOf, recordActs } from './told.ts';

/** Change what is said about a task; only what is named changes, so that nobody undoes what another changed meanwhile. */
export async function changeTask(ctx: Context, input: ChangeTask): Promise<Task> {
	const { roomId, taskId, ...fields } = ChangeTask.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		const before = await findTask(ctx, { roomId, taskId });
		// Whoever owns it already may have left the room since.
		const named = fields.ownerId === before.ownerId ? { ...fields, ownerId: undefined } : fields;
		await checkFields(ctx, room, named, before);
		const differs = Object.entries(named).some(([name, value]) => value !== undefined && value !== before[name as keyof TaskRow]);
		if (!differs) return presentTask(ctx, before);
		const [task] = await ctx.db
			.update(projectTasks)
			.set({ ...named, revision: sql`${projectTasks.revision} + 1` })
			.where(eq(projectTasks.id, taskId))
			.returning();
		if (!task) throw new Error('a task was changed and not returned');
		await recordActs(ctx, room, task, actsOf(before, task));
		await publish(ctx.db, { kind: 'project', roomId, taskId });
		return presentTask(ctx, task);
	});
}
