import { eq, or, sql } from 'drizzle-orm';
import type { PersonId } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/audit.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { systemContext } from '#lib/server/context.ts';
import { LimitReached, SignedOut } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { SecondFactor, SignIn } from '../model.ts';
import { auditSelf } from './audit-self.ts';
import { deviceOf } from './device.ts';
import { handedOn, isRefusal } from './handed-on.ts';
import { signInLimits } from './limits.ts';
import { accounts, people, signIns } from './table.ts';
import { inHat, standing } from './who-asks.ts';

export interface SignedIn {
	/** The password was right, and a code of the second factor is asked for. */
	twoFactor: boolean;
	cookies: string[];
}

/** Sign in with number or e-mail and password. Wrong, unknown and left answer alike, after the same time. */
export async function signIn(ctx: Context, input: SignIn, headers: Headers): Promise<SignedIn> {
	const { login, password } = SignIn.parse(input);
	const { services, address } = ctx;
	const account = await findAccount(ctx, login.toLowerCase());
	const limited = account?.id ?? login.toLowerCase();
	const device = deviceOf(services, headers);
	const from = { device: account && device.knownTo(account.id), address };
	const wait = await signInLimits(services).take(limited, from, async () => from.device !== null || knownAddress(ctx, account));
	if (wait > 0) {
		await auditSignIn(ctx, account, 'refused', 'limited');
		throw new LimitReached('people.tooManyTries', { minutes: Math.ceil(wait / 60) });
	}
	if (!account || account.left) {
		await (await services.auth.$context).password.hash(password);
		return refuse(ctx, account, account ? 'left' : 'unknown');
	}
	const answer = await services.auth.api
		.signInUsername({ body: { username: account.username, password }, headers: handedOn(ctx, headers), returnHeaders: true })
		.catch((thrown: unknown) => {
			if (isRefusal(thrown)) return null;
			throw thrown;
		});
	if (!answer) return refuse(ctx, account, 'password');
	const twoFactor = 'twoFactorRedirect' in answer.response;
	const cookies = answer.headers.getSetCookie();
	// The sign-in is handed over only once it stands in the audit.
	if ('token' in answer.response && !twoFactor) {
		await keepHat(ctx, account, answer.response.token);
		await auditSignIn(ctx, account, 'done');
		cookies.push(device.remember(account.id));
	}
	await signInLimits(services).giveBack(limited, from);
	return { twoFactor, cookies };
}

/** The second step of a sign-in: a code of the app, or a backup code. */
export async function signInWithCode(ctx: Context, input: SecondFactor, headers: Headers): Promise<SignedIn> {
	const { code } = SecondFactor.parse(input);
	const { api } = ctx.services.auth;
	const given = { headers: handedOn(ctx, headers), returnHeaders: true } as const;
	const verified = /^\d{6}$/.test(code)
		? api.verifyTOTP({ body: { code }, ...given })
		: api.verifyBackupCode({ body: { code }, ...given });
	const answer = await verified.catch((thrown: unknown) => {
		if (isRefusal(thrown)) return null;
		throw thrown;
	});
	if (!answer) {
		await auditSignIn(ctx, null, 'refused', 'code');
		throw new SignedOut('people.wrongCode');
	}
	const account = await findAccount(ctx, answer.response.user.name);
	if (!account || account.left) throw new SignedOut('people.wrongLogin');
	await keepHat(ctx, account, answer.response.token);
	await auditSignIn(ctx, account, 'done', 'code');
	const remembered = deviceOf(ctx.services, headers).remember(account.id);
	return { twoFactor: false, cookies: [...answer.headers.getSetCookie(), remembered] };
}

/** End this sign-in; open documents, chats and calls of it close. */
export async function signOut(ctx: Context, headers: Headers): Promise<string[]> {
	const { actor } = ctx;
	const { headers: answered } = await ctx.services.auth.api.signOut({ headers: handedOn(ctx, headers), returnHeaders: true });
	if (actor) {
		await transaction(ctx, async (ctx) => {
			await auditSelf(ctx, 'signOut');
			await publish(ctx.db, { kind: 'signedOut', personId: actor.personId, signInId: actor.signInId });
		});
	}
	return answered.getSetCookie();
}

interface Found {
	id: string;
	username: string;
	personId: PersonId;
	homePath: string;
	left: boolean;
}

async function findAccount(ctx: Context, login: string): Promise<Found | null> {
	return query(systemContext(ctx.services), async ({ db }) => {
		const [found] = await db
			.select({
				id: accounts.id,
				username: sql<string>`${accounts.username}`,
				personId: accounts.personId,
				homePath: people.homePath,
				left: sql<boolean>`${people.leftAt} is not null`
			})
			.from(accounts)
			.innerJoin(people, eq(people.id, accounts.personId))
			.where(or(eq(accounts.username, login), eq(accounts.email, login)))
			// A number that looks like somebody's e-mail address goes before that address.
			.orderBy(sql`${accounts.username} = ${login} desc`)
			.limit(1);
		return found ?? null;
	});
}

/** The capacity in which a sign-in begins stays until the person switches, whatever memberships come meanwhile. */
async function keepHat(ctx: Context, { personId }: Found, token: string | null | undefined): Promise<void> {
	const person = await standing(ctx.services, personId);
	if (!person || !token) return;
	const { hat } = inHat(person.memberships, null);
	await ctx.services.database.db.update(signIns).set({ hat }).where(eq(signIns.token, token));
}

/** Whether the account signed in from this address within thirty days. */
async function knownAddress(ctx: Context, account: Found | null): Promise<boolean> {
	if (!account || !ctx.address) return false;
	const since = new Date(ctx.now().getTime() - 30 * 86_400_000).toISOString();
	const { rows } = await query(systemContext(ctx.services), ({ db }) =>
		db.execute(sql`select 1 from audit where person_id = ${account.personId} and at > ${since}::timestamptz
			and verb = 'signIn' and outcome = 'done' and address = ${ctx.address} limit 1`)
	);
	return rows.length > 0;
}

async function refuse(ctx: Context, account: Found | null, reason: string): Promise<never> {
	await auditSignIn(ctx, account, 'refused', reason);
	throw new SignedOut('people.wrongLogin');
}

async function auditSignIn(ctx: Context, account: Found | null, outcome: 'done' | 'refused', reason?: string): Promise<void> {
	await transaction(ctx, (ctx) =>
		auditAct(ctx, {
			verb: 'signIn',
			object: { type: 'account', id: account?.id ?? null },
			personId: account?.personId ?? null,
			path: account?.homePath ?? null,
			outcome,
			detail: reason ? { reason } : {}
		})
	);
}
