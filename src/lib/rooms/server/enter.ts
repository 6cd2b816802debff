import { and, eq, isNull } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { RoomId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { policy } from '#lib/server/policy.ts';
import { permits } from '#lib/server/rule.ts';
import { transaction } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';
import { findRoom, placeOf } from './find.ts';
import type { RoomRow } from './find.ts';
import { sessions, visits } from './table.ts';

/** The role in which the actor is in a room: the one that lets in, the host's or head teacher's first. */
function roleIn(ctx: Context, room: RoomRow): Role {
	const entering = requireActor(ctx).memberships.filter((membership) =>
		permits(policy['room.enter'], [membership], placeOf(room))
	);
	const roles = entering.map(({ role }) => role);
	const role = roles.find((role) => role === 'headTeacher') ?? roles[0];
	if (!role) throw new Error('a person without a role passed the door');
	return role;
}

/** The session that goes on in a room, begun when there is none; locked, so that none ends while one enters. */
async function runningSession(ctx: Context, room: RoomRow): Promise<typeof sessions.$inferSelect> {
	await ctx.db
		.insert(sessions)
		.values({ roomId: room.id, spacePath: room.spacePath, startedAt: ctx.now() })
		.onConflictDoNothing();
	const [session] = await ctx.db
		.select()
		.from(sessions)
		.where(and(eq(sessions.roomId, room.id), isNull(sessions.endedAt)))
		.for('update');
	// Ended by the last leave between the two statements: the next one begins.
	return session ?? runningSession(ctx, room);
}

/**
 * Enter a room. The first to come begins a session; whoever is in it already, on another screen, stays in
 * the same visit. Returns the visit, which lasts while its live channel is open.
 */
export async function enterRoom(
	ctx: Context,
	input: { roomId: string }
): Promise<{ roomId: RoomId; sessionId: string; visitId: string; role: Role }> {
	const roomId = idOf('room').parse(input.roomId);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'room.enter', placeOf(room));
		const { personId } = requireActor(ctx);
		const role = roleIn(ctx, room);
		const session = await runningSession(ctx, room);
		const at = ctx.now();
		const [begun] = await ctx.db
			.insert(visits)
			.values({ sessionId: session.id, roomId, spacePath: room.spacePath, personId, role, joinedAt: at, lastSeenAt: at })
			.onConflictDoNothing()
			.returning();
		if (begun) {
			const place = { spacePath: room.spacePath, roomId, sessionId: session.id };
			await record(ctx, [{ key: `visit:${begun.id}:joined`, verb: 'joined', actorId: personId, role, startedAt: at, ...place }]);
			await publish(ctx.db, { kind: 'room', roomId });
			return { roomId, sessionId: session.id, visitId: begun.id, role };
		}
		const [visit] = await ctx.db
			.update(visits)
			.set({ lastSeenAt: at })
			.where(and(eq(visits.sessionId, session.id), eq(visits.personId, personId), isNull(visits.leftAt)))
			.returning();
		if (!visit) throw new Error('a visit ended while its session was locked');
		return { roomId, sessionId: session.id, visitId: visit.id, role: visit.role };
	});
}
