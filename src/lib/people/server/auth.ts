import { betterAuth } from 'better-auth/minimal';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { APIError, createAuthMiddleware, getSessionFromCtx } from 'better-auth/api';
import { twoFactor, username } from 'better-auth/plugins';
import type { Logger } from 'pino';
import type { Database } from '#lib/server/db.ts';
import type { Env } from '#src/env.ts';
import { endOf, longest } from './idle.ts';
import { signInLimits } from './limits.ts';
import { createPasswords } from './passwords.ts';
import { accounts, credentials, signIns, twoFactors, verifications } from './table.ts';

/** Header in which our own routes hand the trusted client address on; never taken from outside. */
export const addressHeader = 'x-space-address';

/**
 * The means to sign in. Never mounted as an HTTP handler: our routes call `auth.api` in-process, after our
 * own limits, and whatever better-auth serves beyond that stays out of reach.
 */
export function createAuth({ database, env, log }: { database: Database; env: Env; log: Logger }) {
	const origin = env.ORIGIN ?? `http://localhost:${env.PORT}`;
	const passwords = createPasswords();

	/** Whoever read a code over a shoulder cannot use it again. Taken before it is checked: of two at once one goes on. */
	const codesOnce = createAuthMiddleware(async (ctx) => {
		if (ctx.path !== '/two-factor/verify-totp') return;
		const account = (await getSessionFromCtx(ctx))?.user.id ?? (await halfSignedIn(ctx));
		if (account && !(await signInLimits({ database }).takeCode(account, String(ctx.body.code))))
			throw new APIError('UNAUTHORIZED');
	});

	return betterAuth({
		appName: '杏坛',
		baseURL: origin,
		secret: env.SPACE_SECRET,
		database: drizzleAdapter(database.db, {
			provider: 'pg',
			schema: { user: accounts, session: signIns, account: credentials, verification: verifications, twoFactor: twoFactors }
		}),
		user: {
			additionalFields: {
				personId: { type: 'string', required: true, input: false },
				mustChangePassword: { type: 'boolean', required: true, input: false }
			}
		},
		session: {
			expiresIn: longest,
			// Its refresh would hand out a new cookie with any request, also where none can be set; see idle.ts.
			disableSessionRefresh: true,
			// A sign-in that was ended must be over at once.
			cookieCache: { enabled: false },
			additionalFields: { hat: { type: 'string', required: false, input: false } }
		},
		databaseHooks: {
			session: {
				create: { before: async (signIn) => ({ data: { ...signIn, expiresAt: endOf(env, new Date(), signIn.createdAt) } }) }
			}
		},
		emailAndPassword: {
			enabled: true,
			disableSignUp: true,
			minPasswordLength: 1,
			maxPasswordLength: 200,
			password: passwords
		},
		plugins: [
			username({ displayUsername: false, minUsernameLength: 1, maxUsernameLength: 64, usernameValidator: () => true }),
			twoFactor({ issuer: '杏坛' })
		],
		hooks: { before: codesOnce },
		rateLimit: { enabled: false },
		telemetry: { enabled: false },
		advanced: {
			cookiePrefix: 'space',
			useSecureCookies: origin.startsWith('https:'),
			defaultCookieAttributes: { sameSite: 'lax', httpOnly: true, path: '/' },
			ipAddress: { ipAddressHeaders: [addressHeader] }
		},
		// Its sentences tell who was refused and why: not for the log, which holds no personal data.
		logger: { level: 'error', log: (_level, message) => log.error({ part: 'auth' }, message) }
	});
}

/** The account whose password was right, while its code is awaited. */
async function halfSignedIn({ context, getSignedCookie }: Parameters<Parameters<typeof createAuthMiddleware>[0]>[0]) {
	const challenge = await getSignedCookie(context.createAuthCookie('two_factor').name, context.secret);
	return challenge ? (await context.internalAdapter.findVerificationValue(challenge))?.value : undefined;
}

export type Auth = ReturnType<typeof createAuth>;
