import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fitting, largestBody, packFrames, unpackFrames } from '#lib/documents/frames.ts';
import { closings } from '#lib/documents/model.ts';
import type { DocumentId } from '#lib/ids.ts';
import type { Socket } from './connection.ts';
import { limits } from './limits.ts';

/** How long a request waits for messages, in milliseconds; proxies give up after 60 s of silence. */
const longestWait = 25_000;
/** How long a closed line still says why, in milliseconds. */
const memory = 30_000;
/** Bodies that are read at once: one, and one that the network repeats. */
const mostBodies = 2;
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
	/** What has not certainly arrived; as much of it as was answered last may have. */
	#outbox: { message: Uint8Array; sent?: () => void }[] = [];
	#answered = 0;
	/** Messages that have certainly arrived there, and that were taken in here. */
	#arrived = 0;
	#taken = 0;
	#closing: { code: number; reason: string } | null = null;
	/** The request that waits for messages. */
	#poll: ServerResponse | null = null;
	#pollTimer: NodeJS.Timeout | undefined;
	#bodies = 0;

	send(message: Uint8Array, sent?: () => void): void {
		if (this.readyState !== states.open) return;
		this.#outbox.push({ message, ...(sent && { sent }) });
		this.bufferedAmount += message.length;
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

	/** A request that waits for messages beyond the first `after`; a newer one takes its place. */
	poll(response: ServerResponse, after: number): void {
		this.emit('pong');
		const arrived = after - this.#arrived;
		// One that comes late; its answer is not awaited any more.
		if (arrived < 0) return void response.writeHead(204).end();
		if (arrived > this.#answered) this.close(closings.malformed, 'malformed');
		this.#arrived += arrived;
		this.#answered = 0;
		for (const { message, sent } of this.#outbox.splice(0, arrived)) {
			this.bufferedAmount -= message.length;
			sent?.();
		}
		this.#answer(204);
		this.#poll = response;
		response.once('close', () => {
			if (this.#poll === response) this.#poll = null;
		});
		this.#pollTimer = setTimeout(() => this.#answer(204), longestWait);
		this.#flush();
	}

	/** A request that carries messages after the first `from`; it is answered when they are taken in. */
	async take(request: IncomingMessage, response: ServerResponse, from: number): Promise<void> {
		this.emit('pong');
		if (++this.#bodies > mostBodies) this.close(closings.malformed, 'malformed');
		try {
			const body = await bodyOf(request);
			if (!body || this.readyState === states.closed) {
				if (!body) this.close(closings.frameTooLarge, 'frameTooLarge');
				return this.#sayClosed(response);
			}
			const frames = unpackFrames(body);
			if (from > this.#taken) this.close(closings.malformed, 'malformed');
			for (const frame of frames.slice(this.#taken - from)) {
				this.#taken++;
				if (frame.length > limits.frame) this.close(closings.frameTooLarge, 'frameTooLarge');
				if (this.readyState === states.open) this.emit('message', Buffer.from(frame), true);
			}
			// Whoever listens takes together what came together.
			await Promise.resolve();
			while (this.isPaused && this.readyState === states.open) await once(this, 'resume');
		} catch {
			this.close(closings.malformed, 'malformed');
		} finally {
			this.#bodies--;
		}
		if (this.readyState === states.closed) this.#sayClosed(response);
		else response.writeHead(204).end();
	}

	#flush(): void {
		if (!this.#poll) return;
		if (this.#outbox.length > 0) {
			const waiting = this.#outbox.map(({ message }) => message);
			this.#answered = fitting(waiting);
			this.#answer(200, packFrames(waiting.slice(0, this.#answered)));
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
		const [, act = ''] = request.url?.split('?') ?? [];
		const isPost = request.method === 'POST';
		if (isPost && act === 'open') return this.#open(response, documentId, bearer);
		const line = this.#lines.get(bearer);
		if (!line || line.documentId !== documentId) return json(response, 404, {});
		if (isPost && act === 'leave') {
			line.socket.close(1000);
			return void response.writeHead(204).end();
		}
		const count = /^(from|after)=(\d{1,15})$/.exec(act);
		if (count?.[1] !== (isPost ? 'from' : 'after')) return json(response, 400, {});
		if (isPost) return line.socket.take(request, response, Number(count[2]));
		line.socket.poll(response, Number(count[2]));
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
