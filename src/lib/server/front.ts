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

	return {
		owns: (request) => asked(request).server !== undefined,
		request(request, response) {
			const { path, server } = asked(request);
			if (!server) return pages(request, response);
			if (!server.allows(request.method ?? 'GET', path)) return refuse(response, 404, 'Not found, or not yours to see.');
			if (!server.target) return refuse(response, 503, 'This part of the space is not set up.');
			request.url = server.rewrite(request.url ?? '/');
			response.setHeader('x-content-type-options', 'nosniff');
			void proxy
				.web(request, response, { target: server.target })
				.catch((error: unknown) => log.warn({ err: error }, 'a request could not be passed on'));
		},
		upgrade(request, socket, head) {
			const { path, server } = asked(request);
			if (!server?.target || !server.allows('GET', path))
				return void socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
			socket.on('error', () => socket.destroy());
			request.url = server.rewrite(request.url ?? '/');
			void proxy.ws(request, socket as never, { target: server.target }, head).catch((error: unknown) => {
				log.warn({ err: error }, 'a connection could not be passed on');
				socket.destroy();
			});
		}
	};
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
