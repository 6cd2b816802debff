/**
 * Three authors write one line, and what comes of it, counted by yjs 13.6 from the state of every character and
 * again, by brute force, from an array with the author of each.
 */
export const coauthoring: {
	ops: { author: string; op: 'insert' | 'delete'; pos: number; text?: string; len?: number }[];
	text: string;
	authors: Record<string, { inserted: number; surviving: number; deleted: number; ownership: number }>;
	/** Who deleted how many characters of whom. */
	deleted: Record<string, number>;
	/** Stretches of one author, in the order of the text. */
	runs: [author: string, length: number][];
} = {
	ops: [
		{ author: 'A', op: 'insert', pos: 0, text: 'Photosynthesis turns light into energy. ' },
		{ author: 'B', op: 'insert', pos: 40, text: 'Plants need water and carbon dioxide. ' },
		{ author: 'C', op: 'insert', pos: 78, text: 'Oxygen is released.' },
		{ author: 'B', op: 'delete', pos: 15, len: 5 },
		{ author: 'B', op: 'insert', pos: 15, text: 'converts' },
		{ author: 'A', op: 'delete', pos: 43, len: 6 },
		{ author: 'A', op: 'insert', pos: 43, text: 'Green plants' },
		{ author: 'C', op: 'delete', pos: 0, len: 14 },
		{ author: 'C', op: 'insert', pos: 0, text: 'Photo-synthesis' },
		{ author: 'A', op: 'insert', pos: 107, text: ' Chlorophyll absorbs light.' },
		{ author: 'B', op: 'delete', pos: 10, len: 3 },
		{ author: 'C', op: 'insert', pos: 20, text: 'always ' }
	],
	text: 'Photo-syntis convertalways s light into energy. Green plants need water and carbon dioxide. Oxygen is released. Chlorophyll absorbs light.',
	authors: {
		A: { inserted: 79, surviving: 60, deleted: 6, ownership: 0.4347826087 },
		B: { inserted: 46, surviving: 40, deleted: 8, ownership: 0.2898550725 },
		C: { inserted: 41, surviving: 38, deleted: 14, ownership: 0.2753623188 }
	},
	deleted: { 'B>A': 5, 'A>B': 6, 'C>A': 14, 'B>C': 3 },
	runs: [
		['C', 12],
		['A', 1],
		['B', 7],
		['C', 7],
		['B', 1],
		['A', 32],
		['B', 32],
		['C', 19],
		['A', 27]
	]
};
