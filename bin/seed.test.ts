import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openServices } from '#tests/support/services.ts';
import { ask, signIn } from '#tests/support/world.ts';
import { systemContext } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { readEnv } from '#src/env.ts';
import { seed } from './seed.ts';

test('the demonstration school is made once, whole, and its printed sign-ins open what their role sees', async () => {
	const services = await openServices();
	const env = readEnv({
		NODE_ENV: 'test',
		SPACE_SECRET: services.env.SPACE_SECRET,
		DATABASE_APP_URL: services.env.DATABASE_APP_URL,
		LOG_LEVEL: 'silent'
	});
	const log = { info: () => undefined, warn: () => undefined };
	const { signIns } = await seed(env, log);

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

	expect(signIns).toHaveLength(7);
	for (const { login, password, name } of signIns) {
		const me = await ask(services, '/me', { cookie: await signIn(services, login, password) });
		expect(me.body).toMatchObject({ name, mustChangePassword: false });
	}
	expect(await seed(env, log)).toEqual({ signIns: [] });
	await services.close();
});
