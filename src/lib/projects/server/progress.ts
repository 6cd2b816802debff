import { and, asc, count, gte, inArray, isNull, sql } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { RoomId } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { schoolDay } from '../days.ts';
import { noProgress } from '../model.ts';
import type { Progress } from '../model.ts';
import { projectMilestones, projectTasks } from './table.ts';

/** How far the projects of rooms are that the asker has been shown already, by room; rooms without tasks are left out. */
export async function progressOfRooms(ctx: Context, roomIds: readonly RoomId[]): Promise<Record<string, Progress>> {
	if (roomIds.length === 0) return {};
	const today = schoolDay(ctx.now());
	return query(ctx, async (ctx) => {
		const counted = await ctx.db
			.select({
				roomId: projectTasks.roomId,
				total: count(),
				done: sql<number>`(count(*) filter (where ${projectTasks.state} = 'done'))::int`,
				overdue: sql<number>`(count(*) filter (where ${projectTasks.state} <> 'done' and ${projectTasks.dueOn} < ${today}))::int`
			})
			.from(projectTasks)
			.where(and(inArray(projectTasks.roomId, [...roomIds]), isNull(projectTasks.removedAt)))
			.groupBy(projectTasks.roomId);
		const coming = await ctx.db
			.selectDistinctOn([projectMilestones.roomId])
			.from(projectMilestones)
			.where(and(inArray(projectMilestones.roomId, [...roomIds]), gte(projectMilestones.on, today)))
			.orderBy(asc(projectMilestones.roomId), asc(projectMilestones.on), asc(projectMilestones.id));
		const next = new Map(coming.map(({ roomId, title, on }) => [roomId, { title, on }]));
		const found: Record<string, Progress> = {};
		for (const [roomId, milestone] of next) found[roomId] = { ...noProgress, next: milestone };
		for (const { roomId, ...numbers } of counted) found[roomId] = { ...numbers, next: next.get(roomId) ?? null };
		return found;
	});
}

/** How far the project of one room is. */
export async function seeProgress(ctx: Context, input: { roomId: string }): Promise<Progress> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'project.see', placeOf(await findRoom(ctx, roomId)));
		return (await progressOfRooms(ctx, [roomId]))[roomId] ?? noProgress;
	});
}
