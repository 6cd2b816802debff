import type { MatrixClient, MatrixEvent, Room } from 'matrix-js-sdk';
import type { PersonId } from '#lib/ids.ts';
import { hush } from './hush.ts';
import { personOf } from './model.ts';
import type { ChatSession } from './model.ts';

type Sdk = typeof import('matrix-js-sdk');

export type ChatState =
	/** Not there yet. */
	| 'connecting'
	| 'online'
	/** Was there; it comes back by itself, and what is written waits. */
	| 'offline'
	/** The space says that there is no chat just now; asked again by itself. */
	| 'unavailable'
	/** The person may not be here any more. */
	| 'removed';

export interface ChatMessage {
	/** Stays the same from the first echo on. */
	readonly key: string;
	/** Of the Matrix event; while it is on its way only this browser knows it. */
	readonly id: string;
	/** Null when the author is no person of the space. */
	readonly personId: PersonId | null;
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly text: string;
	readonly edited: boolean;
	/** Taken back: the text is gone. */
	readonly withdrawn: boolean;
	readonly delivery: 'sent' | 'sending' | 'failed';
	readonly reply: ChatQuote | null;
}

export interface ChatQuote {
	readonly id: string;
	readonly personId: PersonId | null;
	/** Null while it is being fetched, and when it is gone. */
	readonly text: string | null;
}

export interface TimelineOptions {
	/** Joins the chat of the room; rejects with the `status` with which the space refused. */
	join: () => Promise<ChatSession>;
	/** Of the space, such as https://space.school.cn. */
	origin: string;
	/** Milliseconds before the space is asked again; doubles up to ten times as much. */
	retryAfter?: number;
}

const page = 30;
/** A page may hold little to show: so many pages are read until there is something. */
const pagesAtOnce = 5;
const typingLasts = 5_000;
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => silent };

async function loadSdk(): Promise<Sdk> {
	// Parts of the library have no other logger than the one of all, and take hold of it as they load.
	hush((await import('matrix-js-sdk/lib/logger.js')).logger);
	return import('matrix-js-sdk');
}

const statusOf = (error: unknown): number => (error instanceof Error && 'status' in error ? Number(error.status) : 0);

/** The chat of one room as a page shows it: messages, what is on its way, who types, how much is unread. */
export class Timeline {
	state = $state<ChatState>('connecting');
	/** Whether there is a room to write in, be the line cut or not. */
	ready = $state(false);
	messages = $state.raw<readonly ChatMessage[]>([]);
	typing = $state.raw<readonly PersonId[]>([]);
	unread = $state(0);
	hasOlder = $state(false);
	loadingOlder = $state(false);

	readonly #options: TimelineOptions;
	readonly #ended = new AbortController();
	#sdk: Sdk | null = null;
	#session: ChatSession | null = null;
	#client: MatrixClient | null = null;
	#renewing: Promise<ChatSession> | null = null;
	/** Answered messages that are not among those loaded; null when they cannot be read. */
	readonly #quotes = new Map<string, MatrixEvent | null>();
	#drawing = false;
	#typedAt = 0;
	#toldTyping: Promise<unknown> = Promise.resolve();
	#readUpTo: string | null = null;

	constructor(options: TimelineOptions) {
		this.#options = options;
		void this.#start();
	}

