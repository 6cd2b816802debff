import { pino } from 'pino';
import { createAuth } from '#lib/people/server/auth.ts';
import { openChanges } from '#lib/server/changes.ts';
import { openDatabase } from '#lib/server/db.ts';
import type { Services } from '#lib/server/services.ts';
import { readEnv } from '#src/env.ts';
import { createDatabase } from './servers.ts';

export interface TestServices extends Services {
	close(): Promise<void>;
}

/** The services of a process on a new, empty database; without voice and chat unless given. */
export async function openServices(given: Partial<Services> = {}): Promise<TestServices> {
	const { appUrl } = await createDatabase();
	const env = readEnv({
		NODE_ENV: 'test',
		ORIGIN: 'http://localhost:3000',
		DATABASE_APP_URL: appUrl,
		SPACE_SECRET: 'a secret of the tests, thirty-two and more',
		LOG_LEVEL: 'warn'
	});
	const log = pino({ level: env.LOG_LEVEL });
	const database = openDatabase(appUrl, log, 8);
	const changes = await openChanges(appUrl, log);
	const services: Services = {
		env,
		log,
		database,
		changes,
		auth: createAuth({ database, env, log }),
		media: null,
		chat: null,
		collab: { state: async () => ({ ok: true }) },
		now: () => new Date(),
		...given
	};
	return {
		...services,
		async close() {
			await changes.close();
			await database.close();
		}
	};
}
