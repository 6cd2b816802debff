import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import type { PersonId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { policy } from '#lib/server/policy.ts';
import { grantsFor } from '#lib/server/rule.ts';
import { hatOf } from '#lib/spaces/model.ts';
import type { Role } from '#lib/spaces/model.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import { memberships } from '#lib/spaces/server/table.ts';

/** So many people are offered as owners; a class, a workshop, the teachers of a school. */
const most = 1_000;

const rolesOf = (room: RoomRow): Role[] =>
	(Object.entries(grantsFor(policy['project.change'], room.kind)) as [Role, readonly string[]][])
		.filter(([, relations]) => relations.includes('member'))
		.map(([role]) => role);

/** Who belongs to a room by name: who is a member of its space in a role that enters it. */
const ofRoom = (room: RoomRow) =>
	and(eq(memberships.spaceId, room.spaceId), isNull(memberships.until), inArray(memberships.role, rolesOf(room)));

/** The people who can own a task. Who may not list the members of the space, as a guardian, is shown the staff and himself. */
export async function peopleOf(ctx: Context, room: RoomRow): Promise<{ id: string; name: string; hat: string }[]> {
	const rows = await ctx.db
		.select({ id: people.id, name: people.name, role: memberships.role })
		.from(memberships)
		.innerJoin(people, eq(people.id, memberships.personId))
		.where(ofRoom(room))
		.orderBy(asc(people.number), asc(people.id))
		.limit(most);
	const all = may(ctx, 'member.list', await findSpace(ctx, room.spaceId));
	const shown = rows.filter(({ id, role }) => all || hatOf(role) === 'teacher' || id === ctx.actor?.personId);
	return [...new Map(shown.map(({ id, name, role }) => [id, { id, name, hat: hatOf(role) }])).values()];
}

/** Whether somebody belongs to the room, and whom the actor may therefore ask to do something. */
export async function isOfRoom(ctx: Context, room: RoomRow, personId: PersonId): Promise<boolean> {
	const offered = await peopleOf(ctx, room);
	return offered.some(({ id }) => id === personId);
}
