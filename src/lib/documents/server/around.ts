import { and, asc, eq, isNull, lte } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { RoomId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { policy } from '#lib/server/policy.ts';
import { permits } from '#lib/server/rule.ts';
import { query } from '#lib/server/transaction.ts';
import { findRoom } from '#lib/rooms/server/index.ts';
import { memberships } from '#lib/spaces/server/table.ts';
import type { Role } from '#lib/spaces/model.ts';
import { findDocument } from './find.ts';
import { tablesOf } from './tables.ts';
import type { OnTable } from './tables.ts';

/** What a document lies among: its room, who may read it, and the other documents on the table. */
export interface Around {
	roomId: RoomId;
	people: { id: string; name: string; role: Role; tail: string | null }[];
	documents: OnTable[];
}

/** Of namesakes the end of their number tells who is meant; of nobody else it is told. */
function withTails(found: readonly { id: string; name: string; role: Role; number: string }[]): Around['people'] {
	const names = Map.groupBy(found, ({ name }) => name);
	return found.map(({ id, name, role, number }) => ({
		id,
		name,
		role,
		tail: (names.get(name)?.length ?? 0) > 1 ? number.slice(-3) : null
	}));
}

/** A class has 50 members; a school meeting may have hundreds. */
const mostPeople = 1000;

/** Who and what can be named in a document, for whoever may read it: all of them see it too. */
export async function seeAround(ctx: Context, input: { documentId: string }): Promise<Around> {
	const documentId = idOf('document').parse(input.documentId);
	return query(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'document.read', place);
		const { spaceId } = await findRoom(ctx, document.roomId);
		const today = ctx.now().toISOString().slice(0, 10);
		const members = await ctx.db
			.select({ id: people.id, name: people.name, role: memberships.role, number: people.number })
			.from(memberships)
			.innerJoin(people, eq(people.id, memberships.personId))
			.where(
				and(eq(memberships.spaceId, spaceId), isNull(memberships.until), lte(memberships.since, today), isNull(people.leftAt))
			)
			.orderBy(asc(people.number))
			.limit(mostPeople);
		const readers = members.filter(({ role }) => permits(policy['document.read'], [{ role, path: place.path, spaceId }], place));
		const tables = await tablesOf(ctx, [document.roomId]);
		return {
			roomId: document.roomId,
			// Who is several things here is named once.
			people: withTails([...new Map(readers.map((person) => [person.id, person])).values()]),
			documents: (tables[document.roomId] ?? []).filter(({ id }) => id !== documentId)
		};
	});
}
