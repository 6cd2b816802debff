import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import type { Logger } from 'pino';
import type { DocumentId } from '#lib/ids.ts';
import { decodeWord, encodeWord } from './wire.ts';
import type { Hear, Wire } from './wire.ts';

/** How often the line is tried, from here to Redis and back, in milliseconds … */
const beat = 1_000;
/** … and after how long without that word it counts as dead, however whole it looks. */
const patience = 3_000;
const longestPause = 2_000;
/** Words that may wait for Redis; more are lost, as all of them may be. */
const mostWaiting = 10_000;

const channelOf = (documentId: DocumentId): string => `xingtan:document:${documentId}`;

type Client = ReturnType<typeof connectTo>;

const connectTo = (url: string) =>
	createClient({
		url,
		// A line that broke is made again here, where it is known what was missed meanwhile.
		socket: { connectTimeout: patience, reconnectStrategy: false },
		commandsQueueMaxLength: mostWaiting,
		disableOfflineQueue: true,
		maintNotifications: 'disabled'
	});

/** Publish and subscribe of Redis 6 or Valkey; a channel for each document that is open here. Nothing is kept there. */
export function openRedis(url: string, log: Logger): Wire {
	const self = randomUUID();
	const own = `xingtan:process:${self}`;
	const listeners = new Map<DocumentId, Hear>();
	let back: () => void = () => undefined;
	/** The newest client, perhaps still connecting … */
	let newest: Client | null = null;
	/** … and the one that hears everything. */
	let client: Client | null = null;
	let heardAt = 0;
	let pause = 0;
	let retry: NodeJS.Timeout | undefined;
	let closed = false;

	/** What Redis does not take is lost like any word, and ends the line when it is more than that. */
	const quietly = (work: Promise<unknown>): Promise<void> =>
		work.then(
			() => undefined,
			() => undefined
		);

	async function connect(): Promise<void> {
		const fresh = connectTo(url);
		newest = fresh;
		fresh.on('error', (error: unknown) => lose(fresh, error));
		try {
			await withinPatience(fresh.connect());
			await withinPatience(fresh.subscribe(own, () => (heardAt = performance.now())));
			await withinPatience(Promise.all([...listeners.keys()].map((documentId) => subscribe(fresh, documentId))));
		} catch (error) {
			return lose(fresh, error);
		}
		if (fresh !== newest) return;
		client = fresh;
		pause = 0;
		heardAt = performance.now();
		log.info('the other processes are heard through Redis');
		// What was opened while the subscriptions above were under way.
		for (const documentId of listeners.keys()) void quietly(subscribe(fresh, documentId));
		back();
	}

	function lose(lost: Client, error: unknown): void {
		lost.destroy();
		if (lost !== newest) return;
		if (client) log.warn({ err: error }, 'the line to Redis was lost; what other processes write is looked for in the database');
		newest = client = null;
		if (closed) return;
		pause = Math.min(Math.max(pause * 2, 50), longestPause);
		retry = setTimeout(() => void connect(), pause);
	}

	/** Each channel has one listener at a client, however often it is asked for. */
	const subscribed = new WeakMap<Client, Set<DocumentId>>();
	async function subscribe(at: Client, documentId: DocumentId): Promise<void> {
		const there = subscribed.get(at) ?? new Set();
		subscribed.set(at, there);
		if (there.has(documentId)) return;
		there.add(documentId);
		await at.subscribe(channelOf(documentId), (message) => hear(documentId, message), true);
	}

	function hear(documentId: DocumentId, message: Uint8Array): void {
		const listener = listeners.get(documentId);
		if (!listener) return;
		try {
			const { from, word } = decodeWord(message);
			if (from !== self) listener(word, from);
		} catch (error) {
			log.warn({ err: error, documentId }, 'a word of another process could not be taken in');
		}
	}

	const beating = setInterval(() => {
		if (!client) return;
		if (performance.now() - heardAt > patience) return lose(client, new Error(`nothing was heard for ${patience} ms`));
		void quietly(client.publish(own, ''));
	}, beat);
	void connect();

	return {
		get inTouch() {
			return client !== null;
		},
		tell(documentId, word) {
			if (client) void quietly(client.publish(channelOf(documentId), Buffer.from(encodeWord(self, word))));
		},
		async listen(documentId, listener) {
			listeners.set(documentId, listener);
			if (client) await quietly(withinPatience(subscribe(client, documentId)));
		},
		leave(documentId) {
			listeners.delete(documentId);
			if (!client) return;
			subscribed.get(client)?.delete(documentId);
			void quietly(client.unsubscribe(channelOf(documentId)));
		},
		onReturn(listener) {
			back = listener;
		},
		async close() {
			closed = true;
			clearInterval(beating);
			clearTimeout(retry);
			const last = newest;
			newest = client = null;
			// What was told last still goes out.
			if (last?.isReady) await quietly(withinPatience(last.close()));
			last?.destroy();
		}
	};
}

function withinPatience<Result>(work: Promise<Result>): Promise<Result> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`Redis has not answered for ${patience} ms`)), patience);
		void work.then(resolve, reject).finally(() => clearTimeout(timer));
	});
}
