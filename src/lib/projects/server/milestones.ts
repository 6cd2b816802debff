import { count, eq } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { AddMilestone, ChangeMilestone, mostMilestones, RemoveMilestone } from '../model.ts';
import type { Milestone } from '../model.ts';
import { findMilestone, oneAtATime } from './find.ts';
import { presentMilestone } from './present.ts';
import { projectMilestones } from './table.ts';

/** Name a day that the project works towards. */
export async function addMilestone(ctx: Context, input: AddMilestone): Promise<Milestone> {
	const { roomId, title, on } = AddMilestone.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		const [there] = await ctx.db.select({ number: count() }).from(projectMilestones).where(eq(projectMilestones.roomId, roomId));
		if ((there?.number ?? 0) >= mostMilestones) throw new Conflict('projects.tooManyMilestones');
		const [milestone] = await ctx.db
			.insert(projectMilestones)
			.values({ roomId, spacePath: room.spacePath, title, on, createdAt: ctx.now() })
			.returning();
		if (!milestone) throw new Error('a milestone was inserted and not returned');
		await publish(ctx.db, { kind: 'project', roomId, taskId: null });
		return presentMilestone(milestone);
	});
}

/** Give a milestone another name or day. */
export async function changeMilestone(ctx: Context, input: ChangeMilestone): Promise<Milestone> {
	const { roomId, milestoneId, title, on } = ChangeMilestone.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		const before = await findMilestone(ctx, { roomId, milestoneId });
		const change = { title: title ?? before.title, on: on ?? before.on };
		await ctx.db.update(projectMilestones).set(change).where(eq(projectMilestones.id, milestoneId));
		await publish(ctx.db, { kind: 'project', roomId, taskId: null });
		return presentMilestone({ ...before, ...change });
	});
}

/** Take a milestone away; its tasks stay. */
export async function removeMilestone(ctx: Context, input: RemoveMilestone): Promise<void> {
	const { roomId, milestoneId } = RemoveMilestone.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'project.change', placeOf(room));
		await oneAtATime(ctx, room);
		await findMilestone(ctx, { roomId, milestoneId });
		await ctx.db.delete(projectMilestones).where(eq(projectMilestones.id, milestoneId));
		await auditAct(ctx, {
			verb: 'milestone.remove',
			object: { type: 'milestone', id: milestoneId },
			path: room.spacePath,
			detail: { roomId }
		});
		await publish(ctx.db, { kind: 'project', roomId, taskId: null });
	});
}
