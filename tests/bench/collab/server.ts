import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Database } from '@hocuspocus/extension-database';
import { Server as Hocuspocus } from '@hocuspocus/server';
import pg from 'pg';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Allowed } from '#collab/limits.ts';
import { startCollab } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';

/**
 * One server of the comparison, in a process of its own: `node server.ts <kind> <application's database> <owner's
 * database> <folder> [<Redis>]`. It tells its port, and its use of processor and memory when it is asked.
 */
export interface Usage {
	/** Seconds. */
	cpu: number;
	/** MiB, after the garbage has been collected. */
	heap: number;
	rss: number;
}

const unlimited = { burst: Infinity, perSecond: 1e12 };

async function ours(
	databaseUrl: string,
	{ allowed, redisUrl = '' }: { allowed?: Allowed; redisUrl?: string } = {}
): Promise<number> {
	const services = await openServices({ databaseUrl, settings: { LOG_LEVEL: 'error', REDIS_URL: redisUrl } });
	const { url } = await startCollab(services, { idleTime: 2_000, ...(allowed && { allowed }) });
	return Number(new URL(url).port);
}

const starts = {
	/** What `ws` alone costs: hands every message on and knows nothing but how each document began. */
	async relay() {
		const rooms = new Map<string, { lines: Set<WebSocket>; first: Buffer | null }>();
		return listening(
			sockets((socket, name) => {
				const room = rooms.get(name) ?? { lines: new Set(), first: null };
				rooms.set(name, room);
				room.lines.add(socket);
				socket.on('message', (data: Buffer) => {
					const isSync = data[0] === 0;
					if (isSync && data[1] === 0)
						return socket.send(Buffer.from([0, 1, ...(room.first?.subarray(2) ?? new Uint8Array([2, 0, 0]))]));
					if (isSync) room.first ??= data;
					for (const other of room.lines) if (other !== socket) other.send(data);
				});
				socket.on('close', () => room.lines.delete(socket));
			})
		);
	},
	xingtan: (databaseUrl: string) => ours(databaseUrl),
	/** For more than one connection may send. */
	xingtanUnlimited: (databaseUrl: string) => ours(databaseUrl, { allowed: { messages: unlimited, bytes: unlimited } }),
	/** One of two that serve the same documents. */
	xingtanTwo: (databaseUrl: string, _ownerUrl: string, _folder: string, redisUrl: string) => ours(databaseUrl, { redisUrl }),
	async yWebsocket(_databaseUrl: string, _ownerUrl: string, folder: string) {
		process.env.YPERSISTENCE = folder;
		const { setupWSConnection } = await import('@y/websocket-server/utils');
		return listening(sockets((socket, name) => setupWSConnection(socket, { url: `/${name}` } as IncomingMessage)));
	},
	async hocuspocus(_databaseUrl: string, ownerUrl: string) {
		const pool = new pg.Pool({ connectionString: ownerUrl });
		await pool.query('create table if not exists bench_documents (name text primary key, state bytea not null)');
		const database = new Database({
			fetch: async ({ documentName }) => {
				const { rows } = await pool.query<{ state: Buffer }>('select state from bench_documents where name = $1', [documentName]);
				return rows[0] ? new Uint8Array(rows[0].state) : null;
			},
			store: async ({ documentName, state }) => {
				await pool.query('insert into bench_documents values ($1, $2) on conflict (name) do update set state = excluded.state', [
					documentName,
					Buffer.from(state)
				]);
			}
		});
		const server = new Hocuspocus({ port: 0, address: '127.0.0.1', quiet: true, extensions: [database] });
		await server.listen();
		return server.address.port;
	}
};
export type Kind = keyof typeof starts;

function sockets(open: (socket: WebSocket, name: string) => void): Server {
	const server = createServer();
	const upgrades = new WebSocketServer({ noServer: true });
	server.on('upgrade', (request, socket, head) =>
		upgrades.handleUpgrade(request, socket, head, (opened) => open(opened, (request.url ?? '').slice(1)))
	);
	return server;
}

async function listening(server: Server): Promise<number> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return (server.address() as AddressInfo).port;
}

if (process.send) {
	const [kind = '', ...places] = process.argv.slice(2);
	const start = starts[kind as Kind] as (...places: string[]) => Promise<number>;
	process.on('message', () => {
		global.gc?.();
		const { user, system } = process.cpuUsage();
		const { heapUsed, external, rss } = process.memoryUsage();
		process.send?.({ cpu: (user + system) / 1e6, heap: (heapUsed + external) / 2 ** 20, rss: rss / 2 ** 20 } satisfies Usage);
	});
	process.send({ port: await start(...places) });
}
