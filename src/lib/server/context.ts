import type { Logger } from 'pino';
import type { PersonId } from '#lib/ids.ts';
import type { Hat, Membership } from '#lib/spaces/model.ts';
import type { Db } from './db.ts';
import { Forbidden, SignedOut } from './errors.ts';
import type { Services } from './services.ts';

/** A signed-in person in one capacity. */
export interface Actor {
	readonly personId: PersonId;
	readonly accountId: string;
	readonly signInId: string;
	readonly name: string;
	/** The capacity now, and every capacity that the person may switch to. */
	readonly hat: Hat;
	readonly hats: readonly Hat[];
	/** Memberships of the present capacity only. */
	readonly memberships: readonly Membership[];
	/** A first password opens nothing but the page that replaces it. */
	readonly mustChangePassword: boolean;
}

/** Who asks, from where, with what: the first argument of every verb. */
export interface Context {
	readonly services: Services;
	/** Inside `transaction` or `query`: their connection. Outside: nothing of a space is seen through it. */
	readonly db: Db;
	readonly inTransaction: boolean;
	readonly actor: Actor | null;
	/** Work of the space itself (listeners, jobs, sign-in): sees every row, passes no policy. */
	readonly system: boolean;
	readonly address: string | null;
	readonly requestId: string | null;
	readonly log: Logger;
	now(): Date;
}

/** The context of one request. */
export function requestContext(services: Services, request: Pick<Context, 'actor' | 'address' | 'requestId'>): Context {
	return {
		services,
		db: services.database.db,
		inTransaction: false,
		system: false,
		log: services.log.child({ requestId: request.requestId }),
		now: services.now,
		...request
	};
}

/** The context of the space's own work. */
export function systemContext(services: Services): Context {
	return { ...requestContext(services, { actor: null, address: null, requestId: null }), log: services.log, system: true };
}

/** The person who asks; signed out, or still with the first password: not a person of the space yet. */
export function requireActor(ctx: Context): Actor {
	if (!ctx.actor) throw new SignedOut();
	if (ctx.actor.mustChangePassword) throw new Forbidden('error.changePasswordFirst');
	return ctx.actor;
}

/** Refuses unless this is the space's own work: verbs that no policy guards are for listeners, jobs and administrators at the machine. */
export function requireSystem(ctx: Context): void {
	if (!ctx.system) throw new Forbidden();
}
