import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import { people } from '#lib/people/server/table.ts';
import { idOf } from '#lib/ids.ts';
import type { PersonId, SpaceId } from '#lib/ids.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { kindsUnder } from '../model.ts';
import type { MadeKind, Role, SpaceKind } from '../model.ts';
import { createVerb } from './create.ts';
import { findSpace } from './find.ts';
import { memberships, spaces } from './table.ts';

export interface SpaceView {
	id: SpaceId;
	kind: SpaceKind;
	name: string;
	/** Names of the spaces above, from the region down. */
	above: { id: SpaceId; name: string; kind: SpaceKind }[];
	/** What the asker is in it. */
	roles: Role[];
	/** `create`: the kinds of space that the asker may make directly under it. */
	can: { openRoom: boolean; seeMembers: boolean; changeMembers: boolean; create: MadeKind[] };
}

/** The spaces of the present capacity: those one is a member of, closest first. */
export async function mySpaces(
	ctx: Context
): Promise<{ id: SpaceId; kind: SpaceKind; name: string; schoolName: string | null; roles: Role[] }[]> {
	const actor = requireActor(ctx);
	return query(ctx, async (ctx) => {
		const ids = [...new Set(actor.memberships.map(({ spaceId }) => spaceId as SpaceId))];
		if (ids.length === 0) return [];
		const rows = await ctx.db
			.select({
				id: spaces.id,
				kind: spaces.kind,
				name: spaces.name,
				// Written out: of a column of the only table Drizzle gives the bare name, which in here is one of `p`.
				parentName: sql<string | null>`(select p.name from spaces p where p.id = spaces.parent_id and p.kind = 'school')`
			})
			.from(spaces)
			.where(and(inArray(spaces.id, ids), isNull(spaces.archivedAt)))
			.orderBy(
				asc(sql`array_position(array['class', 'workshop', 'school', 'region', 'community', 'personal'], ${spaces.kind})`),
				asc(spaces.name)
			);
		return rows.map(({ parentName, ...space }) => ({ ...space, schoolName: parentName, roles: rolesOf(ctx, space.id) }));
	});
}

const rolesOf = (ctx: Context, spaceId: SpaceId): Role[] => [
	...new Set((ctx.actor?.memberships ?? []).filter((membership) => membership.spaceId === spaceId).map(({ role }) => role))
];

/** One space, with where it lies and what the asker can do there. */
export async function seeSpace(ctx: Context, input: { spaceId: string }): Promise<SpaceView> {
	const spaceId = idOf('space').parse(input.spaceId);
	return query(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'space.see', space);
		const above = await ctx.db
			.select({ id: spaces.id, name: spaces.name, kind: spaces.kind })
			.from(spaces)
			.where(and(sql`${spaces.path} @> ${space.path}::ltree`, sql`${spaces.id} <> ${space.id}`))
			.orderBy(sql`nlevel(${spaces.path})`);
		return {
			id: space.id,
			kind: space.kind,
			name: space.name,
			above,
			roles: rolesOf(ctx, space.id),
			can: {
				openRoom: may(ctx, 'room.open', space),
				seeMembers: may(ctx, 'member.list', space),
				changeMembers: may(ctx, 'member.change', space),
				create: (kindsUnder[space.kind] ?? []).filter((kind) => may(ctx, createVerb(kind), space))
			}
		};
	});
}

/** The spaces directly under one, as far as the asker may see them. */
export async function listUnder(
	ctx: Context,
	input: { spaceId: string }
): Promise<{ id: SpaceId; kind: SpaceKind; name: string; members: number }[]> {
	const spaceId = idOf('space').parse(input.spaceId);
	return query(ctx, async (ctx) => {
		const parent = await findSpace(ctx, spaceId);
		authorize(ctx, 'space.see', parent);
		const rows = await ctx.db
			.select({
				id: spaces.id,
				kind: spaces.kind,
				name: spaces.name,
				path: spaces.path,
				members: sql<number>`(select count(distinct person_id)::int from memberships m where m.space_id = spaces.id and m.until is null)`
			})
			.from(spaces)
			.where(and(eq(spaces.parentId, spaceId), isNull(spaces.archivedAt), sql`${spaces.kind} <> 'personal'`))
			.orderBy(asc(spaces.kind), asc(spaces.name));
		return rows.filter((space) => may(ctx, 'space.see', space)).map(({ path: _, ...space }) => space);
	});
}

const MembersPage = z.object({
	spaceId: idOf('space'),
	after: z.string().max(200).optional(),
	limit: z.coerce.number().int().min(1).max(200).default(100)
});

/** The members of a space, a page at a time: by role, and then as a Chinese reader looks for a name, by its sound. */
export async function listMembers(
	ctx: Context,
	input: z.input<typeof MembersPage>
): Promise<{
	members: { personId: PersonId; name: string; number: string | null; role: Role; since: string; removable: boolean }[];
	next: string | null;
}> {
	const { spaceId, after, limit } = MembersPage.parse(input);
	return query(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'member.list', space);
		// Numbers sign people in: only those who look after the list see them.
		const changes = may(ctx, 'member.change', space);
		const rank = sql<string>`(array_position(array['regionAdmin', 'schoolAdmin', 'headTeacher', 'teacher', 'student', 'guardian'], ${memberships.role}) || ${people.name} || ${memberships.id}) collate "zh-x-icu"`;
		const rows = await ctx.db
			.select({
				personId: people.id,
				name: people.name,
				number: people.number,
				role: memberships.role,
				since: memberships.since,
				rank
			})
			.from(memberships)
			.innerJoin(people, eq(people.id, memberships.personId))
			.where(and(eq(memberships.spaceId, spaceId), isNull(memberships.until), after ? sql`${rank} > ${after}` : undefined))
			.orderBy(rank)
			.limit(limit + 1);
		const members = rows.slice(0, limit).map(({ rank: _, number, ...member }) => ({
			...member,
			number: changes ? number : null,
			removable: changes && member.personId !== ctx.actor?.personId
		}));
		return { members, next: rows.length > limit ? (rows[limit - 1]?.rank ?? null) : null };
	});
}
