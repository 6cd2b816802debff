import { Node, mergeAttributes } from '@tiptap/core';
import { oneOf } from './values.ts';

/** A hint, a warning, what matters most. */
export const calloutKinds = ['tip', 'attention', 'key'] as const;
export type CalloutKind = (typeof calloutKinds)[number];
export const calloutKind = (value: unknown): CalloutKind => oneOf<CalloutKind>(value, calloutKinds);

/** A box that makes a few paragraphs stand out. */
export const Callout = Node.create({
	name: 'callout',
	group: 'block',
	content: 'block+',
	defining: true,
	addAttributes: () => ({
		kind: {
			default: calloutKinds[0],
			parseHTML: (element) => calloutKind(element.dataset.callout),
			renderHTML: ({ kind }) => ({ 'data-callout': calloutKind(kind) })
		}
	}),
	parseHTML: () => [{ tag: 'div[data-callout]' }],
	renderHTML: ({ HTMLAttributes }) => ['div', mergeAttributes(HTMLAttributes, { class: 'callout', role: 'note' }), 0]
});
