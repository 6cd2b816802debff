import fc from 'fast-check';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { getSchema } from '@tiptap/core';
import { expect, test } from 'vitest';
import { form } from '#lib/writing/extensions.ts';
import { WrongFile } from '../formats.ts';
import type { Json } from '../json.ts';
import type { Shot } from '../pictures.ts';
import { readDocx, widthOf } from './read.ts';
import { toDocx } from './write.ts';

const schema = getSchema(form());
const png = Uint8Array.from(
	atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
	(sign) => sign.charCodeAt(0)
);
const src = '/api/v1/files/00000000-0000-4000-8000-000000000001';
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

const words = fc
	.string({ unit: fc.constantFrom(...'春天来了ab 1，<&"😀\t'), minLength: 1, maxLength: 8 })
	.filter((text) => text.trim() !== '' && !/^[☐☑]/u.test(text));
const mark = fc.constantFrom<NonNullable<Json['marks']>[number]>(
	{ type: 'bold' },
	{ type: 'italic' },
	{ type: 'strike' },
	{ type: 'underline' },
	{ type: 'code' },
	{ type: 'link', attrs: { href: 'https://example.com/a?b=1&c' } },
	{ type: 'link', attrs: { href: '/spaces' } },
	{ type: 'highlight', attrs: { colour: 'blue' } },
	{ type: 'highlight', attrs: { colour: 'pink' } }
);
const piece = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			type: fc.constant('text'),
			text: words,
			marks: fc.uniqueArray(mark, { maxLength: 3, selector: ({ type }) => type })
		})
	},
	fc.constant<Json>({ type: 'hardBreak' }),
	fc.constantFrom('\\frac{a}{b}', 'x^{2}', '\\sqrt{x}', 'a+b').map((latex): Json => ({ type: 'formula', attrs: { latex } })),
	fc.constant<Json>({ type: 'mention', attrs: { person: '00000000-0000-4000-8000-000000000009', label: '王 芳' } })
);
const inline = fc.array(piece, { minLength: 1, maxLength: 4 });
const paragraph = fc.record({
	type: fc.constant('paragraph'),
	attrs: fc.record({ align: fc.constantFrom(null, 'center', 'end') }),
	content: inline
});
const plainParagraph = fc.record({ type: fc.constant('paragraph'), content: inline });
const item = (type: string, attrs: fc.Arbitrary<Record<string, unknown>>, tie: fc.Arbitrary<Json>) =>
	fc.record({
		type: fc.constant(type),
		attrs,
		content: fc.tuple(plainParagraph, fc.array(tie, { maxLength: 2 })).map(([first, rest]) => [first as Json, ...rest])
	});
const { block } = fc.letrec<{ block: Json; list: Json; inItem: Json }>((tie) => ({
	inItem: fc.oneof({ maxDepth: 3 }, plainParagraph, tie('list')),
	list: fc.oneof(
		fc.record({
			type: fc.constant('bulletList'),
			content: fc.array(item('listItem', fc.constant({}), tie('inItem')), { minLength: 1, maxLength: 3 })
		}),
		fc.record({
			type: fc.constant('orderedList'),
			attrs: fc.record({ start: fc.integer({ min: 1, max: 9 }) }),
			content: fc.array(item('listItem', fc.constant({}), tie('inItem')), { minLength: 1, maxLength: 3 })
		}),
		fc.record({
			type: fc.constant('taskList'),
			content: fc.array(item('taskItem', fc.record({ checked: fc.boolean() }), tie('inItem')), { minLength: 1, maxLength: 3 })
		})
	),
	block: fc.oneof(
		{ maxDepth: 2 },
		paragraph,
		fc.record({
			type: fc.constant('heading'),
			attrs: fc.record({ level: fc.integer({ min: 1, max: 3 }), align: fc.constantFrom(null, 'center') }),
			content: inline
		}),
		tie('list'),
		fc.record({
			type: fc.constant('codeBlock'),
			attrs: fc.record({ language: fc.constantFrom(null, 'python') }),
			content: fc.constant<Json[]>([{ type: 'text', text: 'a = 1\n\n\tb < 2' }])
		}),
		fc.constant<Json>({ type: 'horizontalRule' }),
		fc.record({
			type: fc.constant('picture'),
			attrs: fc.record({ src: fc.constant(src), alt: words, name: fc.constant('花.png'), width: fc.constantFrom(null, 50, 25) }),
			content: inline
		}),
		fc.constant<Json>({ type: 'formulaBlock', attrs: { latex: '\\sum_{i=1}^{n} i' } }),
		fc.record({ type: fc.constant('blockquote'), content: fc.array(plainParagraph, { minLength: 1, maxLength: 2 }) }),
		fc.record({ type: fc.constant('blockquote'), content: fc.tuple(tie('list'), tie('block')) }),
		fc.record({
			type: fc.constant('callout'),
			attrs: fc.record({ kind: fc.constantFrom('tip', 'attention', 'key') }),
			content: fc.array(tie('block'), { minLength: 1, maxLength: 2 })
		}),
		fc.tuple(fc.boolean(), fc.array(tie('block'), { minLength: 4, maxLength: 4 })).map(([head, [a, b, c, d]]): Json => ({
			type: 'table',
			content: [
				{
					type: 'tableRow',
					content: [a, b].map((block) => ({
						type: head ? 'tableHeader' : 'tableCell',
						content: [head ? { type: 'paragraph', content: [{ type: 'text', text: '头' }] } : (block as Json)]
					}))
				},
				{
					type: 'tableRow',
					content: [
						{ type: 'tableCell', attrs: { rowspan: 2 }, content: [c as Json] },
						{ type: 'tableCell', content: [d as Json] }
					]
				},
				{ type: 'tableRow', content: [{ type: 'tableCell', content: [{ type: 'paragraph' }] }] },
				{ type: 'tableRow', content: [{ type: 'tableCell', attrs: { colspan: 2 }, content: [{ type: 'paragraph' }] }] }
			]
		}))
	)
}));
/** As the editor itself would hold it. */
const normal = (doc: Json): Json => {
	const node = schema.nodeFromJSON(doc);
	const tidy = (json: Json): Json => {
		if (!json.content) return json;
		const content: Json[] = [];
		for (const child of json.content.map(tidy)) {
			const before = content.at(-1);
			if (child.type === 'text' && before?.type === 'text' && JSON.stringify(before.marks) === JSON.stringify(child.marks))
				before.text = `${before.text}${child.text}`;
			else content.push({ ...child });
		}
		return { ...json, content };
	};
	return schema.nodeFromJSON(tidy(node.toJSON() as Json)).toJSON() as Json;
};
const allowed = (doc: Json): boolean => {
	try {
		schema.nodeFromJSON(doc).check();
		return true;
	} catch {
		return false;
	}
};

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
