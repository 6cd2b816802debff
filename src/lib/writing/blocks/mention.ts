import { Node, mergeAttributes } from '@tiptap/core';
import { idIn, textIn } from './values.ts';

export const mentionLabel = (value: unknown): string => textIn(value, 40) || '…';

/** Somebody of the room, named in the text. */
export const Mention = Node.create({
	name: 'mention',
	group: 'inline',
	inline: true,
	atom: true,
	addAttributes: () => ({
		person: {
			default: null,
			parseHTML: (element) => idIn(element.dataset.person),
			renderHTML: ({ person }) => ({ 'data-person': idIn(person) ?? '' })
		},
		label: { default: '', parseHTML: (element) => mentionLabel(element.textContent?.replace(/^@/, '')), rendered: false }
	}),
	parseHTML: () => [{ tag: 'span[data-person]' }],
	renderHTML: ({ node, HTMLAttributes }) => [
		'span',
		mergeAttributes(HTMLAttributes, { class: 'mention' }),
		`@${mentionLabel(node.attrs.label)}`
	],
	renderText: ({ node }) => `@${mentionLabel(node.attrs.label)}`
});
