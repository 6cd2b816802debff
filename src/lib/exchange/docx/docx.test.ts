import fc from 'fast-check';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { fitted } from '../fit.ts';
import { WrongFile } from '../formats.ts';
import type { Json } from '../json.ts';
import type { Shot } from '../pictures.ts';
import { allowed, block, normal, schema, src } from '../texts.ts';
import { readDocx, widthOf } from './read.ts';
import { toDocx } from './write.ts';

const png = Uint8Array.from(
	atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
	(sign) => sign.charCodeAt(0)
);
const shots = new Map<string, Shot>([[src, { bytes: png, type: 'image/png', width: 400, height: 300 }]]);
const origin = 'https://space.example';
const names = () => {
	let count = 0;
	return () => `n${++count}`;
};
const read = (file: Uint8Array) => readDocx(file, { origin, newName: names() });

/** As it stands in a document: pictures among its files, notes by the names that they get. */
function placed(node: Json): Json {
	const content = node.content?.map(placed);
	if (node.type === 'picture') {
		const { shown, ...attrs } = node.attrs ?? {};
		return { ...node, attrs: { ...attrs, src, width: widthOf(shown, 400) }, ...(content ? { content } : {}) };
	}
	return { ...node, ...(content ? { content } : {}) };
}
const settled = (doc: Json) => schema.nodeFromJSON(placed(doc)).toJSON() as Json;

/** Again and again the same: what is written and read is what was written. */
export const again = (doc: Json): Json => settled(read(toDocx(doc, '题', shots, origin)).doc);

const saysSomething =
	/"type":"(?!(?:doc|paragraph|heading|hardBreak|blockquote|callout|bulletList|orderedList|taskList|listItem|taskItem)")/;

test('what is written as a file of Word is read as what it was', () => {
	fc.assert(
		fc.property(fc.array(block, { minLength: 1, maxLength: 5 }), (content) => {
			const doc = normal({ type: 'doc', content });
			// Nothing but line breaks counts as empty, and is said to be.
			fc.pre(allowed(doc) && saysSomething.test(JSON.stringify(doc)));
			expect(again(doc)).toEqual(doc);
		}),
		{ numRuns: 150 }
	);
});

test('footnotes are notes of Word and come back at the end', () => {
	const doc: Json = {
		type: 'doc',
		content: [
			{
				type: 'paragraph',
				content: [
					{ type: 'text', text: '红楼梦' },
					{ type: 'footnote', attrs: { id: 'n1' } }
				]
			},
			{ type: 'note', attrs: { id: 'n1' }, content: [{ type: 'text', text: '曹雪芹著。', marks: [{ type: 'bold' }] }] }
		]
	};
	const file = toDocx(doc, '题', shots, origin);
	expect(new TextDecoder().decode(unzipSync(file)['word/footnotes.xml'])).toContain('曹雪芹著');
	expect(settled(read(file).doc)).toEqual(settled(doc));
});

const wordFile = (body: string, more: Record<string, string> = {}): Uint8Array =>
	zipSync({
		'[Content_Types].xml': strToU8('<Types/>'),
		'word/document.xml': strToU8(`<w:document xmlns:w="w" xmlns:r="r"><w:body>${body}</w:body></w:document>`),
		...Object.fromEntries(Object.entries(more).map(([name, text]) => [name, strToU8(text)]))
	});

test('headings as WPS writes them, with numbers of their own', () => {
	const file = wordFile(
		'<w:p><w:pPr><w:pStyle w:val="2"/></w:pPr><w:r><w:t>绪论</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val="2"/></w:pPr><w:r><w:t>方法</w:t></w:r></w:p>',
		{
			'word/styles.xml':
				'<w:styles><w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/></w:rPr></w:style></w:styles>',
			'word/numbering.xml':
				'<w:numbering><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
		}
	);
	expect(read(file).doc.content).toEqual([
		{ type: 'heading', attrs: { level: 1 }, content: [{ type: 'text', text: '一、绪论' }] },
		{ type: 'heading', attrs: { level: 1 }, content: [{ type: 'text', text: '二、方法' }] }
	]);
});

