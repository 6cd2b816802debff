import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Client } from 'pg';
import { databaseUrl, withClient } from './postgres.ts';
import type { Postgres } from './postgres.ts';
import type { Secrets } from './secrets.ts';

const EXTENSIONS = ['ltree', 'pg_trgm', 'pgcrypto', 'btree_gist'];

export interface SpaceDatabase {
	/** As the owner of the tables. */
	ownerUrl: string;
	/** As the role that row-level security binds. */
	appUrl: string;
}

/** Makes the space's roles and its database where they are missing. */
export async function prepareSpaceDatabase(postgres: Postgres, secrets: Secrets, name = 'space'): Promise<SpaceDatabase> {
	await withClient(postgres.url('postgres'), async (client) => {
		await ensureRole(client, 'space_owner', secrets.ownerPassword);
		await ensureRole(client, 'space_app', secrets.appPassword);
		await ensureDatabase(client, name, 'space_owner');
		await client.query(`REVOKE ALL ON DATABASE ${quote(name)} FROM PUBLIC`);
		await client.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${quote(name)} TO space_app`);
	});
	await withClient(postgres.url(name), async (client) => {
		await client.query('GRANT ALL ON SCHEMA public TO space_owner');
		await furnish(client, 'space_owner');
	});
	return spaceDatabase(postgres.port, secrets, name);
}

/** What the migrations expect of a database whose tables `owner` will own. */
async function furnish(client: Client, owner: string): Promise<void> {
	for (const extension of EXTENSIONS) await client.query(`CREATE EXTENSION IF NOT EXISTS ${extension}`);
	await client.query('GRANT USAGE ON SCHEMA public TO space_app');
	const owned = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quote(owner)} IN SCHEMA public`;
	await client.query(`${owned} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO space_app`);
	await client.query(`${owned} GRANT USAGE, SELECT ON SEQUENCES TO space_app`);
}

/** The addresses of a database that exists already; without one for the application, that of the role we make there. */
export function existingDatabase(ownerUrl: string, appUrl: string | undefined, secrets: Secrets): SpaceDatabase {
	if (!URL.canParse(ownerUrl))
		throw new Error('DATABASE_URL: 不是地址。It is not an address such as postgres://owner:password@host/space.');
	if (appUrl) return { ownerUrl, appUrl };
	const url = new URL(ownerUrl);
	url.username = 'space_app';
	url.password = secrets.appPassword;
	return { ownerUrl, appUrl: url.href };
}

/** Makes a database that exists already ready for the migrations, or throws a sentence that says what its administrator has to do. */
export async function prepareExistingDatabase(database: SpaceDatabase, secrets: Secrets, makesRole: boolean): Promise<void> {
	await withClient(database.ownerUrl, async (client) => {
		const { rows } = await client.query(
			"SELECT current_user AS owner, current_setting('server_version_num')::int AS version, EXISTS (SELECT FROM pg_roles WHERE rolname = 'space_app') AS has_app"
		);
		const { owner, version, has_app: hasApp } = rows[0];
		if (version < 150_000) {
			throw new Error('数据库须是 PostgreSQL 15 或更新。The database must be PostgreSQL 15 or newer.');
		}
		try {
			if (!hasApp && makesRole) await ensureRole(client, 'space_app', secrets.appPassword);
			await furnish(client, owner);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			throw new Error(
				`DATABASE_URL 的账号不能备好数据库（${reason}），请管理员照 docs/operations.md 先做好。The role of DATABASE_URL could not prepare the database (${reason}): docs/operations.md says what its administrator runs once.`,
				{ cause: error }
			);
		}
	}).catch(explain('DATABASE_URL'));
	await withClient(database.appUrl, async (client) => {
		const { rows } = await client.query(
			'SELECT rolname AS name, rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = current_user'
		);
		if (rows[0].free || rows[0].name !== 'space_app') {
			throw new Error(
				'DATABASE_APP_URL 要用角色 space_app，它不能绕过行级安全。DATABASE_APP_URL must be the role space_app, which may not bypass row-level security.'
			);
		}
	}).catch(explain('DATABASE_APP_URL'));
}

/** A database that does not answer, or not to this role, is said by the name of its setting, never with the password. */
function explain(setting: string): (error: unknown) => never {
	return (error) => {
		if (!(error instanceof Error) || !('code' in error)) throw error;
		throw new Error(`${setting}: 连不上数据库。The database does not let us in: ${error.message || error.code}`, {
			cause: error
		});
	};
}

/** The addresses of a space's database. */
export function spaceDatabase(port: number, secrets: Secrets, name = 'space'): SpaceDatabase {
	return {
		ownerUrl: databaseUrl(port, name, 'space_owner', secrets.ownerPassword),
		appUrl: databaseUrl(port, name, 'space_app', secrets.appPassword)
	};
}

/** Makes Synapse's role and database; it insists on the C collation. */
export async function prepareSynapseDatabase(postgres: Postgres, secrets: Secrets): Promise<void> {
	await withClient(postgres.url('postgres'), async (client) => {
		await ensureRole(client, 'synapse', secrets.synapsePassword);
		await ensureDatabase(client, 'synapse', 'synapse', "LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8'");
		await client.query('REVOKE ALL ON DATABASE synapse FROM PUBLIC');
	});
}

async function ensureRole(client: Client, role: string, password: string): Promise<void> {
	const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
	const rights = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION';
	await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${quote(role)} ${rights} PASSWORD ${escapeLiteral(password)}`);
}

async function ensureDatabase(client: Client, name: string, owner: string, options = ''): Promise<void> {
	const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
	if (rowCount === 0) await client.query(`CREATE DATABASE ${quote(name)} OWNER ${quote(owner)} TEMPLATE template0 ${options}`);
}

function quote(name: string): string {
	return escapeIdentifier(name);
}
