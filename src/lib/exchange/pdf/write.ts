import pdfmake from 'pdfmake/build/pdfmake.js';
import { attachmentIn } from '#lib/writing/blocks/attachment.ts';
import { calloutKind } from '#lib/writing/blocks/callout.ts';
import { colourIn, sideIn } from '#lib/writing/blocks/emphasis.ts';
import { latexIn } from '#lib/writing/blocks/formula.ts';
import { mentionLabel } from '#lib/writing/blocks/mention.ts';
import { pictureIn } from '#lib/writing/blocks/picture.ts';
import { addressOf, referenceIn } from '#lib/writing/blocks/reference.ts';
import { hrefIn, nameIn, numberIn } from '#lib/writing/blocks/values.ts';
import { formulaLine } from '../docx/mathml.ts';
import { boxColours } from '../docx/parts.ts';
import { gridOf } from '../grid.ts';
import { attrsOf, children, wordsOf } from '../json.ts';
import type { Json } from '../json.ts';
import type { Shots } from '../pictures.ts';

type Piece = Record<string, unknown>;
/** The files of the open font, as they were fetched. */
export interface Fonts {
	normal: Uint8Array;
	bold: Uint8Array;
}

/** How wide the text of the page is, in points. */
const pageWidth = 455;
const pens: Record<string, string> = { yellow: '#fdf0a8', green: '#c9efc5', blue: '#c5e3f7', pink: '#f9cfe0' };

/** Writes a text as a PDF with its font in it, as far as its characters are used. */
export async function toPdf(
	doc: Json,
	title: string,
	shots: Shots,
	origin: string,
	fonts: Fonts
): Promise<Uint8Array<ArrayBuffer>> {
	pdfmake.virtualfs.writeFileSync('normal.ttf', fonts.normal);
	pdfmake.virtualfs.writeFileSync('bold.ttf', fonts.bold);
	const face = { normal: 'normal.ttf', bold: 'bold.ttf', italics: 'normal.ttf', bolditalics: 'bold.ttf' };
	pdfmake.addFonts({ Noto: face });
	const writer = new Writer(shots, origin, numbersOf(doc));
	const content = writer.blocks(children(doc), pageWidth);
	const made = pdfmake.createPdf({
		pageSize: 'A4',
		pageMargins: [70, 64, 70, 64],
		info: { title },
		language: 'zh-CN',
		compress: true,
		defaultStyle: { font: 'Noto', fontSize: 11, lineHeight: 1.25 },
		footer: (page: number, pages: number) => ({
			text: `${page} / ${pages}`,
			alignment: 'center',
			fontSize: 9,
			color: '#777777',
			margin: [0, 24, 0, 0]
		}),
		content: content.length > 0 ? content : [{ text: ' ' }]
	});
	return new Uint8Array(await made.getBuffer());
}

function numbersOf(doc: Json): Map<string, number> {
	const numbers = new Map<string, number>();
	const visit = (node: Json): void => {
		const id = node.type === 'footnote' ? nameIn(attrsOf(node).id) : null;
		if (id && !numbers.has(id)) numbers.set(id, numbers.size + 1);
		for (const child of children(node)) visit(child);
	};
	visit(doc);
	return numbers;
}

class Writer {
	readonly #shots: Shots;
	readonly #origin: string;
	readonly #numbers: Map<string, number>;
	constructor(shots: Shots, origin: string, numbers: Map<string, number>) {
		this.#shots = shots;
		this.#origin = origin;
		this.#numbers = numbers;
	}

