import pdfmake from 'pdfmake/build/pdfmake.js';
import { attachmentIn } from '#lib/writing/blocks/attachment.ts';
import { calloutKind } from '#lib/writing/blocks/callout.ts';
import { colourIn, sideIn } from '#lib/writing/blocks/emphasis.ts';
import { latexIn } from '#lib/writing/blocks/formula.ts';
import { mentionLabel } from '#lib/writing/blocks/mention.ts';
import { pictureIn } from '#lib/writing/blocks/picture.ts';
import { addressOf, referenceIn } from '#lib/writing/blocks/reference.ts';
import { hrefIn, nameIn, numberIn } from '#lib/writing/blocks/values.ts';
import type { Shape } from '#lib/ui/formula/shape.ts';
import { formulaLine } from '../docx/mathml.ts';
import { boxColours } from '../docx/parts.ts';
import { gridOf } from '../grid.ts';
import { attrsOf, children, wordsOf } from '../json.ts';
import type { Json } from '../json.ts';
import type { Shots } from '../pictures.ts';
import { bearingOf, Letters } from './fonts.ts';
import type { Slices } from './fonts.ts';
import type { Weight } from './letters.ts';
import { fontOf, outlineOf } from './truetype.ts';

type Piece = Record<string, unknown>;

/** How wide the text of the page is, in points. */
const pageWidth = 455;
const pens: Record<string, string> = { yellow: '#fdf0a8', green: '#c9efc5', blue: '#c5e3f7', pink: '#f9cfe0' };

