import { elements, first, wordsOf } from '#lib/maps/formats/xml.ts';
import type { Element } from '#lib/maps/formats/xml.ts';
import { calloutKind } from '#lib/writing/blocks/callout.ts';
import { languageIn } from '#lib/writing/blocks/colour-code.ts';
import type { Colour } from '#lib/writing/blocks/emphasis.ts';
import { referenceOf } from '#lib/writing/blocks/reference.ts';
import { hrefIn, idIn, textIn } from '#lib/writing/blocks/values.ts';
import { fileIdOf, fileUrl } from '#lib/files/model.ts';
import { mostBlocks, WrongFile } from '../formats.ts';
import { joined, make, wordsOf as wordsIn } from '../json.ts';
import type { Json, JsonMark, Picture, Read } from '../json.ts';
import { pictureEnding } from '../pictures.ts';
import { latexOf } from './math-read.ts';
import { subscript, superscript } from './mathml.ts';
import { emuPerPixel, emuPerTwip, indent, textWidth } from './parts.ts';
import { codeName, Counter, isOn, numberingOf, quoteName, readNumbering, readStyles, valueOf } from './styles-read.ts';
import type { Numbering, Style } from './styles-read.ts';
import { unpack } from './unpack.ts';
import type { Package } from './unpack.ts';

export interface ReadOptions {
	/** Where links of this space begin. */
	origin: string;
	/** Makes the name of a footnote. */
	newName: () => string;
}

/** Reads a file of Word as Word, WPS and LibreOffice write them; throws a `WrongFile`. */
export function readDocx(file: Uint8Array, options: ReadOptions): Read {
	const reader = new Reader(unpack(file), options);
	const doc = reader.read();
	return { doc, pictures: reader.pictures, title: reader.title };
}

type Relations = ReturnType<Package['relations']>;
/** A list that further items may come to. */
interface OpenList {
	level: number;
	number: string;
	node: Json;
}
interface Flow {
	blocks: Json[];
	lists: OpenList[];
}
const penOf: Record<string, Colour> = {
	yellow: 'yellow',
	darkYellow: 'yellow',
	green: 'green',
	darkGreen: 'green',
	cyan: 'blue',
	blue: 'blue',
	darkBlue: 'blue',
	darkCyan: 'blue',
	magenta: 'pink',
	red: 'pink',
	darkMagenta: 'pink',
	darkRed: 'pink',
	lightGray: 'yellow',
	darkGray: 'yellow'
};
/** What is drawn or described, not written. */
const skipped = new Set([
	'del',
	'moveFrom',
	'instrText',
	'delText',
	'pPr',
	'rPr',
	'Fallback',
	'sectPr',
	'tblPr',
	'proofErr',
	'annotationRef',
	'footnoteRef'
]);
const ownBlocks = /^(?:list continue|table heading|caption|horizontal line|code|quote|heading)/;
const deepest = 20;

class Reader {
	readonly pictures: Picture[] = [];
	title: string | null = null;
	readonly #package: Package;
	readonly #options: ReadOptions;
	readonly #styles: Map<string, Style>;
	readonly #numberings: Map<string, Numbering>;
	readonly #counter = new Counter();
	readonly #keys = new Map<string, string | null>();
	readonly #footnotes: Map<string, { note: Element; relations: Relations }>;
	readonly #notes: Json[] = [];
	#relations: Relations;
	#count = 0;
	#isNote = false;
	/** How wide the text is where one reads: of the page, or of a cell. */
	#width = textWidth;
	#left = 0;

	constructor(opened: Package, options: ReadOptions) {
		this.#package = opened;
		this.#options = options;
		this.#styles = readStyles(opened.part('word/styles.xml'));
		this.#numberings = readNumbering(opened.part('word/numbering.xml'));
		this.#relations = opened.relations('word/document.xml');
		this.#footnotes = new Map();
		for (const kind of ['footnote', 'endnote']) {
			const root = opened.part(`word/${kind}s.xml`);
			const relations = opened.relations(`word/${kind}s.xml`);
			for (const note of root ? elements(root, kind) : [])
				if (!note.attributes.has('type')) this.#footnotes.set(`${kind} ${note.attributes.get('id') ?? ''}`, { note, relations });
		}
		const core = opened.part('docProps/core.xml');
		this.title = textIn(core ? wordsOf(first(core, 'title')).trim() : '') || null;
	}

