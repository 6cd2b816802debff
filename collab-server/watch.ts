import type { Services } from '#lib/server/services.ts';
import type { Connection } from './connection.ts';
import type { Rights } from './rights.ts';

/** How soon a look that failed, because the database is away, is taken again, in milliseconds. */
const retry = 1_000;
/** How often everybody is looked at without cause: sign-ins and memberships also end by their dates. */
const round = 60_000;

/**
 * Looks at the rights of open connections again whenever something may have changed them, and closes or
 * narrows what is no longer allowed. A right is never widened: for more, one asks for a new token.
 */
export class RightsWatch {
	readonly #services: Services;
	readonly #connections: ReadonlySet<Connection>;
	readonly #stops: (() => void)[];
	readonly #rights: Rights;
	readonly #looking = new Map<Connection, Promise<void>>();
	/** How many changes were heard of. */
	#heard = 0;
	#closed = false;

	constructor(services: Services, rights: Rights, connections: ReadonlySet<Connection>) {
		this.#services = services;
		this.#rights = rights;
		this.#connections = connections;
		const { changes } = services;
		const timer = setInterval(() => this.#lookAtAll(() => true), round);
		this.#stops = [
			changes.on('access', ({ personId }) => this.#lookAtAll((connection) => connection.personId === personId)),
			changes.on('signedOut', ({ personId, signInId }) =>
				this.#lookAtAll(({ holder }) => holder.personId === personId && (signInId === null || holder.signInId === signInId))
			),
			changes.on('missed', () => this.#lookAtAll(() => true)),
			changes.on('document', ({ documentId }) => {
				this.#heard++;
				for (const connection of connections) if (connection.holder.documentId === documentId) connection.close('rightsChanged');
			}),
			() => clearInterval(timer)
		];
	}

	close(): void {
		this.#closed = true;
		for (const stop of this.#stops) stop();
	}

	/**
	 * Begins to wait for a connection that is still to be let in. What is returned is called when it is known here, and
	 * looks again at what was read meanwhile, if anything has changed.
	 */
	expect(): (connection: Connection) => void {
		const before = this.#heard;
		return (connection) => {
			if (this.#heard !== before) this.look(connection);
		};
	}

	#lookAtAll(concerns: (connection: Connection) => boolean): void {
		this.#heard++;
		for (const connection of this.#connections) if (concerns(connection)) this.look(connection);
	}

	/** One look at a time per connection; a change during a look asks for another. */
	look(connection: Connection): void {
		const before = this.#looking.get(connection) ?? Promise.resolve();
		const looked = before.then(() => this.#lookAt(connection));
		this.#looking.set(connection, looked);
		void looked.finally(() => {
			if (this.#looking.get(connection) === looked) this.#looking.delete(connection);
		});
	}

	async #lookAt(connection: Connection): Promise<void> {
		if (this.#closed || !connection.isOpen) return;
		try {
			const standing = await this.#rights.standing(connection.holder);
			if ('closing' in standing) connection.close(standing.closing);
			else if (standing.right !== 'write') connection.right = standing.right;
		} catch (error) {
			this.#services.log.warn({ err: error }, 'rights could not be read again; trying once more');
			setTimeout(() => this.look(connection), retry).unref();
		}
	}
}
