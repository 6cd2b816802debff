import pg from 'pg';
import type { Logger } from 'pino';

/** Numbers that no other lock of this database uses: one for each kind of process. */
const lockKeys = { listener: 7_216_340_022, recorder: 7_216_340_023 } as const;

/** Of several processes of one kind, one leads: it holds a lock in PostgreSQL for as long as its connection lives. */
export interface Leader {
	/** Whether this process leads, trying to when none does. */
	leads(): Promise<boolean>;
	close(): Promise<void>;
}

export function standForLeader(url: string, log: Logger, kind: keyof typeof lockKeys): Leader {
	let client: pg.Client | undefined;

	async function connect(): Promise<pg.Client> {
		const fresh = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000 });
		fresh.on('error', (error) => {
			log.warn({ err: error }, 'the connection that holds the lead was lost');
			client = undefined;
		});
		fresh.on('end', () => (client = undefined));
		await fresh.connect();
		return fresh;
	}

	let leading: pg.Client | undefined;
	return {
		async leads() {
			client ??= await connect();
			if (leading === client) return true;
			const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [lockKeys[kind]]);
			leading = rows[0]?.got ? client : undefined;
			return leading !== undefined;
		},
		async close() {
			await client?.end();
		}
	};
}
