import { and, asc, eq, gt, ilike, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { idOf } from '#lib/ids.ts';
import type { PersonId, SpaceId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';
import { findSpace } from '#lib/spaces/server/index.ts';

export const ListPeople = z.strictObject({
	schoolId: idOf('space'),
	search: z.string().trim().max(60).default(''),
	/** Where the page before ended. */
	after: z.uuid().optional(),
	limit: z.number().int().min(1).max(200).default(50)
});
export type ListPeople = z.input<typeof ListPeople>;

export interface EnrolledPerson {
	id: PersonId;
	number: string;
	name: string;
	left: boolean;
	mustChangePassword: boolean;
	memberships: { spaceId: SpaceId; space: string; role: Role }[];
}

/** The people of a school by number, a page at a time, with what they are in it. */
export async function listPeople(ctx: Context, input: ListPeople): Promise<{ people: EnrolledPerson[]; next: string | null }> {
	const { schoolId, search, after, limit } = ListPeople.parse(input);
	return query(ctx, async (ctx) => {
		const school = await findSpace(ctx, schoolId);
		authorize(ctx, 'roster.import', school);
		const like = `%${search.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
		const belongs = sql`(${people.homePath} <@ ${school.path}::ltree or exists (
			select 1 from memberships m where m.person_id = people.id and m.space_path <@ ${school.path}::ltree and m.until is null))`;
		const [from] = after
			? await ctx.db
					.select({ number: people.number })
					.from(people)
					.where(eq(people.id, after as PersonId))
			: [];
		const rows = await ctx.db
			.select({
				id: people.id,
				number: people.number,
				name: people.name,
				left: sql<boolean>`${people.leftAt} is not null`,
				mustChangePassword: sql<boolean>`coalesce((select a.must_change_password from accounts a where a.person_id = people.id), false)`,
				memberships: sql<EnrolledPerson['memberships']>`coalesce((
					select jsonb_agg(jsonb_build_object('spaceId', s.id, 'space', s.name, 'role', m.role) order by s.name, m.role)
					from memberships m join spaces s on s.id = m.space_id
					where m.person_id = people.id and m.until is null and s.kind <> 'personal' and s.path <@ ${school.path}::ltree), '[]')`
			})
			.from(people)
			.where(
				and(
					belongs,
					search ? or(ilike(people.name, like), ilike(people.number, like)) : undefined,
					from ? gt(people.number, from.number) : undefined
				)
			)
			.orderBy(asc(people.number))
			.limit(limit + 1);
		return { people: rows.slice(0, limit), next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null };
	});
}

/** The schools whose people the asker looks after. */
export async function mySchools(ctx: Context): Promise<{ id: SpaceId; name: string }[]> {
	const { rows } = await query(ctx, ({ db, actor }) => {
		const led = (actor?.memberships ?? [])
			.filter(({ role }) => role === 'schoolAdmin' || role === 'regionAdmin')
			.map(({ path }) => path);
		return db.execute<{ id: SpaceId; name: string }>(
			sql`select id, name from spaces where kind = 'school' and archived_at is null and path <@ any(${sql.param(led)}::ltree[]) order by name limit 200`
		);
	});
	return rows;
}
