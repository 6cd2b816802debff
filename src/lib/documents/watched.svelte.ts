import type * as Y from 'yjs';
import { call, client } from '#lib/ui/client.ts';
import { DocumentConnection } from './connection.svelte.ts';
import { documentForm } from './model.ts';

/** Shortest time between two drawings of what is watched, in milliseconds: many can be watched at once. */
const pause = 400;

/** A document that one only looks at, from afar: one cannot write in it, and is not shown to those who do. */
export class Watched {
	/** Grows when there is something new to draw; 0 while nothing was ever written. */
	turn = $state(0);
	/** When somebody changed it while it was watched, by this machine's clock; null when nobody did. */
	changedAt = $state<number | null>(null);
	/** Who did, as far as those are known who have it open. */
	author = $state<string | null>(null);
	/** Where the last change was. */
	places: ReadonlySet<Y.AbstractType<unknown>> = new Set();
	readonly #connection: DocumentConnection;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(documentId: string) {
		this.#connection = new DocumentConnection({
			documentId,
			origin: location.origin.replace(/^http/, 'ws'),
			right: 'read',
			token: () =>
				call(
					client.documents[':documentId'].token.$post({
						param: { documentId },
						query: { form: documentForm, only: 'read' }
					})
				)
		});
		// Whoever writes sees those who are there, not those who look in from afar.
		this.#connection.awareness.setLocalState(null);
		this.doc.on('afterTransaction', this.#hear);
	}

	get doc(): Y.Doc {
		return this.#connection.doc;
	}
	get loaded(): boolean {
		return this.#connection.loaded;
	}
	/** It cannot be shown: it is gone, or the right to it. */
	get ended(): boolean {
		return this.#connection.ended !== null;
	}

	close(): void {
		clearTimeout(this.#timer);
		this.doc.off('afterTransaction', this.#hear);
		this.#connection.close();
	}

	readonly #hear = (transaction: Y.Transaction) => {
		if (transaction.changed.size === 0) return;
		// What comes when it opens was written before.
		if (this.loaded) {
			this.changedAt = Date.now();
			this.author = this.#authorOf(transaction) ?? this.author;
			this.places = new Set(transaction.changed.keys() as Iterable<Y.AbstractType<unknown>>);
		}
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			this.turn++;
		}, pause);
	};

	#authorOf({ afterState, beforeState }: Y.Transaction): string | null {
		const states = this.#connection.awareness.getStates();
		for (const [id, clock] of afterState) {
			if (clock <= (beforeState.get(id) ?? 0)) continue;
			const user: unknown = states.get(id)?.user;
			if (typeof user === 'object' && user !== null && 'name' in user && typeof user.name === 'string') return user.name;
		}
		return null;
	}
}
