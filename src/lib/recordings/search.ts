import type { RecordedEvent, RecordingMark } from './model.ts';

/** Where a word was found: at so many milliseconds, and the words around it. */
export interface Hit {
	at: number;
	where: 'message' | 'round' | 'mark' | 'step' | 'caption' | 'document';
	/** Of a document: its title. */
	title: string | null;
	text: string;
}

/** So much is shown before and after what was found, in characters. */
const around = 20;

const folded = (text: string): string => text.normalize('NFKC').toLocaleLowerCase();

/** The words around the place where `words` stand in a text; null where they do not. */
export function snippetOf(text: string, words: string): string | null {
	const place = folded(text).indexOf(folded(words));
	if (place < 0) return null;
	const [from, to] = [Math.max(0, place - around), place + words.length + around];
	return `${from > 0 ? '…' : ''}${text.slice(from, to).replace(/\s+/g, ' ')}${to < text.length ? '…' : ''}`;
}

/** Finds words in what was said, asked and remarked, in the order of time. */
export function searchEvents(events: readonly RecordedEvent[], marks: readonly RecordingMark[], words: string): Hit[] {
	const sought = words.trim();
	if (!sought) return [];
	const hit = (at: number, where: Hit['where'], text: string): Hit[] => {
		const found = snippetOf(text, sought);
		return found === null ? [] : [{ at, where, title: null, text: found }];
	};
	return [
		...events.flatMap((event) => {
			if (event.kind === 'message') return hit(event.at, 'message', event.text);
			if (event.kind === 'caption') return hit(event.at, 'caption', event.text);
			if (event.kind === 'step') return hit(event.at, 'step', event.name);
			return event.kind === 'round' ? hit(event.at, 'round', [event.question, ...event.options].join(' · ')) : [];
		}),
		...marks.flatMap(({ at, text }) => hit(at, 'mark', text))
	].sort((one, other) => one.at - other.at);
}

/**
 * When words came into a document: the first of its moments in which they stand, of each time that they came. A text
 * of many moments is looked at in steps, then between two steps that differ, so that thousands of moments cost tens of
 * looks.
 */
export async function firstSeen(
	moments: number,
	textAt: (moment: number) => Promise<string>,
	words: string
): Promise<{ moment: number; text: string }[]> {
	const sought = words.trim();
	if (!sought || moments === 0) return [];
	const known = new Map<number, string | null>();
	const look = async (moment: number): Promise<string | null> => {
		if (!known.has(moment)) known.set(moment, snippetOf(await textAt(moment), sought));
		return known.get(moment) ?? null;
	};
	const steps = Math.min(moments, 40);
	const marks = Array.from({ length: steps + 1 }, (_, step) => Math.round((moments * step) / steps));
	const found: { moment: number; text: string }[] = [];
	for (let index = 0; index < marks.length; index++) {
		const [before, moment] = [marks[index - 1] ?? 0, marks[index] ?? 0];
		const text = await look(moment);
		if (text === null || (index > 0 && (await look(before)) !== null)) continue;
		let [low, high] = [before, moment];
		while (high - low > 1) {
			const middle = Math.floor((low + high) / 2);
			if ((await look(middle)) === null) low = middle;
			else high = middle;
		}
		found.push({ moment: high, text: (await look(high)) ?? text });
	}
	return found;
}
