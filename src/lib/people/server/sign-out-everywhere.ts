import { eq } from 'drizzle-orm';
import type { PersonId } from '#lib/ids.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { accounts, signIns } from './table.ts';

/** Ends every sign-in of a person, as part of a verb that takes the account away or gives it a new password. */
export async function signOutEverywhere(ctx: Context, personId: PersonId): Promise<void> {
	const [account] = await ctx.db.select({ id: accounts.id }).from(accounts).where(eq(accounts.personId, personId));
	if (!account) return;
	await ctx.db.delete(signIns).where(eq(signIns.userId, account.id));
	await publish(ctx.db, { kind: 'signedOut', personId, signInId: null });
}
