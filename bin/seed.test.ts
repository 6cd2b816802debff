import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { ask, signIn } from '#tests/support/world.ts';
import { systemContext } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { readEnv } from '#src/env.ts';
import { seed } from './seed.ts';
import { seedOnce } from './servers/demonstration.ts';
import type { SignIn } from './servers/demonstration.ts';
import type { Steps } from './servers/steps.ts';

test('the demonstration school is made once, whole, and its printed sign-ins open what their role sees', async () => {
	const services = await openServices();
	const { env, log } = forSeed(services);
	const kept: SignIn[] = [];
	await seed(env, log, (signIns) => kept.push(...signIns));

	const { rows } = await query(systemContext(services), ({ db }) =>
		db.execute(sql`select
			(select count(*)::int from spaces where kind = 'school') schools,
			(select count(*)::int from spaces where kind = 'class') classes,
			(select count(*)::int from spaces where kind = 'workshop') workshops,
			(select count(distinct person_id)::int from memberships where role in ('teacher', 'headTeacher')) teachers,
			(select count(distinct person_id)::int from memberships where role = 'student') students,
			(select count(distinct person_id)::int from memberships where role = 'guardian') guardians,
			(select count(*)::int from (select guardian_id from guardianships group by 1 having count(*) = 2) two) with_two,
			(select count(distinct m.person_id)::int from memberships m join memberships n using (person_id) where m.role = 'guardian' and n.role = 'teacher') both,
			(select count(*)::int from documents) documents,
			(select count(*)::int from spaces s where kind = 'personal' and not exists (select 1 from memberships m where m.space_id = s.id)) unowned`)
	);
	expect(rows[0]).toEqual({
		schools: 2,
		classes: 4,
		workshops: 1,
		teachers: 6,
		students: 40,
		guardians: 20,
		with_two: 2,
		both: 1,
		documents: 2,
		unowned: 0
	});

	expect(kept).toHaveLength(7);
	await expectOpen(services, kept);
	expect(await seed(env, log, (signIns) => kept.push(...signIns))).toBe(false);
	expect(kept).toHaveLength(7);
	await services.close();
});

test('a start that ends while the school is made loses no password of it', async () => {
	const services = await openServices();
	const dataFolder = temporaryFolder();
	const { env, settings, log } = forSeed(services);
	const failed = () => {
		throw new Error('the machine went down');
	};
	const regions = () =>
		query(systemContext(services), ({ db }) => db.execute(sql`select 1 from spaces where kind = 'region'`)).then(
			({ rows }) => rows.length
		);

	await expect(seed(env, log, failed)).rejects.toThrow('went down');
	expect(await regions()).toBe(0);

	const start = (info: (line: string) => void) => {
		const steps: Steps = { ...log, info, step: (_zh, _en, work) => work(), close: () => undefined };
		return seedOnce({ root: dirname(import.meta.dirname), dataFolder, settings, ownerUrl: services.ownerUrl, steps });
	};
	// What the seed says, it says once the school is there for good.
	await expect(start(failed)).rejects.toThrow('went down');
	expect(await regions()).toBe(1);
	const signIns = await start(log.info);
	expect(signIns).toHaveLength(7);
	await expectOpen(services, signIns);
	expect(statSync(join(dataFolder, 'demo.json')).mode & 0o777).toBe(0o600);
	expect(readdirSync(dataFolder)).toEqual(['demo.json']);
	expect(await start(log.info)).toEqual(signIns);
	await services.close();
});

function forSeed(services: TestServices) {
	const settings = {
		NODE_ENV: 'test',
		SPACE_SECRET: services.env.SPACE_SECRET,
		DATABASE_APP_URL: services.env.DATABASE_APP_URL,
		LOG_LEVEL: 'silent'
	};
	return { settings, env: readEnv(settings), log: { info: () => undefined, warn: () => undefined } };
}

async function expectOpen(services: TestServices, signIns: readonly SignIn[]): Promise<void> {
	for (const { login, password, name } of signIns) {
		const me = await ask(services, '/me', { cookie: await signIn(services, login, password) });
		expect(me.body).toMatchObject({ name, mustChangePassword: false });
	}
}