	/** Writes a message, as an answer to another one when that one's id is given. Returns whether it is in the list now. */
	send(text: string, replyTo: string | null = null): boolean {
		const session = this.#session;
		if (!this.#sdk || !this.#client || !session || !this.#room) return false;
		const content = this.#sdk.ContentHelpers.makeTextMessage(text);
		if (replyTo) content['m.relates_to'] = { 'm.in_reply_to': { event_id: replyTo } };
		// Whether it arrived is seen on the message itself.
		this.#client.sendMessage(session.matrixRoomId, content).catch(() => this.#redraw());
		this.#stopTyping();
		return true;
	}

	/** Sends again what did not arrive. */
	resend(key: string): void {
		const event = this.#eventOf(key);
		const room = this.#room;
		if (event && room) this.#client?.resendEvent(event, room).catch(() => this.#redraw());
	}

	/** Gives up what did not arrive. */
	discard(key: string): void {
		const event = this.#eventOf(key);
		if (event) this.#client?.cancelPendingEvent(event);
	}

	/** Loads earlier messages. */
	async loadOlder(): Promise<void> {
		const [client, room] = [this.#client, this.#room];
		if (!client || !room || this.loadingOlder || !this.hasOlder) return;
		this.loadingOlder = true;
		try {
			const before = this.messages.length;
			for (let pages = 0; pages < pagesAtOnce && this.hasOlder && this.messages.length === before; pages += 1) {
				await client.scrollback(room, page);
				this.#draw();
			}
		} catch {
			// The list stays as it is; scrolling up asks again.
		} finally {
			this.loadingOlder = false;
		}
	}

	/** Loads back to a message. Returns whether it is there now. */
	async reach(id: string): Promise<boolean> {
		const there = () => this.messages.some((message) => message.id === id);
		for (let tries = 0; tries < 20 && !there() && this.hasOlder; tries += 1) await this.loadOlder();
		return there();
	}

	/** The person has seen everything down to the newest message. */
	markRead(): void {
		const newest = this.#room
			?.getLiveTimeline()
			.getEvents()
			.findLast((event) => event.status === null);
		const id = newest?.getId();
		if (!newest || !id || id === this.#readUpTo || !this.#session) return;
		this.#readUpTo = id;
		this.unread = 0;
		this.#client?.setRoomReadMarkers(this.#session.matrixRoomId, id, newest).catch(() => {
			this.#readUpTo = null;
		});
	}

	/** The person is writing; told to the others every few seconds. */
	typed(): void {
		if (Date.now() - this.#typedAt < typingLasts - 1_500) return;
		this.#typedAt = Date.now();
		this.#tellTyping(true);
	}

	/** Asks the space again for the chat, after it had said no. */
	retry(): void {
		if (this.state !== 'removed') return;
		this.state = 'connecting';
		void this.#start();
	}

	/** Ends everything; what has arrived stays with the homeserver. */
	close(): void {
		this.#ended.abort();
		this.#stopClient();
	}

	get #room(): Room | null {
		return (this.#session && this.#client?.getRoom(this.#session.matrixRoomId)) ?? null;
	}

	async #start(): Promise<void> {
		try {
			const [session, sdk] = await this.#joinInTime();
			if (this.#ended.signal.aborted) return;
			this.#session = session;
			this.#sdk = sdk;
			await this.#startClient(sdk, session);
		} catch {
			this.#leave();
		}
	}

	/** Joins, asking again while the space or its chat is away. Rejects when the space says no. */
	async #joinInTime(): Promise<[ChatSession, Sdk]> {
		const { retryAfter = 2_000, join } = this.#options;
		for (let pause = retryAfter; ; pause = Math.min(pause * 2, retryAfter * 10)) {
			try {
				return await Promise.all([join(), loadSdk()]);
			} catch (error) {
				const status = statusOf(error);
				if (status >= 400 && status < 500 && status !== 429) throw error;
				this.state = status === 503 ? 'unavailable' : 'offline';
			}
			await new Promise((resolve) => setTimeout(resolve, pause));
			this.#ended.signal.throwIfAborted();
		}
	}

	async #startClient(sdk: Sdk, { userId, deviceId, accessToken, matrixRoomId, homeserver }: ChatSession): Promise<void> {
		const client = new sdk.MatrixClient({
			baseUrl: new URL(homeserver, this.#options.origin).origin,
			userId,
			deviceId,
			accessToken,
			fetchFn: this.#fetch,
			// Nothing of a chat stays on a computer that others use, too.
			store: new sdk.MemoryStore(),
			scheduler: new sdk.MatrixScheduler(),
			disableVoip: true,
			logger: silent
		});
		this.#client = client;
		const redraw = () => this.#redraw();
		client.on(sdk.RoomEvent.Timeline, redraw);
		client.on(sdk.RoomEvent.TimelineReset, redraw);
		client.on(sdk.RoomEvent.LocalEchoUpdated, redraw);
		client.on(sdk.RoomEvent.Redaction, redraw);
		client.on(sdk.RoomEvent.Receipt, redraw);
		client.on(sdk.MatrixEventEvent.Replaced, redraw);
		client.on(sdk.ClientEvent.Event, (event) => {
			// The filter knows this one room only.
			if (event.getType() === 'm.typing') this.#showTyping(event);
		});
		client.on(sdk.ClientEvent.Sync, (state) => this.#onSync(state, sdk));
		client.on(sdk.RoomEvent.MyMembership, (room, membership) => {
			if (room.roomId === matrixRoomId && membership === 'leave') this.#leave();
		});

		const filter = new sdk.Filter(userId);
		filter.setDefinition({
			room: {
				rooms: [matrixRoomId],
				timeline: { limit: page, types: ['m.room.message', 'm.room.redaction', 'm.reaction', 'm.room.member'] },
				state: { lazy_load_members: true },
				ephemeral: { types: ['m.typing', 'm.receipt'] },
				account_data: { types: ['m.fully_read'] }
			},
			presence: { types: [] },
			account_data: { types: [] }
		});
		await client.startClient({
			filter,
			initialSyncLimit: page,
			lazyLoadMembers: true,
			disablePresence: true,
			pendingEventOrdering: sdk.PendingEventOrdering.Chronological
		});
	}

	#onSync(state: string, sdk: Sdk): void {
		if (state === sdk.SyncState.Prepared || state === sdk.SyncState.Syncing) {
			const back = this.state !== 'online';
			this.state = 'online';
			this.#draw();
			// The first page may be full of people who joined.
			if (state === sdk.SyncState.Prepared && this.messages.length < page / 2) void this.loadOlder();
			if (back) void this.#resendAll(sdk);
		} else if (state === sdk.SyncState.Error || state === sdk.SyncState.Reconnecting) {
			this.state = 'offline';
			this.typing = [];
		}
	}

	/** What was written while the line was cut goes out in its order; what was refused waits for the person. */
	async #resendAll(sdk: Sdk): Promise<void> {
		const waiting = (this.#room?.getLiveTimeline().getEvents() ?? []).filter(
			(event) => event.status === sdk.EventStatus.NOT_SENT && (event.error?.httpStatus ?? 0) < 400
		);
		const room = this.#room;
		for (const event of waiting) {
			if (room) await this.#client?.resendEvent(event, room).catch(() => this.#redraw());
		}
	}

