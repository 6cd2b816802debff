/** How many packets may be waited for at once; at 30 pictures a second of several packets, well under half a second. */
const most = 64;

/**
 * Hands numbered things on in order, whatever order they come in: one that is missing is waited for until many are
 * behind it. Numbers are of 16 bits and begin anew, as those of RTP (RFC 3550) do.
 */
export class InOrder<Thing extends { readonly sequence: number }> {
	#next: number | undefined;
	readonly #waiting = new Map<number, Thing>();

	/** What can be handed on now; `lost` when something before it never came. */
	take(thing: Thing): { things: Thing[]; lost: boolean } {
		this.#next ??= thing.sequence;
		const ahead = (thing.sequence - this.#next + 65_536) % 65_536;
		// Told twice, or too late.
		if (ahead >= 32_768) return { things: [], lost: false };
		this.#waiting.set(thing.sequence, thing);
		let lost = false;
		if (this.#waiting.size > most || ahead > 1_000) {
			lost = !this.#waiting.has(this.#next);
			if (lost) this.#next = this.#nearest(this.#next);
		}
		return { things: this.#ready(), lost };
	}

	/** All that still waits, in order. */
	rest(): Thing[] {
		const from = this.#next ?? 0;
		const rest = [...this.#waiting.values()].sort(
			(one, other) => ((one.sequence - from + 65_536) % 65_536) - ((other.sequence - from + 65_536) % 65_536)
		);
		this.#waiting.clear();
		return rest;
	}

	#nearest(from: number): number {
		let nearest = from;
		let shortest = Infinity;
		for (const sequence of this.#waiting.keys()) {
			const distance = (sequence - from + 65_536) % 65_536;
			if (distance < shortest) [nearest, shortest] = [sequence, distance];
		}
		return nearest;
	}

	#ready(): Thing[] {
		const ready: Thing[] = [];
		for (;;) {
			const thing = this.#next === undefined ? undefined : this.#waiting.get(this.#next);
			if (this.#next === undefined || !thing) return ready;
			this.#waiting.delete(this.#next);
			ready.push(thing);
			this.#next = (this.#next + 1) % 65_536;
		}
	}
}
