import type { Move, Piece } from './moved.ts';

/** Text that somebody put elsewhere, and who had written it. */
export interface MovedText extends Piece {
	readonly personId: string;
}

/** Who wrote what in a document: whoever used the Yjs client id, but for text that this person only moved. */
export class Authorship<Person extends string = string> {
	readonly #clients: Map<number, Person>;
	/** By client, in the order of the clock; they never overlap, as each clock is written once. */
	readonly #moved = new Map<number, MovedText[]>();

	constructor(clients: Iterable<readonly [number, Person]> = [], moved: Iterable<MovedText> = []) {
		this.#clients = new Map(clients);
		this.keep(moved);
	}

	/** Who uses this client id. */
	get(client: number): Person | undefined {
		return this.#clients.get(client);
	}

	set(client: number, person: Person): void {
		this.#clients.set(client, person);
	}

	delete(client: number): void {
		this.#clients.delete(client);
	}

	keep(moved: Iterable<MovedText>): void {
		for (const text of moved) {
			const known = this.#moved.get(text.client);
			if (known) known.splice(firstAfter(known, text.clock), 0, text);
			else this.#moved.set(text.client, [text]);
		}
	}

	/** The authors of a piece of text, in its order; `''` where nobody is known to have written it. */
	of({ client, clock, length }: Piece): { length: number; personId: string }[] {
		const user = this.#clients.get(client) ?? '';
		const moved = this.#moved.get(client) ?? [];
		const authors: { length: number; personId: string }[] = [];
		const end = clock + length;
		let at = clock;
		for (let index = Math.max(0, firstAfter(moved, clock) - 1); at < end; index++) {
			const next = moved[index];
			const from = Math.min(end, Math.max(at, next?.clock ?? end));
			const to = Math.min(end, Math.max(from, next ? next.clock + next.length : end));
			if (from > at) authors.push({ length: from - at, personId: user });
			if (next && to > from) authors.push({ length: to - from, personId: next.personId });
			at = to;
		}
		return authors;
	}
}

/** Moved text whose author is not the one who moved it. */
export function movedText({ from, to }: Move, authors: Authorship): MovedText[] {
	const moved: MovedText[] = [];
	const places = to[Symbol.iterator]();
	let place = places.next().value;
	for (const { length, personId } of from.flatMap((piece) => authors.of(piece))) {
		for (let left = length; place && left > 0;) {
			const { client, clock } = place;
			const part = Math.min(left, place.length);
			if (personId !== '' && personId !== authors.get(client)) moved.push({ client, clock, length: part, personId });
			left -= part;
			place = part < place.length ? { client, clock: clock + part, length: place.length - part } : places.next().value;
		}
	}
	return moved;
}

/** The index of the first that begins after `clock`. */
function firstAfter(texts: readonly MovedText[], clock: number): number {
	let [low, high] = [0, texts.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((texts[middle]?.clock ?? Infinity) > clock) high = middle;
		else low = middle + 1;
	}
	return low;
}