	/** Requests of the client, with the newest token: one that ended is replaced by joining again. */
	readonly #fetch: typeof fetch = async (input, init) => {
		// Calls are not Matrix's here; the client asks for their servers all the same.
		if (String(input).includes('/rtc/transports')) return new Response('{"errcode":"M_UNRECOGNIZED"}', { status: 404 });
		const ask = () => {
			const headers = new Headers(init?.headers);
			if (this.#session) headers.set('authorization', `Bearer ${this.#session.accessToken}`);
			return fetch(input, { ...init, headers });
		};
		const used = this.#session?.accessToken;
		const response = await ask();
		if (response.status !== 401) return response;
		if (used === this.#session?.accessToken) await this.#renew();
		return ask();
	};

	async #renew(): Promise<void> {
		try {
			this.#renewing ??= this.#options.join();
			this.#session = await this.#renewing;
		} catch (error) {
			if ([401, 403, 404].includes(statusOf(error))) this.#leave();
			// To the client a line that is cut: it tries again by itself.
			throw new TypeError('the chat could not be joined again', { cause: error });
		} finally {
			this.#renewing = null;
		}
	}

	#leave(): void {
		if (this.#ended.signal.aborted) return;
		this.state = 'removed';
		this.ready = false;
		this.messages = [];
		this.typing = [];
		this.unread = 0;
		this.#stopClient();
	}

