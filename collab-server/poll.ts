import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { largestBody, packFrames, takeFrames, unpackFrames } from '#lib/documents/frames.ts';
import { closings } from '#lib/documents/model.ts';
import type { DocumentId } from '#lib/ids.ts';
import type { Socket } from './connection.ts';
import { limits } from './limits.ts';

/** How long a request waits for messages, in milliseconds; proxies give up after 60 s of silence. */
const longestWait = 25_000;
/** How long a closed line still says why, in milliseconds. */
const memory = 30_000;
/** Messages of one body and their lengths. */
const mostBytes = largestBody + limits.frame;

const states = { open: 1, closed: 3 } as const;

/** A document connection over HTTP requests: to everything else in here it is a WebSocket. */
export class PollSocket extends EventEmitter implements Socket {
	readonly OPEN = states.open;
	readonly CLOSED = states.closed;
	readyState: number = states.open;
	isPaused = false;
	bufferedAmount = 0;
	#outbox: Uint8Array[] = [];
	#onSent: (() => void)[] = [];
	#closing: { code: number; reason: string } | null = null;
	/** The request that waits for messages. */
	#poll: ServerResponse | null = null;
	#pollTimer: NodeJS.Timeout | undefined;
	#isTaking = false;

	send(message: Uint8Array, sent?: () => void): void {
		if (this.readyState !== states.open) return;
		this.#outbox.push(message);
		this.bufferedAmount += message.length;
		if (sent) this.#onSent.push(sent);
		// What is said in the same turn of the event loop travels together.
		setImmediate(() => this.#flush());
	}

	/** What was said before is still handed over. */
	close(code: number, reason = ''): void {
		if (this.readyState === states.closed) return;
		this.readyState = states.closed;
		this.#closing = { code, reason };
		this.#flush();
		this.emit('resume');
		this.emit('close', code);
	}

	terminate(): void {
		this.close(closings.silent);
	}

	/** Whoever lives asks again. */
	ping(): void {
		this.#flush();
		this.#answer(204);
	}

	pause(): void {
		this.isPaused = true;
	}

	resume(): void {
		this.isPaused = false;
		this.emit('resume');
	}

	/** A request that waits for messages; a newer one takes its place. */
	poll(response: ServerResponse): void {
		this.emit('pong');
		this.#answer(204);
		this.#poll = response;
		response.once('close', () => {
			if (this.#poll === response) this.#poll = null;
		});
		this.#pollTimer = setTimeout(() => this.#answer(204), longestWait);
		this.#flush();
	}

	/** A request that carries messages; it is answered when they are taken in. */
	async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
		this.emit('pong');
		// A client of ours sends one after the other: of two at once nobody would know the order.
		if (this.#isTaking) this.close(closings.malformed, 'malformed');
		this.#isTaking = true;
		try {
			const body = await bodyOf(request);
			if (!body || this.readyState === states.closed) {
				if (!body) this.close(closings.frameTooLarge, 'frameTooLarge');
				return this.#sayClosed(response);
			}
			for (const frame of unpackFrames(body)) {
				if (frame.length > limits.frame) this.close(closings.frameTooLarge, 'frameTooLarge');
				if (this.readyState === states.open) this.emit('message', Buffer.from(frame), true);
			}
			while (this.isPaused && this.readyState === states.open) await once(this, 'resume');
		} catch {
			this.close(closings.malformed, 'malformed');
		} finally {
			this.#isTaking = false;
		}
		if (this.readyState === states.closed) this.#sayClosed(response);
		else response.writeHead(204).end();
	}

	#flush(): void {
		if (!this.#poll) return;
		if (this.#outbox.length > 0) {
			const frames = takeFrames(this.#outbox);
			const bytes = frames.reduce((sum, { length }) => sum + length, 0);
			const onSent = this.#outbox.length > 0 ? [] : this.#onSent.splice(0);
			this.#poll.once('close', () => {
				this.bufferedAmount -= bytes;
				for (const sent of onSent) sent();
			});
			this.#answer(200, packFrames(frames));
		} else if (this.#closing) {
			const response = this.#poll;
			this.#forgetPoll();
			this.#sayClosed(response);
		}
	}

	#answer(status: 200 | 204, body?: Uint8Array): void {
		const response = this.#poll;
		if (!response) return;
		this.#forgetPoll();
		response.writeHead(status, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' }).end(body);
	}

	#forgetPoll(): void {
		clearTimeout(this.#pollTimer);
		this.#poll = null;
	}

	#sayClosed(response: ServerResponse): void {
		json(response, 410, this.#closing ?? {});
	}
}

/** Lets a person in with a token, as at a WebSocket; resolves when the person is in, or the line is closed. Null: nobody any more. */
export type Admit = (socket: PollSocket, documentId: DocumentId, token: string) => Promise<void> | null;

/** Document connections for those whose network lets no WebSocket through. */
export class PollServer {
	readonly #admit: Admit;
	readonly #lines = new Map<string, { documentId: DocumentId; socket: PollSocket }>();

	constructor(admit: Admit) {
		this.#admit = admit;
	}

	async handle(request: IncomingMessage, response: ServerResponse, documentId: DocumentId): Promise<void> {
		const bearer = /^Bearer ([\w.~+/-]{16,512}=*)$/.exec(request.headers.authorization ?? '')?.[1];
		if (!bearer) return json(response, 401, {});
		// Some networks let no other methods through.
		if (request.method !== 'GET' && request.method !== 'POST') return json(response, 405, {});
		const act = request.method === 'POST' ? request.url?.split('?')[1] : undefined;
		if (act === 'open') return this.#open(response, documentId, bearer);
		const line = this.#lines.get(bearer);
		if (!line || line.documentId !== documentId) return json(response, 404, {});
		if (request.method === 'GET') return line.socket.poll(response);
		if (act !== 'leave') return line.socket.take(request, response);
		line.socket.close(1000);
		response.writeHead(204).end();
	}

	async #open(response: ServerResponse, documentId: DocumentId, token: string): Promise<void> {
		const socket = new PollSocket();
		let closedBy = 0;
		const key = randomBytes(24).toString('base64url');
		socket.once('close', (code: number) => {
			closedBy = code;
			setTimeout(() => this.#lines.delete(key), memory).unref();
		});
		const admitted = this.#admit(socket, documentId, token);
		if (!admitted) return json(response, 503, {});
		await admitted;
		if (closedBy) return json(response, 410, { code: closedBy });
		this.#lines.set(key, { documentId, socket });
		json(response, 201, { line: key });
	}
}

function json(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}

/** The whole body; null when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > mostBytes) return null;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
