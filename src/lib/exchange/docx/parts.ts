/** Twentieths of a point: how far a level of a list stands in, and how wide the text of an A4 page is. */
export const indent = 420;
export const textWidth = 9026;
/** English metric units in a pixel, and in a twentieth of a point. */
export const emuPerPixel = 9525;
export const emuPerTwip = 635;
export const namespaces =
	'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14"';
export const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The colours of the felt pen as Word names them. */
export const penColours: Record<string, string> = { yellow: 'yellow', green: 'green', blue: 'cyan', pink: 'magenta' };
/** The colours of boxes, as they are shown on the page: behind, and on the left. */
export const boxColours: Record<string, [string, string]> = {
	tip: ['EAF3FB', '3B82C4'],
	attention: ['FDF3E3', 'D98A1F'],
	key: ['FBEAEA', 'C4473B']
};

const style = (id: string, name: string, inside: string, type = 'paragraph', basedOn = 'Normal'): string =>
	`<w:style w:type="${type}" w:styleId="${id}"><w:name w:val="${name}"/>${type === 'paragraph' ? `<w:basedOn w:val="${basedOn}"/>` : ''}${inside}</w:style>`;
const heiti = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="黑体" w:cs="Arial"/>';
const heading = (level: number, size: number): string =>
	style(
		`Heading${level}`,
		`heading ${level}`,
		`<w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before="${400 - level * 60}" w:after="${160 - level * 20}"/><w:outlineLvl w:val="${level - 1}"/></w:pPr><w:rPr>${heiti}<w:b/><w:bCs/><w:sz w:val="${size}"/><w:szCs w:val="${size}"/></w:rPr>`
	);
const mono = '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:eastAsia="等线" w:cs="Consolas"/>';
const boxStyle = (id: string, name: string, fill: string, edge: string): string =>
	style(
		id,
		name,
		`<w:tblPr><w:tblBorders><w:left w:val="single" w:sz="24" w:space="0" w:color="${edge}"/></w:tblBorders><w:tblCellMar><w:top w:w="80" w:type="dxa"/><w:left w:w="180" w:type="dxa"/><w:bottom w:w="80" w:type="dxa"/><w:right w:w="180" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="${fill}"/></w:tcPr>`,
		'table'
	);

