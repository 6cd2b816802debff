import { bigint, boolean, date, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { createdAt, key, ltree, moment, ref } from '#lib/server/columns.ts';

/** A real person of the roster. */
export const people = pgTable(
	'people',
	{
		id: key<'person'>(),
		name: text('name').notNull(),
		/** Staff or student number; guardians have the number that the school gives them. Signs in. */
		number: text('number').notNull(),
		email: text('email'),
		/** Path of the school (or region) that enrolled the person. */
		homePath: ltree('home_path').notNull(),
		createdAt: createdAt(),
		/** When the roster said that the person left; the account is frozen from then. */
		leftAt: moment('left_at')
	},
	(t) => [
		uniqueIndex('people_number').on(t.number),
		uniqueIndex('people_email').on(t.email),
		index('people_home').using('gist', t.homePath)
	]
);

export const guardianships = pgTable(
	'guardianships',
	{
		guardianId: ref<'person'>('guardian_id')
			.notNull()
			.references(() => people.id),
		childId: ref<'person'>('child_id')
			.notNull()
			.references(() => people.id),
		since: date('since').notNull(),
		until: date('until')
	},
	(t) => [primaryKey({ columns: [t.guardianId, t.childId] }), index('guardianships_child').on(t.childId)]
);

/** The means to sign in; better-auth's `user`. */
export const accounts = pgTable('accounts', {
	id: text('id').primaryKey(),
	name: text('name').notNull(),
	email: text('email').notNull().unique(),
	emailVerified: boolean('email_verified').notNull().default(false),
	image: text('image'),
	createdAt: createdAt(),
	updatedAt: moment('updated_at').notNull().defaultNow(),
	username: text('username').unique(),
	displayUsername: text('display_username'),
	twoFactorEnabled: boolean('two_factor_enabled').default(false),
	personId: ref<'person'>('person_id')
		.notNull()
		.unique()
		.references(() => people.id),
	mustChangePassword: boolean('must_change_password').notNull().default(true)
});

/** One signed-in browser; better-auth's `session` (a *session* in this product is a meeting in a room). */
export const signIns = pgTable(
	'sign_ins',
	{
		id: text('id').primaryKey(),
		token: text('token').notNull().unique(),
		userId: text('user_id')
			.notNull()
			.references(() => accounts.id, { onDelete: 'cascade' }),
		/** The capacity in which the person acts now; see `hats` in the spaces' model. */
		hat: text('hat'),
		expiresAt: moment('expires_at').notNull(),
		ipAddress: text('ip_address'),
		userAgent: text('user_agent'),
		createdAt: createdAt(),
		updatedAt: moment('updated_at').notNull().defaultNow()
	},
	(t) => [index('sign_ins_user').on(t.userId)]
);

/** Password hashes; better-auth's `account`. */
export const credentials = pgTable(
	'credentials',
	{
		id: text('id').primaryKey(),
		accountId: text('account_id').notNull(),
		providerId: text('provider_id').notNull(),
		userId: text('user_id')
			.notNull()
			.references(() => accounts.id, { onDelete: 'cascade' }),
		accessToken: text('access_token'),
		refreshToken: text('refresh_token'),
		idToken: text('id_token'),
		accessTokenExpiresAt: moment('access_token_expires_at'),
		refreshTokenExpiresAt: moment('refresh_token_expires_at'),
		scope: text('scope'),
		password: text('password'),
		createdAt: createdAt(),
		updatedAt: moment('updated_at').notNull().defaultNow()
	},
	(t) => [index('credentials_user').on(t.userId)]
);

export const verifications = pgTable(
	'verifications',
	{
		id: text('id').primaryKey(),
		identifier: text('identifier').notNull(),
		value: text('value').notNull(),
		expiresAt: moment('expires_at').notNull(),
		createdAt: createdAt(),
		updatedAt: moment('updated_at').notNull().defaultNow()
	},
	(t) => [index('verifications_identifier').on(t.identifier)]
);

export const twoFactors = pgTable(
	'two_factors',
	{
		id: text('id').primaryKey(),
		secret: text('secret').notNull(),
		backupCodes: text('backup_codes').notNull(),
		userId: text('user_id')
			.notNull()
			.references(() => accounts.id, { onDelete: 'cascade' }),
		verified: boolean('verified').notNull().default(true),
		failedVerificationCount: integer('failed_verification_count').notNull().default(0),
		lockedUntil: moment('locked_until')
	},
	(t) => [index('two_factors_user').on(t.userId)]
);

/** Counters of the rate limiter (rate-limiter-flexible's own layout). */
export const limits = pgTable('limits', {
	key: text('key').primaryKey(),
	points: integer('points').notNull().default(0),
	expire: bigint('expire', { mode: 'number' })
});
