import { and, asc, eq, inArray, isNotNull, isNull, ne, sql } from 'drizzle-orm';
import type { RoomId, SessionId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { statements } from '#lib/records/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import { policy } from '#lib/server/policy.ts';
import { grantsFor } from '#lib/server/rule.ts';
import type { Role } from '#lib/spaces/model.ts';
import { grantsOf, rulesOf } from '../model.ts';
import type { GroupsNow, Outsider, Participant, RoomKind, RoomState, Spotlight } from '../model.ts';
import { groupMembers, groupSets, participants, rooms, sessions, utterances, visits } from './table.ts';

/** Whether who is in a room of this kind in this role leads there. */
export const leads = (kind: RoomKind, role: Role): boolean =>
	grantsFor(policy['room.lead'], kind)[role]?.includes('member') ?? false;

/** Who was heard in these sessions, or speaks now; one look at an index, however long the session. */
async function speakersIn(ctx: Context, sessionIds: readonly SessionId[]): Promise<ReadonlySet<string>> {
	if (sessionIds.length === 0) return new Set();
	const [heard, speaking] = [
		await ctx.db
			.selectDistinct({ personId: statements.actorId })
			.from(statements)
			.where(and(inArray(statements.sessionId, [...sessionIds]), eq(statements.verb, 'spoke'))),
		await ctx.db
			.select({ personId: utterances.personId })
			.from(utterances)
			.where(inArray(utterances.sessionId, [...sessionIds]))
	];
	return new Set([...heard, ...speaking].map(({ personId }) => personId));
}

async function groupsNow(ctx: Context, roomId: RoomId): Promise<GroupsNow | null> {
	const [set] = await ctx.db
		.select()
		.from(groupSets)
		.where(and(eq(groupSets.roomId, roomId), isNotNull(groupSets.openedAt)));
	if (!set?.openedAt) return null;
	const groups = await ctx.db
		.select({ roomId: rooms.id, name: rooms.title })
		.from(rooms)
		.where(and(eq(rooms.setId, set.id), isNull(rooms.closedAt)))
		.orderBy(asc(rooms.position));
	const members = await ctx.db.select().from(groupMembers).where(eq(groupMembers.setId, set.id));
	return {
		setId: set.id,
		title: set.title,
		choice: set.choice,
		openedAt: set.openedAt.toISOString(),
		endsAt: set.endsAt?.toISOString() ?? null,
		message: set.messageAt && { text: set.message, at: set.messageAt.toISOString() },
		groups: groups.map((group) => ({
			...group,
			people: members.filter(({ groupId }) => groupId === group.roomId).map(({ personId }) => personId)
		}))
	};
}

async function spotlightIn(ctx: Context, roomId: RoomId): Promise<Spotlight | null> {
	const [session] = await ctx.db
		.select({ spotlight: sessions.spotlight })
		.from(sessions)
		.where(and(eq(sessions.roomId, roomId), isNull(sessions.endedAt)));
	return session?.spotlight ?? null;
}

/** Everything about the session of a room, as those see it who lead. Null when there is no such room. */
export async function stateOf(ctx: Context, roomId: RoomId): Promise<RoomState | null> {
	const [room] = await ctx.db.select({ kind: rooms.kind, rules: rooms.rules }).from(rooms).where(eq(rooms.id, roomId));
	if (!room) return null;
	const rules = rulesOf(room);
	const inside = await ctx.db
		.select({
			personId: visits.personId,
			name: people.name,
			role: visits.role,
			since: visits.joinedAt,
			onStage: participants.onStage,
			denied: participants.denied,
			handAt: participants.handAt,
			need: participants.need,
			sessionId: visits.sessionId
		})
		.from(visits)
		.innerJoin(people, eq(people.id, visits.personId))
		.leftJoin(participants, and(eq(participants.roomId, visits.roomId), eq(participants.personId, visits.personId)))
		.where(and(eq(visits.roomId, roomId), isNull(visits.leftAt)))
		.orderBy(asc(visits.joinedAt));
	const speakers = await speakersIn(ctx, [...new Set(inside.map(({ sessionId }) => sessionId))]);
	const outside = await ctx.db
		.select({
			personId: participants.personId,
			name: people.name,
			role: participants.role,
			admission: participants.admission,
			since: participants.since,
			message: participants.message
		})
		.from(participants)
		.innerJoin(people, eq(people.id, participants.personId))
		.where(and(eq(participants.roomId, roomId), ne(participants.admission, 'in')))
		.orderBy(asc(participants.since));
	const spotlight = await spotlightIn(ctx, roomId);
	return {
		rules,
		groups: await groupsNow(ctx, roomId),
		// Whoever left is in the middle again when they come back.
		spotlight: spotlight && inside.some(({ personId }) => personId === spotlight.personId) ? spotlight : null,
		people: inside.map(({ since, handAt, sessionId: _, ...person }): Participant => {
			const [onStage, denied] = [person.onStage ?? false, person.denied ?? []];
			const led = leads(room.kind, person.role);
			return {
				...person,
				since: since.toISOString(),
				spoke: speakers.has(person.personId),
				leads: led,
				onStage,
				denied,
				can: grantsOf({ leads: led, onStage, denied }, rules),
				handAt: handAt?.toISOString() ?? null
			};
		}),
		outside: outside.map(({ since, ...person }) => ({ ...person, since: since.toISOString() }) as Outsider)
	};
}

/** What one of those in the session is told: who needs help, what is forbidden to whom and who waits is for those who lead. */
export function stateFor(state: RoomState, personId: string): RoomState {
	if (state.people.some((person) => person.personId === personId && person.leads)) return state;
	const own = (person: Participant) =>
		person.personId === personId ? person : { ...person, denied: [], need: null, spoke: false };
	return { ...state, people: state.people.map(own), outside: [] };
}

/** Who writes in the chat of a room: everybody but the silent ones, or only those who lead when it is closed. */
export async function writersOf(
	ctx: Context,
	roomId: RoomId
): Promise<{ closed: boolean; voices: string[]; silent: string[] } | null> {
	const state = await stateOf(ctx, roomId);
	if (!state) return null;
	const denied = await ctx.db
		.select({ personId: participants.personId })
		.from(participants)
		.where(and(eq(participants.roomId, roomId), sql`${participants.denied} ? 'chat'`, inArray(participants.admission, ['in'])));
	return {
		closed: !state.rules.chat,
		voices: state.people.filter(({ leads }) => leads).map(({ personId }) => personId),
		silent: denied.map(({ personId }) => personId)
	};
}
