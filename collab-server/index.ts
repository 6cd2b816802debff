import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData } from 'ws';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { subprotocol } from '#lib/documents/model.ts';
import { forgetOldTokens } from '#lib/documents/server/index.ts';
import type { DocumentId } from '#lib/ids.ts';
import { systemContext } from '#lib/server/context.ts';
import { isAppError } from '#lib/server/errors.ts';
import type { CollabGateway, Services } from '#lib/server/services.ts';
import { recordEdits } from './bursts.ts';
import { closeWith } from './close.ts';
import { Compactor } from './compactor.ts';
import { Connection } from './connection.ts';
import type { Holder, Socket } from './connection.ts';
import { Library } from './library.ts';
import { PollServer } from './poll.ts';
import { openRedis } from './redis.ts';
import { limits } from './limits.ts';
import type { Allowed } from './limits.ts';
import { readRights } from './rights.ts';
import { RightsWatch } from './watch.ts';
import { alone } from './wire.ts';

/** How often a connection is told that its line lives, in milliseconds; y-websocket gives up after 30 s of silence. */
const beat = 15_000;
/** How often tokens that nobody used are forgotten, in milliseconds. */
const tidying = 60_000;
const address = /^\/collab\/([0-9a-f-]{36})(?:\?.*)?$/i;

export interface Collab {
	readonly gateway: CollabGateway;
	/** Takes the HTTP requests of `/collab/`; returns whether it was one. */
	request(request: IncomingMessage, response: ServerResponse): boolean;
	/** Stores what was accepted, tells everybody, and ends. */
	close(): Promise<void>;
}

export interface CollabOptions {
	/** Milliseconds that a document stays in memory when nobody has it open. */
	idleTime?: number;
	/** Milliseconds that accepted updates wait for a database that is away. */
	patience?: number;
	/** Whether this process turns edits into statements; one of several is enough. */
	records?: boolean;
	/** What one connection may send, where a benchmark asks how much could be carried. */
	allowed?: Allowed;
}

/**
 * The collaboration server, on the `/collab/{documentId}` of an HTTP server. It speaks the protocol of
 * y-websocket, and says beside it what is on disk; see `messageTypes` in the documents' model.
 */
export function attachCollab(server: Server, given: Omit<Services, 'collab'>, options: CollabOptions = {}): Collab {
	const sockets = new WebSocketServer({
		noServer: true,
		maxPayload: limits.frame,
		perMessageDeflate: false,
		handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false)
	});
	const connections = new Set<Connection>();
	const gateway: CollabGateway = {
		state: async () => {
			const cutOff = wire.inTouch === false ? 'Redis does not answer: what other processes write is seen a little later' : null;
			const reason = closing ? 'is closing' : (library.appender.failure ?? cutOff);
			return reason === null ? { ok: true } : { ok: false, reason };
		}
	};
	const services: Services = { ...given, collab: gateway };
	const { log } = services;
	const compactor = new Compactor(services);
	const records = options.records === false ? null : recordEdits(services);
	const wire = services.env.REDIS_URL ? openRedis(services.env.REDIS_URL, log) : alone;
	const library = new Library(services, compactor, { ...options, wire, stored: (id) => records?.noticed(id) });
	const rights = readRights(services);
	const watch = new RightsWatch(services, rights, connections);
	let closing = false;

	const beating = setInterval(() => {
		for (const connection of connections) connection.beat();
	}, beat);
	const forgetting = setInterval(() => {
		forgetOldTokens(systemContext(services)).catch((error: unknown) =>
			log.warn({ err: error }, 'old document tokens could not be forgotten')
		);
	}, tidying);

	const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		if (!request.url?.startsWith('/collab/')) return;
		socket.on('error', () => socket.destroy());
		if (!isOwnOrigin(request, services.env.ORIGIN)) return refuse(socket, 403);
		const documentId = documentOf(request.url);
		const [protocol, token] = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim());
		if (!documentId || protocol !== subprotocol || !token) return refuse(socket, 400);
		if (closing) return refuse(socket, 503);
		sockets.handleUpgrade(request, socket, head, (opened) => void admit(opened, documentId, token));
	};

	const polls = new PollServer((...line) => (closing ? null : admit(...line)));
	const onRequest = (request: IncomingMessage, response: ServerResponse): boolean => {
		if (!request.url?.startsWith('/collab/')) return false;
		const documentId = documentOf(request.url);
		const refused = !isOwnOrigin(request, services.env.ORIGIN) ? 403 : !documentId ? 400 : null;
		if (refused || !documentId) response.writeHead(refused ?? 400).end();
		else {
			polls.handle(request, response, documentId).catch((error: unknown) => {
				log.warn({ err: error }, 'a request for a document failed');
				response.destroy();
			});
		}
		return true;
	};

	/** Lets whoever holds a good token in; messages that come before that wait. */
	async function admit(socket: Socket, documentId: DocumentId, token: string): Promise<void> {
		const early: [RawData, boolean][] = [];
		let receive = (data: RawData, isBinary: boolean): void => void early.push([data, isBinary]);
		socket.on('error', (error) => log.info({ err: error }, 'a document connection failed'));
		socket.on('message', (data, isBinary) => receive(data, isBinary));
		socket.pause();
		try {
			const known = watch.expect();
			const holder = await rights.redeem({ token, documentId });
			if ('closing' in holder) return closeWith(socket, holder.closing);
			if (holdersConnections(holder) >= limits.connectionsPerPerson) return closeWith(socket, 'tooManyConnections');
			const connection = new Connection(socket, holder, services, options.allowed);
			receive = (data, isBinary) => connection.receive(data, isBinary);
			for (const [data, isBinary] of early) receive(data, isBinary);
			if (!connection.isOpen) return;
			connections.add(connection);
			socket.on('close', () => connections.delete(connection));
			known(connection);
			const document = await library.open(documentId);
			if (connection.isOpen) {
				socket.on('close', () => library.left(document));
				connection.enter(document);
			} else library.left(document);
		} catch (error) {
			const missing = isAppError(error) && error.status === 404;
			if (!missing) log.error({ err: error, documentId }, 'a document could not be opened');
			closeWith(socket, missing ? 'missing' : 'unavailable');
		}
	}

	const holdersConnections = ({ personId }: Holder): number =>
		[...connections].filter((connection) => connection.personId === personId).length;

	server.on('upgrade', onUpgrade);
	return {
		gateway,
		request: onRequest,
		async close() {
			closing = true;
			server.off('upgrade', onUpgrade);
			clearInterval(beating);
			clearInterval(forgetting);
			watch.close();
			await library.close();
			for (const connection of connections) connection.close('restarting');
			await wire.close();
			await compactor.close();
			await records?.close();
			sockets.close();
		}
	};
}

const documentOf = (url: string): DocumentId | undefined =>
	z.uuid().safeParse(address.exec(url)?.[1]).data as DocumentId | undefined;

/** Pages of other origins may not connect; programs, which send no origin, have to know a token anyway. */
function isOwnOrigin({ headers }: IncomingMessage, own: string | undefined): boolean {
	if (headers.origin === undefined) return true;
	return headers.origin === (own ? new URL(own).origin : `http://${headers.host}`);
}

function refuse(socket: Duplex, status: 400 | 403 | 503): void {
	socket.end(
		`HTTP/1.1 ${status} ${{ 400: 'Bad Request', 403: 'Forbidden', 503: 'Service Unavailable' }[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
	);
}
