import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import type { Logger } from 'pino';

/** A server behind the one origin: what of it browsers may reach, and under which prefix. */
export interface Behind {
	readonly prefix: string;
	/** Its address; null when the space runs without it. */
	readonly target: string | null;
	/** The path as the server itself knows it. */
	readonly rewrite: (path: string) => string;
	readonly allows: (method: string, path: string) => boolean;
	/** Whether whoever asks may come through; without it everybody may, and the server itself decides. */
	readonly admits?: (headers: Headers) => Promise<boolean>;
}

export interface Front {
	/** Whether a server stands behind what is asked for. */
	readonly owns: (request: IncomingMessage) => boolean;
	readonly request: RequestListener;
	readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/**
 * The one origin: hands a request to the server behind whose prefix it asks for, everything else to the
 * pages. A server that does not answer gives 502 with a sentence; it never ends this process.
 */
export function openFront(behind: readonly Behind[], pages: RequestListener, log: Logger): Front {
	const proxy = createProxyServer({ xfwd: true, changeOrigin: false, proxyTimeout: 120_000 });
	proxy.on('error', (error, _request, response) => {
		log.warn({ err: error }, 'a server behind the origin does not answer');
		if (!response) return;
		if ('writeHead' in response) refuse(response, 502, 'This part of the space does not answer just now.');
		else response.destroy();
	});

	const asked = (request: IncomingMessage) => {
		const [path = '/'] = (request.url ?? '/').split('?');
		const server = behind.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
		return { path, server };
	};

	/** 0 when whoever asks may come through, else the status of the refusal. */
	const refusalOf = async (server: Behind, { headers: { cookie } }: IncomingMessage): Promise<0 | 401 | 503> => {
		if (!server.admits) return 0;
		try {
			return (await server.admits(new Headers(cookie ? { cookie } : {}))) ? 0 : 401;
		} catch (error) {
			log.warn({ err: error }, 'who asks could not be found out');
			return 503;
		}
	};
	const pass = async (server: Behind, target: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const refusal = await refusalOf(server, request);
		if (refusal) return refuse(response, refusal, sentences[refusal]);
		request.url = server.rewrite(request.url ?? '/');
		response.setHeader('x-content-type-options', 'nosniff');
		await proxy.web(request, response, { target });
	};
	const passSocket = async (server: Behind, target: string, request: IncomingMessage, socket: Duplex, head: Buffer) => {
		const refusal = await refusalOf(server, request);
		if (refusal) return close(socket, refusal);
		if (socket.destroyed) return;
		request.url = server.rewrite(request.url ?? '/');
		await proxy.ws(request, socket as never, { target }, head);
	};

	return {
		owns: (request) => asked(request).server !== undefined,
		request(request, response) {
			const { path, server } = asked(request);
			if (!server) return pages(request, response);
			if (!server.allows(request.method ?? 'GET', path)) return refuse(response, 404, 'Not found, or not yours to see.');
			if (!server.target) return refuse(response, 503, 'This part of the space is not set up.');
			pass(server, server.target, request, response).catch((error: unknown) =>
				log.warn({ err: error }, 'a request could not be passed on')
			);
		},
		upgrade(request, socket, head) {
			const { path, server } = asked(request);
			socket.on('error', () => socket.destroy());
			if (!server?.target || !server.allows('GET', path)) return close(socket, 404);
			passSocket(server, server.target, request, socket, head).catch((error: unknown) => {
				log.warn({ err: error }, 'a connection could not be passed on');
				socket.destroy();
			});
		}
	};
}

const sentences = {
	401: 'Sign in first.',
	503: 'This part of the space does not answer just now.'
} as const;

function close(socket: Duplex, status: 401 | 404 | 503): void {
	socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function refuse(response: ServerResponse, status: number, title: string): void {
	if (response.headersSent) return void response.destroy();
	response.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
	response.end(JSON.stringify({ type: 'about:blank', title, status }));
}

/** Listens; resolves with the port when connections are accepted. */
export function listen(server: Server, host: string, port: number): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			const address = server.address();
			resolve(typeof address === 'object' && address ? address.port : port);
		});
	});
}