/** Writes a text as a PDF with its fonts in it, as far as its characters are used. */
export async function toPdf(
	doc: Json,
	title: string,
	shots: Shots,
	origin: string,
	slices: Slices,
	onprogress: (part: number) => void = () => {}
): Promise<Uint8Array<ArrayBuffer>> {
	const formulas = await formulasOf(doc);
	const writer = new Writer(shots, origin, numbersOf(doc), formulas);
	const content = writer.blocks(children(doc), pageWidth);
	const signs = signsOf(content);
	for (const sign of '0123456789 /') signs.normal.add(sign);
	for (const { shape } of formulas.values()) for (const sign of shape.signs) signs.normal.add(sign);
	const letters = new Letters(slices);
	await letters.gather(signs, (part) => onprogress(part * 0.7));
	const add = (name: string, files: Record<'normal' | 'bold', Uint8Array>) => {
		for (const weight of ['normal', 'bold'] as const) pdfmake.virtualfs.writeFileSync(`${name}-${weight}`, files[weight]);
		const [normal, bold] = [`${name}-normal`, `${name}-bold`];
		pdfmake.addFonts({ [name]: { normal, bold, italics: normal, bolditalics: bold } });
	};
	add('Noto', { normal: letters.font('normal', signs.normal), bold: letters.font('bold', signs.bold) });
	const mono = letters.font('mono', signs.mono);
	add('Mono', { normal: mono, bold: mono });
	for (const formula of formulas.values()) {
		const font = formulaFont(formula, letters);
		add(formula.name, { normal: font, bold: font });
	}
	onprogress(0.8);
	const made = pdfmake.createPdf({
		pageSize: 'A4',
		pageMargins: [70, 64, 70, 64],
		info: { title },
		language: 'zh-CN',
		compress: true,
		defaultStyle: { font: 'Noto', fontSize: 11, lineHeight: 1.35 },
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

/** Which signs stand in what is printed, in which weight. */
function signsOf(content: unknown): Record<Weight, Set<string>> {
	const signs = { normal: new Set<string>(), bold: new Set<string>(), mono: new Set<string>() };
	const visit = (piece: unknown, weight: Weight): void => {
		if (Array.isArray(piece)) for (const each of piece) visit(each, weight);
		else if (typeof piece === 'string') for (const sign of piece) signs[weight].add(sign);
		else if (typeof piece === 'object' && piece !== null) {
			const { bold, font, text, stack, columns, ul, ol, table } = piece as Piece;
			const now = font === 'Mono' ? 'mono' : bold === true ? 'bold' : weight;
			// A formula brings its own letter.
			if (font === undefined || font === 'Mono') visit(text, now);
			for (const inside of [stack, columns, ul, ol, (table as Piece | undefined)?.body]) if (inside) visit(inside, now);
			// Lists are numbered.
			if (ol) for (const sign of '0123456789. ') signs[now].add(sign);
		}
	};
	visit(content, 'normal');
	return signs;
}

/** A formula of the text: a font of its own, whose one letter it is. */
interface Formula {
	name: string;
	shape: Shape;
	/** Its words, for whoever searches, copies or hears it. */
	line: string;
}
type Formulas = ReadonlyMap<string, Formula>;
const formulaKey = (latex: string, display: boolean) => `${display ? 'block' : 'line'} ${latex}`;
/** The letter that a formula is drawn as; its words behind it take no room. */
const drawnAs = '\ue000';

async function formulasOf(doc: Json): Promise<Map<string, Formula>> {
	const formulas = new Map<string, Formula>();
	const found: [string, boolean][] = [];
	const visit = (node: Json): void => {
		if (node.type === 'formula' || node.type === 'formulaBlock')
			found.push([latexIn(attrsOf(node).latex), node.type === 'formulaBlock']);
		for (const child of children(node)) visit(child);
	};
	visit(doc);
	if (found.length === 0) return formulas;
	const { shapeOf } = await import('#lib/ui/formula/shape.ts');
	for (const [latex, display] of found) {
		const key = formulaKey(latex, display);
		const shape = latex.trim() && !formulas.has(key) ? shapeOf(latex, display) : null;
		if (shape) formulas.set(key, { name: `F${formulas.size}`, shape, line: formulaLine(latex) });
	}
	return formulas;
}

/** How much of its size a formula has in its font, whose numbers are small. */
const scaleOf = ({ width, ascent, descent }: Shape): number => Math.min(1, 30_000 / Math.max(width, ascent, descent));

function formulaFont({ name, shape, line }: Formula, letters: Letters): Uint8Array {
	const scale = scaleOf(shape);
	const contours = shape
		.contours((sign) => letters.contours(sign))
		.map((contour) => contour.map(({ x, y, on }) => ({ x: x * scale, y: y * scale, on })));
	const outline = outlineOf(contours);
	const silent = [...new Set(line.replace(/\s/g, '\u00a0'))].map((sign, at) => ({
		code: sign.codePointAt(0) ?? 0,
		gid: at + 2,
		advance: 0,
		bearing: 0,
		outline: new Uint8Array()
	}));
	const letter = {
		code: drawnAs.codePointAt(0) ?? 0,
		gid: 1,
		advance: Math.ceil(shape.width * scale),
		bearing: bearingOf(outline),
		outline
	};
	const tall = (part: number) => Math.max(1, Math.ceil(part * scale));
	return fontOf(`Formula-${name}`, [letter, ...silent], tall(shape.ascent), tall(shape.descent));
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
	readonly #formulas: Formulas;
	/** How wide the place is that is written in. */
	#room = pageWidth;
	constructor(shots: Shots, origin: string, numbers: Map<string, number>, formulas: Formulas) {
		this.#shots = shots;
		this.#origin = origin;
		this.#numbers = numbers;
		this.#formulas = formulas;
	}

	blocks(nodes: readonly Json[], width: number): Piece[] {
		const pieces: Piece[] = [];
		for (const node of nodes) {
			this.#room = width;
			const made = this.#block(node, width);
			const before = pieces.at(-1);
			// A heading stays with what it is over.
			if (before?.headlineLevel && made[0] && isShort(node))
				pieces.push({ stack: [pieces.pop(), made.shift()], unbreakable: true });
			pieces.push(...made);
		}
		return pieces;
	}

	#formula(written: unknown, display: boolean): Piece {
		const latex = latexIn(written);
		const formula = this.#formulas.get(formulaKey(latex, display));
		if (!formula) return { text: formulaLine(latex) || ' ' };
		const { name, shape, line } = formula;
		const size = Math.min(12.5, (this.#room * 1000) / shape.width) / scaleOf(shape);
		return { text: drawnAs + line.replace(/\s/g, '\u00a0'), font: name, fontSize: size, noWrap: true, lineHeight: 1 };
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
				return [framed(closed(this.blocks(children(node), width - 20)), '#bfbfbf', null)];
			case 'callout': {
				const [fill, edge] = boxColours[calloutKind(attrs.kind)] ?? ['EAF3FB', '3B82C4'];
				return [framed(closed(this.blocks(children(node), width - 20)), `#${edge}`, `#${fill}`)];
			}
			case 'codeBlock':
				return [
					framed(
						[
							{
								text: wordsOf(node) || ' ',
								font: 'Mono',
								fontSize: 9.5,
								preserveLeadingSpaces: true,
								preserveTrailingSpaces: true
							}
						],
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
				return [{ text: [this.#formula(attrs.latex, true)], alignment: 'center', margin: [0, 4, 0, 10] }];
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
				for (const piece of stack) if (piece.text) piece.margin = [0, 0, 0, 2];
				closed(stack);
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
				return this.#formula(attrs.latex, false);
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
					...(has('code')
						? { font: 'Mono', fontSize: 9.5, background: '#f0f0f0' }
						: pen
							? { background: pens[colourIn(pen.attrs?.colour)] }
							: {}),
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

/** What fits on a page for certain. */
const isShort = (node: Json): boolean =>
	node.type === 'picture' || (/^(paragraph|heading)$/.test(node.type) && wordsOf(node).length < 600);

const grey = {
	paddingTop: () => 4,
	paddingBottom: () => 3,
	hLineWidth: () => 0.5,
	vLineWidth: () => 0.5,
	hLineColor: () => '#999999',
	vLineColor: () => '#999999'
};

/** Without the room that its last piece would leave below. */
function closed(stack: Piece[]): Piece[] {
	const last = stack.at(-1);
	if (last && Array.isArray(last.margin)) last.margin = [last.margin[0], last.margin[1], last.margin[2], 0];
	return stack;
}

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
		paddingBottom: () => 6
	},
	margin: [0, 4, 0, 8]
});

/** A box to tick, drawn: fonts have none that all show. */
const box = (checked: boolean): Piece => ({
	canvas: [
		{ type: 'rect', x: 0, y: 3.5, w: 8, h: 8, r: 1, lineWidth: 0.8, lineColor: '#444444' },
		...(checked
			? [
					{
						type: 'polyline',
						lineWidth: 1.4,
						lineColor: '#222222',
						points: [
							{ x: 1.6, y: 7.5 },
							{ x: 3.4, y: 9.7 },
							{ x: 6.6, y: 5.3 }
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
