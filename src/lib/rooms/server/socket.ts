import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { whoAsks } from '#lib/people/server/index.ts';
import { requestContext } from '#lib/server/context.ts';
import { isAppError } from '#lib/server/errors.ts';
import type { Services } from '#lib/server/services.ts';
import { liveClose, livePulse } from '../model.ts';
import type { LiveEvent } from '../model.ts';
import { left, openChannel } from './live.ts';

export interface LiveServer {
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	close(): void;
}

/** The live channels of rooms, over WebSocket at `/live/{roomId}`; the sign-in cookie says who it is. */
export function attachLive(services: Services): LiveServer {
	const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
	const { log, env } = services;

	async function serve(socket: WebSocket, request: IncomingMessage, roomId: string): Promise<void> {
		const gone = new AbortController();
		const send = (event: LiveEvent) => {
			if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event));
		};
		let answered = true;
		const pulsing = setInterval(() => {
			// A line that was cut without a word: no answer to the last question.
			if (!answered) return socket.terminate();
			answered = false;
			socket.ping();
			// Pages do not see pings, and must tell a silent line from a quiet room too.
			send({ kind: 'here' });
		}, livePulse);
		socket.on('pong', () => {
			answered = true;
		});
		socket.on('error', () => socket.terminate());
		socket.on('close', (code) => {
			clearInterval(pulsing);
			gone.abort(code === liveClose.left ? left : undefined);
		});
		const actor = await whoAsks(services, headersOf(request));
		const ctx = requestContext(services, { actor, address: request.socket.remoteAddress ?? null, requestId: null });
		const end = await openChannel(ctx, { roomId, signal: gone.signal, send });
		socket.close(liveClose[end ?? 'removed']);
	}

	return {
		upgrade(request, socket, head) {
			const roomId = /^\/live\/([0-9a-f-]{36})$/.exec(request.url ?? '')?.[1];
			const foreign = request.headers.origin !== undefined && request.headers.origin !== env.ORIGIN;
			if (!roomId || foreign)
				return void socket.end(`HTTP/1.1 ${foreign ? '403 Forbidden' : '404 Not Found'}\r\nconnection: close\r\n\r\n`);
			sockets.handleUpgrade(request, socket, head, (accepted) => {
				serve(accepted, request, roomId).catch((error: unknown) => {
					if (!isAppError(error)) log.error({ err: error }, 'a live channel failed');
					if (isAppError(error) && error.key === 'rooms.turnedOut')
						accepted.send(JSON.stringify({ kind: 'removed', message: String(error.detail.message ?? '') } satisfies LiveEvent));
					accepted.close(closeOf(error));
				});
			});
		},
		close() {
			for (const socket of sockets.clients) socket.close(liveClose.restarting);
			sockets.close();
		}
	};
}

/** Why a channel was not opened, as a close code. */
function closeOf(error: unknown): number {
	if (!isAppError(error) || error.status >= 500) return liveClose.failed;
	if (error.key === 'rooms.locked') return liveClose.locked;
	return error.key === 'rooms.turnedOut' ? liveClose.removed : liveClose.refused;
}

function headersOf(request: IncomingMessage): Headers {
	const headers = new Headers();
	if (request.headers.cookie) headers.set('cookie', request.headers.cookie);
	return headers;
}
