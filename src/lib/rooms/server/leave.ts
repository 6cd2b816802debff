import { and, eq, inArray, isNull, lt, ne, sql } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { Id } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor, systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { goneAfter } from '../model.ts';
import { participants, sessions, visits } from './table.ts';

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
	const over = await ctx.db
		.update(sessions)
		.set({ endedAt: at })
		.where(
			and(
				eq(sessions.id, sessionId),
				isNull(sessions.endedAt),
				sql`not exists (select 1 from ${visits} where ${visits.sessionId} = ${sessionId} and ${visits.leftAt} is null)`
			)
		)
		.returning({ id: sessions.id });
	// Hands, the stage and who was sent out belong to the session; whoever waits goes on waiting.
	if (over.length > 0)
		await ctx.db.delete(participants).where(and(eq(participants.roomId, roomId), ne(participants.admission, 'waiting')));
	await publish(ctx.db, { kind: 'session', roomId });
}

/** Leave a room on every screen. Someone who is not in it has left already. */
export async function leaveRoom(ctx: Context, input: { roomId: string }): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	const { personId } = requireActor(ctx);
	// One always may leave, also a room that one may no longer see.
	await endVisits(ctx.services, { roomId, personId });
}

interface Stay {
	roomId: string;
	/** Everybody without one. */
	personId?: string;
}

/** Ends the open visits of a person in a room, and the waiting before its door. */
export const endVisits = (services: Services, stay: Stay): Promise<void> =>
	transaction(systemContext(services), (ctx) => endVisitsWithin(ctx, stay));

/** The same as a part of a larger verb. */
export async function endVisitsWithin(ctx: Context, { roomId, personId }: Stay): Promise<void> {
	const [inRoom, ofPerson] = [roomId as Id<'room'>, personId as Id<'person'> | undefined];
	const open = await ctx.db
		.select()
		.from(visits)
		.where(and(eq(visits.roomId, inRoom), ofPerson && eq(visits.personId, ofPerson), isNull(visits.leftAt)))
		.orderBy(visits.id);
	for (const visit of open) await endVisit(ctx, visit, ctx.now());
	if (!ofPerson) return;
	const waited = await ctx.db
		.delete(participants)
		.where(and(eq(participants.roomId, inRoom), eq(participants.personId, ofPerson), eq(participants.admission, 'waiting')))
		.returning({ roomId: participants.roomId });
	if (waited.length > 0) await publish(ctx.db, { kind: 'session', roomId: inRoom });
}

/** Says that somebody still waits before the door; false when it has opened or shut meanwhile. */
export async function touchWaiting(services: Services, { roomId, personId }: Required<Stay>): Promise<boolean> {
	return transaction(systemContext(services), async (ctx) => {
		const touched = await ctx.db
			.update(participants)
			.set({ lastSeenAt: ctx.now() })
			.where(
				and(
					eq(participants.roomId, roomId as Id<'room'>),
					eq(participants.personId, personId as Id<'person'>),
					inArray(participants.admission, ['waiting', 'lobby'])
				)
			)
			.returning({ roomId: participants.roomId });
		return touched.length > 0;
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
		const gone = await ctx.db
			.delete(participants)
			.where(and(eq(participants.admission, 'waiting'), lt(participants.lastSeenAt, new Date(ctx.now().getTime() - goneAfter))))
			.returning({ roomId: participants.roomId });
		for (const roomId of new Set(gone.map(({ roomId }) => roomId))) await publish(ctx.db, { kind: 'session', roomId });
	});
}
