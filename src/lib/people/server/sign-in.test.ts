import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#lib/ids.ts';
import type { PersonId } from '#lib/ids.ts';
import { audit } from '#lib/records/server/table.ts';
import { requestContext } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { createOTP } from '@better-auth/utils/otp';
import { addPerson, ask, openWorld, placeIn, signIn, worldPassword } from '#tests/support/world.ts';
import type { World } from '#tests/support/world.ts';
import { createPasswords } from './passwords.ts';
import { signIn as enter } from './sign-in.ts';
import { whoHolds } from './who-asks.ts';
import { accounts, people, signIns } from './table.ts';

let world: World;
let hash: string;
beforeAll(async () => {
	world = await openWorld();
	hash = await createPasswords().hash(worldPassword);
});
afterAll(() => world.close());

let added = 0;
async function newPerson(more: Partial<Parameters<typeof addPerson>[1]> = {}): Promise<{ number: string; personId: PersonId }> {
	const number = `P${++added}`;
	const personId = newId<'person'>();
	const homePath = placeIn(world.places, 'east').path;
	await transaction(world.system, (ctx) => addPerson(ctx, { personId, number, name: `人${added}`, homePath, hash, ...more }));
	return { number, personId };
}
const tryIn = (login: string, password: string, address?: string, cookie?: string) =>
	ask(world.services, '/sign-in', { body: { login, password }, address, cookie });
/** What a browser keeps of the cookies when its person signs out. */
const deviceIn = (cookie: string) => /space\.device=[^;]*/.exec(cookie)?.[0] ?? '';

describe('signing in', () => {
	it('takes the number in any case, or the e-mail', async () => {
		const { number } = await newPerson({ email: 'lin@school.example' });
		expect((await tryIn(number.toLowerCase(), worldPassword)).status).toBe(200);
		expect((await tryIn('Lin@School.Example', worldPassword)).status).toBe(200);
	});

	it('answers a wrong password, an unknown number and a person who left alike', async () => {
		const { number } = await newPerson();
		const left = await newPerson();
		await transaction(world.system, ({ db }) =>
			db.update(people).set({ leftAt: new Date() }).where(eq(people.id, left.personId))
		);
		const answers = [await tryIn(number, 'wrong'), await tryIn('nobody', 'wrong'), await tryIn(left.number, worldPassword)];
		expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
		expect(answers[0]?.status).toBe(401);
		expect(answers[0]?.body.title).toBe('账号或密码不对。');
	});

	it('takes as long for an unknown number as for a wrong password', async () => {
		const passwords = createPasswords();
		const times: Record<'known' | 'unknown' | 'hash', number> = { known: Infinity, unknown: Infinity, hash: Infinity };
		// The quickest of each is kept, since other work of the machine only ever adds.
		const time = async (what: keyof typeof times, work: () => Promise<unknown>) => {
			const from = performance.now();
			await work();
			times[what] = Math.min(times[what], performance.now() - from);
		};
		const alike = () => Math.abs(times.known - times.unknown) < times.hash * 0.6;
		// On a busy machine more are needed until each was once alone; a hash left out would show however many there are.
		let number = '';
		for (let round = 0; round < 12 || (round < 60 && !alike()); round++) {
			// Another address each time, and other numbers after a while, so that no limit answers instead.
			if (round % 12 === 0) ({ number } = await newPerson());
			await time('known', () => tryIn(number, 'wrong', `10.7.0.${round}`));
			await time('unknown', () => tryIn(`nobody-${Math.floor(round / 12)}`, 'wrong', `10.7.1.${round}`));
			await time('hash', () => passwords.hash('wrong'));
		}
		expect(alike(), JSON.stringify(times)).toBe(true);
	});

	it('audits every try, done and refused, without the password or the number', async () => {
		const { number, personId } = await newPerson();
		await tryIn(number, 'wrong');
		await tryIn(number, worldPassword);
		const rows = await query(world.system, ({ db }) =>
			db.select().from(audit).where(eq(audit.personId, personId)).orderBy(audit.id)
		);
		expect(rows.map(({ verb, outcome, address }) => [verb, outcome, address])).toEqual([
			['signIn', 'refused', '10.0.0.1'],
			['signIn', 'done', '10.0.0.1']
		]);
		expect(JSON.stringify(rows)).not.toContain('wrong"}');
		expect(JSON.stringify(rows)).not.toContain(number);
	});

	it('keeps hashes of argon2id, and no token in the clear of a cookie without its signature', async () => {
		expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
		const cookie = await signIn(world.services, 'teacher-east1', worldPassword);
		const forged = cookie.replace(/\.[^.;]*(;|$)/, '.forged$1');
		expect((await ask(world.services, '/me', { cookie })).status).toBe(200);
		expect((await ask(world.services, '/me', { cookie: forged })).status).toBe(401);
	});
});

