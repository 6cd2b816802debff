import type { MapNode } from '../forest.ts';
import type { Box, Step } from '../layout.ts';
import { looksOf } from '../markers.ts';
import { countBelow, markColor, settingsOf } from '../paint.ts';
import type { Painting } from '../paint.ts';
import { imageSize, linesOf, linkLine, shownLink, signWidth, typeOf, underImage, widthIn } from '../size.ts';
import { attributesText, escapeXml } from './xml.ts';

const round = (value: number): number => Math.round(value * 10) / 10;
const path = (steps: readonly Step[]): string => steps.map(([step, ...at]) => step + at.map(round).join(' ')).join('');

/** The whole map as SVG that any program opens: shapes and words, colours as they are, pictures inside. */
export function toSvg(title: string, painting: Painting, images: ReadonlyMap<string, string>, margin = 40): string {
	const { picture, palette, shown } = painting;
	const paint = (name: string): string => palette.get(name) ?? '#777777';
	const { x, y, width, height } = picture.bounds;
	const parts: string[] = [];
	const element = (name: string, attributes: Record<string, string | number | undefined>, inside?: string) =>
		parts.push(`<${name}${attributesText(attributes)}${inside === undefined ? '/>' : `>${inside}</${name}>`}\n`);
	const words = (text: string, attributes: Record<string, string | number | undefined>) =>
		element('text', attributes, escapeXml(text));

	element('rect', { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin, fill: paint('paper') });
	for (const frame of picture.frames) {
		const color = paint(painting.colorOf(frame.id));
		const box = { x: frame.x, y: frame.y, width: frame.width, height: frame.height, rx: 12 };
		element('rect', { ...box, fill: color, 'fill-opacity': 0.07, stroke: color, 'stroke-width': 1.5, 'stroke-dasharray': '6 5' });
		if (frame.title) words(frame.title, { x: frame.x + 12, y: frame.y + 19, 'font-size': 13, fill: color });
	}
	for (const { id, width, steps } of picture.lines)
		element('path', {
			d: path(steps),
			fill: 'none',
			stroke: paint(painting.colorOf(id)),
			'stroke-width': width,
			'stroke-linecap': 'round'
		});
	for (const [id, box] of picture.boxes) {
		const node = shown.nodes.get(id);
		if (node) drawNode(node, box);
	}
	for (const { steps, head, text, middle } of picture.relations) {
		const ink = paint('ink-soft');
		element('path', { d: path(steps), fill: 'none', stroke: ink, 'stroke-width': 1.75, 'stroke-dasharray': '6 5' });
		element('path', { d: `M${head.map((point) => point.map(round).join(' ')).join('L')}Z`, fill: ink });
		if (text === '') continue;
		const wide = widthIn(text) * 13 + 16;
		element('rect', { x: middle[0] - wide / 2, y: middle[1] - 12, width: wide, height: 24, rx: 6, fill: paint('paper') });
		words(text, { x: middle[0], y: middle[1] + 4.5, 'font-size': 13, 'text-anchor': 'middle', fill: ink });
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width + 2 * margin)}" height="${round(height + 2 * margin)}" viewBox="${[x - margin, y - margin, width + 2 * margin, height + 2 * margin].map(round).join(' ')}" font-family="${escapeXml(painting.font)}">\n<title>${escapeXml(title)}</title>\n${parts.join('')}</svg>\n`;

	function drawNode(node: MapNode, box: Box) {
		const type = typeOf(node.depth);
		const color = painting.colorOf(node.id);
		const tint = painting.tintOf(node.id);
		const fill = tint
			? `soft-${tint}`
			: node.depth === 0
				? 'ink'
				: node.depth === 1
					? `soft-${color}`
					: node.over
						? 'raised'
						: null;
		const outline = tint ?? (node.over ? color : null);
		if (fill)
			element('rect', {
				x: round(box.x),
				y: round(box.y),
				width: box.width,
				height: box.height,
				rx: node.depth === 0 ? 16 : 10,
				fill: paint(fill),
				stroke: outline ? paint(outline) : undefined,
				'stroke-width': outline ? 1.5 : undefined
			});
		let top = box.y + type.padY;
		if (node.image) {
			const { width, height } = imageSize(node.image);
			const href = images.get(node.image.src);
			if (href) element('image', { x: box.x + (box.width - width) / 2, y: top, width, height, href });
			top += height + underImage;
		}
		const bottom = box.y + box.height - type.padY - (node.href === null ? 0 : linkLine.height);
		const middle = top + (bottom - top) / 2;
		const looks = looksOf(node.markers);
		looks.forEach(({ look }, index) => {
			const [x, y] = [round(box.x + type.padX + index * signWidth + 9), round(middle)];
			const fill = markColor(look);
			if (look.shape === 'sign') return words(look.text, { x, y: y + 6, 'font-size': 18, 'text-anchor': 'middle', fill });
			if (look.shape === 'disc') {
				element('circle', { cx: x, cy: y, r: 9, fill });
				return words(look.text, { x, y: y + 4, 'font-size': 12, 'font-weight': 700, 'text-anchor': 'middle', fill: '#ffffff' });
			}
			element('circle', { cx: x, cy: y, r: 9, fill: 'none', stroke: fill, 'stroke-width': 1.5 });
			const angle = look.share * 2 * Math.PI;
			const end = `${round(x + 7 * Math.sin(angle))} ${round(y - 7 * Math.cos(angle))}`;
			return element('path', { d: `M${x} ${y}L${x} ${y - 7}A7 7 0 ${look.share > 0.5 ? 1 : 0} 1 ${end}Z`, fill });
		});
		const lines = linesOf(node.text);
		const left = box.x + type.padX + looks.length * signWidth;
		const ink = paint(node.depth === 0 && !tint ? 'paper' : 'ink');
		const settings =
			settingsOf(painting, node, box, left, middle) ??
			lines.map((line, index) => ({
				words: line,
				x: left,
				base: middle + (index - (lines.length - 1) / 2) * type.line + type.font * 0.35
			}));
		for (const setting of settings)
			if ('path' in setting) element('path', { d: setting.path, fill: ink });
			else
				words(setting.words, {
					x: round(setting.x),
					y: round(setting.base),
					'font-size': type.font,
					'font-weight': type.weight,
					'xml:space': 'preserve',
					fill: ink
				});
		if (node.href !== null)
			words(`↗ ${shownLink(node.href)}`, {
				x: round(box.x + type.padX),
				y: round(bottom + linkLine.height / 2 + 6),
				'font-size': linkLine.font,
				fill: ink,
				'fill-opacity': 0.75
			});
		if (!node.collapsed || node.children.length === 0) return;
		const [x, y] =
			box.side === 'down'
				? [box.x + box.width / 2, box.y + box.height + 14]
				: [box.side === 'right' ? box.x + box.width + 14 : box.x - 14, box.y + box.height / 2];
		element('circle', { cx: round(x), cy: round(y), r: 10, fill: paint('raised'), stroke: paint(color), 'stroke-width': 1.5 });
		words(String(countBelow(node)), {
			x: round(x),
			y: round(y + 4),
			'font-size': 11,
			'text-anchor': 'middle',
			fill: paint(color)
		});
	}
}
