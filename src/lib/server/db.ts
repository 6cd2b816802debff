import { drizzle } from 'drizzle-orm/node-postgres';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Logger } from 'pino';

export type Db = NodePgDatabase;

export interface Database {
	readonly db: Db;
	readonly pool: pg.Pool;
	/** One connection more, for the logs of documents: who writes does not wait for a class that opens its page. */
	readonly logs: pg.Pool;
	close(): Promise<void>;
}

/** Connects to PostgreSQL as the application's role; a lost connection is logged, never fatal. */
export function openDatabase(url: string, log: Logger, size = 16): Database {
	const pool = openPool(url, log, size);
	const logs = openPool(url, log, 1);
	return { db: drizzle(pool), pool, logs, close: async () => void (await Promise.all([pool.end(), logs.end()])) };
}

function openPool(url: string, log: Logger, size: number): pg.Pool {
	const pool = new pg.Pool({
		connectionString: url,
		max: size,
		connectionTimeoutMillis: 5_000,
		statement_timeout: 30_000,
		// A process that falls silent in the middle of a transaction keeps no other from what it has locked.
		idle_in_transaction_session_timeout: 30_000
	});
	pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
	// One that is lost between two statements of a transaction says so to nobody else; the next statement fails.
	pool.on('connect', (client) => client.on('error', (error) => log.warn({ err: error }, 'a database connection was lost')));
	return pool;
}