describe('a first password', () => {
	it('opens nothing but its replacement, and ends every other sign-in when replaced', async () => {
		const { number } = await newPerson({ mustChangePassword: true });
		const first = await signIn(world.services, number, worldPassword);
		const other = await signIn(world.services, number, worldPassword);
		const refused = await ask(world.services, '/hat', { body: { hat: 'student' }, cookie: first });
		expect([refused.status, refused.body.key]).toEqual([403, 'error.changePasswordFirst']);
		expect((await ask(world.services, '/me', { cookie: first })).body.mustChangePassword).toBe(true);

		expect((await ask(world.services, '/password', { body: { next: '柳絮池塘淡淡风' }, cookie: first })).body.key).toBe(
			'people.passwordShort'
		);
		expect((await ask(world.services, '/password', { body: { next: `${number}-0123456` }, cookie: first })).body.key).toBe(
			'people.passwordOwn'
		);
		expect((await ask(world.services, '/password', { body: { next: 'woaini1314520' }, cookie: first })).body.key).toBe(
			'people.passwordCommon'
		);
		expect((await ask(world.services, '/password', { body: { next: worldPassword }, cookie: first })).body.key).toBe(
			'people.passwordSame'
		);
		expect((await ask(world.services, '/password', { body: { next: '梨花院落溶溶月 柳絮池塘' }, cookie: first })).status).toBe(
			200
		);

		expect((await ask(world.services, '/me', { cookie: first })).body.mustChangePassword).toBe(false);
		expect((await ask(world.services, '/me', { cookie: other })).status).toBe(401);
		expect((await tryIn(number, worldPassword)).status).toBe(401);
		expect((await tryIn(number, '梨花院落溶溶月 柳絮池塘')).status).toBe(200);
	});

	it('is asked for again before a later change', async () => {
		const { number } = await newPerson();
		const cookie = await signIn(world.services, number, worldPassword);
		const next = 'correct horse battery staple';
		expect((await ask(world.services, '/password', { body: { next }, cookie })).body.key).toBe('people.wrongPassword');
		expect((await ask(world.services, '/password', { body: { current: worldPassword, next }, cookie })).status).toBe(200);
	});
});