	#stopClient(): void {
		this.#client?.stopClient();
		this.#client?.removeAllListeners();
		this.#client = null;
	}

	#stopTyping(): void {
		if (this.#typedAt === 0) return;
		this.#typedAt = 0;
		this.#tellTyping(false);
	}

	/** One after the other: on two connections the end could overtake the beginning. */
	#tellTyping(typing: boolean): void {
		const roomId = this.#session?.matrixRoomId;
		if (!roomId) return;
		this.#toldTyping = this.#toldTyping.then(() => this.#client?.sendTyping(roomId, typing, typingLasts)).catch(() => undefined);
	}

	#showTyping(event: MatrixEvent): void {
		const { user_ids: userIds } = event.getContent<{ user_ids?: unknown }>();
		const others = Array.isArray(userIds) ? userIds.filter((id) => typeof id === 'string' && id !== this.#session?.userId) : [];
		this.typing = others.flatMap((id: string) => personOf(id) ?? []);
	}

	#eventOf(key: string): MatrixEvent | undefined {
		return this.#room
			?.getLiveTimeline()
			.getEvents()
			.find((event) => keyOf(event) === key);
	}

	/** Many events of one answer are drawn once. */
	#redraw(): void {
		if (this.#drawing) return;
		this.#drawing = true;
		queueMicrotask(() => {
			this.#drawing = false;
			this.#draw();
		});
	}

	#draw(): void {
		const room = this.#room;
		if (!room) return;
		this.ready = true;
		const events = room
			.getLiveTimeline()
			.getEvents()
			.filter((event) => event.getType() === 'm.room.message' && !event.isRelation('m.replace'))
			// By the homeserver's clock, so that all see the same order; what has not come back from it is last.
			.sort((one, other) => place(one) - place(other));
		this.messages = events.map((event) => this.#messageOf(event, room));
		this.hasOlder = room.oldState.paginationToken !== null;
		this.unread = this.#countUnread(room, events);
	}

	#messageOf(event: MatrixEvent, room: Room): ChatMessage {
		return {
			key: keyOf(event),
			id: event.getId() ?? '',
			personId: personOf(event.getSender() ?? ''),
			at: event.getTs(),
			text: textOf(event),
			edited: event.replacingEvent() !== null,
			withdrawn: event.isRedacted(),
			delivery: this.#deliveryOf(event),
			reply: event.replyEventId ? this.#quoteOf(event.replyEventId, room) : null
		};
	}

	#deliveryOf(event: MatrixEvent): ChatMessage['delivery'] {
		const status = this.#sdk?.EventStatus;
		if (event.status === null || event.status === status?.SENT) return 'sent';
		return event.status === status?.NOT_SENT || event.status === status?.CANCELLED ? 'failed' : 'sending';
	}

	#quoteOf(id: string, room: Room): ChatQuote {
		const event = room.findEventById(id) ?? this.#quotes.get(id);
		if (event) return { id, personId: personOf(event.getSender() ?? ''), text: event.isRedacted() ? null : textOf(event) };
		if (event === undefined) void this.#fetchQuote(id, room.roomId);
		return { id, personId: null, text: null };
	}

	async #fetchQuote(id: string, matrixRoomId: string): Promise<void> {
		this.#quotes.set(id, null);
		try {
			const raw = await this.#client?.fetchRoomEvent(matrixRoomId, id);
			if (!raw || !this.#sdk) return;
			this.#quotes.set(id, new this.#sdk.MatrixEvent(raw));
			this.#redraw();
		} catch {
			// Older than the person's rights, or gone: the quote stays without its text.
		}
	}

	/** Messages of others after the last that was read; one's own message reads all before it. */
	#countUnread(room: Room, events: readonly MatrixEvent[]): number {
		const userId = this.#session?.userId ?? '';
		const readUpTo = room.getEventReadUpTo(userId);
		const timeline = room.getLiveTimeline().getEvents();
		const marked = timeline.findLastIndex((event) => event.getId() === readUpTo || event.getSender() === userId);
		const later = new Set(timeline.slice(marked + 1));
		return events.filter((event) => later.has(event) && !event.isRedacted()).length;
	}
}

const place = (event: MatrixEvent): number => (event.status === null ? event.getTs() : Number.MAX_SAFE_INTEGER);
const keyOf = (event: MatrixEvent): string => event.getTxnId() ?? event.getId() ?? '';

/** The text of a message, as text: formatting that others send along is not read. */
function textOf(event: MatrixEvent): string {
	const { body } = event.getContent<{ body?: unknown }>();
	return typeof body === 'string' ? body : '';
}
