import { largestMessage } from '#lib/documents/model.ts';

/** What one connection may send. */
export const limits = {
	/** One frame, in bytes; the WebSocket library refuses more. */
	frame: largestMessage,
	/** Messages: so many at once, and so many per second for long. */
	messages: { burst: 300, perSecond: 60 },
	/** Bytes taken in, and bytes of answers asked for: reading and encoding them costs the same process. */
	bytes: { burst: 24 * 1024 * 1024, perSecond: 2 * 1024 * 1024 },
	/** What a client says of itself, in characters of JSON. */
	awareness: 4 * 1024,
	/** What may wait in memory for a reader, in bytes, beside the document itself. */
	buffered: 4 * 1024 * 1024,
	/** Refused updates after which a connection is closed. */
	refusals: 20,
	/** Documents that one person has open at once, on all screens. */
	connectionsPerPerson: 40
} as const;

/** At once, and per second for long. */
export interface Rate {
	readonly burst: number;
	readonly perSecond: number;
}
/** How much a connection may send. */
export interface Allowed {
	readonly messages: Rate;
	readonly bytes: Rate;
}

/** A budget that refills: `spend` is false when it is overdrawn. */
export class Budget {
	readonly #burst: number;
	readonly #perSecond: number;
	readonly #now: () => number;
	#left: number;
	#at: number;

	constructor({ burst, perSecond }: Rate, now: () => number = () => performance.now()) {
		this.#burst = this.#left = burst;
		this.#perSecond = perSecond;
		this.#now = now;
		this.#at = now();
	}

	spend(amount: number): boolean {
		const now = this.#now();
		this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#perSecond) - amount;
		this.#at = now;
		return this.#left >= 0;
	}
}