describe('limits', () => {
	it('make one account wait at one address after five failures, and nobody else there', async () => {
		const attacked = await newPerson();
		const neighbour = await newPerson();
		const at = '10.1.0.1';
		for (let failure = 0; failure < 5; failure++) expect((await tryIn(attacked.number, 'wrong', at)).status).toBe(401);
		const waits = await tryIn(attacked.number, worldPassword, at);
		expect([waits.status, waits.body.title]).toEqual([429, '错误次数太多，请 15 分钟后再试，或请学校管理员重置密码。']);
		expect((await tryIn(neighbour.number, worldPassword, at)).status).toBe(200);
		expect((await tryIn(attacked.number, worldPassword, '10.1.0.2')).status).toBe(200);
	});

	it('count guesses that come at the same moment', async () => {
		const { number } = await newPerson();
		const answers = await Promise.all(Array.from({ length: 20 }, () => tryIn(number, 'wrong', '10.1.1.1')));
		expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
		expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
	});

	it('after twenty failures from anywhere let in only the addresses that the account knows', async () => {
		const { number } = await newPerson();
		const home = '10.2.0.1';
		expect((await tryIn(number, worldPassword, home)).status).toBe(200);
		for (let guess = 0; guess < 20; guess++) expect((await tryIn(number, 'wrong', `10.3.0.${guess}`)).status).toBe(401);
		expect((await tryIn(number, worldPassword, '10.4.0.1')).status).toBe(429);
		expect((await tryIn(number, worldPassword, home)).status).toBe(200);
	});

	it('let a pupil in on a device that the account knows while a classmate at the same address guesses', async () => {
		const [pupil, classmate] = [await newPerson(), await newPerson()];
		const at = '10.8.0.1';
		const device = deviceIn(await signIn(world.services, pupil.number, worldPassword, at));
		const other = deviceIn(await signIn(world.services, classmate.number, worldPassword, at));
		const guess = (cookie?: string) => tryIn(pupil.number, 'wrong', at, cookie);
		for (let failure = 0; failure < 5; failure++) expect((await guess(other)).status).toBe(401);

		const status = async (cookie?: string) => (await tryIn(pupil.number, worldPassword, at, cookie)).status;
		const [name = '', mark = ''] = device.split('.').slice(1);
		const borrowed = `space.device=${name}.${other.split('.').at(-1)}`;
		const forged = [
			undefined,
			other,
			borrowed,
			`space.device=${name}.${'A'.repeat(22)}`,
			`space.device=${'A'.repeat(22)}.${mark}`,
			`space.device=${name}`,
			`space.device=${'.'.repeat(4_000)}`,
			`space.device=%00.${mark}`
		];
		for (const cookie of forged) expect([cookie, await status(cookie)]).toEqual([cookie, 429]);
		expect(await status(device)).toBe(200);
		// Its own allowance is no larger than that of an address.
		for (let failure = 0; failure < 5; failure++) expect((await guess(device)).status).toBe(401);
		expect(await status(device)).toBe(429);
	});

	it('know a device after twenty failures from anywhere, wherever it is', async () => {
		const { number } = await newPerson();
		const device = deviceIn(await signIn(world.services, number, worldPassword, '10.8.1.1'));
		for (let guess = 0; guess < 20; guess++) expect((await tryIn(number, 'wrong', `10.8.2.${guess}`)).status).toBe(401);
		expect((await tryIn(number, worldPassword, '10.8.3.1')).status).toBe(429);
		expect((await tryIn(number, worldPassword, '10.8.3.1', device)).status).toBe(200);
	});

	it('remember the last eight accounts of a device, in a cookie without a name or number', async () => {
		const first = await newPerson();
		let cookie = deviceIn(await signIn(world.services, first.number, worldPassword));
		const name = cookie.split('.')[1];
		for (let more = 0; more < 8; more++) {
			const { number } = await newPerson();
			cookie = deviceIn((await tryIn(number, worldPassword, '10.8.4.1', cookie)).cookie);
			expect(cookie.split('.')[1]).toBe(name);
		}
		expect(cookie).toMatch(/^space\.device=[\w-]{22}(\.[\w-]{22}){8}$/);
		for (let failure = 0; failure < 5; failure++) await tryIn(first.number, 'wrong', '10.8.4.1');
		expect((await tryIn(first.number, worldPassword, '10.8.4.1', cookie)).status).toBe(429);
	});

	it('do not keep a signed-in person from a new password because somebody at the same address guesses', async () => {
		const { number } = await newPerson();
		const at = '10.8.5.1';
		const cookie = await signIn(world.services, number, worldPassword, at);
		for (let failure = 0; failure < 6; failure++) await tryIn(number, 'wrong', at);
		const change = (current: string) =>
			ask(world.services, '/password', { body: { current, next: 'correct horse battery staple' }, cookie, address: at });
		for (let failure = 0; failure < 4; failure++) expect((await change('wrong')).body.key).toBe('people.wrongPassword');
		expect((await change(worldPassword)).status).toBe(200);
	});

	it('let sixty pupils of one address in within a minute while somebody there guesses at others', async () => {
		const school = '10.5.0.1';
		const pupils = await Promise.all(Array.from({ length: 60 }, () => newPerson()));
		const attacked = await newPerson();
		expect((await tryIn(attacked.number, worldPassword, '10.5.9.9')).status).toBe(200);
		const from = performance.now();
		const guesses = Array.from({ length: 60 }, (_, guess) =>
			tryIn(attacked.number, 'wrong', guess % 2 ? school : `10.6.0.${guess}`)
		);
		const answers = await Promise.all(pupils.map(({ number }) => tryIn(number, worldPassword, school)));
		await Promise.all(guesses);
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(60);
		expect(performance.now() - from).toBeLessThan(60_000);
		expect((await tryIn(attacked.number, worldPassword, '10.5.9.9')).status).toBe(200);
	}, 90_000);
});

