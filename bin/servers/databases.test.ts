import { expect, test } from 'vitest';
import { createDatabase } from '#tests/support/servers.ts';
import { withClient } from './postgres.ts';

test('the application connects as a role that owns nothing and does not bypass row-level security', async () => {
	const { appUrl } = await createDatabase();
	const { rows } = await withClient(appUrl, (client) =>
		client.query(`SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
			(SELECT count(*)::int FROM pg_class WHERE relowner = pg_roles.oid) AS owns
			FROM pg_roles WHERE rolname = current_user`)
	);
	expect(rows).toEqual([
		{ rolname: 'space_app', rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, owns: 0 }
	]);
});

test('every test gets a database of the newest shape in well under a second', async () => {
	await createDatabase();
	const begun = performance.now();
	const { ownerUrl } = await createDatabase();
	expect(performance.now() - begun).toBeLessThan(1000);
	const { rows } = await withClient(ownerUrl, (client) =>
		client.query("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname")
	);
	expect(rows.map(({ extname }) => extname)).toEqual(['btree_gist', 'ltree', 'pg_trgm', 'pgcrypto']);
});

test('the application may not make tables', async () => {
	const { appUrl } = await createDatabase();
	await expect(withClient(appUrl, (client) => client.query('CREATE TABLE mine (id int)'))).rejects.toThrow(/permission denied/);
});