	read(): Json {
		const body = first(this.#package.document, 'body');
		const blocks = body ? this.#blocks(body, 0) : [];
		const all = [...blocks, ...this.#notes];
		if (!all.some(isSomething)) throw new WrongFile('empty');
		return make('doc', {}, all);
	}

	#blocks(parent: Element, depth: number): Json[] {
		const flow: Flow = { blocks: [], lists: [] };
		this.#flow(parent, flow, depth);
		return flow.blocks;
	}

	#flow(parent: Element, flow: Flow, depth: number): void {
		if (depth > deepest) return;
		for (const child of elements(parent)) {
			if (child.name === 'p') this.#paragraph(child, flow, depth);
			else if (child.name === 'tbl') this.#table(child, flow, depth);
			else if (child.name === 'sdt') this.#flow(first(child, 'sdtContent') ?? child, flow, depth + 1);
			else if (['ins', 'moveTo', 'customXml', 'smartTag', 'AlternateContent', 'Choice'].includes(child.name))
				this.#flow(child, flow, depth + 1);
			else if (child.name === 'oMathPara' || child.name === 'oMath') this.#add(flow, this.#formulas(child), null);
		}
	}

	#within(cell: Element, width: number, depth: number): Json[] {
		const [before, left] = [this.#width, this.#left];
		if (width >= indent) this.#width = width;
		const inside = this.#blocks(cell, depth + 1);
		[this.#width, this.#left] = [before, left];
		return inside;
	}

	#tally(): void {
		if (++this.#count > mostBlocks) throw new WrongFile('tooLong');
	}

	/** Puts a block where it belongs: at the end, or into the last item of a list that goes on. */
	#add({ blocks, lists }: Flow, nodes: readonly Json[], level: number | null): void {
		if (nodes.length === 0) return;
		if (level === null) lists.length = 0;
		else while ((lists.at(-1)?.level ?? -1) > level) lists.pop();
		const item = lists.at(-1)?.node.content?.at(-1);
		if (item) item.content = [...(item.content ?? []), ...nodes];
		else blocks.push(...nodes);
	}