test('changes that are tracked: what was written stays, what was taken away is gone', () => {
	const file = wordFile(
		'<w:p><w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:r><w:t>文</w:t></w:r></w:p>'
	);
	expect(read(file).doc.content?.[0]?.content).toEqual([{ type: 'text', text: '新文' }]);
});

test('a file that is none, or means harm, is refused with a reason', () => {
	const trouble = (file: Uint8Array) => {
		try {
			read(file);
		} catch (error) {
			return error instanceof WrongFile ? error.trouble : error;
		}
	};
	expect(trouble(strToU8('PK\x03\x04 broken'))).toBe('broken');
	expect(trouble(wordFile('<w:p>'))).toBe('broken');
	expect(trouble(wordFile(''))).toBe('empty');
	expect(trouble(wordFile('<w:p/>', { 'word/vbaProject.bin': 'x' }))).toBe('macros');
	expect(trouble(zipSync({ 'word/document.xml': new Uint8Array(90 * 1024 * 1024) }))).toBe('bomb');
	expect(trouble(wordFile('<w:p><w:r><w:t>a</w:t></w:r></w:p>'.repeat(100_000)))).toBe('tooLong');
	const entities = zipSync({
		'[Content_Types].xml': strToU8('<Types/>'),
		'word/document.xml': strToU8('<!DOCTYPE a [<!ENTITY b "c">]><w:document/>')
	});
	expect(trouble(entities)).toBe('broken');
});

test('names that lead elsewhere, what is nested without end, and tables as wide as they like do no harm', () => {
	const end = (file: Uint8Array) => {
		const since = Date.now();
		try {
			const text = JSON.stringify(fitted(schema, read(file).doc).toJSON());
			return Date.now() - since > 15_000 ? 'slow' : text;
		} catch (error) {
			return error instanceof WrongFile ? error.trouble : error;
		}
	};
	const p = (words: string, more = '') => `<w:p>${more}<w:r><w:t>${words}</w:t></w:r></w:p>`;
	const named = wordFile(p('好'), { '../../../etc/passwd': 'x', '/word/media/../../a.png': 'x', 'word/media/a.exe': 'MZ' });
	expect(end(named)).toContain('好');
	const nested = '<w:tbl><w:tr><w:tc>'.repeat(3_000) + p('深') + '</w:tc></w:tr></w:tbl>'.repeat(3_000);
	expect(end(wordFile(nested + p('好')))).toMatch(/好|tooLong|broken/);
	const level = (depth: number) => `<w:pPr><w:numPr><w:ilvl w:val="${depth}"/><w:numId w:val="1"/></w:numPr></w:pPr>`;
	const lists = Array.from({ length: 2_000 }, (_, at) => p('项', level(at))).join('');
	expect(end(wordFile(lists))).toMatch(/项|tooLong/);
	const wide = `<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="99999999"/></w:tcPr>${p('宽')}</w:tc></w:tr></w:tbl>`;
	expect(end(wordFile(wide))).toContain('宽');
	const many = `<w:tbl>${`<w:tr>${`<w:tc>${p('格')}</w:tc>`.repeat(100)}</w:tr>`.repeat(900)}</w:tbl>`;
	expect(end(wordFile(many))).toBe('tooLong');
	const script = p('<![CDATA[<script>alert(1)</script>]]>');
	expect(end(wordFile(script))).toContain('<script>alert(1)</script>');
}, 60_000);

test('a book of five hundred pages is read within seconds', () => {
	const page = `<w:p><w:r><w:t>${'春天来了，校园里的玉兰开了。'.repeat(30)}</w:t></w:r></w:p>`.repeat(3);
	const since = Date.now();
	const { doc } = read(wordFile(page.repeat(500)));
	expect(doc.content).toHaveLength(1_500);
	fitted(schema, doc).check();
	expect(Date.now() - since).toBeLessThan(10_000);
});
