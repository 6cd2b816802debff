import { isSegment } from '#lib/history/timeline.ts';
import type { ShownNode } from '#lib/history/timeline.ts';
import { getLocale } from '#lib/i18n/generated/runtime.js';

/** The day of a moment, in words. */
export const dayOf = (moment: string): string =>
	new Date(moment).toLocaleDateString(getLocale(), { year: 'numeric', month: 'long', day: 'numeric' });

/** `12 MB`, of bytes. */
export function sizeOf(bytes: number): string {
	const units = ['kB', 'MB', 'GB'];
	let [size, unit] = [bytes / 1_000, 0];
	for (; size >= 1_000 && unit < units.length - 1; unit++) size /= 1_000;
	return `${size.toLocaleString(getLocale(), { maximumFractionDigits: size < 10 ? 1 : 0 })} ${units[unit]}`;
}

/** The words of a text of some moment, a line for each block. */
export const wordsIn = (nodes: readonly ShownNode[]): string => nodes.map(lineOf).join('\n');

const lineOf = (node: ShownNode): string =>
	node.content.map((part) => (isSegment(part) ? part.text : `${lineOf(part)} `)).join('');
