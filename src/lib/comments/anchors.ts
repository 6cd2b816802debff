import * as Y from 'yjs';
import type { PlacedLine } from '#lib/documents/places.ts';
import { longestQuote, positionOf, positionText } from './model.ts';
import type { Anchor } from './model.ts';

/** From and to as the editor counts. */
export interface Range {
	from: number;
	to: number;
}

/**
 * The anchor of a stretch of text: it sticks to its first and its last character, so that it neither grows nor moves to
 * other words. Null when no character lies in it.
 */
export function anchorOf(lines: readonly PlacedLine[], { from, to }: Range): Anchor | null {
	const within = lines.filter(({ line, from: start }) => line.length > 0 && start < to && start + line.length > from);
	const [first, last] = [within[0], within.at(-1)];
	if (!first || !last) return null;
	const start = Math.max(0, from - first.from);
	const end = Math.min(last.line.length, to - last.from);
	return {
		from: positionText(Y.createRelativePositionFromTypeIndex(first.line, start, 0)),
		to: positionText(Y.createRelativePositionFromTypeIndex(last.line, end, -1))
	};
}

/** Where an anchor is now; null when none of its characters is left, or when it never made sense. */
export function rangeOf(anchor: Anchor, places: ReadonlyMap<unknown, number>, doc: Y.Doc): Range | null {
	const from = placeOf(anchor.from, places, doc);
	const to = placeOf(anchor.to, places, doc);
	return from !== null && to !== null && from < to ? { from, to } : null;
}

function placeOf(written: string, places: ReadonlyMap<unknown, number>, doc: Y.Doc): number | null {
	const position = positionOf(written);
	if (!position) return null;
	try {
		const found = Y.createAbsolutePositionFromRelativePosition(position, doc, false);
		const start = found && places.get(found.type);
		return found && start !== undefined && start !== null ? start + found.index : null;
	} catch {
		return null;
	}
}

/** Words that were moved by writing them anew (a paragraph that was parted) are found again when they are there once only. */
export function onlyPlaceOf(quote: string, blocks: readonly { text: string; from: number }[]): Range | null {
	const words = quote.trim();
	if (words.length < 2 || quote.length >= longestQuote) return null;
	let found: Range | null = null;
	for (const { text, from } of blocks) {
		const at = text.indexOf(words);
		if (at < 0) continue;
		if (found || text.includes(words, at + 1)) return null;
		found = { from: from + at, to: from + at + words.length };
	}
	return found;
}
