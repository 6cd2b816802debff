import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import { newId } from '#lib/ids.ts';
import type { PersonId, SpaceId } from '#lib/ids.ts';
import { signOutEverywhere } from '#lib/people/server/index.ts';
import { accounts, credentials, guardianships, people } from '#lib/people/server/table.ts';
import { standardRooms } from '#lib/rooms/server/index.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { insertSpace } from '#lib/spaces/server/index.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import type { Role } from '#lib/spaces/model.ts';
import { memberships, spaces } from '#lib/spaces/server/table.ts';
import { numberKey } from '../model.ts';
import type { Plan, SchoolState } from '../plan.ts';
import type { FirstPassword } from './first-password.ts';

/** Rows that go to the database in one statement. */
const atOnce = 500;

/** Does what the plan says, in the transaction of the import. */
export async function applyPlan(
	ctx: Context,
	{
		school,
		state,
		plan,
		firstPasswords
	}: { school: SpaceRow; state: SchoolState; plan: Plan; firstPasswords: ReadonlyMap<string, FirstPassword> }
): Promise<void> {
	const today = ctx.now().toISOString().slice(0, 10);
	const places = new Map<string, { id: SpaceId; path: string }>([['', school]]);
	const classRows = await ctx.db
		.select({ id: spaces.id, name: spaces.name, path: spaces.path })
		.from(spaces)
		.where(inArray(spaces.id, [school.id, ...state.classes.map(({ id }) => id)]));
	for (const row of classRows) if (row.id !== school.id) places.set(row.name, row);
	for (const name of plan.newClasses) {
		const made = await insertSpace(ctx, { parent: school, kind: 'class', name });
		await standardRooms(ctx, made);
		places.set(name, made);
	}

	const ids = new Map<string, PersonId>(state.people.map((person) => [numberKey(person.number), person.id]));
	const idOf = (number: string): PersonId => {
		const id = ids.get(number);
		if (!id) throw new Conflict();
		return id;
	};
	await addPeople(ctx, school, plan, ids, firstPasswords);
	await changePeople(ctx, plan, idOf);

	const joined = plan.join.map(({ number, space, role }) => ({ personId: idOf(number), place: places.get(space), role }));
	await inChunks(joined, async (chunk) => {
		const rows = chunk.flatMap(({ personId, place, role }) =>
			place ? [{ personId, spaceId: place.id, spacePath: place.path, role, since: today }] : []
		);
		await ctx.db.insert(memberships).values(rows).onConflictDoNothing();
	});
	for (const { number, space, role } of plan.end) {
		await ctx.db
			.update(memberships)
			.set({ until: today })
			.where(
				and(
					eq(memberships.personId, idOf(number)),
					eq(memberships.spaceId, places.get(space)?.id ?? school.id),
					eq(memberships.role, role),
					isNull(memberships.until)
				)
			);
	}
	await joinPersonalSpaces(ctx, joined, today);
	await changeTies(ctx, plan, idOf, today);

	const knownBefore = new Set(state.people.map(({ id }) => id));
	const affected = new Set([...plan.join, ...plan.end].map(({ number }) => idOf(number)));
	for (const personId of affected) if (knownBefore.has(personId)) await publish(ctx.db, { kind: 'access', personId });
}

