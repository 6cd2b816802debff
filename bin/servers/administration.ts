import { join } from 'node:path';
import { existingDatabase, spaceDatabase } from './databases.ts';
import { lockDataFolder } from './lock.ts';
import { compileMessages } from './messages.ts';
import { readPorts } from './ports.ts';
import { answersSql } from './postgres.ts';
import type { Log } from './process.ts';
import { keepSecrets } from './secrets.ts';
import { readStartSettings } from './settings.ts';
import { startSpace } from './space.ts';
import { silentSteps } from './steps.ts';

/**
 * Runs an administrator's work on the database of the space: the running one, or where nothing runs, PostgreSQL is
 * started for as long as the work takes. The work gets settings as src/env.ts reads them, without chat and media; it
 * imports domains only when it runs, for the code of their messages is made before it.
 */
export async function withSpace<T>(log: Log, work: (settings: Record<string, string>) => Promise<T>): Promise<T> {
	const start = readStartSettings(process.env);
	const { dataFolder } = start;
	const secrets = keepSecrets(dataFolder);
	await compileMessages(start.root, join(dataFolder, 'logs', 'build.log'));
	const { DATABASE_URL, DATABASE_APP_URL } = start.existing;
	const { ownerUrl, appUrl } = DATABASE_URL
		? existingDatabase(DATABASE_URL, DATABASE_APP_URL, secrets)
		: spaceDatabase(readPorts(dataFolder).postgres ?? 0, secrets);
	const settings = {
		NODE_ENV: 'production',
		ORIGIN: start.origin,
		SPACE_DATA: dataFolder,
		SPACE_SECRET: secrets.spaceSecret,
		DATABASE_URL: ownerUrl,
		DATABASE_APP_URL: appUrl,
		...start.settings
	};
	if (await answersSql(settings.DATABASE_APP_URL)) return work(settings);

	const unlock = lockDataFolder(dataFolder);
	const space = await startSpace({ ...start, parts: ['postgres'], steps: silentSteps(log) });
	try {
		return await work({ ...space.settings, DATABASE_URL: space.database?.ownerUrl ?? '' });
	} finally {
		await space.stop();
		unlock();
	}
}
