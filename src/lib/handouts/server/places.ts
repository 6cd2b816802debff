import { and, desc, eq, inArray, isNotNull } from 'drizzle-orm';
import type { Id, PersonId, RoomId } from '#lib/ids.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { groupMembers, groupSets, rooms } from '#lib/rooms/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { handouts } from './table.ts';

interface Owner {
	personId: PersonId;
	name: string;
}

/**
 * A place for each person, in which copies of their own lie: a group of one, of a set that is never shown and never
 * opened. So all that guards groups guards it: its person and those who lead get at it, and nobody else.
 */
export async function placesFor(
	ctx: Context,
	room: RoomRow,
	owners: readonly Owner[]
): Promise<{ placesId: Id<'groupSet'>; roomOf: ReadonlyMap<string, RoomId> }> {
	const placesId = (await placesIn(ctx, room.id)) ?? (await openPlaces(ctx, room));
	const there = await ctx.db
		.select({ personId: groupMembers.personId, roomId: groupMembers.groupId })
		.from(groupMembers)
		.where(
			and(
				eq(groupMembers.setId, placesId),
				inArray(
					groupMembers.personId,
					owners.map(({ personId }) => personId)
				)
			)
		);
	const roomOf = new Map<string, RoomId>(there.map(({ personId, roomId }) => [personId, roomId]));
	const missing = owners.filter(({ personId }) => !roomOf.has(personId));
	if (missing.length === 0) return { placesId, roomOf };
	const made = await ctx.db
		.insert(rooms)
		.values(
			missing.map(({ name }, position) => ({
				spaceId: room.spaceId,
				spacePath: room.spacePath,
				kind: room.kind,
				rules: { stage: 'open' as const },
				title: name.slice(0, 80),
				position,
				parentId: room.id,
				setId: placesId,
				createdBy: requireActor(ctx).personId
			}))
		)
		.returning({ id: rooms.id });
	const members = missing.flatMap(({ personId }, index) => {
		const groupId = made[index]?.id;
		return groupId ? [{ setId: placesId, groupId, personId, spacePath: room.spacePath }] : [];
	});
	await ctx.db.insert(groupMembers).values(members);
	for (const { personId, groupId } of members) roomOf.set(personId, groupId);
	return { placesId, roomOf };
}

/** The set of the places of a room, once something was handed out there. */
async function placesIn(ctx: Context, roomId: RoomId): Promise<Id<'groupSet'> | null> {
	const [last] = await ctx.db
		.select({ placesId: handouts.placesId })
		.from(handouts)
		.where(and(eq(handouts.roomId, roomId), isNotNull(handouts.placesId)))
		.orderBy(desc(handouts.createdAt))
		.limit(1);
	return last?.placesId ?? null;
}

async function openPlaces(ctx: Context, room: RoomRow): Promise<Id<'groupSet'>> {
	const [set] = await ctx.db
		.insert(groupSets)
		.values({
			roomId: room.id,
			spacePath: room.spacePath,
			title: 'handouts',
			createdBy: requireActor(ctx).personId,
			archivedAt: ctx.now()
		})
		.returning({ id: groupSets.id });
	if (!set) throw new Error('a set of places was not inserted');
	return set.id;
}
