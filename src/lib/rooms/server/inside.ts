import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import type { RoomId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import type { Inside } from '../model.ts';
import { visits } from './table.ts';

/** Who is in these rooms now, in the order in which they came. */
export async function insideOf(ctx: Context, roomIds: readonly RoomId[]): Promise<(Inside & { roomId: RoomId })[]> {
	if (roomIds.length === 0) return [];
	const rows = await ctx.db
		.select({ roomId: visits.roomId, personId: visits.personId, name: people.name, role: visits.role, joinedAt: visits.joinedAt })
		.from(visits)
		.innerJoin(people, eq(people.id, visits.personId))
		.where(and(inArray(visits.roomId, [...roomIds]), isNull(visits.leftAt)))
		.orderBy(asc(visits.joinedAt));
	return rows.map(({ joinedAt, ...row }) => ({ ...row, since: joinedAt.toISOString() }));
}
