import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createAuth } from '#lib/people/server/index.ts';
import { openChanges } from '#lib/server/changes.ts';
import { openDatabase } from '#lib/server/db.ts';
import type { Services } from '#lib/server/services.ts';
import { readEnv } from '#src/env.ts';

export interface TestServices extends Services {
	/** The database as the owner of its tables; none when the test brought its own. */
	readonly ownerUrl: string;
	close(): Promise<void>;
}

interface Given extends Partial<Services> {
	/** A database that is there, as the application's role; otherwise a new, empty one is made. */
	databaseUrl?: string;
	settings?: Record<string, string>;
}

/** The services of a process, without voice and chat unless given. */
export async function openServices({ databaseUrl, settings, ...given }: Given = {}): Promise<TestServices> {
	// Asked of vitest's own process, which a process that a test starts cannot reach.
	const made = databaseUrl ? null : await (await import('./servers.ts')).createDatabase();
	const appUrl = databaseUrl ?? made?.appUrl ?? '';
	const folder = await mkdtemp(join(tmpdir(), 'space-test-'));
	const env = readEnv({
		NODE_ENV: 'test',
		ORIGIN: 'http://space.test',
		DATABASE_APP_URL: appUrl,
		SPACE_SECRET: 'a secret of the tests, thirty-two and more',
		LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
		SPACE_DATA: folder,
		...settings
	});
	const log = pino({ level: env.LOG_LEVEL });
	const database = openDatabase(appUrl, log);
	const changes = await openChanges(appUrl, log);
	return {
		env,
		log,
		database,
		changes,
		auth: createAuth({ database, env, log }),
		media: null,
		chat: null,
		collab: { state: async () => ({ ok: true }) },
		now: () => new Date(),
		...given,
		ownerUrl: made?.ownerUrl ?? '',
		async close() {
			await changes.close();
			await database.close();
			await rm(folder, { recursive: true, force: true });
		}
	};
}
