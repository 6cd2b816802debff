import { branchColors } from './forest.ts';

/** Paint by name, as `#rrggbb`: what is drawn without style sheets needs colours that it can hold. */
export type Palette = ReadonlyMap<string, string>;

export const authorColors = Array.from({ length: 8 }, (_, index) => `author-${index}`);
const plain = ['paper', 'raised', 'sunken', 'line', 'ink', 'ink-soft', 'ink-faint', 'accent', 'warn', 'good', 'bad'];
const strong = [...branchColors.map((color) => `branch-${color}`), ...authorColors];

/** The paint as it is at an element now, light or dark; `soft-…` is the same laid thinly on a card. */
export function paletteAt(element: Element): Palette {
	const probe = element.ownerDocument.createElement('span');
	probe.hidden = true;
	element.append(probe);
	const canvas = element.ownerDocument.createElement('canvas');
	canvas.width = canvas.height = 1;
	const context = canvas.getContext('2d', { willReadFrequently: true })!;
	const resolve = (color: string): string => {
		probe.style.color = color;
		context.clearRect(0, 0, 1, 1);
		context.fillStyle = getComputedStyle(probe).color;
		context.fillRect(0, 0, 1, 1);
		const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
		return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
	};
	const palette = new Map<string, string>();
	for (const name of [...plain, ...strong]) palette.set(name, resolve(`var(--${name})`));
	for (const name of [...strong, 'warn', 'good', 'bad'])
		palette.set(`soft-${name}`, resolve(`color-mix(in oklab, var(--${name}) 16%, var(--raised))`));
	probe.remove();
	return palette;
}
