/** Something that is found by its name, in characters or as it is spoken. */
export interface Findable {
	label: string;
	/** The syllables of its name in pinyin without tones, and further words that people look for. */
	spoken?: readonly string[];
	words?: readonly string[];
}

/**
 * How well a name fits what somebody types: 0 best, null not at all. Letters may be the beginning of each syllable,
 * so that 林小雨 is found by `linxiaoyu`, `lxy`, `linxy` and by `xiaoyu`; what an input method shows while it
 * composes (`lin'xiao`) counts like the letters alone.
 */
export function fitOf({ label, spoken = [], words = [] }: Findable, typed: string): number | null {
	const query = typed.toLowerCase().replace(/['\s’]/g, '');
	if (query === '') return 0;
	const at = label.toLowerCase().replace(/\s/g, '').indexOf(query);
	if (at >= 0) return at === 0 ? 0 : 2;
	for (let start = 0; start < spoken.length; start++) if (speaks(spoken, start, query)) return start === 0 ? 1 : 3;
	return words.some((word) => word.toLowerCase().startsWith(query)) ? 1 : null;
}

/** Whether the query is a beginning of each of some syllables, from this one on. */
function speaks(syllables: readonly string[], index: number, query: string): boolean {
	/** How much of the query may be said before the next syllable. */
	let said = new Set([0]);
	for (const syllable of syllables.slice(index)) {
		const further = new Set<number>();
		for (const from of said) {
			for (
				let length = 1;
				length <= syllable.length && syllable[length - 1]?.toLowerCase() === query[from + length - 1];
				length++
			) {
				further.add(from + length);
			}
		}
		if (further.has(query.length)) return true;
		said = further;
	}
	return false;
}

/** The ones that fit, the best first, in their own order otherwise. */
export const found = <Item extends Findable>(items: readonly Item[], typed: string): Item[] =>
	items
		.map((item, index) => ({ item, index, fit: fitOf(item, typed) }))
		.filter((each): each is typeof each & { fit: number } => each.fit !== null)
		.sort((one, other) => one.fit - other.fit || one.index - other.index)
		.map(({ item }) => item);
