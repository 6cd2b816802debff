import { dispose } from '@livekit/rtc-node';
import { pino } from 'pino';
import { createAuth } from '#lib/people/server/auth.ts';
import { openChanges } from '#lib/server/changes.ts';
import { openDatabase } from '#lib/server/db.ts';
import { endInOrder, outlive } from '#lib/server/life.ts';
import type { Services } from '#lib/server/services.ts';
import { readEnv } from '#src/env.ts';
import { openMedia } from './gateway.ts';
import { startListener } from './listener.ts';
import { mediaAddress } from './livekit.ts';

// The room listener: a process of its own, so that whatever happens to it, pages and documents go on.

const env = readEnv(process.env);
const log = pino({ level: env.LOG_LEVEL });

outlive(log);

const address = mediaAddress(env);
if (!address) throw new Error('LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET: the listener needs a media server.');

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
	collab: { state: async () => ({ ok: false, reason: 'not part of the listener' }) },
	now: () => new Date()
};
const listener = startListener(services, address);
log.info('the room listener listens');

endInOrder(log, async () => {
	await listener.close();
	await changes.close();
	await database.close();
	await dispose();
});
