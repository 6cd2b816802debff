import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eq } from 'drizzle-orm';
import { pino } from 'pino';
import { chatPathAllowed } from '#lib/chat/model.ts';
import { openChat } from '#lib/chat/server/matrix.ts';
import { newId } from '#lib/ids.ts';
import type { PersonId, RoomId } from '#lib/ids.ts';
import { createAuth } from '#lib/people/server/index.ts';
import { people } from '#lib/people/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { api } from '#lib/server/api.ts';
import { openChanges } from '#lib/server/changes.ts';
import { requestContext, systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { openDatabase } from '#lib/server/db.ts';
import { listen, openFront } from '#lib/server/front.ts';
import type { Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { hatOf } from '#lib/spaces/model.ts';
import type { Role } from '#lib/spaces/model.ts';
import { addMember } from '#lib/spaces/server/index.ts';
import { memberships, spaces } from '#lib/spaces/server/table.ts';
import { readEnv } from '#src/env.ts';
import type { Part } from '../../bin/servers/space.ts';
import { endServers, startServers } from './servers.ts';

/** A class with its chat: real PostgreSQL and Synapse behind the front and the API of a web server. */
export interface ChatSpace {
	services: Services;
	classId: typeof spaces.$inferSelect.id;
	/** Where browsers reach it. */
	origin: string;
	/** What Synapse delivered and the hub took. */
	delivered: { path: string; body: string }[];
	/** What browsers asked of Synapse and were not let through. */
	refused: string[];
	/** Answers the next deliveries as a hub in trouble does. */
	failNext(count: number): void;
	/** Loses these deliveries, though they count as taken: to the hub they were never told. */
	leaveOut(which: (body: string) => boolean): void;
	leftOut: string[];
	callApi(method: string, path: string, body: string, authorization?: string): Promise<Response>;
	aPerson(role?: Role): Promise<PersonId>;
	aRoom(): Promise<RoomId>;
	/** The context of a person who is signed in, with the memberships of this moment. */
	contextOf(personId: PersonId, signInId?: string): Promise<Context>;
	/** Loses one part as by a fault; its keeper starts it again. */
	kill(part: Part): Promise<void>;
	stop(): Promise<void>;
}

export async function startChatSpace(): Promise<ChatSpace> {
	const web = createServer();
	const port = await listen(web, '127.0.0.1', 0);
	const servers = await startServers({ parts: ['postgres', 'synapse'], port });
	const services = await openServices(servers.settings);
	const classId = await insertClass(services);
	const delivered: ChatSpace['delivered'] = [];
	const refused: string[] = [];
	const leftOut: string[] = [];
	let failures = 0;
	let lost = (_body: string) => false;

	const callApi: ChatSpace['callApi'] = async (method, path, body, authorization) => {
		const request = new Request(`http://localhost${path}`, {
			method,
			headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
			body: method === 'GET' ? undefined : body
		});
		return api.fetch(request, { ctx: requestContext(services, { actor: null, address: null, requestId: null }), locale: 'en' });
	};
	const pages: RequestListener = async (request, response) => {
		const { method = 'GET', url = '/', headers } = request;
		const body = await readBody(request);
		if (method === 'PUT' && lost(body)) {
			leftOut.push(body);
			response.writeHead(200, { 'content-type': 'application/json' });
			return void response.end('{}');
		}
		const failed = failures > 0;
		if (failed) failures -= 1;
		const answer = failed ? new Response('{}', { status: 500 }) : await callApi(method, url, body, headers.authorization);
		if (answer.ok && method === 'PUT') delivered.push({ path: url, body });
		response.writeHead(answer.status, { 'content-type': 'application/json' });
		response.end(await answer.text());
	};
	const allows = (method: string, path: string) => {
		const allowed = chatPathAllowed(method, path);
		if (!allowed) refused.push(`${method} ${path}`);
		return allowed;
	};
	const matrix = { prefix: '/_matrix', target: services.env.MATRIX_URL ?? null, rewrite: (path: string) => path, allows };
	web.on('request', openFront([matrix], pages, services.log).request);

	return {
		services,
		classId,
		origin: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
		delivered,
		refused,
		failNext: (count) => void (failures = count),
		leaveOut: (which) => void (lost = which),
		leftOut,
		callApi,
		async aPerson(role = 'student') {
			const system = systemContext(services);
			const id = newId<'person'>();
			await transaction(system, ({ db }) => db.insert(people).values({ id, name: '林小满', number: id, homePath: 'q.x' }));
			await addMember(system, { spaceId: classId, personId: id, role });
			return id;
		},
		async aRoom() {
			const id = newId<'room'>();
			const room = { id, spaceId: classId, spacePath: 'q.x.c', kind: 'lesson', title: '语文' } as const;
			await transaction(systemContext(services), ({ db }) => db.insert(rooms).values(room));
			return id;
		},
		async contextOf(personId, signInId = `sign-in-${personId}`) {
			const rows = await query(systemContext(services), ({ db }) =>
				db.select().from(memberships).where(eq(memberships.personId, personId))
			);
			const open = rows
				.filter(({ until }) => until === null)
				.map(({ spaceId, spacePath, role }) => ({ spaceId, path: spacePath, role }));
			const hat = hatOf(rows[0]?.role ?? 'student');
			const actor = {
				personId,
				accountId: personId,
				signInId,
				name: '林小满',
				hat,
				hats: [hat],
				memberships: open,
				mustChangePassword: false
			};
			return requestContext(services, { actor, address: null, requestId: null });
		},
		async kill(part) {
			await servers.servers[part]?.kill('SIGKILL');
		},
		async stop() {
			await services.changes.close();
			await services.database.close();
			await endServers(servers);
			web.closeAllConnections();
			web.close();
		}
	};
}

async function openServices(settings: Record<string, string>): Promise<Services> {
	const env = readEnv({ ...settings, NODE_ENV: 'test' });
	const log = pino({ level: 'silent' });
	const database = openDatabase(env.DATABASE_APP_URL, log);
	return {
		env,
		log,
		database,
		changes: await openChanges(env.DATABASE_APP_URL, log),
		auth: createAuth({ database, env, log }),
		media: null,
		chat: openChat(env, log),
		collab: { state: async () => ({ ok: true }) },
		now: () => new Date()
	};
}

async function insertClass(services: Services): Promise<ChatSpace['classId']> {
	return transaction(systemContext(services), async ({ db }) => {
		const [region] = await db.insert(spaces).values({ kind: 'region', name: '青云区', path: 'q' }).returning();
		const [school] = await db
			.insert(spaces)
			.values({ parentId: region?.id, kind: 'school', name: '青云小学', path: 'q.x' })
			.returning();
		const [fifth] = await db
			.insert(spaces)
			.values({ parentId: school?.id, kind: 'class', name: '五年级一班', path: 'q.x.c' })
			.returning();
		if (!fifth) throw new Error('no class');
		return fifth.id;
	});
}

async function readBody(request: IncomingMessage): Promise<string> {
	const parts: Buffer[] = [];
	for await (const part of request) parts.push(part as Buffer);
	return Buffer.concat(parts).toString();
}
