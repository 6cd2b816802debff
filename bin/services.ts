import { pino } from 'pino';
import { createAuth } from '#lib/people/server/index.ts';
import { openChanges } from '#lib/server/changes.ts';
import { openDatabase } from '#lib/server/db.ts';
import type { Services } from '#lib/server/services.ts';
import type { Env } from '#src/env.ts';

/** What a command needs of the space: its database. Voice and chat hear of changes through it. */
export async function withServices<Result>(env: Env, run: (services: Services) => Promise<Result>): Promise<Result> {
	const log = pino({ level: env.LOG_LEVEL }, pino.destination(2));
	const database = openDatabase(env.DATABASE_APP_URL, log, 4);
	try {
		const changes = await openChanges(env.DATABASE_APP_URL, log);
		const services: Services = {
			env,
			log,
			database,
			changes,
			auth: createAuth({ database, env, log }),
			media: null,
			chat: null,
			collab: { state: async () => ({ ok: false, reason: 'not part of a command' }) },
			now: () => new Date()
		};
		return await run(services).finally(() => changes.close());
	} finally {
		await database.close();
	}
}
