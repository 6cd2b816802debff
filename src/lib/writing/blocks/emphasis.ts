import { Extension, Mark } from '@tiptap/core';
import { oneOf } from './values.ts';

export const colours = ['yellow', 'green', 'blue', 'pink'] as const;
export type Colour = (typeof colours)[number];
export const colourIn = (value: unknown): Colour => oneOf<Colour>(value, colours);

/** Text marked as with a felt pen. */
export const Highlight = Mark.create({
	name: 'highlight',
	addAttributes: () => ({
		colour: {
			default: colours[0],
			parseHTML: (element) => colourIn(element.dataset.pen),
			renderHTML: ({ colour }) => ({ 'data-pen': colourIn(colour) })
		}
	}),
	parseHTML: () => [{ tag: 'mark' }],
	renderHTML: ({ HTMLAttributes }) => ['mark', HTMLAttributes, 0]
});

export const sides = ['start', 'center', 'end'] as const;
export type Side = (typeof sides)[number];
export const sideIn = (value: unknown): Side => oneOf<Side>(value, sides);

/** On which side paragraphs and headings stand. */
export const Align = Extension.create({
	name: 'align',
	addGlobalAttributes: () => [
		{
			types: ['paragraph', 'heading'],
			attributes: {
				align: {
					default: null,
					parseHTML: ({ style }) => (style.textAlign === 'center' ? 'center' : /right|end/.test(style.textAlign) ? 'end' : null),
					renderHTML: ({ align }) => (sideIn(align) === 'start' ? {} : { style: `text-align: ${sideIn(align)}` })
				}
			}
		}
	]
});