describe('the second step', () => {
	/** Somebody who is asked for codes, and the codes of the app: of now, or of so many steps later. */
	async function withTwoFactor() {
		const { number } = await newPerson();
		const cookie = await signIn(world.services, number, worldPassword);
		const { body } = await ask(world.services, '/two-factor/enable', { body: { password: worldPassword }, cookie });
		const otp = createOTP(fromBase32(new URL(body.uri).searchParams.get('secret') ?? ''));
		const step = Math.floor(Date.now() / 30_000);
		const code = (later: number) => otp.hotp(step + later);
		const confirm = (code: string) => ask(world.services, '/two-factor/confirm', { body: { code }, cookie });
		const half = async () => (await tryIn(number, worldPassword)).cookie;
		const second = (cookie: string, code: string) => ask(world.services, '/sign-in/two-factor', { body: { code }, cookie });
		return { number, code, confirm, half, second, backupCodes: body.backupCodes as string[] };
	}

	it('is asked for once the app has shown a code, and takes a code or a backup code, not a wrong one', async () => {
		const { number, code, confirm, half, second, backupCodes } = await withTwoFactor();
		expect((await confirm('000000')).body.key).toBe('people.wrongCode');
		expect((await confirm(await code(0))).status).toBe(200);

		const asked = await tryIn(number, worldPassword);
		expect(asked.body).toEqual({ twoFactor: true });
		expect((await ask(world.services, '/me', { cookie: asked.cookie })).status).toBe(401);
		expect((await second(asked.cookie, '000000')).status).toBe(401);
		const whole = await second(asked.cookie, await code(1));
		expect(whole.status).toBe(200);
		expect((await ask(world.services, '/me', { cookie: whole.cookie })).body.twoFactor).toBe(true);
		expect((await second(await half(), backupCodes[0] ?? '')).status).toBe(200);
	});

	it('takes a code once, also when it comes twice at the same moment', async () => {
		const { code, confirm, half, second } = await withTwoFactor();
		expect((await confirm(await code(0))).status).toBe(200);
		expect((await second(await half(), await code(0))).body.key).toBe('people.wrongCode');

		const next = await code(1);
		const sides = [await half(), await half()];
		const answers = await Promise.all(sides.map((cookie) => second(cookie, next)));
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
		expect((await second(await half(), next)).status).toBe(401);
	});
});

describe('roles', () => {
	it('are switched in the same sign-in, and each sees only its own', async () => {
		const { number, personId } = await newPerson();
		const [east1, west1] = [placeIn(world.places, 'east1'), placeIn(world.places, 'west1')];
		await transaction(world.system, async ({ db }) => {
			for (const [place, role] of [
				[east1, 'teacher'],
				[west1, 'guardian']
			] as const) {
				await db.execute(
					sql`insert into memberships (id, person_id, space_id, space_path, role, since) values (${newId()}, ${personId}, ${place.id}, ${place.path}::ltree, ${role}, '2026-01-01')`
				);
			}
		});
		const cookie = await signIn(world.services, number, worldPassword);
		const changed = new Promise((resolve) =>
			world.services.changes.on('access', (change) => change.personId === personId && resolve(change))
		);
		const seen = async (id: string) => (await ask(world.services, `/spaces/${id}`, { cookie })).status;
		expect((await ask(world.services, '/hat', { body: { hat: 'teacher' }, cookie })).status).toBe(200);
		await changed;
		expect([await seen(east1.id), await seen(west1.id)]).toEqual([200, 404]);
		expect((await ask(world.services, '/hat', { body: { hat: 'guardian' }, cookie })).status).toBe(200);
		expect([await seen(east1.id), await seen(west1.id)]).toEqual([404, 200]);
		expect((await ask(world.services, '/hat', { body: { hat: 'schoolAdmin' }, cookie })).status).toBe(403);
	});
});

