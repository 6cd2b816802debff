import * as Y from 'yjs';
import type { Authors } from './authors.ts';

/** A line of a text and where it begins, counted as the editor counts: each beginning and end of a block is one. */
export interface PlacedLine {
	readonly line: Y.XmlText;
	readonly from: number;
}

/** Where every line of a text begins; `isLeaf` says which elements hold nothing, so that they have no end of their own. */
export function placedLines(fragment: Y.XmlFragment, isLeaf: (name: string) => boolean): { lines: PlacedLine[]; size: number } {
	const lines: PlacedLine[] = [];
	const walk = (parent: Y.XmlFragment, start: number): number => {
		let at = start;
		for (let item = parent._start; item; item = item.right) {
			if (item.deleted || !(item.content instanceof Y.ContentType)) continue;
			const { type } = item.content;
			if (type instanceof Y.XmlText) {
				lines.push({ line: type, from: at });
				at += type.length;
			} else if (type instanceof Y.XmlElement) at = isLeaf(type.nodeName) ? at + 1 : walk(type, at + 1) + 1;
		}
		return at;
	};
	return { lines, size: walk(fragment, 0) };
}

/** Text of one person, as the editor counts. */
export interface AuthoredRange {
	from: number;
	to: number;
	personId: string;
}

/** Who wrote each stretch of a text, in its order; stretches of one person in a line are one. */
export function authoredRanges({ lines }: { lines: readonly PlacedLine[] }, authors: Pick<Authors, 'of'>): AuthoredRange[] {
	const ranges: AuthoredRange[] = [];
	for (const { line, from } of lines) {
		let at = from;
		let last: AuthoredRange | undefined;
		for (let item = line._start; item; item = item.right) {
			if (item.deleted || !item.countable) continue;
			if (!(item.content instanceof Y.ContentString)) {
				at += item.length;
				continue;
			}
			for (const { length, personId } of authors.of({ client: item.id.client, clock: item.id.clock, length: item.length })) {
				if (last?.to === at && last.personId === personId) last.to += length;
				else ranges.push((last = { from: at, to: at + length, personId }));
				at += length;
			}
		}
	}
	return ranges;
}
