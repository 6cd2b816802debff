import type { Transaction } from 'yjs';
import { changedText } from '#lib/documents/moved.ts';
import type { Run } from '#lib/documents/moved.ts';
import { ClientRanges } from './ranges.ts';

/** Where a character was written first. */
interface Place {
	client: number;
	clock: number;
}
type Piece = Run['pieces'][number];

/** Pasted text of at least this many UTF-16 units that was cut before is the same text; less is chance. */
const shortestPaste = 8;
/** Stands between two texts in the heap of what was cut. */
const edge = '\u0000';

/**
 * Knows where text came from that was not typed where it stands: moved by one update, as by Enter in the
 * middle of a paragraph, or pasted after it was cut. It stays the text of whoever wrote it.
 */
export class Moves {
	/** For characters that were moved: where they were before. */
	readonly #from = new ClientRanges<Place & { at: number }>();
	/** Characters that were taken away and put elsewhere by the same update. */
	readonly #away = new ClientRanges<true>();
	#cut = '';
	readonly #cutPieces: Piece[] = [];
	/** Where each of these pieces begins in the heap. */
	readonly #starts: number[] = [];

	/** Looks at one update. */
	note(transaction: Transaction): void {
		const { inserted, deleted, moves } = changedText(transaction);
		for (const { from, to } of moves) {
			this.#join(from, to);
			for (const { client, clock, length } of from) this.#away.add(client, clock, length, true);
		}
		for (const { text, pieces } of inserted) {
			const found = text.length >= shortestPaste ? this.#cut.lastIndexOf(text) : -1;
			if (found >= 0) this.#join(this.#cutFrom(found, text.length), pieces);
		}
		for (const run of deleted) this.#remember(run);
	}

	/** Where a character was written first, and up to which clock those after it were written there, too. */
	origin(client: number, clock: number): Place & { upTo: number } {
		let place: Place = { client, clock };
		let upTo = Infinity;
		for (;;) {
			const { value, upTo: end } = this.#from.at(place.client, place.clock);
			upTo = Math.min(upTo, clock + end - place.clock);
			if (!value) return { ...place, upTo };
			place = { client: value.client, clock: value.clock + place.clock - value.at };
		}
	}

	/** Whether a character was moved when it was taken away, and up to which clock that holds. */
	isMoved(client: number, clock: number): { value: true | null; upTo: number } {
		return this.#away.at(client, clock);
	}

	/** Says that the characters of `to` are those of `from`, one after the other. */
	#join(from: readonly Piece[], to: readonly Piece[]): void {
		const sources = from[Symbol.iterator]();
		let source = sources.next().value;
		for (let { client, clock, length } of to) {
			while (length > 0 && source) {
				const part = Math.min(length, source.length);
				this.#from.add(client, clock, part, { client: source.client, clock: source.clock, at: clock });
				clock += part;
				length -= part;
				source =
					part < source.length
						? { client: source.client, clock: source.clock + part, length: source.length - part }
						: sources.next().value;
			}
		}
	}

	#remember({ text, pieces }: Run): void {
		let start = this.#cut.length;
		this.#cut += text + edge;
		for (const piece of pieces) {
			this.#cutPieces.push(piece);
			this.#starts.push(start);
			start += piece.length;
		}
	}

	#cutFrom(begin: number, length: number): Piece[] {
		const pieces: Piece[] = [];
		for (let index = this.#pieceAt(begin); length > 0; index++) {
			const [piece, start] = [this.#cutPieces[index], this.#starts[index]];
			if (!piece || start === undefined) break;
			const skipped = begin - start;
			const part = Math.min(length, piece.length - skipped);
			pieces.push({ client: piece.client, clock: piece.clock + skipped, length: part });
			begin += part;
			length -= part;
		}
		return pieces;
	}

	#pieceAt(offset: number): number {
		let [low, high] = [0, this.#starts.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#starts[middle] ?? Infinity) > offset) high = middle;
			else low = middle + 1;
		}
		return low - 1;
	}
}
