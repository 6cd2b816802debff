import { createServer } from 'node:http';
import { pino } from 'pino';
import { createAuth } from '#lib/people/server/index.ts';
import { openChanges } from '#lib/server/changes.ts';
import { openDatabase } from '#lib/server/db.ts';
import { listen } from '#lib/server/front.ts';
import { endInOrder, outlive } from '#lib/server/life.ts';
import { readEnv } from '#src/env.ts';
import { attachCollab } from './index.ts';

// Shared documents and nothing else, in a process of its own beside the web server: for more writers than one process
// carries. All of them need the same database and the same REDIS_URL.

const env = readEnv(process.env);
const log = pino({ level: env.LOG_LEVEL });

outlive(log);

if (!env.REDIS_URL) throw new Error('REDIS_URL: processes that serve the same documents need it.');

const database = openDatabase(env.DATABASE_APP_URL, log);
const changes = await openChanges(env.DATABASE_APP_URL, log);
const auth = createAuth({ database, env, log });
const server = createServer();
const collab = attachCollab(server, { env, log, database, changes, auth, media: null, chat: null, now: () => new Date() });

server.on('request', (request, response) => {
	if (collab.request(request, response)) return;
	// Not a status that would make a proxy turn to others: what this process lacks, they lack, too.
	void collab.gateway.state().then((state) => {
		response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
		response.end(JSON.stringify(state));
	});
});
const port = await listen(server, env.HOST, env.PORT);
log.info({ port }, 'a process for documents listens');

// Ends in order: no new connections, documents on disk, then the database.
endInOrder(log, async () => {
	server.close();
	server.closeIdleConnections();
	await collab.close();
	server.closeAllConnections();
	await changes.close();
	await database.close();
});
