import type { TextJson } from '#lib/writing/replace.ts';
import { isSegment } from './timeline.ts';
import type { Marks, Segment, ShownNode } from './timeline.ts';

/** A text of the history in the words of the editor. */
export const contentOf = (nodes: readonly ShownNode[]): TextJson[] => nodes.map(jsonOf);

function jsonOf(part: ShownNode | Segment): TextJson {
	if (isSegment(part)) return { type: 'text', text: part.text, marks: marksOf(part.marks) };
	return { type: part.name, attrs: { ...part.attrs }, content: part.content.map(jsonOf) };
}

/** Marks that may overlap with their like carry a hash behind their name. */
const hashed = /^(.*)--[a-zA-Z0-9+/=]{8}$/;
const marksOf = (marks: Marks) => Object.entries(marks).map(([name, attrs]) => ({ type: hashed.exec(name)?.[1] ?? name, attrs }));
