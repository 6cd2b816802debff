import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What tests may ask of the process that keeps their servers. */
export type Handlers = Record<string, (argument: string) => Promise<unknown>>;

export interface Control {
	/** Address for `ask`; it carries a secret, so only these tests reach it. */
	url: string;
	/** Address that takes what Synapse and LiveKit send to a hub, for every hub that asked for it by `forward`. */
	hooksUrl: string;
	close(): Promise<void>;
}

/** Tests run in processes of their own: through this they ask for servers, each of which is started once. */
export async function serveControl(handlers: Handlers): Promise<Control> {
	const secret = randomBytes(16).toString('hex');
	const hubs = new Set<string>();
	const all: Handlers = { ...handlers, forward: async (hub) => void hubs.add(hub) };

	const server = createServer(async (request, response) => {
		const [, place, key = '', name = ''] = (request.url ?? '').split('/');
		const body = await readBody(request);
		try {
			if (place === 'hooks') {
				await Promise.allSettled([...hubs].map((hub) => forward(request, body, hub)));
				response.setHeader('content-type', 'application/json').end('{}');
				return;
			}
			const handler = all[name];
			if (key !== secret || !handler) throw new Error(`Unknown to the test servers: ${name}`);
			response.setHeader('content-type', 'application/json').end(JSON.stringify((await handler(body.toString())) ?? null));
		} catch (error) {
			response.statusCode = 500;
			response.end(error instanceof Error ? error.message : String(error));
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/control/${secret}`,
		hooksUrl: `http://127.0.0.1:${port}/hooks`,
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			})
	};
}

/** Asks the process that keeps the servers; rejects with its sentence when it cannot. */
export async function ask<T>(controlUrl: string, name: string, argument = ''): Promise<T> {
	const response = await fetch(`${controlUrl}/${name}`, { method: 'POST', body: argument });
	const text = await response.text();
	if (!response.ok) throw new Error(text);
	return JSON.parse(text);
}

async function forward(request: IncomingMessage, body: Buffer, hub: string): Promise<void> {
	const { authorization, 'content-type': contentType } = request.headers;
	await fetch(hub + (request.url ?? '').replace('/hooks', ''), {
		method: request.method,
		headers: { ...(authorization && { authorization }), ...(contentType && { 'content-type': contentType }) },
		body: request.method === 'GET' ? undefined : new Uint8Array(body)
	});
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
	const parts: Buffer[] = [];
	for await (const part of request) parts.push(part);
	return Buffer.concat(parts);
}
