import { and, eq, gt, inArray, isNull, lte, or } from 'drizzle-orm';
import type { PersonId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import { policy } from '#lib/server/policy.ts';
import { grantsFor } from '#lib/server/rule.ts';
import type { Role } from '#lib/spaces/model.ts';
import { memberships } from '#lib/spaces/server/table.ts';
import type { RoomRow } from './find.ts';
import { leads } from './state.ts';

export interface Belonging {
	personId: PersonId;
	name: string;
	number: string;
	role: Role;
}

/** Who belongs to a room: the members of its space who enter such rooms and do not lead them, as of a day. */
export async function belongingTo(ctx: Context, room: RoomRow, at: Date): Promise<Belonging[]> {
	const grants = grantsFor(policy['room.enter'], room.kind);
	const roles = (Object.keys(grants) as Role[]).filter((role) => grants[role]?.includes('member') && !leads(room.kind, role));
	if (roles.length === 0) return [];
	const day = at.toISOString().slice(0, 10);
	return ctx.db
		.selectDistinctOn([people.id], { personId: people.id, name: people.name, number: people.number, role: memberships.role })
		.from(memberships)
		.innerJoin(people, eq(people.id, memberships.personId))
		.where(
			and(
				eq(memberships.spaceId, room.spaceId),
				inArray(memberships.role, roles),
				lte(memberships.since, day),
				or(isNull(memberships.until), gt(memberships.until, day))
			)
		);
}
