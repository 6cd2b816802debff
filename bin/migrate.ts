import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import { withClient } from './servers/postgres.ts';

const migrationsFolder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'migrations');
/** Any number that no other lock of this database uses. */
const MIGRATION_LOCK = 7_216_340_021;

/** Brings the database to the newest shape; two that start at once take turns. Returns how many migrations ran. */
export async function migrate(ownerUrl: string): Promise<number> {
	return withClient(ownerUrl, async (client) => {
		await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
		const before = await countApplied(client);
		await applyMigrations(drizzle(client), { migrationsFolder });
		return (await countApplied(client)) - before;
	});
}

async function countApplied(client: Parameters<Parameters<typeof withClient>[1]>[0]): Promise<number> {
	const { rows } = await client.query("SELECT to_regclass('drizzle.__drizzle_migrations') AS found");
	if (!rows[0].found) return 0;
	const { rows: counted } = await client.query('SELECT count(*)::int AS applied FROM drizzle.__drizzle_migrations');
	return counted[0].applied;
}
