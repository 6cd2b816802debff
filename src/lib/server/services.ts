import type { Logger } from 'pino';
import type { Env } from '#src/env.ts';
import type { Auth } from '#lib/people/server/auth.ts';
import type { Seat } from '#lib/rooms/model.ts';
import type { Changes } from './changes.ts';
import type { Database } from './db.ts';
import type { PartState } from './health.ts';

/** What a person sends into a call; `draw` is strokes on a shared screen. */
export type Sent = 'microphone' | 'camera' | 'screen' | 'draw';

/** Voice and video, as narrow as the domains need it; `media/` implements it. */
export interface MediaGateway {
	/** A token that lets one person into the call of one room, to send what is granted. */
	token(grant: { roomId: string; personId: string; name: string; sends: readonly Sent[]; seat?: Seat }): Promise<string>;
	/** What everybody in the call of a room may send now. */
	senders(roomId: string): Promise<{ personId: string; seat: Seat; sends: readonly Sent[] }[]>;
	/** Lets a person in a call send this and nothing else, at once; what is sent otherwise ends. */
	permit(roomId: string, personId: string, sends: readonly Sent[], seat?: Seat): Promise<void>;
	/** Ends the call of a room for all. */
	end(roomId: string): Promise<void>;
	/** Takes a person out of a call at once: from one seat, or from all. */
	remove(roomId: string, personId: string, seat?: Seat): Promise<void>;
	/** Two ends of a call that nobody else is in, for one who measures the network. */
	loop(): Promise<{ sends: string; looks: string }>;
	/** Whether the media server works. */
	state(): Promise<PartState>;
}

/** Chat, as narrow as the domains need it; `chat/server/matrix.ts` implements it. */
export interface ChatGateway {
	/** The Matrix room of a room, made when missing. */
	createRoom(room: { id: string; title: string }): Promise<string>;
	/** Lets a person into a Matrix room; the account is made when missing. */
	admit(matrixRoomId: string, personId: string): Promise<void>;
	/** Takes a person out of a Matrix room; done also when not inside. */
	remove(matrixRoomId: string, personId: string): Promise<void>;
	/** Lets somebody who was taken out read no more of the time before either; coming back brings it back. */
	forget(matrixRoomId: string, personId: string): Promise<void>;
	/** Says who writes in a Matrix room: everybody but `silent`, or, when it is closed, only `voices`. */
	allow(matrixRoomId: string, writers: { closed: boolean; voices: readonly string[]; silent: readonly string[] }): Promise<void>;
	/**
	 * The latest messages of a Matrix room, newest first, or those before a mark; `before` is the mark for the page
	 * before these, null where the room begins.
	 */
	messages(matrixRoomId: string, before?: string): Promise<{ events: { origin_server_ts: number }[]; before: string | null }>;
	/** A line to the homeserver, which answered; `lost` fulfils when the line breaks, as at its restart, or is given up. */
	hold(signal: AbortSignal): Promise<{ lost: Promise<void> }>;
	/** A chat device for one sign-in of a person. */
	signIn(personId: string, signInId: string): Promise<{ userId: string; deviceId: string; accessToken: string }>;
	/** Ends the chat device of a sign-in, or all devices of the person. */
	signOut(personId: string, signInId: string | null): Promise<void>;
	state(): Promise<PartState>;
}

/** Shared documents, as narrow as the domains need it; `collab-server/` implements it. */
export interface CollabGateway {
	state(): Promise<PartState>;
}

/** What a process of the space has: made once by its entry, handed down as an argument. */
export interface Services {
	readonly env: Env;
	readonly log: Logger;
	readonly database: Database;
	/** Changes that were committed, from every process: access, rooms, sessions. */
	readonly changes: Changes;
	readonly auth: Auth;
	readonly media: MediaGateway | null;
	readonly chat: ChatGateway | null;
	readonly collab: CollabGateway;
	now(): Date;
}

const slot = Symbol.for('xingtan.services');

/** Makes the services known to the pages, which the web server loads as a bundle of their own. */
export function provideServices(services: Services): void {
	(globalThis as Record<symbol, unknown>)[slot] = services;
}

/** The services of this process. Only `hooks.server.ts` asks; everything below gets its context. */
export function givenServices(): Services {
	const services = (globalThis as Record<symbol, unknown>)[slot];
	if (!services) throw new Error('The web server provides its services before it serves pages: start bin/web.ts.');
	return services as Services;
}
