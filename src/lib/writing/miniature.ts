import * as Y from 'yjs';
import { lineElements, lineOf, textOf } from './document.ts';

/** A line of a text that is shown small. */
export interface SmallLine {
	text: string;
	heading: boolean;
	/** Somebody wrote here last. */
	here: boolean;
}

/** The longest part of a line that is shown. */
const longest = 90;

/**
 * A few lines of a text: those around the place where somebody wrote last, otherwise its end. `places` are the shared
 * types that changed last.
 */
export function smallLines(doc: Y.Doc, places: ReadonlySet<unknown>, most: number): { lines: SmallLine[]; above: boolean } {
	const elements = lineElements(textOf(doc));
	const at = elements.findLastIndex((element) => isIn(element, places));
	const end = at < 0 ? elements.length : Math.min(elements.length, Math.max(at + 3, most));
	const start = Math.max(0, end - most);
	const lines = elements.slice(start, end).map((element, index) => {
		const text = lineOf(element);
		return {
			// Of a long paragraph the end, where one writes on.
			text: text.length > longest ? `…${[...text].slice(-longest).join('')}` : text,
			heading: element.nodeName === 'heading',
			here: start + index === at
		};
	});
	return { lines, above: start > 0 };
}

const isIn = (element: Y.XmlElement, places: ReadonlySet<unknown>): boolean =>
	places.has(element) || element.toArray().some((child) => places.has(child));
