import { and, eq, gt, ne } from 'drizzle-orm';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Invalid, LimitReached, SignedOut } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { ChangePassword, weaknessOf } from '../model.ts';
import { auditSelf } from './audit-self.ts';
import { signInLimits } from './limits.ts';
import { accounts, credentials, people, signIns } from './table.ts';

/** Replace one's password, the first one or a later one; every other sign-in of the account ends. */
export async function changePassword(ctx: Context, input: ChangePassword): Promise<void> {
	const { current, next } = ChangePassword.parse(input);
	const { actor } = ctx;
	if (!actor) throw new SignedOut();
	const [person] = await query(ctx, ({ db }) =>
		db.select({ number: people.number, name: people.name }).from(people).where(eq(people.id, actor.personId))
	);
	if (!person) throw new SignedOut();
	if (!actor.mustChangePassword) await confirmPassword(ctx, current ?? '');
	const weakness = weaknessOf(next, person);
	if (weakness) throw new Invalid(weakness);
	if (await isPassword(ctx, next)) throw new Invalid('people.passwordSame');
	const password = await (await ctx.services.auth.$context).password.hash(next);
	await transaction(ctx, async (ctx) => {
		await ctx.db
			.update(credentials)
			.set({ password, updatedAt: ctx.now() })
			.where(and(eq(credentials.userId, actor.accountId), eq(credentials.providerId, 'credential')));
		await ctx.db
			.update(accounts)
			.set({ mustChangePassword: false, updatedAt: ctx.now() })
			.where(eq(accounts.id, actor.accountId));
		const ended = await endOthers(ctx, actor);
		await auditSelf(ctx, 'password.change', { first: actor.mustChangePassword, ended });
	});
}

/** End every other sign-in of one's account. */
export async function signOutOthers(ctx: Context): Promise<number> {
	const { actor } = ctx;
	if (!actor) throw new SignedOut();
	return transaction(ctx, async (ctx) => {
		const ended = await endOthers(ctx, actor);
		await auditSelf(ctx, 'signOut.others', { ended });
		return ended;
	});
}

/** Where one is signed in now. */
export async function listSignIns(
	ctx: Context
): Promise<{ id: string; address: string | null; browser: string | null; since: string; current: boolean }[]> {
	const { actor } = ctx;
	if (!actor) throw new SignedOut();
	const rows = await query(ctx, ({ db }) =>
		db
			.select({ id: signIns.id, address: signIns.ipAddress, browser: signIns.userAgent, createdAt: signIns.createdAt })
			.from(signIns)
			.where(and(eq(signIns.userId, actor.accountId), gt(signIns.expiresAt, ctx.now())))
			.orderBy(signIns.createdAt)
			.limit(100)
	);
	return rows.map(({ createdAt, ...row }) => ({ ...row, since: createdAt.toISOString(), current: row.id === actor.signInId }));
}

/** Refuses unless this is the actor's password; wrong ones count like those at the door, for this sign-in alone. */
export async function confirmPassword(ctx: Context, password: string): Promise<void> {
	const { actor } = ctx;
	if (!actor) throw new SignedOut();
	const limits = signInLimits(ctx.services);
	const from = { device: actor.signInId, address: ctx.address };
	const wait = await limits.take(actor.accountId, from, async () => true);
	if (wait > 0) throw new LimitReached('people.tooManyTries', { minutes: Math.ceil(wait / 60) });
	if (!(await isPassword(ctx, password))) throw new Invalid('people.wrongPassword');
	await limits.giveBack(actor.accountId, from);
}

async function isPassword(ctx: Context, password: string): Promise<boolean> {
	const [credential] = await ctx.services.database.db
		.select({ password: credentials.password })
		.from(credentials)
		.where(and(eq(credentials.userId, ctx.actor?.accountId ?? ''), eq(credentials.providerId, 'credential')));
	if (!credential?.password) return false;
	return (await ctx.services.auth.$context).password.verify({ hash: credential.password, password });
}

async function endOthers(ctx: Context, actor: NonNullable<Context['actor']>): Promise<number> {
	const ended = await ctx.db
		.delete(signIns)
		.where(and(eq(signIns.userId, actor.accountId), ne(signIns.id, actor.signInId)))
		.returning({ id: signIns.id });
	for (const { id } of ended) await publish(ctx.db, { kind: 'signedOut', personId: actor.personId, signInId: id });
	return ended.length;
}