	/** The level of a list whose last item goes on with what stands in so far; null when none does. */
	#goesOn({ lists }: Flow, left: number): number | null {
		if (lists.length === 0 || !(left >= indent)) return null;
		return Math.round(left / indent) - 1;
	}

	#paragraph(element: Element, flow: Flow, depth: number): void {
		this.#tally();
		const properties = first(element, 'pPr');
		const style = this.#styles.get(valueOf(properties, 'pStyle') ?? '');
		const name = style?.name ?? '';
		if (name === 'separator') return;
		const numbering = numberingOf(properties) ?? style?.numbering ?? null;
		const known = numbering && numbering.number !== '0' ? this.#numberings.get(numbering.number) : undefined;
		const outlineHere = valueOf(properties, 'outlineLvl');
		const outline =
			outlineHere !== undefined && Number(outlineHere) < 9
				? Number(outlineHere)
				: (style?.outline ?? (name === 'title' || name === '标题' ? 0 : null));
		this.#left = Number(first(first(element, 'pPr'), 'ind')?.attributes.get('left') ?? 0) || 0;
		const pieces = this.#pieces(element, outline !== null ? null : style, depth);
		const left = Number(
			first(properties, 'ind')?.attributes.get('left') ?? first(properties, 'ind')?.attributes.get('start') ?? 0
		);
		const isPlace = ownBlocks.test(name);
		const level = isPlace ? this.#goesOn(flow, left) : null;
		const align = alignOf(valueOf(properties, 'jc'));
		if (codeName.test(name)) {
			const words = pieces.map((piece) => wordsIn(piece)).join('');
			const language = languageIn(codeName.exec(name)?.[1] ?? '');
			const before = flow.blocks.at(-1);
			// Other programs write a paragraph for each line.
			const isOther = !name.startsWith('code') && level === null;
			if (isOther && before?.type === 'codeBlock' && flow.lists.length === 0) {
				before.content = [{ type: 'text', text: `${before.content?.[0]?.text ?? ''}\n${words}` }];
				return;
			}
			this.#add(flow, [make('codeBlock', { language }, words ? [{ type: 'text', text: words }] : [])], level);
			return;
		}
		if (
			pieces.length === 0 &&
			first(properties, 'pBdr') &&
			elements(first(properties, 'pBdr') as Element).some(({ name }) => name === 'bottom' || name === 'top')
		) {
			this.#add(flow, [make('horizontalRule')], level);
			return;
		}
		if (name === 'horizontal line' && pieces.length === 0) {
			this.#add(flow, [make('horizontalRule')], level);
			return;
		}
		if (known && numbering && outline === null) {
			this.#item(pieces, known, numbering, flow, align);
			return;
		}
		if (known && numbering && outline !== null) {
			const label = this.#counter.label(known, numbering.level).trim();
			if (label)
				pieces.unshift({ type: 'text', text: /[、.．)）]$/.test(label) && !/^[\x20-\x7e]+$/.test(label) ? label : `${label} ` });
		}
		const blocks = blocksOf(pieces, (content) =>
			outline === null
				? make('paragraph', { ...(align ? { align } : {}) }, content)
				: make('heading', { level: Math.min(outline + 1, 3), ...(align ? { align } : {}) }, content)
		);
		const last = level === null ? flow.blocks.at(-1) : flow.lists.at(-1)?.node.content?.at(-1)?.content?.at(-1);
		if ((name === 'caption' || name === '题注') && last?.type === 'picture' && !last.content && blocks.length === 1) {
			const content = blocks[0]?.content;
			if (content) last.content = content;
			return;
		}
		if (quoteName.test(name)) {
			if (last?.type === 'blockquote' && (level !== null || flow.lists.length === 0))
				last.content = [...(last.content ?? []), ...blocks];
			else this.#add(flow, [make('blockquote', {}, blocks)], level);
			return;
		}
		this.#add(flow, blocks, level);
	}

	#item(
		pieces: Json[],
		known: Numbering,
		{ number, level }: { number: string; level: number },
		flow: Flow,
		align: string | null
	): void {
		const form = known.levels.get(level);
		const value = this.#counter.next(known, level);
		const box = pieces[0]?.type === 'checkbox' ? pieces.shift() : null;
		const sign = box || pieces[0]?.type !== 'text' ? null : /^\s*([☐☑☒□✓✔])\s+/u.exec(pieces[0].text ?? '');
		if (box && pieces[0]?.type === 'text') pieces[0] = { ...pieces[0], text: (pieces[0].text ?? '').replace(/^ /, '') };
		if (sign && pieces[0]) pieces[0] = { ...pieces[0], text: (pieces[0].text ?? '').slice(sign[0].length) };
		const isTask = box !== null || sign !== null;
		const kind = isTask ? 'taskList' : form?.format === 'bullet' || form?.format === 'none' ? 'bulletList' : 'orderedList';
		const lines = blocksOf(joined(pieces), (content) => make('paragraph', { ...(align ? { align } : {}) }, content));
		if (lines[0]?.type !== 'paragraph') lines.unshift(make('paragraph'));
		const item = isTask
			? make('taskItem', { checked: box ? box.attrs?.checked === true : /[☑☒✓✔]/u.test(sign?.[1] ?? '') }, lines)
			: make('listItem', {}, lines);
		const { lists } = flow;
		while ((lists.at(-1)?.level ?? -1) > level) lists.pop();
		const open = lists.at(-1);
		if (open?.level === level && open.node.type === kind && open.number === number) {
			open.node.content = [...(open.node.content ?? []), item];
			return;
		}
		if (open?.level === level) lists.pop();
		const node = make(kind, kind === 'orderedList' ? { start: value, type: null } : {}, [item]);
		const parent = lists.at(-1)?.node.content?.at(-1);
		if (parent) parent.content = [...(parent.content ?? []), node];
		else flow.blocks.push(node);
		lists.push({ level, number, node });
	}

	/** What is in a paragraph: text, line breaks, formulas, notes; and pictures, which then part it. */
	#pieces(element: Element, style: Style | null | undefined, depth: number): Json[] {
		const pieces: Json[] = [];
		let field: { code: string; shown: boolean; href: string | null } | null = null;
		const visit = (parent: Element, link: string | null, deep: number): void => {
			if (deep > 40) return;
			for (const child of elements(parent)) {
				if (child.name === 'r') {
					field = this.#run(child, pieces, link, style, field, depth);
					continue;
				}
				if (skipped.has(child.name)) continue;
				switch (child.name) {
					case 'hyperlink': {
						const target = this.#relations.get(child.attributes.get('id') ?? '');
						const file = target ? fileIdOf(target.target.replace(this.#options.origin, '').replace(/\?download=1$/, '')) : null;
						if (file && target?.target.startsWith(this.#options.origin)) {
							pieces.push(make('attachment', { src: fileUrl(file), name: textIn(plainWords(child)) || null }));
							break;
						}
						const found = target && referenceOf(target.target, this.#options.origin);
						if (found && target.target.startsWith(this.#options.origin)) {
							pieces.push(make('reference', { ...found, label: textIn(plainWords(child), 80) }));
							break;
						}
						visit(child, target ? this.#href(target.target) : null, deep + 1);
						break;
					}
					case 'sdt': {
						const sdt = first(child, 'sdtPr');
						const box = first(sdt, 'checkbox');
						const person = idIn(/^person:(.+)$/.exec(valueOf(sdt, 'tag') ?? '')?.[1]);
						if (box) pieces.push(make('checkbox', { checked: ['1', 'true', 'on'].includes(valueOf(box, 'checked') ?? '0') }));
						else if (person) pieces.push(make('mention', { person, label: textIn(plainWords(child).replace(/^@/, ''), 40) }));
						else visit(first(child, 'sdtContent') ?? child, link, deep + 1);
						break;
					}
					case 'oMathPara':
						pieces.push(...this.#formulas(child));
						break;
					case 'oMath': {
						const latex = latexOf(child);
						if (latex) pieces.push(make('formula', { latex }));
						break;
					}
					default:
						visit(child, link, deep + 1);
				}
			}
		};
		visit(element, null, 0);
		return joined(pieces);
	}

	#formulas(element: Element): Json[] {
		const all = element.name === 'oMath' ? [element] : elements(element, 'oMath');
		return all
			.map(latexOf)
			.filter(Boolean)
			.map((latex) => make('formulaBlock', { latex }));
	}

	#href(target: string): string | null {
		return hrefIn(target.startsWith(`${this.#options.origin}/`) ? target.slice(this.#options.origin.length) : target);
	}

	#run(
		run: Element,
		pieces: Json[],
		link: string | null,
		style: Style | null | undefined,
		field: { code: string; shown: boolean; href: string | null } | null,
		depth: number
	): typeof field {
		const properties = first(run, 'rPr');
		if (isOn(properties, 'vanish') === true) return field;
		const marks = this.#marks(properties, link ?? field?.href ?? null, style);
		const say = (text: string) => {
			if (text !== '') pieces.push({ type: 'text', text, ...(marks.length > 0 ? { marks } : {}) });
		};
		const raised = valueOf(properties, 'vertAlign');
		for (const child of elements(run)) {
			switch (child.name) {
				case 'fldChar': {
					const kind = child.attributes.get('fldCharType');
					if (kind === 'begin') field = { code: '', shown: false, href: null };
					else if (kind === 'separate' && field)
						field = { ...field, shown: true, href: this.#href(/HYPERLINK\s+"([^"]+)"/.exec(field.code)?.[1] ?? '') };
					else if (kind === 'end') field = null;
					break;
				}
				case 'instrText':
					if (field) field = { ...field, code: field.code + wordsOf(child) };
					break;
				case 't': {
					const text = wordsOf(child);
					say(raised === 'superscript' ? (superscript(text) ?? text) : raised === 'subscript' ? (subscript(text) ?? text) : text);
					break;
				}
				case 'tab':
					say('\t');
					break;
				case 'br':
				case 'cr':
					if (!['page', 'column'].includes(child.attributes.get('type') ?? '')) pieces.push(make('hardBreak'));
					break;
				case 'noBreakHyphen':
					say('\u2011');
					break;
				case 'sym':
					say(symbol(child));
					break;
				case 'footnoteReference':
				case 'endnoteReference':
					this.#footnote(child, pieces);
					break;
				case 'drawing':
				case 'pict':
				case 'object':
				case 'AlternateContent':
					this.#drawing(child, pieces, depth);
					break;
			}
		}
		return field;
	}

	#marks(properties: Element | undefined, href: string | null, style: Style | null | undefined): JsonMark[] {
		const character = this.#styles.get(valueOf(properties, 'rStyle') ?? '');
		const marks: JsonMark[] = [];
		if (href) marks.push({ type: 'link', attrs: { href } });
		// As many as code takes.
		const pen = valueOf(properties, 'highlight');
		const colour = pen === undefined ? undefined : penOf[pen];
		const isHeading = style === null;
		if (isOn(properties, 'b') ?? character?.bold ?? (!isHeading && style?.name !== 'table heading' && style?.bold))
			if (!isHeading || isOn(properties, 'b')) marks.push({ type: 'bold' });
		if (isOn(properties, 'i') ?? character?.italic ?? (!isHeading && style?.italic)) marks.push({ type: 'italic' });
		if (isOn(properties, 'strike') || isOn(properties, 'dstrike')) marks.push({ type: 'strike' });
		if (isOn(properties, 'u')) marks.push({ type: 'underline' });
		if (colour) marks.push({ type: 'highlight', attrs: { colour } });
		if (character && /^(?:code word|html code|verbatim char|source text|行内代码)$/.test(character.name))
			return [{ type: 'code' }, ...marks.filter(({ type }) => type === 'highlight')];
		return marks;
	}

	#footnote(reference: Element, pieces: Json[]): void {
		const kind = reference.name.replace('Reference', '');
		const found = this.#footnotes.get(`${kind} ${reference.attributes.get('id') ?? ''}`);
		if (!found || this.#isNote) return;
		this.#tally();
		const id = this.#options.newName();
		pieces.push(make('footnote', { id }));
		const before = this.#relations;
		this.#relations = found.relations;
		this.#isNote = true;
		const content: Json[] = [];
		for (const paragraph of elements(found.note, 'p')) {
			const inline = this.#pieces(paragraph, undefined, 0).filter(({ type }) => !blockTypes.has(type));
			if (content.length > 0 && inline.length > 0) content.push(make('hardBreak'));
			content.push(...inline);
		}
		// Word puts a space between the number and the words.
		if (content[0]?.type === 'text') content[0] = { ...content[0], text: (content[0].text ?? '').replace(/^[ \t]/, '') };
		this.#isNote = false;
		this.#relations = before;
		this.#notes.push(make('note', { id }, joined(content)));
	}

	/** Pictures, and the words of text boxes, which become paragraphs. */
	#drawing(element: Element, pieces: Json[], depth: number): void {
		let described: Element | null = null;
		let extent: Element | null = null;
		const visit = (parent: Element, deep: number): void => {
			if (deep > 30) return;
			for (const child of elements(parent)) {
				if (child.name === 'Fallback') continue;
				if (child.name === 'docPr') described = child;
				if (child.name === 'extent') extent = child;
				if (child.name === 'blip' || child.name === 'imagedata') {
					const target = this.#relations.get(child.attributes.get('embed') ?? child.attributes.get('id') ?? '');
					if (target && !target.external) this.#picture(target.target, described, extent, pieces);
				} else if (child.name === 'txbxContent') pieces.push(...this.#blocks(child, depth + 1));
				else visit(child, deep + 1);
			}
		};
		visit(element, 0);
	}

	#picture(target: string, described: Element | null, extent: Element | null, pieces: Json[]): void {
		this.#tally();
		const path = target.startsWith('/') ? target.slice(1) : `word/${target.replace(/^(\.\/)+/, '')}`;
		const name = described?.attributes.get('name') ?? '';
		const alt = textIn(described?.attributes.get('descr'), 500);
		const key = this.#key(path.replace('word/../', ''), /^图片 \d+$|^Picture \d+$/i.test(name) ? '' : name);
		if (!key) {
			// Drawings of Windows (WMF, EMF) are shown by no browser: their description stays.
			pieces.push({ type: 'text', text: `［${alt || name || '图片'}］` });
			return;
		}
		const cx = Number(extent?.attributes.get('cx'));
		pieces.push(
			make('picture', {
				src: key,
				name: textIn(name),
				alt,
				shown: Number.isFinite(cx) && cx > 0 ? { cx, most: Math.max(this.#width - this.#left, indent) * emuPerTwip } : null
			})
		);
	}

	#key(path: string, name: string): string | null {
		const known = this.#keys.get(path);
		if (known !== undefined) return known;
		const bytes = this.#package.bytes(path);
		const ending = bytes && pictureEnding(bytes);
		const key = ending ? `picture:${this.pictures.length}` : null;
		this.#keys.set(path, key);
		if (key && bytes) {
			const base = name.replace(/\.[a-z0-9]{2,5}$/i, '') || `图片 ${this.pictures.length + 1}`;
			this.pictures.push({ key, name: `${base}.${ending}`, bytes: bytes.slice() });
		}
		return key;
	}

	#table(element: Element, flow: Flow, depth: number): void {
		const properties = first(element, 'tblPr');
		const style = this.#styles.get(valueOf(properties, 'tblStyle') ?? '')?.name ?? '';
		const level = this.#goesOn(flow, Number(first(properties, 'tblInd')?.attributes.get('w') ?? 0));
		const rows = rowsOf(element);
		const box = /^(?:callout ([a-z]+)|(quote box))$/.exec(style);
		const cells = rows.flatMap((row) => cellsOf(row));
		if (box && rows.length === 1 && cells.length === 1 && cells[0]) {
			const inside = this.#within(cells[0], widthsOf(element, 0, 1) - 360, depth);
			const content = inside.length > 0 ? inside : [make('paragraph')];
			this.#add(
				flow,
				[box[1] ? make('callout', { kind: calloutKind(box[1]) }, content) : make('blockquote', {}, content)],
				level
			);
			return;
		}
		// What spans down is written in every row that it covers.
		const above = new Map<number, Json>();
		const lines: Json[] = [];
		for (const row of rows) {
			this.#tally();
			const isHead = isOn(first(row, 'trPr'), 'tblHeader') === true;
			const line: Json[] = [];
			let column = Math.min(Number(valueOf(first(row, 'trPr'), 'gridBefore') ?? 0) || 0, 60);
			if (column > 0) line.push(make('tableCell', cellAttrs(column), [make('paragraph')]));
			for (const cell of cellsOf(row)) {
				const form = first(cell, 'tcPr');
				const across = Math.min(Math.max(Number(valueOf(form, 'gridSpan') ?? 1) || 1, 1), 60);
				const merge = first(form, 'vMerge');
				const upper = merge && merge.attributes.get('val') !== 'restart' ? above.get(column) : undefined;
				if (upper?.attrs) {
					upper.attrs.rowspan = Number(upper.attrs.rowspan) + 1;
					column += across;
					continue;
				}
				const paragraphs = elements(cell, 'p');
				const isHeading = paragraphs.some(
					(p) => this.#styles.get(valueOf(first(p, 'pPr'), 'pStyle') ?? '')?.name === 'table heading'
				);
				const inside = this.#within(cell, widthsOf(element, column, across) - 216, depth);
				const made = make(
					isHead || isHeading ? 'tableHeader' : 'tableCell',
					cellAttrs(across),
					inside.length > 0 ? inside : [make('paragraph')]
				);
				if (merge) above.set(column, made);
				else above.delete(column);
				line.push(made);
				column += across;
				if (column > 200) break;
			}
			lines.push(make('tableRow', {}, line));
		}
		// A row of which every cell began above would be none.
		if (lines.some(({ content }) => content)) this.#add(flow, [make('table', {}, lines)], level);
	}
}

const cellAttrs = (colspan: number) => ({ colspan, rowspan: 1, colwidth: null });
const blockTypes = new Set([
	'picture',
	'attachment',
	'formulaBlock',
	'paragraph',
	'table',
	'heading',
	'bulletList',
	'orderedList',
	'taskList',
	'blockquote',
	'callout',
	'codeBlock',
	'horizontalRule',
	'checkbox'
]);

const standing = new Set(['picture', 'horizontalRule', 'attachment', 'formulaBlock', 'formula', 'mention', 'reference']);
const isSomething = (node: Json): boolean =>
	standing.has(node.type) || (node.text ?? '').trim() !== '' || (node.content ?? []).some(isSomething);

const alignOf = (side: string | undefined): 'center' | 'end' | null =>
	side === 'center' ? 'center' : side === 'right' || side === 'end' ? 'end' : null;

/** What stands within a line in one paragraph, and pictures and tables between such. */
function blocksOf(pieces: readonly Json[], line: (content: Json[]) => Json): Json[] {
	const blocks: Json[] = [];
	let inline: Json[] = [];
	const end = () => {
		if (
			inline.some((piece) => piece.type !== 'hardBreak' && wordsIn(piece).trim() !== '') ||
			inline.some(({ type }) => type === 'formula' || type === 'mention' || type === 'reference' || type === 'footnote')
		)
			blocks.push(line(joined(inline)));
		inline = [];
	};
	if (!pieces.some(({ type }) => blockTypes.has(type) && type !== 'checkbox')) return [line([...joined(pieces.map(unboxed))])];
	for (const piece of pieces.map(unboxed)) {
		if (!blockTypes.has(piece.type)) inline.push(piece);
		else {
			end();
			blocks.push(piece);
		}
	}
	end();
	return blocks;
}

const unboxed = (piece: Json): Json =>
	piece.type === 'checkbox' ? { type: 'text', text: piece.attrs?.checked ? '☑' : '☐' } : piece;

const rowsOf = (element: Element): Element[] =>
	elements(element).flatMap((child) =>
		child.name === 'tr'
			? [child]
			: child.name === 'sdt' || child.name === 'sdtContent' || child.name === 'ins'
				? rowsOf(child)
				: []
	);
const cellsOf = (element: Element): Element[] =>
	elements(element).flatMap((child) =>
		child.name === 'tc' ? [child] : child.name === 'sdt' || child.name === 'sdtContent' ? cellsOf(child) : []
	);

/** The words of runs, without what is said about them. */
function plainWords(element: Element): string {
	let words = '';
	for (const child of elements(element)) {
		if (child.name === 't') words += wordsOf(child);
		else if (!skipped.has(child.name) && child.name !== 'sdtPr') words += plainWords(child);
	}
	return words;
}

function symbol({ attributes }: Element): string {
	const code = Number.parseInt(attributes.get('char') ?? '', 16);
	if (!Number.isFinite(code)) return '';
	const known: Record<number, string> = {
		0xf0b7: '•',
		0xf0a7: '▪',
		0xf0fc: '✓',
		0xf0fb: '✗',
		0xf0a8: '☐',
		0xf0fe: '☑',
		0xf0e0: '→',
		0xf04a: '☺'
	};
	return known[code] ?? (code >= 0xe000 && code <= 0xf8ff ? '' : String.fromCodePoint(Math.min(code, 0x10ffff)));
}

/** How wide columns of a table are together. */
const widthsOf = (table: Element, from: number, count: number): number =>
	elements(first(table, 'tblGrid') ?? table, 'gridCol')
		.slice(from, from + count)
		.reduce((sum, column) => sum + (Number(column.attributes.get('w')) || 0), 0);

/** How wide a picture is shown, in percent of the text around it; null for its own size. */
export function widthOf(shown: unknown, pixels: number | undefined): number | null {
	const { cx, most } = (shown ?? {}) as { cx?: number; most?: number };
	if (cx === undefined || most === undefined || pixels === undefined) return null;
	if (Math.abs(cx - Math.min(pixels * emuPerPixel, most)) <= most / 100) return null;
	return Math.min(Math.max(Math.round((cx / most) * 100), 10), 100);
}
