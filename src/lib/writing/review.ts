import type { AuthoredRange } from '#lib/documents/places.ts';
import type { Piece } from './resolve.ts';
import { changeOf } from './suggested-words.ts';
import { authorAt } from './tints.ts';

/** What somebody suggests, put together from its pieces. */
export interface Suggestion {
	readonly id: string;
	readonly from: number;
	/** Those who wrote what is to be added, as is known for sure; of anything else, who is said to have suggested it. */
	readonly by: readonly string[];
	readonly at: number;
	readonly added: string;
	readonly removed: string;
	/** What else changes, in words, each once. */
	readonly other: readonly string[];
}

/** The suggestions in a text, in its order. */
export function suggestionsOf(pieces: readonly Piece[], ranges: readonly AuthoredRange[]): Suggestion[] {
	return [...Map.groupBy(pieces, ({ id }) => id)].map(([id, own]) => {
		const insertions = own.filter(({ kind }) => kind === 'insertion');
		const writers = insertions.flatMap(({ from, to }) => authorsOf(ranges, from, to));
		return {
			id,
			from: own[0]?.from ?? 0,
			by: [...new Set(writers.length > 0 ? writers : own.map(({ by }) => by))],
			at: Math.max(...own.map(({ at }) => at)),
			added: textOf(own, 'insertion'),
			removed: textOf(own, 'deletion'),
			other: [...new Set(own.map(changeOf).filter((words) => words !== null))]
		};
	});
}

const textOf = (pieces: readonly Piece[], kind: 'insertion' | 'deletion'): string =>
	pieces.map((piece) => ('mark' in piece && piece.kind === kind ? piece.text : '')).join('');

function authorsOf(ranges: readonly AuthoredRange[], from: number, to: number): string[] {
	const first = authorAt(ranges, from);
	const within = ranges.filter((range) => range.from > from && range.from < to).map(({ personId }) => personId);
	return [...(first ? [first] : []), ...within].filter((personId) => personId !== '');
}