	blocks(nodes: readonly Json[], width: number): Piece[] {
		return nodes.flatMap((node) => this.#block(node, width));
	}

	#block(node: Json, width: number): Piece[] {
		const attrs = attrsOf(node);
		const side = sideIn(attrs.align);
		const alignment = side === 'end' ? 'right' : side === 'center' ? 'center' : 'left';
		const line = (nodes = children(node)): Piece[] => {
			const pieces = nodes.map((child) => this.#inline(child));
			return pieces.length > 0 ? pieces : [{ text: ' ' }];
		};
		switch (node.type) {
			case 'paragraph':
				return [{ text: line(), alignment, margin: [0, 0, 0, 6] }];
			case 'heading': {
				const level = numberIn(attrs.level, 1, 3) ?? 1;
				return [
					{
						text: line(),
						alignment,
						bold: true,
						fontSize: [20, 16, 13][level - 1],
						margin: [0, level === 1 ? 10 : 8, 0, 6],
						headlineLevel: level,
						outline: true,
						outlineText: wordsOf(node).slice(0, 200) || ' ',
						outlineExpanded: true
					}
				];
			}
			case 'bulletList':
				return [{ ul: children(node).map((item) => this.#item(item, width)), margin: [0, 0, 0, 4] }];
			case 'orderedList':
				return [
					{
						ol: children(node).map((item) => this.#item(item, width)),
						start: numberIn(attrs.start, 0, 30_000) ?? 1,
						margin: [0, 0, 0, 4]
					}
				];
			case 'taskList':
				return children(node).map((item) => ({
					columns: [
						{ width: 16, ...box(attrsOf(item).checked === true) },
						{ width: '*', stack: this.blocks(children(item), width - 16) }
					],
					margin: [4, 0, 0, 0]
				}));
			case 'blockquote':
				return [framed(this.blocks(children(node), width - 20), '#bfbfbf', null)];
			case 'callout': {
				const [fill, edge] = boxColours[calloutKind(attrs.kind)] ?? ['EAF3FB', '3B82C4'];
				return [framed(this.blocks(children(node), width - 20), `#${edge}`, `#${fill}`)];
			}
			case 'codeBlock':
				return [
					framed(
						[{ text: wordsOf(node) || ' ', fontSize: 9.5, preserveLeadingSpaces: true, preserveTrailingSpaces: true }],
						'#dddddd',
						'#f5f5f5'
					)
				];
			case 'horizontalRule':
				return [
					{
						canvas: [{ type: 'line', x1: 0, y1: 4, x2: width, y2: 4, lineWidth: 0.75, lineColor: '#a6a6a6' }],
						margin: [0, 4, 0, 10]
					}
				];
			case 'picture': {
				const picture = pictureIn(attrs);
				const shot = picture.src ? this.#shots.get(picture.src) : undefined;
				const caption: Piece[] =
					children(node).length > 0
						? [{ text: line(), alignment: 'center', fontSize: 9.5, color: '#595959', margin: [0, 0, 0, 8] }]
						: [];
				if (!shot || shot.type === 'image/gif')
					return [
						{ text: `［${picture.alt || picture.name || '图片'}］`, color: '#595959', alignment: 'center', margin: [0, 0, 0, 6] },
						...caption
					];
				const wanted = picture.width === null ? Math.min(shot.width * 0.75, width) : (width * picture.width) / 100;
				const scale = Math.min(1, 680 / Math.max(1, (wanted * shot.height) / shot.width));
				return [
					{
						image: dataUrl(shot.bytes, shot.type),
						width: Math.max(1, wanted * scale),
						alignment: 'center',
						margin: [0, 4, 0, 6]
					},
					...caption
				];
			}
			case 'attachment': {
				const { src, name } = attachmentIn(attrs);
				return [
					{ text: name, margin: [0, 0, 0, 6], ...(src ? { link: `${this.#origin}${src}?download=1`, color: '#0563c1' } : {}) }
				];
			}
			case 'formulaBlock':
				return [{ text: formulaLine(latexIn(attrs.latex)) || ' ', alignment: 'center', fontSize: 12, margin: [0, 4, 0, 10] }];
			case 'note': {
				const number = this.#numbers.get(nameIn(attrs.id) ?? '');
				return [
					{ text: [{ text: number ? `[${number}] ` : '' }, ...line()], fontSize: 9, color: '#444444', margin: [0, 2, 0, 0] }
				];
			}
			case 'table':
				return this.#table(node, width);
			default:
				return children(node).some(({ type }) => type === 'text')
					? [{ text: line(), margin: [0, 0, 0, 6] }]
					: this.blocks(children(node), width);
		}
	}

	#item(item: Json, width: number): Piece {
		const stack = this.blocks(children(item), width - 20);
		for (const piece of stack) if (Array.isArray(piece.margin) && piece.text) piece.margin = [0, 0, 0, 2];
		return { stack: stack.length > 0 ? stack : [{ text: ' ' }] };
	}

	#table(node: Json, width: number): Piece[] {
		const grid = gridOf(children(node).filter(({ type }) => type === 'tableRow'));
		const columns = Math.max(0, ...grid.map((row) => row.length));
		if (columns === 0) return [];
		const body = grid.map((row, y) =>
			Array.from({ length: columns }, (_, x): Piece => {
				const slot = row[x];
				if (!slot) return { text: '' };
				if (slot.row !== y || row[x - 1] === slot) return {};
				const isHeader = slot.cell.type === 'tableHeader';
				const stack = this.blocks(children(slot.cell), (width / columns) * slot.across - 10);
				for (const piece of stack) if (piece.text) piece.margin = [0, 0, 0, 1];
				return {
					stack: stack.length > 0 ? stack : [{ text: ' ' }],
					...(slot.across > 1 ? { colSpan: slot.across } : {}),
					...(slot.down > 1 ? { rowSpan: slot.down } : {}),
					...(isHeader ? { bold: true, fillColor: '#f2f2f2' } : {})
				};
			})
		);
		const headerRows = grid[0]?.every((slot) => slot?.cell.type === 'tableHeader' && slot.down === 1) && grid.length > 1 ? 1 : 0;
		const even = (width - columns * 9) / columns;
		return [
			{
				table: { headerRows, widths: Array.from({ length: columns }, () => Math.max(4, even)), body },
				layout: grey,
				margin: [0, 4, 0, 10]
			}
		];
	}

	#inline(node: Json): Piece {
		const attrs = attrsOf(node);
		switch (node.type) {
			case 'hardBreak':
				return { text: '\n' };
			case 'formula':
				return { text: formulaLine(latexIn(attrs.latex)) };
			case 'footnote':
				return { text: `[${this.#numbers.get(nameIn(attrs.id) ?? '') ?? '*'}]`, sup: true, color: '#0563c1' };
			case 'mention':
				return { text: `@${mentionLabel(attrs.label)}`, color: '#2b5fa8' };
			case 'reference': {
				const reference = referenceIn(attrs);
				return reference ? { text: reference.label, link: this.#origin + addressOf(reference), color: '#0563c1' } : { text: '' };
			}
			default: {
				const marks = Array.isArray(node.marks) ? node.marks : [];
				const has = (name: string) => marks.some(({ type }) => type === name);
				const pen = marks.find(({ type }) => type === 'highlight');
				const href = hrefIn(marks.find(({ type }) => type === 'link')?.attrs?.href);
				const decoration = [...(has('underline') || href ? ['underline'] : []), ...(has('strike') ? ['lineThrough'] : [])];
				return {
					text: wordsOf(node),
					...(has('bold') ? { bold: true } : {}),
					...(has('code') ? { background: '#f0f0f0' } : pen ? { background: pens[colourIn(pen.attrs?.colour)] } : {}),
					...(href
						? { link: href.startsWith('/') ? this.#origin + href : href, color: '#0563c1' }
						: has('italic')
							? { color: '#3d3d66' }
							: {}),
					...(decoration.length > 0 ? { decoration } : {})
				};
			}
		}
	}
}

const grey = { hLineWidth: () => 0.5, vLineWidth: () => 0.5, hLineColor: () => '#999999', vLineColor: () => '#999999' };

/** A box with an edge on its left; it may run over pages. */
const framed = (stack: Piece[], edge: string, fill: string | null): Piece => ({
	table: { widths: ['*'], body: [[{ stack: stack.length > 0 ? stack : [{ text: ' ' }], ...(fill ? { fillColor: fill } : {}) }]] },
	layout: {
		hLineWidth: () => 0,
		vLineWidth: (at: number) => (at === 0 ? 3 : 0),
		vLineColor: () => edge,
		paddingLeft: () => 10,
		paddingRight: () => 8,
		paddingTop: () => 6,
		paddingBottom: () => 3
	},
	margin: [0, 4, 0, 8]
});

/** A box to tick, drawn: fonts have none that all show. */
const box = (checked: boolean): Piece => ({
	canvas: [
		{ type: 'rect', x: 0, y: 4, w: 8, h: 8, r: 1, lineWidth: 0.8, lineColor: '#444444' },
		...(checked
			? [
					{
						type: 'polyline',
						lineWidth: 1.4,
						lineColor: '#222222',
						points: [
							{ x: 1.6, y: 8 },
							{ x: 3.4, y: 10.2 },
							{ x: 6.6, y: 5.8 }
						]
					}
				]
			: [])
	]
});

function dataUrl(bytes: Uint8Array, type: string): string {
	let binary = '';
	for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
	return `data:${type};base64,${btoa(binary)}`;
}
