import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import { accounts, guardianships, people } from '#lib/people/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import { isWithin } from '#lib/spaces/model.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { memberships, spaces } from '#lib/spaces/server/table.ts';
import { numberKey } from '../model.ts';
import type { RosterRow } from '../model.ts';
import type { SchoolState } from '../plan.ts';

/** What a school is now, as far as a roster with these rows may change it. */
export async function readState(ctx: Context, school: SpaceRow, rows: readonly RosterRow[]): Promise<SchoolState> {
	const inSchool = sql`${memberships.spacePath} <@ ${school.path}::ltree`;
	const numbers = rows.flatMap((row) => [row.number, ...row.children]).map(numberKey);
	const classes = await ctx.db
		.select({ id: spaces.id, name: spaces.name })
		.from(spaces)
		.where(and(eq(spaces.parentId, school.id), eq(spaces.kind, 'class'), isNull(spaces.archivedAt)));
	const placeIds = [school.id, ...classes.map(({ id }) => id)];
	const open = await ctx.db
		.select({ personId: memberships.personId, spaceId: memberships.spaceId, role: memberships.role })
		.from(memberships)
		.where(and(inSchool, isNull(memberships.until), inArray(memberships.spaceId, placeIds)));
	const found = await ctx.db
		.select({
			id: people.id,
			number: people.number,
			name: people.name,
			email: people.email,
			homePath: people.homePath,
			leftAt: people.leftAt
		})
		.from(people)
		.where(
			or(
				sql`${people.homePath} <@ ${school.path}::ltree`,
				sql`lower(${people.number}) = any(${sql.param(numbers)}::text[])`,
				sql`exists (select 1 from ${memberships} where ${memberships.personId} = ${people.id} and ${inSchool} and ${memberships.until} is null)`
			)
		);
	const ids = found.map(({ id }) => id);
	const ties = await ctx.db
		.select({ guardianId: guardianships.guardianId, childId: guardianships.childId })
		.from(guardianships)
		.innerJoin(people, eq(people.id, guardianships.childId))
		.where(
			and(
				sql`${guardianships.childId} = any(${sql.param(ids)}::uuid[])`,
				sql`${people.homePath} <@ ${school.path}::ltree`,
				isNull(guardianships.until)
			)
		);
	const given = rows.flatMap((row) => row.email ?? []);
	const emails = await ctx.db
		.select({ email: accounts.email, personId: accounts.personId })
		.from(accounts)
		.where(sql`${accounts.email} = any(${sql.param(given)}::text[])`);
	return {
		school,
		classes,
		memberships: open,
		guardianships: ties,
		emails,
		people: found.map(({ homePath, leftAt, ...person }) => ({
			...person,
			left: leftAt !== null,
			ours: isWithin(homePath, school.path)
		}))
	};
}
