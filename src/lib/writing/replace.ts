import { getSchema } from '@tiptap/core';
import { updateYFragment } from '@tiptap/y-tiptap';
import type { Doc } from 'yjs';
import { textOf } from './document.ts';
import { form } from './extensions.ts';

/** A piece of text or an element, as the editor writes it down. */
export interface TextJson {
	type: string;
	attrs?: Record<string, unknown>;
	marks?: { type: string; attrs?: unknown }[];
	text?: string;
	content?: TextJson[];
}

/**
 * Makes a text what it was, by an ordinary edit: what is alike stays, so that what others write meanwhile stays
 * too. Throws when the text holds something that this version of the editor does not know.
 */
export function replaceText(doc: Doc, content: TextJson[]): void {
	const node = getSchema(form()).nodeFromJSON({ type: 'doc', content });
	node.check();
	doc.transact(() => updateYFragment(doc, textOf(doc), node, { mapping: new Map(), isOMark: new Map() }));
}
