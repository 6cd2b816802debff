/** A text as its editor writes it down. Everything in it was written by some client and can be anything. */
export interface Json {
	type: string;
	attrs?: Record<string, unknown>;
	content?: Json[];
	marks?: { type: string; attrs?: Record<string, unknown> }[];
	text?: string;
}
export type JsonMark = NonNullable<Json['marks']>[number];

export const children = (node: Json): Json[] => (Array.isArray(node.content) ? node.content : []);
export const attrsOf = (node: { attrs?: Record<string, unknown> | undefined }): Record<string, unknown> => node.attrs ?? {};

/** The words of a node and of all that is in it. */
export function wordsOf(node: Json): string {
	if (typeof node.text === 'string') return node.text;
	if (node.type === 'hardBreak') return '\n';
	return children(node).map(wordsOf).join('');
}

export const make = (type: string, attrs?: Record<string, unknown>, content?: Json[]): Json => ({
	type,
	...(attrs && Object.keys(attrs).length > 0 ? { attrs } : {}),
	...(content && content.length > 0 ? { content } : {})
});

const sameMarks = (one: Json, other: Json): boolean => JSON.stringify(one.marks ?? []) === JSON.stringify(other.marks ?? []);

/** Neighbouring words of one form as one piece, as the editor holds them; what is empty goes. */
export function joined(inline: readonly Json[]): Json[] {
	const all: Json[] = [];
	for (const node of inline) {
		if (node.type !== 'text') {
			all.push(node);
			continue;
		}
		if (!node.text) continue;
		const before = all.at(-1);
		if (before?.type === 'text' && sameMarks(before, node))
			all[all.length - 1] = { ...before, text: (before.text ?? '') + node.text };
		else all.push(node);
	}
	return all;
}

/** A picture whose bytes came in a file: `src` names it until it lies among the files of the document. */
export interface Picture {
	key: string;
	name: string;
	bytes: Uint8Array<ArrayBuffer>;
}

/** What was read from a file. */
export interface Read {
	doc: Json;
	pictures: Picture[];
	/** The name that the file gives its text; null when it gives none. */
	title: string | null;
}
