import { and, eq, isNull, lt, sql } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { Id } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor, systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { goneAfter } from '../model.ts';
import { sessions, visits } from './table.ts';

/** Ends a visit, and with the last one its session; once, however often it is told. */
async function endVisit(ctx: Context, visit: typeof visits.$inferSelect, at: Date): Promise<void> {
	await ctx.db.select({ id: sessions.id }).from(sessions).where(eq(sessions.id, visit.sessionId)).for('update');
	const ended = await ctx.db
		.update(visits)
		.set({ leftAt: at })
		.where(and(eq(visits.id, visit.id), isNull(visits.leftAt)))
		.returning({ id: visits.id });
	if (ended.length === 0) return;
	const { personId: actorId, role, spacePath, roomId, sessionId } = visit;
	const stayed = Math.max(0, at.getTime() - visit.joinedAt.getTime());
	await record(ctx, [
		{ key: `visit:${visit.id}:left`, verb: 'left', actorId, role, spacePath, roomId, sessionId, startedAt: at, amount: stayed }
	]);
	await ctx.db
		.update(sessions)
		.set({ endedAt: at })
		.where(
			and(
				eq(sessions.id, sessionId),
				isNull(sessions.endedAt),
				sql`not exists (select 1 from ${visits} where ${visits.sessionId} = ${sessionId} and ${visits.leftAt} is null)`
			)
		);
	await publish(ctx.db, { kind: 'room', roomId });
}

/** Leave a room on every screen. Someone who is not in it has left already. */
export async function leaveRoom(ctx: Context, input: { roomId: string }): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	const { personId } = requireActor(ctx);
	// One always may leave, also a room that one may no longer see.
	await endVisits(ctx.services, { roomId, personId });
}

/** Ends the open visits of a person in a room. */
export async function endVisits(services: Services, { roomId, personId }: { roomId: string; personId: string }): Promise<void> {
	await transaction(systemContext(services), async (ctx) => {
		const open = await ctx.db
			.select()
			.from(visits)
			.where(and(eq(visits.roomId, roomId as Id<'room'>), eq(visits.personId, personId as Id<'person'>), isNull(visits.leftAt)));
		for (const visit of open) await endVisit(ctx, visit, ctx.now());
	});
}

/** Says that a visit goes on; false when it has ended. */
export async function touchVisit(services: Services, visitId: string): Promise<boolean> {
	return transaction(systemContext(services), async (ctx) => {
		const touched = await ctx.db
			.update(visits)
			.set({ lastSeenAt: ctx.now() })
			.where(and(eq(visits.id, visitId as Id<'visit'>), isNull(visits.leftAt)))
			.returning({ id: visits.id });
		return touched.length > 0;
	});
}

/** Ends the visits that no live channel has kept alive: their people left when they were last seen. */
export async function endForgottenVisits(services: Services): Promise<void> {
	await transaction(systemContext(services), async (ctx) => {
		const forgotten = await ctx.db
			.select()
			.from(visits)
			.where(and(isNull(visits.leftAt), lt(visits.lastSeenAt, new Date(ctx.now().getTime() - goneAfter))));
		for (const visit of forgotten) await endVisit(ctx, visit, visit.lastSeenAt);
	});
}
