import { fitting, packFrames, unpackFrames } from './frames.ts';

/** The line was lost without a word, as a WebSocket says it. */
const lost = 1006;

/** Stands for a WebSocket where none passes: the same messages in HTTP requests; see `frames.ts`. */
export class PollSocket {
	binaryType: BinaryType = 'arraybuffer';
	onopen: (() => void) | null = null;
	onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
	onclose: ((event: { code: number }) => void) | null = null;
	readyState: number = WebSocket.CONNECTING;
	readonly #url: string;
	readonly #ending = new AbortController();
	#bearer: string;
	#outbox: Uint8Array[] = [];
	#isSending = false;
	/** Messages that the server has taken, and that have come from it. */
	#sent = 0;
	#received = 0;

	/** `url` is that of the WebSocket. */
	constructor(url: string, token: string) {
		this.#url = url.replace(/^ws/, 'http');
		this.#bearer = token;
		void this.#open();
	}

	send(message: Uint8Array<ArrayBuffer>): void {
		if (this.readyState !== WebSocket.OPEN) return;
		this.#outbox.push(message);
		// What is said in the same turn of the event loop travels together.
		if (!this.#isSending) void Promise.resolve().then(() => this.#sendAll());
		this.#isSending = true;
	}

	close(): void {
		if (this.readyState === WebSocket.OPEN) {
			const headers = { authorization: `Bearer ${this.#bearer}` };
			fetch(`${this.#url}?leave`, { method: 'POST', headers, keepalive: true }).catch(() => undefined);
		}
		this.#end(1000);
	}

	async #open(): Promise<void> {
		const response = await this.#ask('POST', '?open');
		if (!response) return;
		const { line } = (await response.json().catch(() => ({}))) as { line?: unknown };
		if (typeof line !== 'string') return this.#end(lost);
		if (this.readyState !== WebSocket.CONNECTING) return;
		this.#bearer = line;
		this.readyState = WebSocket.OPEN;
		this.onopen?.();
		void this.#listen();
	}

	async #listen(): Promise<void> {
		while (this.readyState === WebSocket.OPEN) {
			const response = await this.#ask('GET', `?after=${this.#received}`);
			if (!response || response.status === 204) continue;
			const body = await response.arrayBuffer().catch(() => null);
			if (!body) return this.#end(lost);
			for (const frame of unpackFrames(new Uint8Array(body))) {
				this.#received++;
				if (this.readyState === WebSocket.OPEN) this.onmessage?.({ data: frame.slice().buffer as ArrayBuffer });
			}
		}
	}

	async #sendAll(): Promise<void> {
		while (this.#outbox.length > 0 && this.readyState === WebSocket.OPEN) {
			const count = fitting(this.#outbox);
			await this.#ask('POST', `?from=${this.#sent}`, packFrames(this.#outbox.slice(0, count)));
			this.#outbox.splice(0, count);
			this.#sent += count;
		}
		this.#isSending = false;
	}

	/** The answer to a request; null when it ended the line. */
	async #ask(method: 'GET' | 'POST', act = '', body?: Uint8Array<ArrayBuffer>): Promise<Response | null> {
		try {
			const response = await fetch(`${this.#url}${act}`, {
				method,
				headers: { authorization: `Bearer ${this.#bearer}` },
				...(body && { body }),
				cache: 'no-store',
				signal: this.#ending.signal
			});
			if (response.ok) return response;
			const { code } = (await response.json().catch(() => ({}))) as { code?: unknown };
			this.#end(response.status === 410 && typeof code === 'number' ? code : lost);
		} catch {
			this.#end(lost);
		}
		return null;
	}

	#end(code: number): void {
		if (this.readyState === WebSocket.CLOSED) return;
		this.readyState = WebSocket.CLOSED;
		this.#outbox = [];
		this.#ending.abort();
		this.onclose?.({ code });
	}
}