/** The styles of a text, with those of code in the languages that it is written in. */
export const stylesXml = (languages: readonly string[]): string =>
	`${xmlHead}<w:styles ${namespaces}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体" w:cs="Times New Roman"/><w:sz w:val="24"/><w:szCs w:val="24"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="360" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
	'<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>' +
	heading(1, 36) +
	heading(2, 30) +
	heading(3, 26) +
	style('Title', 'Title', `<w:qFormat/><w:pPr><w:jc w:val="center"/></w:pPr><w:rPr>${heiti}<w:b/><w:sz w:val="44"/></w:rPr>`) +
	style('ListParagraph', 'List Paragraph', '<w:qFormat/><w:pPr><w:spacing w:after="60"/></w:pPr>') +
	style('ListContinue', 'List Continue', '<w:pPr><w:spacing w:after="60"/></w:pPr>') +
	style(
		'Quote',
		'Quote',
		'<w:qFormat/><w:pPr><w:pBdr><w:left w:val="single" w:sz="18" w:space="10" w:color="BFBFBF"/></w:pBdr><w:ind w:left="360"/></w:pPr><w:rPr><w:color w:val="595959"/></w:rPr>'
	) +
	style(
		'Caption',
		'caption',
		'<w:qFormat/><w:pPr><w:jc w:val="center"/></w:pPr><w:rPr><w:color w:val="595959"/><w:sz w:val="20"/></w:rPr>'
	) +
	style('TableHeading', 'Table Heading', '<w:rPr><w:b/><w:bCs/></w:rPr>') +
	style(
		'HorizontalLine',
		'Horizontal Line',
		'<w:pPr><w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="A6A6A6"/></w:pBdr></w:pPr>'
	) +
	style(
		'Separator',
		'Separator',
		'<w:pPr><w:spacing w:after="0" w:line="20" w:lineRule="exact"/></w:pPr><w:rPr><w:sz w:val="2"/></w:rPr>'
	) +
	style(
		'Code',
		'Code',
		`<w:pPr><w:shd w:val="clear" w:color="auto" w:fill="F4F4F4"/><w:spacing w:line="276" w:lineRule="auto"/></w:pPr><w:rPr>${mono}<w:sz w:val="20"/></w:rPr>`
	) +
	languages.map((language) => style(`Code-${language}`, `Code ${language}`, '', 'paragraph', 'Code')).join('') +
	style(
		'FootnoteText',
		'footnote text',
		'<w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:rPr><w:sz w:val="18"/></w:rPr>'
	) +
	style('FootnoteReference', 'footnote reference', '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>', 'character') +
	style('Hyperlink', 'Hyperlink', '<w:rPr><w:color w:val="0563C1"/><w:u w:val="single"/></w:rPr>', 'character') +
	style('CodeWord', 'Code Word', `<w:rPr>${mono}<w:shd w:val="clear" w:color="auto" w:fill="F0F0F0"/></w:rPr>`, 'character') +
	style('Mention', 'Mention', '<w:rPr><w:color w:val="2B5FA8"/></w:rPr>', 'character') +
	style(
		'TableGrid',
		'Table Grid',
		`<w:pPr><w:spacing w:after="0" w:line="300" w:lineRule="auto"/></w:pPr><w:tblPr><w:tblBorders>${['top', 'left', 'bottom', 'right', 'insideH', 'insideV'].map((side) => `<w:${side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>`).join('')}</w:tblBorders><w:tblCellMar><w:left w:w="108" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr>`,
		'table'
	) +
	boxStyle('QuoteBox', 'Quote Box', 'FFFFFF', 'BFBFBF') +
	Object.entries(boxColours)
		.map(([kind, [fill, edge]]) => boxStyle(`Callout-${kind}`, `Callout ${kind}`, fill, edge))
		.join('') +
	'</w:styles>';

const levels = (kind: (level: number) => string): string =>
	Array.from(
		{ length: 9 },
		(_, level) =>
			`<w:lvl w:ilvl="${level}"><w:start w:val="1"/>${kind(level)}<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="${indent * (level + 1)}" w:hanging="${indent}"/></w:pPr></w:lvl>`
	).join('');

export type ListKind = 'bulletList' | 'orderedList' | 'taskList';
const kinds: ListKind[] = ['bulletList', 'orderedList', 'taskList'];

/** Every list has a number of its own, so that two in a row stay two and each counts for itself. */
export const numberingXml = (lists: readonly { kind: ListKind; level: number; start: number }[]): string =>
	`${xmlHead}<w:numbering ${namespaces}>` +
	`<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="hybridMultilevel"/>${levels((level) => `<w:numFmt w:val="bullet"/><w:lvlText w:val="${'●○■'[level % 3]}"/>`)}</w:abstractNum>` +
	`<w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="multilevel"/>${levels((level) => `<w:numFmt w:val="${['decimal', 'lowerLetter', 'lowerRoman'][level % 3]}"/><w:lvlText w:val="%${level + 1}."/>`)}</w:abstractNum>` +
	`<w:abstractNum w:abstractNumId="2"><w:multiLevelType w:val="hybridMultilevel"/>${levels(() => '<w:numFmt w:val="none"/><w:lvlText w:val=""/>')}</w:abstractNum>` +
	lists
		.map(
			({ kind, level, start }, at) =>
				`<w:num w:numId="${at + 1}"><w:abstractNumId w:val="${kinds.indexOf(kind)}"/>${kind === 'orderedList' ? `<w:lvlOverride w:ilvl="${level}"><w:startOverride w:val="${start}"/></w:lvlOverride>` : ''}</w:num>`
		)
		.join('') +
	'</w:numbering>';
