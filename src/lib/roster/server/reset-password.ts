import { and, eq, isNull } from 'drizzle-orm';
import { z } from 'zod';
import { idOf } from '#lib/ids.ts';
import type { PersonId } from '#lib/ids.ts';
import { signOutEverywhere } from '#lib/people/server/index.ts';
import { accounts, credentials, people, twoFactors } from '#lib/people/server/table.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, NotFound } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { isWithin, schoolOf } from '#lib/spaces/model.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { memberships } from '#lib/spaces/server/table.ts';
import { newFirstPassword } from './first-password.ts';

export const ResetPassword = z.strictObject({ spaceId: idOf('space'), personId: idOf('person') });
export type ResetPassword = z.input<typeof ResetPassword>;

/** Give a person of a space a new first password; every sign-in of the account ends, and so does its second factor. */
export async function resetPassword(ctx: Context, input: ResetPassword): Promise<{ password: string }> {
	const { spaceId, personId } = ResetPassword.parse(input);
	const space = await query(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'password.reset', space);
		return space;
	});
	// What the person is elsewhere decides too, and the asker does not see that.
	const everywhere: Context = { ...ctx, system: true };
	await query(everywhere, (ctx) => mayReset(ctx, space, personId));
	return { password: await giveFirstPassword(everywhere, personId, space.path) };
}

/** Replaces the password of a person; also of the command line, where whoever runs it has the whole space. */
export async function giveFirstPassword(ctx: Context, personId: PersonId, path: string): Promise<string> {
	const password = newFirstPassword();
	const hash = await (await ctx.services.auth.$context).password.hash(password);
	await transaction(ctx, async (ctx) => {
		const [account] = await ctx.db
			.update(accounts)
			.set({ mustChangePassword: true, twoFactorEnabled: false, updatedAt: ctx.now() })
			.where(eq(accounts.personId, personId))
			.returning({ id: accounts.id });
		if (!account) throw new NotFound();
		await ctx.db.delete(twoFactors).where(eq(twoFactors.userId, account.id));
		await ctx.db.update(credentials).set({ password: hash, updatedAt: ctx.now() }).where(eq(credentials.userId, account.id));
		await signOutEverywhere(ctx, personId);
		await auditAct(ctx, { verb: 'password.reset', object: { type: 'person', id: personId }, path });
	});
	return password;
}

/**
 * A new password is the whole account with every capacity of it: who leads a class resets only those who are
 * nothing but its students and guardians, and who leads a school nobody who leads elsewhere.
 */
async function mayReset(ctx: Context, space: SpaceRow, personId: PersonId): Promise<void> {
	const [person] = await ctx.db
		.select({ homePath: people.homePath, leftAt: people.leftAt })
		.from(people)
		.where(eq(people.id, personId));
	const held = await ctx.db
		.select({ role: memberships.role, path: memberships.spacePath })
		.from(memberships)
		.where(and(eq(memberships.personId, personId), isNull(memberships.until)));
	const school = schoolOf(space.path);
	const inSpace = isWithin(person?.homePath ?? '', space.path) || held.some(({ path }) => isWithin(path, space.path));
	if (!person || person.leftAt || !inSpace) throw new NotFound();
	const leadsElsewhere = held.some(
		({ role, path }) => (role === 'schoolAdmin' || role === 'regionAdmin') && schoolOf(path) !== school
	);
	const onlyBelow = held.every(({ role }) => role === 'student' || role === 'guardian');
	const allowed = ctx.actor?.hat === 'schoolAdmin' ? !leadsElsewhere : onlyBelow;
	if (!allowed || !isWithin(person.homePath, school)) throw new Forbidden('roster.notYourPerson');
}
