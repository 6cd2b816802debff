import { pino } from 'pino';
import { createAuth } from '#lib/people/server/auth.ts';
import { openChanges } from '#lib/server/changes.ts';
import { openDatabase } from '#lib/server/db.ts';
import { endInOrder, outlive } from '#lib/server/life.ts';
import type { Services } from '#lib/server/services.ts';
import { readEnv } from '#src/env.ts';
import { openMedia } from './gateway.ts';
import { mediaAddress } from './livekit.ts';
import type { MediaAddress } from './livekit.ts';

/**
 * Runs one of the media processes: each on its own, so that whatever happens to it, pages and documents go on.
 * `begin` starts its work and returns how to end it in order.
 */
export async function runProcess(
	name: string,
	begin: (services: Services, address: MediaAddress) => { close(): Promise<void> }
): Promise<void> {
	const env = readEnv(process.env);
	const log = pino({ level: env.LOG_LEVEL });
	outlive(log);
	const address = mediaAddress(env);
	if (!address) throw new Error(`LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET: the ${name} needs a media server.`);
	const database = openDatabase(env.DATABASE_APP_URL, log, 4);
	const changes = await openChanges(env.DATABASE_APP_URL, log);
	const services: Services = {
		env,
		log,
		database,
		changes,
		auth: createAuth({ database, env, log }),
		media: openMedia(env, log),
		chat: null,
		collab: { state: async () => ({ ok: false, reason: `not part of the ${name}` }) },
		now: () => new Date()
	};
	const work = begin(services, address);
	log.info(`the ${name} works`);
	endInOrder(log, async () => {
		await work.close();
		await changes.close();
		await database.close();
	});
}
