import { and, asc, eq, isNull, ne, sql } from 'drizzle-orm';
import type { RoomId } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { MoveTask, placeBefore } from '../model.ts';
import type { Task, TaskState } from '../model.ts';
import { findTask, oneAtATime } from './find.ts';
import type { TaskId } from './find.ts';
import { presentTask } from './present.ts';
import { projectTasks } from './table.ts';
import { actsOf, recordActs } from './told.ts';

/** Put a task among those of a state: before another of them, or behind all when that one is gone or none is named. */
export async function moveTask(ctx: Context, input: MoveTask): Promise<Task> {
	const { roomId, taskId, state, beforeId } = MoveTask.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		const before = await findTask(ctx, { roomId, taskId });
		const among = { roomId, taskId, state };
		let position = placeBefore(await othersOf(ctx, among), beforeId);
		const crowded = position === null;
		if (crowded) {
			await numberAnew(ctx, roomId);
			position = placeBefore(await othersOf(ctx, among), beforeId);
		}
		const [task] = await ctx.db
			.update(projectTasks)
			.set({ state, position: position ?? before.position, revision: sql`${projectTasks.revision} + 1` })
			.where(eq(projectTasks.id, taskId))
			.returning();
		if (!task) throw new Error('a task was moved and not returned');
		await recordActs(ctx, room, task, actsOf(before, task));
		await publish(ctx.db, { kind: 'project', roomId, taskId: crowded ? null : taskId });
		return presentTask(ctx, task);
	});
}

function othersOf(ctx: Context, { roomId, taskId, state }: { roomId: RoomId; taskId: TaskId; state: TaskState }) {
	return ctx.db
		.select({ id: projectTasks.id, position: projectTasks.position })
		.from(projectTasks)
		.where(
			and(
				eq(projectTasks.roomId, roomId),
				eq(projectTasks.state, state),
				ne(projectTasks.id, taskId),
				isNull(projectTasks.removedAt)
			)
		)
		.orderBy(asc(projectTasks.position), asc(projectTasks.id));
}

/** After very many moves into one gap there is no number between two: all stand as they stood, with room between them. */
async function numberAnew(ctx: Context, roomId: RoomId): Promise<void> {
	await ctx.db.execute(sql`
		update project_tasks t set position = n.place, revision = t.revision + 1
		from (select id, row_number() over (order by position, id) as place from project_tasks where room_id = ${roomId}) n
		where t.id = n.id`);
}