async function addPeople(
	ctx: Context,
	school: SpaceRow,
	plan: Plan,
	ids: Map<string, PersonId>,
	firstPasswords: ReadonlyMap<string, FirstPassword>
): Promise<void> {
	const fresh = plan.newPeople.map((row) => {
		const number = numberKey(row.number);
		const first = firstPasswords.get(number);
		// Somebody else imported meanwhile: the passwords were made for another plan.
		if (!first) throw new Conflict();
		const id = newId<'person'>();
		ids.set(number, id);
		return { row, number, id, accountId: newId<'account'>(), spaceId: newId<'space'>(), hash: first.hash };
	});
	await inChunks(fresh, async (chunk) => {
		await ctx.db
			.insert(people)
			.values(chunk.map(({ id, row }) => ({ id, name: row.name, number: row.number, email: row.email, homePath: school.path })));
		await ctx.db.insert(accounts).values(
			// The name of an account is its number: real names stay behind the walls.
			chunk.map(({ id, accountId, number, row }) => ({
				id: accountId,
				personId: id,
				name: number,
				username: number,
				email: row.email ?? `${number}@people.invalid`
			}))
		);
		await ctx.db.insert(credentials).values(
			chunk.map(({ accountId, hash }) => ({
				id: newId(),
				accountId,
				userId: accountId,
				providerId: 'credential',
				password: hash
			}))
		);
		await ctx.db.insert(spaces).values(
			chunk.map(({ spaceId, id, row }) => ({
				id: spaceId,
				parentId: school.id,
				kind: 'personal' as const,
				name: row.name,
				path: `${school.path}.${spaceId.replaceAll('-', '').slice(-16)}`,
				ownerId: id
			}))
		);
	});
}

async function changePeople(ctx: Context, plan: Plan, idOf: (number: string) => PersonId): Promise<void> {
	for (const { number, name } of plan.renamed) {
		await ctx.db
			.update(people)
			.set({ name })
			.where(eq(people.id, idOf(number)));
		await ctx.db
			.update(spaces)
			.set({ name })
			.where(eq(spaces.ownerId, idOf(number)));
	}
	for (const { number, email } of plan.newEmails) {
		await ctx.db
			.update(people)
			.set({ email })
			.where(eq(people.id, idOf(number)));
		await ctx.db
			.update(accounts)
			.set({ email, updatedAt: ctx.now() })
			.where(eq(accounts.personId, idOf(number)));
	}
	if (plan.returned.length > 0)
		await ctx.db
			.update(people)
			.set({ leftAt: null })
			.where(inArray(people.id, plan.returned.map(idOf)));
	for (const number of plan.leavers) {
		await ctx.db
			.update(people)
			.set({ leftAt: ctx.now() })
			.where(eq(people.id, idOf(number)));
		await signOutEverywhere(ctx, idOf(number));
	}
}

/** Everybody's own space belongs to each capacity in which he acts. */
async function joinPersonalSpaces(
	ctx: Context,
	joined: readonly { personId: PersonId; role: Role }[],
	since: string
): Promise<void> {
	const wanted = new Map(joined.map(({ personId, role }) => [`${personId} ${role}`, { personId, role }]));
	await inChunks([...wanted.values()], async (chunk) => {
		const own = await ctx.db
			.select({ id: spaces.id, path: spaces.path, ownerId: spaces.ownerId })
			.from(spaces)
			.where(sql`${spaces.ownerId} = any(${sql.param(chunk.map(({ personId }) => personId))}::uuid[])`);
		const byOwner = new Map(own.map((space) => [space.ownerId, space]));
		const rows = chunk.flatMap(({ personId, role }) => {
			const space = byOwner.get(personId);
			return space ? [{ personId, spaceId: space.id, spacePath: space.path, role, since }] : [];
		});
		if (rows.length > 0) await ctx.db.insert(memberships).values(rows).onConflictDoNothing();
	});
}

async function changeTies(ctx: Context, plan: Plan, idOf: (number: string) => PersonId, today: string): Promise<void> {
	await inChunks(plan.newTies, async (chunk) => {
		const rows = chunk.map(({ guardian, child }) => ({ guardianId: idOf(guardian), childId: idOf(child), since: today }));
		await ctx.db
			.insert(guardianships)
			.values(rows)
			.onConflictDoUpdate({ target: [guardianships.guardianId, guardianships.childId], set: { since: today, until: null } });
	});
	for (const { guardian, child } of plan.endedTies) {
		await ctx.db
			.update(guardianships)
			.set({ until: today })
			.where(and(eq(guardianships.guardianId, idOf(guardian)), eq(guardianships.childId, idOf(child))));
	}
}

async function inChunks<Item>(items: readonly Item[], work: (chunk: Item[]) => Promise<void>): Promise<void> {
	for (let from = 0; from < items.length; from += atOnce) await work(items.slice(from, from + atOnce));
}