describe('a sign-in that nobody uses', () => {
	const hour = 3_600_000;
	/** A sign-in, and the row that says when it ends. */
	async function signedIn() {
		const { number, personId } = await newPerson();
		const cookie = await signIn(world.services, number, worldPassword);
		const { db } = world.services.database;
		const ofPerson = eq(signIns.userId, sql`(select id from accounts where person_id = ${personId})`);
		const row = async () => (await db.select().from(signIns).where(ofPerson))[0];
		const left = async () => ((await row())?.expiresAt.getTime() ?? 0) - Date.now();
		const set = (times: { createdAt?: Date; expiresAt?: Date }) => db.update(signIns).set(times).where(ofPerson);
		const me = async (services = world.services) => (await ask(services, '/me', { cookie })).status;
		return { number, cookie, row, left, set, me };
	}
	const minutesApart = (one: number, other: number) => Math.abs(one - other) / 60_000;

	it('ends after the hours of the setting, and with each use later', async () => {
		const { row, left, set, me } = await signedIn();
		expect(minutesApart(await left(), 12 * hour)).toBeLessThan(6);
		await set({ expiresAt: new Date(Date.now() + hour) });
		expect(await me()).toBe(200);
		expect(minutesApart(await left(), 12 * hour)).toBeLessThan(6);

		const strict = { ...world.services, env: { ...world.services.env, SIGN_IN_IDLE_HOURS: 2 } };
		expect(await me(strict)).toBe(200);
		expect(minutesApart(await left(), 2 * hour)).toBeLessThan(6);

		await set({ expiresAt: new Date(Date.now() - 1) });
		expect(await whoHolds(world.services, (await row())?.id ?? '')).toBeNull();
		expect(await me()).toBe(401);
	});

	it('ends after thirty days however much it is used, as its cookie does', async () => {
		const { number, left, set, me } = await signedIn();
		await set({ createdAt: new Date(Date.now() - 30 * 24 * hour + hour), expiresAt: new Date(Date.now() + 12 * hour) });
		expect(await me()).toBe(200);
		expect(minutesApart(await left(), hour)).toBeLessThan(6);
		const ctx = requestContext(world.services, { actor: null, address: '10.0.0.1', requestId: null });
		const { cookies } = await enter(ctx, { login: number, password: worldPassword }, new Headers());
		expect(cookies.find((cookie) => cookie.includes('session_token'))).toContain('Max-Age=2592000');
	});
});

describe('signing out', () => {
	it('ends the sign-in at once and tells who listens', async () => {
		const { number, personId } = await newPerson();
		const cookie = await signIn(world.services, number, worldPassword);
		const told = new Promise((resolve) =>
			world.services.changes.on('signedOut', (change) => change.personId === personId && resolve(change))
		);
		expect((await ask(world.services, '/sign-out', { method: 'POST', cookie })).status).toBe(200);
		await told;
		expect((await ask(world.services, '/me', { cookie })).status).toBe(401);
		const [account] = await world.services.database.db.select().from(accounts).where(eq(accounts.personId, personId));
		expect(
			await world.services.database.db
				.select()
				.from(signIns)
				.where(eq(signIns.userId, account?.id ?? ''))
		).toEqual([]);
	});
});

/** The secret as the app keeps it; the address of the code holds it in base32. */
function fromBase32(text: string): string {
	const bits = [...text]
		.map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
		.join('');
	return String.fromCharCode(...(bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
