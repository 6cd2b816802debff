import { strToU8, zipSync } from 'fflate';
import { escapeXml } from '#lib/maps/formats/xml.ts';
import { attachmentIn } from '#lib/writing/blocks/attachment.ts';
import { calloutKind } from '#lib/writing/blocks/callout.ts';
import { languageIn } from '#lib/writing/blocks/colour-code.ts';
import { colourIn, sideIn } from '#lib/writing/blocks/emphasis.ts';
import { latexIn } from '#lib/writing/blocks/formula.ts';
import { mentionLabel } from '#lib/writing/blocks/mention.ts';
import { pictureIn } from '#lib/writing/blocks/picture.ts';
import { addressOf, referenceIn } from '#lib/writing/blocks/reference.ts';
import { hrefIn, idIn, nameIn, numberIn } from '#lib/writing/blocks/values.ts';
import { gridOf } from '../grid.ts';
import { attrsOf, children, wordsOf } from '../json.ts';
import type { Json } from '../json.ts';
import type { Shots } from '../pictures.ts';
import { equation } from './math-write.ts';
import { emuPerPixel, emuPerTwip, indent, namespaces, numberingXml, penColours, stylesXml, textWidth, xmlHead } from './parts.ts';
import type { ListKind } from './parts.ts';

interface Place {
	/** How deep in lists, and whether what comes is the further text of an item: then it stands in. */
	depth: number;
	inItem: boolean;
	width: number;
	style?: string | undefined;
}

const listKinds: Record<string, ListKind> = { bulletList: 'bulletList', orderedList: 'orderedList', taskList: 'taskList' };

/** Writes a text as a file of Word. `origin` is where links within the space lead from outside. */
export function toDocx(doc: Json, title: string, shots: Shots, origin: string): Uint8Array<ArrayBuffer> {
	const writer = new Writer(shots, origin, notesOf(doc));
	const body = writer.blocks(children(doc), { depth: 0, inItem: false, width: textWidth });
	return zipSync(writer.files(body || '<w:p/>', title), { level: 6 }) as Uint8Array<ArrayBuffer>;
}

/** The notes by the ids of their places, the first of each. */
function notesOf(doc: Json): Map<string, Json> {
	const places = new Set<string>();
	const notes = new Map<string, Json>();
	const visit = (node: Json): void => {
		const id = nameIn(attrsOf(node).id);
		if (node.type === 'footnote' && id) places.add(id);
		if (node.type === 'note' && id && !notes.has(id)) notes.set(id, node);
		for (const child of children(node)) visit(child);
	};
	visit(doc);
	return new Map([...notes].filter(([id]) => places.has(id)));
}

class Writer {
	readonly #shots: Shots;
	readonly #origin: string;
	readonly #notes: Map<string, Json>;
	readonly #lists: { kind: ListKind; level: number; start: number }[] = [];
	readonly #languages = new Set<string>();
	readonly #media = new Map<string, { id: string; file: string }>();
	readonly #links = new Map<string, string>();
	readonly #footnotes: string[] = [];
	readonly #noteLinks = new Map<string, string>();
	#inNote = false;
	#count = 0;

	constructor(shots: Shots, origin: string, notes: Map<string, Json>) {
		this.#shots = shots;
		this.#origin = origin;
		this.#notes = notes;
	}

	blocks(nodes: readonly Json[], place: Place): string {
		let all = '';
		let before: string | null = null;
		let isAfterQuote = false;
		for (const node of nodes) {
			const shape = shapeOf(node, isAfterQuote);
			// Two tables in a row would become one.
			if (shape === 'table' && before === 'table') all += '<w:p><w:pPr><w:pStyle w:val="Separator"/></w:pPr></w:p>';
			const written = this.#block(node, place, shape);
			all += written;
			if (written === '') continue;
			before = shape;
			isAfterQuote = node.type === 'blockquote';
		}
		return all;
	}

