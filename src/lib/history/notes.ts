import { nameIn } from '#lib/writing/blocks/values.ts';
import { isSegment } from './timeline.ts';
import type { Segment, ShownNode } from './timeline.ts';

/** The numbers of notes by their ids, as their places stand in the text of some moment. */
export function noteNumbers(blocks: readonly (ShownNode | null)[]): ReadonlyMap<string, number> {
	const numbers = new Map<string, number>();
	const walk = (part: ShownNode | Segment | null): void => {
		if (part === null || isSegment(part)) return;
		const id = part.name === 'footnote' && !part.gone ? nameIn(part.attrs.id) : null;
		if (id !== null && !numbers.has(id)) numbers.set(id, numbers.size + 1);
		part.content.forEach(walk);
	};
	blocks.forEach(walk);
	return numbers;
}
