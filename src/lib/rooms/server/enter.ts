import { and, eq, isNull } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Forbidden } from '#lib/server/errors.ts';
import { policy } from '#lib/server/policy.ts';
import { permits } from '#lib/server/rule.ts';
import { transaction } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';
import { rulesOf } from '../model.ts';
import { findRoom, isKeptOut, placeOf } from './find.ts';
import type { RoomRow } from './find.ts';
import { participants, sessions, visits } from './table.ts';

/** Inside, in a visit that lasts while its live channel is open; or before the door. */
export type Entry =
	| { roomId: RoomId; role: Role; admission: 'in'; sessionId: string; visitId: string; message: '' }
	| { roomId: RoomId; role: Role; admission: 'waiting' | 'lobby'; sessionId: null; visitId: null; message: string };

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

/** Whether the door opens for the actor, waits, or stays shut with a sentence; whoever was in this session comes back. */
async function atTheDoor(
	ctx: Context,
	room: RoomRow,
	personId: PersonId
): Promise<{ admission: 'in' | 'waiting' | 'lobby'; message: string }> {
	const [known] = await ctx.db
		.select()
		.from(participants)
		.where(and(eq(participants.roomId, room.id), eq(participants.personId, personId)));
	// Sent out of the class, or before its door, is out of its groups too.
	if (room.parentId && (await isKeptOut(ctx, { ...room, id: room.parentId, parentId: null }, personId)))
		throw new Forbidden('rooms.keptOut');
	const rules = rulesOf(room);
	if (may(ctx, 'room.lead', placeOf(room)) || known?.admission === 'in') return { admission: 'in', message: '' };
	if (known?.admission === 'removed') throw new Forbidden('rooms.turnedOut', { message: known.message });
	if (known?.admission === 'lobby') return { admission: 'lobby', message: known.message };
	if (rules.locked) throw new Conflict('rooms.locked');
	return { admission: rules.lobby ? 'waiting' : 'in', message: '' };
}

/**
 * Enter a room. The first to come begins a session; whoever is in it already, on another screen, stays in
 * the same visit. Where the room has a lobby one waits first, in no session and with nothing of the room.
 */
export async function enterRoom(ctx: Context, input: { roomId: string }): Promise<Entry> {
	const roomId = idOf('room').parse(input.roomId);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId, { outside: true });
		authorize(ctx, 'room.enter', placeOf(room));
		const { personId } = requireActor(ctx);
		const role = roleIn(ctx, room);
		const at = ctx.now();
		const door = await atTheDoor(ctx, room, personId);
		const { spacePath } = room;
		// Before the participant is noted: the end of a session forgets its participants.
		const session = door.admission === 'in' ? await runningSession(ctx, room) : null;
		await ctx.db
			.insert(participants)
			.values({ roomId, spacePath, personId, role, admission: door.admission, since: at, lastSeenAt: at })
			.onConflictDoUpdate({
				target: [participants.roomId, participants.personId],
				set: { role, admission: door.admission, lastSeenAt: at }
			});
		if (door.admission !== 'in' || !session) {
			await publish(ctx.db, { kind: 'session', roomId });
			return {
				roomId,
				role,
				...door,
				admission: door.admission === 'lobby' ? 'lobby' : 'waiting',
				sessionId: null,
				visitId: null
			};
		}
		const [begun] = await ctx.db
			.insert(visits)
			.values({ sessionId: session.id, roomId, spacePath, personId, role, joinedAt: at, lastSeenAt: at })
			.onConflictDoNothing()
			.returning();
		if (begun) {
			const place = { spacePath, roomId, sessionId: session.id };
			await record(ctx, [{ key: `visit:${begun.id}:joined`, verb: 'joined', actorId: personId, role, startedAt: at, ...place }]);
			await publish(ctx.db, { kind: 'session', roomId });
			// Whoever leads writes also in a chat that is closed.
			if (!rulesOf(room).chat) await publish(ctx.db, { kind: 'voices', roomId });
			return { roomId, sessionId: session.id, visitId: begun.id, role, admission: 'in', message: '' };
		}
		const [visit] = await ctx.db
			.update(visits)
			.set({ lastSeenAt: at })
			.where(and(eq(visits.sessionId, session.id), eq(visits.personId, personId), isNull(visits.leftAt)))
			.returning();
		if (!visit) throw new Error('a visit ended while its session was locked');
		return { roomId, sessionId: session.id, visitId: visit.id, role: visit.role, admission: 'in', message: '' };
	});
}
