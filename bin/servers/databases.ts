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
		for (const extension of EXTENSIONS) await client.query(`CREATE EXTENSION IF NOT EXISTS ${extension}`);
		await client.query('GRANT USAGE ON SCHEMA public TO space_app');
		await client.query('GRANT ALL ON SCHEMA public TO space_owner');
		const owned = 'ALTER DEFAULT PRIVILEGES FOR ROLE space_owner';
		await client.query(`${owned} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO space_app`);
		await client.query(`${owned} GRANT USAGE, SELECT ON SEQUENCES TO space_app`);
	});
	return spaceDatabase(postgres.port, secrets, name);
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