	#block(node: Json, place: Place, shape: string): string {
		const attrs = attrsOf(node);
		switch (node.type) {
			case 'paragraph':
				return this.#paragraph(node, place);
			case 'tableHeading':
				return this.#paragraph(node, { ...place, style: 'TableHeading' });
			case 'heading':
				return this.#paragraph(node, { ...place, style: `Heading${numberIn(attrs.level, 1, 3) ?? 1}` });
			case 'bulletList':
			case 'orderedList':
			case 'taskList':
				return this.#list(node, place);
			case 'blockquote':
				return shape === 'quote'
					? this.blocks(children(node), { ...place, style: 'Quote' })
					: this.#box(children(node), 'QuoteBox', place);
			case 'callout':
				return this.#box(children(node), `Callout-${calloutKind(attrs.kind)}`, place);
			case 'codeBlock': {
				const language = languageIn(attrs.language);
				if (language) this.#languages.add(language);
				return this.#paragraph(node, { ...place, style: language ? `Code-${language}` : 'Code' });
			}
			case 'horizontalRule':
				return this.#p('', { ...place, style: 'HorizontalLine' });
			case 'picture':
				return this.#picture(node, place);
			case 'attachment': {
				const { src, name } = attachmentIn(attrs);
				return this.#p(
					src ? this.#link(`${this.#origin}${src}`, textRun(name, '<w:rStyle w:val="Hyperlink"/>')) : textRun(name),
					place
				);
			}
			case 'formulaBlock': {
				const latex = latexIn(attrs.latex);
				const written = equation(latex);
				return this.#p(written ? `<m:oMathPara>${written}</m:oMathPara>` : textRun(`$$${latex}$$`), place);
			}
			case 'table':
				return this.#table(node, place);
			case 'note': {
				const id = nameIn(attrs.id);
				return id !== null && this.#notes.get(id) === node ? '' : this.#paragraph(node, place);
			}
			default:
				// Of what is not known the words are kept.
				return children(node).some(({ type }) => type === 'text') || children(node).length === 0
					? this.#paragraph(node, place)
					: this.blocks(children(node), place);
		}
	}

	#paragraph(node: Json, place: Place): string {
		return this.#p(this.#inline(children(node)), place, sideIn(attrsOf(node).align));
	}

	/** A paragraph; further text of an item stands in as far as the item. */
	#p(inside: string, { depth, inItem, style }: Place, side = 'start', list = ''): string {
		const named = style ?? (list ? 'ListParagraph' : inItem ? 'ListContinue' : undefined);
		const properties =
			(named ? `<w:pStyle w:val="${named}"/>` : '') +
			list +
			(inItem && list === '' ? `<w:ind w:left="${indent * depth}"/>` : '') +
			(side === 'start' ? '' : `<w:jc w:val="${side === 'end' ? 'right' : 'center'}"/>`);
		return `<w:p>${properties ? `<w:pPr>${properties}</w:pPr>` : ''}${inside}</w:p>`;
	}

	#list(node: Json, place: Place): string {
		const kind = listKinds[node.type] ?? 'bulletList';
		const level = Math.min(place.depth, 8);
		const start = Math.floor(numberIn(attrsOf(node).start, 0, 30_000) ?? 1);
		const number = this.#lists.push({ kind, level, start });
		let all = '';
		for (const item of children(node)) {
			const [first, ...rest] = children(item);
			const mark = kind === 'taskList' ? checkbox(attrsOf(item).checked === true) : '';
			const properties = `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${number}"/></w:numPr>`;
			const inside = { ...place, depth: level + 1, style: undefined, width: place.width - indent };
			const isLine = first !== undefined && ['paragraph', 'heading'].includes(first.type);
			all += this.#p(
				mark + (isLine ? this.#inline(children(first)) : ''),
				{ ...inside, inItem: true },
				sideIn(first && attrsOf(first).align),
				properties
			);
			all += this.blocks(isLine || !first ? rest : [first, ...rest], { ...inside, inItem: true });
		}
		return all;
	}

	#box(nodes: readonly Json[], style: string, place: Place): string {
		const { width } = place;
		return (
			`<w:tbl><w:tblPr><w:tblStyle w:val="${style}"/><w:tblW w:w="${width}" w:type="dxa"/>${this.#tableIndent(place)}</w:tblPr><w:tblGrid><w:gridCol w:w="${width}"/></w:tblGrid><w:tr><w:tc><w:tcPr><w:tcW w:w="${width}" w:type="dxa"/></w:tcPr>` +
			this.#cell(nodes, { depth: 0, inItem: false, width: width - 360 }) +
			'</w:tc></w:tr></w:tbl>'
		);
	}

	#tableIndent({ inItem, depth }: Place): string {
		return inItem ? `<w:tblInd w:w="${indent * depth}" w:type="dxa"/>` : '';
	}

	/** What stands in a cell ends with a paragraph, as Word demands. */
	#cell(nodes: readonly Json[], place: Place): string {
		const inside = this.blocks(nodes, place);
		if (inside === '') return '<w:p/>';
		return inside.endsWith('</w:tbl>') ? `${inside}<w:p><w:pPr><w:pStyle w:val="Separator"/></w:pPr></w:p>` : inside;
	}

	#table(node: Json, place: Place): string {
		const rows = children(node).filter(({ type }) => type === 'tableRow');
		const grid = gridOf(rows);
		const columns = Math.max(1, ...grid.map((row) => row.length));
		const { width } = place;
		const column = Math.floor(width / columns);
		const lines = grid.map((slots, at) => {
			let cells = '';
			for (let x = 0; x < columns;) {
				const slot = slots[x];
				const span = slot?.across ?? 1;
				const isFirst = slot !== undefined && slot.row === at;
				const merge = slot && slot.down > 1 ? (isFirst ? '<w:vMerge w:val="restart"/>' : '<w:vMerge/>') : '';
				const isHeader = slot?.cell.type === 'tableHeader';
				const properties = `<w:tcW w:w="${column * span}" w:type="dxa"/>${span > 1 ? `<w:gridSpan w:val="${span}"/>` : ''}${merge}${isHeader ? '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>' : ''}`;
				const inside = isFirst
					? this.#cell(headed(children(slot.cell), isHeader), {
							depth: 0,
							inItem: false,
							width: column * span - 216,
							style: undefined
						})
					: '<w:p/>';
				cells += `<w:tc><w:tcPr>${properties}</w:tcPr>${inside}</w:tc>`;
				x += span;
			}
			const isHead = at === 0 && slots.length > 0 && slots.every((slot) => slot?.cell.type === 'tableHeader');
			return `<w:tr>${isHead ? '<w:trPr><w:tblHeader/></w:trPr>' : ''}${cells}</w:tr>`;
		});
		if (lines.length === 0) return '';
		return `<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="${column * columns}" w:type="dxa"/>${this.#tableIndent(place)}<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>${`<w:gridCol w:w="${column}"/>`.repeat(columns)}</w:tblGrid>${lines.join('')}</w:tbl>`;
	}

	#picture(node: Json, place: Place): string {
		const picture = pictureIn(attrsOf(node));
		const shot = picture.src ? this.#shots.get(picture.src) : undefined;
		const caption = this.#inline(children(node));
		const words = picture.alt || picture.name;
		let inside = textRun(`［${words || '图片'}］`);
		if (picture.src && shot) {
			const { id } = this.#mediaOf(picture.src, shot.type.slice(6).replace('jpeg', 'jpg'));
			const most = place.width * emuPerTwip;
			const full = Math.min(shot.width * emuPerPixel, most);
			const cx = Math.round(picture.width === null ? full : (most * picture.width) / 100);
			const cy = Math.max(1, Math.round((cx * shot.height) / shot.width));
			const number = ++this.#count;
			inside = `<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="${cx}" cy="${cy}"/><wp:docPr id="${number}" name="${escapeXml(picture.name || `图片 ${number}`)}" descr="${escapeXml(picture.alt)}"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="${number}" name="${escapeXml(picture.name)}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="${id}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="${cx}" cy="${cy}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`;
		}
		const shown = this.#p(inside, place, place.inItem ? 'start' : 'center');
		return caption === '' ? shown : shown + this.#p(caption, { ...place, style: 'Caption' });
	}

	#mediaOf(src: string, ending: string): { id: string; file: string } {
		const known = this.#media.get(src);
		if (known) return known;
		const made = { id: `rIdP${this.#media.size + 1}`, file: `media/image${this.#media.size + 1}.${ending}` };
		this.#media.set(src, made);
		return made;
	}

	#link(href: string, inside: string): string {
		const links = this.#inNote ? this.#noteLinks : this.#links;
		const id = links.get(href) ?? `rIdL${links.size + 1}`;
		links.set(href, id);
		return `<w:hyperlink r:id="${id}" w:history="1">${inside}</w:hyperlink>`;
	}

	#inline(nodes: readonly Json[]): string {
		let all = '';
		for (const node of nodes) {
			const marks = Array.isArray(node.marks) ? node.marks : [];
			const href = hrefIn(marks.find(({ type }) => type === 'link')?.attrs?.href);
			const properties = propertiesOf(marks, href !== null);
			const inside = this.#piece(node, properties);
			all += href && inside ? this.#link(href.startsWith('/') ? this.#origin + href : href, inside) : inside;
		}
		return all;
	}

	#piece(node: Json, properties: string): string {
		const attrs = attrsOf(node);
		switch (node.type) {
			case 'text':
				return textRun(node.text ?? '', properties);
			case 'hardBreak':
				return '<w:r><w:br/></w:r>';
			case 'formula': {
				const latex = latexIn(attrs.latex);
				return equation(latex) ?? textRun(`$${latex}$`, properties);
			}
			case 'footnote':
				return this.#footnote(nameIn(attrs.id));
			case 'mention': {
				const run = textRun(`@${mentionLabel(attrs.label)}`, `<w:rStyle w:val="Mention"/>${properties}`);
				const person = idIn(attrs.person);
				return person
					? `<w:sdt><w:sdtPr><w:tag w:val="person:${person}"/></w:sdtPr><w:sdtContent>${run}</w:sdtContent></w:sdt>`
					: run;
			}
			case 'reference': {
				const reference = referenceIn(attrs);
				if (!reference) return '';
				const run = textRun(reference.label, `<w:rStyle w:val="Hyperlink"/>${properties}`);
				return this.#link(this.#origin + addressOf(reference), run);
			}
			default:
				return textRun(wordsOf(node), properties);
		}
	}

	#footnote(id: string | null): string {
		const note = id === null ? undefined : this.#notes.get(id);
		if (this.#inNote) return '';
		const number = this.#footnotes.length + 1;
		this.#footnotes.push('');
		this.#inNote = true;
		const mark = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>';
		this.#footnotes[number - 1] =
			`<w:footnote w:id="${number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>${mark}${textRun(' ')}${note ? this.#inline(children(note)) : ''}</w:p></w:footnote>`;
		this.#inNote = false;
		return `<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="${number}"/></w:r>`;
	}

	files(body: string, title: string): Record<string, Uint8Array> {
		const type = 'application/vnd.openxmlformats-officedocument.wordprocessingml.';
		const relation = (id: string, kind: string, target: string, more = '') =>
			`<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}" Target="${escapeXml(target)}"${more}/>`;
		const relations = (inside: string) =>
			strToU8(
				`${xmlHead}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${inside}</Relationships>`
			);
		const outside = (links: Map<string, string>) =>
			[...links].map(([href, id]) => relation(id, 'hyperlink', href, ' TargetMode="External"')).join('');
		const page =
			'<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="850" w:footer="850" w:gutter="0"/>';
		const special = (id: number, kind: string, sign: string) =>
			`<w:footnote w:type="${kind}" w:id="${id}"><w:p><w:r><w:${sign}/></w:r></w:p></w:footnote>`;
		const files: Record<string, Uint8Array> = {
			'[Content_Types].xml': strToU8(
				`${xmlHead}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="jpg" ContentType="image/jpeg"/><Default Extension="gif" ContentType="image/gif"/><Override PartName="/word/document.xml" ContentType="${type}document.main+xml"/><Override PartName="/word/styles.xml" ContentType="${type}styles+xml"/><Override PartName="/word/numbering.xml" ContentType="${type}numbering+xml"/><Override PartName="/word/footnotes.xml" ContentType="${type}footnotes+xml"/><Override PartName="/word/footer1.xml" ContentType="${type}footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`
			),
			'_rels/.rels': relations(
				relation('rId1', 'officeDocument', 'word/document.xml') +
					'<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
			),
			'docProps/core.xml': strToU8(
				`${xmlHead}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escapeXml(title)}</dc:title></cp:coreProperties>`
			),
			'word/document.xml': strToU8(
				`${xmlHead}<w:document ${namespaces}><w:body>${body}<w:sectPr><w:footerReference w:type="default" r:id="rId4"/>${page}</w:sectPr></w:body></w:document>`
			),
			'word/styles.xml': strToU8(stylesXml([...this.#languages])),
			'word/numbering.xml': strToU8(numberingXml(this.#lists)),
			'word/footnotes.xml': strToU8(
				`${xmlHead}<w:footnotes ${namespaces}>${special(-1, 'separator', 'separator')}${special(0, 'continuationSeparator', 'continuationSeparator')}${this.#footnotes.join('')}</w:footnotes>`
			),
			'word/footer1.xml': strToU8(
				`${xmlHead}<w:ftr ${namespaces}><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>`
			),
			'word/_rels/document.xml.rels': relations(
				relation('rId1', 'styles', 'styles.xml') +
					relation('rId2', 'numbering', 'numbering.xml') +
					relation('rId3', 'footnotes', 'footnotes.xml') +
					relation('rId4', 'footer', 'footer1.xml') +
					[...this.#media.values()].map(({ id, file }) => relation(id, 'image', file)).join('') +
					outside(this.#links)
			)
		};
		if (this.#noteLinks.size > 0) files['word/_rels/footnotes.xml.rels'] = relations(outside(this.#noteLinks));
		for (const [src, { file }] of this.#media) {
			const shot = this.#shots.get(src);
			if (shot) files[`word/${file}`] = shot.bytes;
		}
		return files;
	}
}

/** What a block becomes, as far as it must not melt into the one before. */
function shapeOf(node: Json, isAfterQuote: boolean): string {
	if (node.type === 'table' || node.type === 'callout') return 'table';
	if (node.type !== 'blockquote') return 'line';
	const isPlain = children(node).every(({ type }) => type === 'paragraph');
	return isPlain && !isAfterQuote ? 'quote' : 'table';
}

/** Paragraphs of a header cell tell so by their style; headings and lists keep theirs. */
const headed = (nodes: readonly Json[], isHeader: boolean): Json[] =>
	isHeader ? nodes.map((node) => (node.type === 'paragraph' ? { ...node, type: 'tableHeading' } : node)) : [...nodes];

const checkbox = (checked: boolean): string =>
	`<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="${checked ? 1 : 0}"/><w14:checkedState w14:val="2611" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:rPr><w:rFonts w:ascii="MS Gothic" w:hAnsi="MS Gothic" w:eastAsia="MS Gothic" w:hint="eastAsia"/></w:rPr><w:t>${checked ? '☑' : '☐'}</w:t></w:r></w:sdtContent></w:sdt>${textRun(' ')}`;

function propertiesOf(marks: NonNullable<Json['marks']>, isLink: boolean): string {
	const has = (name: string) => marks.some(({ type }) => type === name);
	const pen = marks.find(({ type }) => type === 'highlight');
	return (
		(has('code') ? '<w:rStyle w:val="CodeWord"/>' : isLink ? '<w:rStyle w:val="Hyperlink"/>' : '') +
		(has('bold') ? '<w:b/><w:bCs/>' : '') +
		(has('italic') ? '<w:i/><w:iCs/>' : '') +
		(has('strike') ? '<w:strike/>' : '') +
		(pen ? `<w:highlight w:val="${penColours[colourIn(pen.attrs?.colour)] ?? 'yellow'}"/>` : '') +
		(has('underline') ? '<w:u w:val="single"/>' : '')
	);
}

function textRun(text: string, properties = ''): string {
	if (text === '') return '';
	const form = properties ? `<w:rPr>${properties}</w:rPr>` : '';
	const inside = text
		.split(/([\t\n])/)
		.map((part) =>
			part === '\t' ? '<w:tab/>' : part === '\n' ? '<w:br/>' : part && `<w:t xml:space="preserve">${escapeXml(part)}</w:t>`
		)
		.join('');
	return `<w:r>${form}${inside}</w:r>`;
}
