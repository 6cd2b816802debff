import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { PersonId } from '#lib/ids.ts';
import type { Actor } from '#lib/server/context.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import { hatOf } from '#lib/spaces/model.ts';
import type { Hat, Membership } from '#lib/spaces/model.ts';
import { putOff } from './idle.ts';

/** Who sent a request with these headers, in which capacity; null when nobody is signed in. */
export async function whoAsks(services: Services, headers: Headers): Promise<Actor | null> {
	if (!headers.has('cookie')) return null;
	const found = await services.auth.api.getSession({ headers });
	if (!found) return null;
	const personId = found.user.personId as PersonId;
	const person = await standing(services, personId);
	if (!person) return null;
	await putOff(services, found.session);
	return {
		personId,
		accountId: found.user.id,
		signInId: found.session.id,
		name: person.name,
		mustChangePassword: found.user.mustChangePassword,
		...inHat(person.memberships, found.session.hat)
	};
}

/** A sign-in as it stands now; null when it ended or the person left. */
export async function whoHolds(services: Services, signInId: string): Promise<Actor | null> {
	return (await whoHold(services, [signInId])).get(signInId) ?? null;
}

/** Sign-ins as they stand now, for sockets that outlive their request; without those that ended or whose person left. */
export async function whoHold(services: Services, signInIds: readonly string[]): Promise<Map<string, Actor>> {
	const now = services.now().toISOString();
	const { rows } = await query(systemContext(services), (ctx) =>
		ctx.db.execute<{
			sign_in_id: string;
			account_id: string;
			person_id: PersonId;
			name: string;
			hat: string | null;
			must_change_password: boolean;
			memberships: Membership[];
		}>(sql`
			select s.id as sign_in_id, a.id as account_id, p.id as person_id, p.name, s.hat, a.must_change_password,
				${openMemberships(now)} as memberships
			from sign_ins s join accounts a on a.id = s.user_id join people p on p.id = a.person_id
			where s.id in ${[...signInIds]} and s.expires_at > ${now}::timestamptz and p.left_at is null`)
	);
	return new Map(
		rows.map((row) => [
			row.sign_in_id,
			{
				personId: row.person_id,
				accountId: row.account_id,
				signInId: row.sign_in_id,
				name: row.name,
				mustChangePassword: row.must_change_password,
				...inHat(row.memberships, row.hat)
			}
		])
	);
}

/** Name and open memberships of a person who has not left. */
export async function standing(
	services: Services,
	personId: PersonId
): Promise<{ name: string; memberships: Membership[] } | null> {
	const now = services.now().toISOString();
	const { rows } = await query(systemContext(services), (ctx) =>
		ctx.db.execute<{ name: string; memberships: Membership[] }>(
			sql`select p.name, ${openMemberships(now)} as memberships from people p where p.id = ${personId} and p.left_at is null`
		)
	);
	return rows[0] ?? null;
}

/**
 * The memberships of the person `p` that are open at a time, as JSON. Memberships are the domain above this one, which
 * may not be imported here; they are read by the name of their table.
 */
function openMemberships(now: string): SQL {
	const today = now.slice(0, 10);
	return sql`coalesce(
		(select jsonb_agg(jsonb_build_object('spaceId', m.space_id, 'path', m.space_path::text, 'role', m.role) order by m.created_at, m.id)
		from memberships m where m.person_id = p.id and m.since <= ${today}::date and (m.until is null or m.until > ${today}::date)),
		'[]'
	)`;
}

/** The memberships of one capacity: the chosen one while the person has it, else the one with most of them, or the oldest. */
export function inHat(
	all: readonly Membership[],
	chosen: string | null | undefined
): Pick<Actor, 'hat' | 'hats' | 'memberships'> {
	const count = (hat: Hat) => all.filter(({ role }) => hatOf(role) === hat).length;
	const worn = [...new Set(all.map(({ role }) => hatOf(role)))].sort((one, other) => count(other) - count(one));
	const hat = worn.find((candidate) => candidate === chosen) ?? worn[0] ?? 'student';
	return { hat, hats: worn, memberships: all.filter(({ role }) => hatOf(role) === hat) };
}
