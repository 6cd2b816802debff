import { sql } from 'drizzle-orm';
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

/** A sign-in as it stands now, for sockets that outlive their request; null when it ended or the person left. */
export async function whoHolds(services: Services, signInId: string): Promise<Actor | null> {
	const now = services.now();
	const rows = await services.database.db.execute<{
		id: string;
		person_id: string;
		hat: string | null;
		must_change_password: boolean;
	}>(
		sql`select a.id, a.person_id, s.hat, a.must_change_password from sign_ins s join accounts a on a.id = s.user_id
			where s.id = ${signInId} and s.expires_at > ${now.toISOString()}::timestamptz`
	);
	const [held] = rows.rows;
	const person = held && (await standing(services, held.person_id as PersonId));
	if (!held || !person) return null;
	return {
		personId: held.person_id as PersonId,
		accountId: held.id,
		signInId,
		name: person.name,
		mustChangePassword: held.must_change_password,
		...inHat(person.memberships, held.hat)
	};
}

/**
 * Name and open memberships of a person who has not left. Memberships are the domain above this one, which
 * may not be imported here; they are read by the name of their table.
 */
export async function standing(
	services: Services,
	personId: PersonId
): Promise<{ name: string; memberships: Membership[] } | null> {
	const today = services.now().toISOString().slice(0, 10);
	const { rows } = await query(systemContext(services), (ctx) =>
		ctx.db.execute<{ name: string; memberships: Membership[] }>(sql`
			select p.name, coalesce(
				(select jsonb_agg(jsonb_build_object('spaceId', m.space_id, 'path', m.space_path::text, 'role', m.role) order by m.created_at, m.id)
				from memberships m where m.person_id = p.id and m.since <= ${today}::date and (m.until is null or m.until > ${today}::date)),
				'[]'
			) as memberships
			from people p where p.id = ${personId} and p.left_at is null`)
	);
	return rows[0] ?? null;
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
