import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { pino } from 'pino';
import { attachCollab } from '#collab/index.ts';
import { chatPathAllowed } from '#lib/chat/model.ts';
import { followChatAccess } from '#lib/chat/server/access.ts';
import { followMessages } from '#lib/chat/server/catchUp.ts';
import { openChat } from '#lib/chat/server/matrix.ts';
import { createAuth } from '#lib/people/server/auth.ts';
import { callBackDue } from '#lib/groups/server/index.ts';
import { closeDue } from '#lib/rounds/server/index.ts';
import { repeat } from '#lib/server/repeat.ts';
import { attachLive, watchVisits } from '#lib/rooms/server/index.ts';
import { openChanges } from '#lib/server/changes.ts';
import { openDatabase } from '#lib/server/db.ts';
import { listen, openFront } from '#lib/server/front.ts';
import { convertDue, inspectDue } from '#lib/slides/server/index.ts';
import { endInOrder, outlive } from '#lib/server/life.ts';
import { provideServices } from '#lib/server/services.ts';
import type { Services } from '#lib/server/services.ts';
import { openMedia } from '#media/gateway.ts';
import { signalling } from '#media/signalling.ts';
import { readEnv } from '#src/env.ts';

// The web server: one origin for pages, API, shared documents, and the way to LiveKit and Synapse.

/** The largest body of any route; the API refuses earlier where less is enough. */
const largestBody = 9 * 1024 * 1024;

const dev = process.argv.includes('--dev');
const env = readEnv(process.env);
const log = pino({ level: env.LOG_LEVEL, redact: ['req.headers.cookie', 'req.headers.authorization', 'password', 'token'] });

outlive(log);

const database = openDatabase(env.DATABASE_APP_URL, log);
const changes = await openChanges(env.DATABASE_APP_URL, log);
const auth = createAuth({ database, env, log });
const server = createServer();

const given = {
	env,
	log,
	database,
	changes,
	auth,
	media: openMedia(env, log),
	chat: openChat(env, log),
	now: () => new Date()
};
const collab = attachCollab(server, given);
const services: Services = { ...given, collab: collab.gateway };
provideServices(services);

const live = attachLive(services);
const stopWatching = watchVisits(services);
/** Whatever ends by the clock: questions, countdowns and the time of groups. */
const stopClock = repeat(log, 1_000, 'ending what is due', () => Promise.all([closeDue(services), callBackDue(services)]));
/** Slides that were brought become pages, those that need no conversion without waiting for others. */
const stopPreparing = [
	repeat(log, 1_000, 'looking through slides', () => inspectDue(services)),
	repeat(log, 1_000, 'converting slides', () => convertDue(services))
];
const follows = [followChatAccess(services), followMessages(services)];

const front = openFront(
	[
		signalling(services),
		{ prefix: '/_matrix', target: env.MATRIX_URL ?? null, rewrite: (path) => path, allows: chatPathAllowed }
	],
	await pages(),
	log
);
server.on('request', (request, response) => collab.request(request, response) || front.request(request, response));
server.on('upgrade', (request, socket, head) => {
	if (request.url?.startsWith('/live/')) return live.upgrade(request, socket, head);
	// The collaboration server takes its own, and so does Vite while one works on the pages.
	if (request.url?.startsWith('/collab/') || (dev && !front.owns(request))) return;
	front.upgrade(request, socket, head);
});

const port = await listen(server, env.HOST, env.PORT);
log.info({ port }, 'the web server listens');

/** The pages: as built, or from their sources while one works on them. */
async function pages(): Promise<RequestListener> {
	if (dev) {
		const { createServer: createVite } = await import('vite');
		const vite = await createVite({ server: { middlewareMode: true, hmr: { server } } });
		return vite.middlewares;
	}
	process.env.BODY_SIZE_LIMIT = String(largestBody);
	if (env.TRUST_PROXY) process.env.ADDRESS_HEADER = 'x-forwarded-for';
	const { handler } = (await import(new URL('../build/handler.js', import.meta.url).href)) as { handler: RequestListener };
	return handler;
}

// Ends in order: no new requests, documents on disk, then the database.
endInOrder(log, async () => {
	stopWatching();
	stopClock();
	for (const stop of stopPreparing) stop();
	for (const stopFollowing of follows) stopFollowing();
	server.close();
	server.closeIdleConnections();
	live.close();
	await collab.close();
	server.closeAllConnections();
	await changes.close();
	await database.close();
});
