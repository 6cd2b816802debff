import { and, eq, isNull, or, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { PersonId } from '#lib/ids.ts';
import { accounts, people } from '#lib/people/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import { visiblePaths } from '#lib/server/transaction.ts';
import { isWithin } from '../model.ts';
import type { Role } from '../model.ts';
import type { SpaceRow } from './find.ts';
import { spaces } from './table.ts';

export interface Candidate {
	id: PersonId;
	name: string;
	/** The school or region that enrolled the person. */
	home: string | null;
}

/**
 * The one person who may be taken into a space in a role: in a workshop a teacher of the same region, elsewhere
 * somebody of the schools that the asker sees; whoever is to teach must be a teacher of a school already.
 * Runs with the sight of the space itself, since a workshop joins schools: what may be seen is said here.
 */
export async function findCandidate(
	ctx: Context,
	space: SpaceRow,
	role: Role,
	who: { personId: PersonId } | { number: string }
): Promise<Candidate | null> {
	const named: SQL =
		'personId' in who ? eq(people.id, who.personId) : eq(accounts.username, who.number.normalize('NFKC').toLowerCase());
	const [person] = await ctx.db
		.select({
			id: people.id,
			name: people.name,
			home: sql<string | null>`(select h.name from ${spaces} h where h.path = ${people.homePath})`
		})
		.from(people)
		.leftJoin(accounts, eq(accounts.personId, people.id))
		.where(and(named, isNull(people.leftAt), ctx.actor ? within(ctx, space, role) : undefined));
	return person ?? null;
}

function within(ctx: Context, space: SpaceRow, role: Role): SQL | undefined {
	const reach = space.kind === 'workshop' ? space.path.split('.')[0] : widest(ctx, space.path);
	if (reach === undefined) return sql`false`;
	const belongs = (condition: SQL) => sql`exists (
		select from memberships m join spaces s on s.id = m.space_id
		where m.person_id = ${people.id} and m.until is null and m.space_path <@ ${reach}::ltree and ${condition})`;
	if (space.kind !== 'school' && (role === 'teacher' || role === 'headTeacher'))
		return belongs(sql`m.role in ('teacher', 'headTeacher') and s.kind in ('school', 'class')`);
	return or(sql`${people.homePath} <@ ${reach}::ltree`, belongs(sql`true`));
}

/** The widest of the paths that the asker sees around a space. */
const widest = (ctx: Context, path: string): string | undefined =>
	visiblePaths(ctx)
		.filter((seen) => isWithin(path, seen))
		.sort((one, other) => one.length - other.length)[0];
