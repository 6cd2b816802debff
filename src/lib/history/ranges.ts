/** What happened to ranges of one client's clocks: each range once. Written in any order, read in rising order. */
export class Ranges<Value> {
	readonly #ranges: { clock: number; len: number; value: Value }[] = [];
	#sorted = true;

	add(clock: number, len: number, value: Value): void {
		const last = this.#ranges.at(-1);
		if (last && clock < last.clock) this.#sorted = false;
		this.#ranges.push({ clock, len, value });
	}

	/** What covers a clock, and from that clock up to where; `null` covers what nothing was said about. */
	at(clock: number): { value: Value | null; upTo: number } {
		this.#sort();
		const ranges = this.#ranges;
		let low = 0;
		let high = ranges.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			const range = ranges[middle];
			if (range && range.clock + range.len <= clock) low = middle + 1;
			else high = middle;
		}
		const found = ranges[low];
		if (!found) return { value: null, upTo: Infinity };
		return found.clock <= clock ? { value: found.value, upTo: found.clock + found.len } : { value: null, upTo: found.clock };
	}

	#sort(): void {
		if (this.#sorted) return;
		this.#ranges.sort((one, other) => one.clock - other.clock);
		this.#sorted = true;
	}
}

/** Ranges by client. */
export class ClientRanges<Value> {
	readonly #clients = new Map<number, Ranges<Value>>();

	add(client: number, clock: number, len: number, value: Value): void {
		let ranges = this.#clients.get(client);
		if (!ranges) this.#clients.set(client, (ranges = new Ranges()));
		ranges.add(clock, len, value);
	}

	at(client: number, clock: number): { value: Value | null; upTo: number } {
		return this.#clients.get(client)?.at(clock) ?? { value: null, upTo: Infinity };
	}
}
