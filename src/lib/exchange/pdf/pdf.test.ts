import { readFileSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { expect, test } from 'vitest';
import type { Json } from '../json.ts';
import type { Shot } from '../pictures.ts';
import { sliceOf, slicesOf, writeSlice } from './letters.ts';
import type { Weight } from './letters.ts';
import { toPdf } from './write.ts';

const font = (name: string) => slicesOf(new Uint8Array(readFileSync(`node_modules/@expo-google-fonts/${name}.ttf`)));
const cut = {
	normal: font('noto-sans-sc/400Regular/NotoSansSC_400Regular'),
	bold: font('noto-sans-sc/700Bold/NotoSansSC_700Bold'),
	mono: font('jetbrains-mono/400Regular/JetBrainsMono_400Regular')
};
const asked: string[] = [];
const slices = async (name: string) => {
	asked.push(name);
	const [weight = '', slice = ''] = name.split('-');
	const letters = cut[weight as Weight].get(slice);
	return letters ? deflateSync(writeSlice(letters)) : null;
};
const png = Uint8Array.from(
	atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
	(sign) => sign.charCodeAt(0)
);
const src = '/api/v1/files/00000000-0000-4000-8000-000000000001';
const shots = new Map<string, Shot>([[src, { bytes: png, type: 'image/png', width: 400, height: 200 }]]);
const text = (text: string, ...marks: string[]): Json => ({ type: 'text', text, marks: marks.map((type) => ({ type })) });
const paragraph = (...content: Json[]): Json => ({ type: 'paragraph', content });

test('a PDF has the words of the text, its headings as bookmarks, and its font in it', async () => {
	const doc: Json = {
		type: 'doc',
		content: [
			{ type: 'heading', attrs: { level: 1 }, content: [text('春天的校园')] },
			paragraph(text('我们在'), text('操场', 'bold'), text('上观察植物，'.repeat(20)), { type: 'footnote', attrs: { id: 'a' } }),
			{ type: 'heading', attrs: { level: 2 }, content: [text('记录')] },
			{
				type: 'table',
				content: [
					{
						type: 'tableRow',
						content: ['姓名', '植物', '高度'].map((word) => ({ type: 'tableHeader', content: [paragraph(text(word))] }))
					},
					{
						type: 'tableRow',
						content: [
							{ type: 'tableCell', attrs: { rowspan: 2 }, content: [paragraph(text('王芳'))] },
							{ type: 'tableCell', attrs: { colspan: 2 }, content: [paragraph(text('樱花'))] }
						]
					},
					{ type: 'tableRow', content: ['桃花', '三米'].map((word) => ({ type: 'tableCell', content: [paragraph(text(word))] })) }
				]
			},
			{ type: 'picture', attrs: { src, alt: '花' }, content: [text('图一 樱花')] },
			{ type: 'taskList', content: [{ type: 'taskItem', attrs: { checked: true }, content: [paragraph(text('浇水'))] }] },
			{ type: 'callout', attrs: { kind: 'tip' }, content: [paragraph(text('带上雨伞'))] },
			{ type: 'codeBlock', content: [text('for i in range(3):\n    print(i)')] },
			{ type: 'formulaBlock', attrs: { latex: 'a^2+b^2=c^2' } },
			{ type: 'unheardOf', content: [paragraph(text('别的'))] },
			{ type: 'note', attrs: { id: 'a' }, content: [text('见课本。')] }
		]
	};
	const made = await toPdf(doc, '春天', shots, 'https://space.example', slices);
	if (process.env.PICTURES) writeFileSync(`${process.env.PICTURES}/text.pdf`, made);
	expect(made.length).toBeLessThan(1_000_000);
	const pdf = await getDocument({ data: made.slice(), useSystemFonts: false }).promise;
	let words = '';
	for (let page = 1; page <= pdf.numPages; page++)
		words += (await (await pdf.getPage(page)).getTextContent()).items.map((item) => ('str' in item ? item.str : '')).join('');
	for (const part of [
		'春天的校园',
		'操场',
		'王芳',
		'樱花',
		'三米',
		'图一',
		'浇水',
		'带上雨伞',
		'print',
		'a² + b² = c²',
		'别的',
		'见课本'
	])
		expect(words.replace(/\s+/g, '')).toContain(part.replace(/\s+/g, ''));
	expect((await pdf.getOutline()).map(({ title }) => title)).toEqual(['春天的校园', '记录']);
});

test('rare characters have letters of our font, and only the slices that a text needs are fetched', async () => {
	asked.length = 0;
	const doc: Json = { type: 'doc', content: [paragraph(text('䶮老师和𬭎同学量 Ω，nǚ 与 lǜ。'))] };
	const made = await toPdf(doc, '字', new Map(), 'https://space.example', slices);
	const pdf = await getDocument({ data: made.slice(), useSystemFonts: false }).promise;
	const { items } = await (await pdf.getPage(1)).getTextContent();
	expect(items.map((item) => ('str' in item ? item.str : '')).join('')).toContain('䶮老师和𬭎同学量 Ω，nǚ 与 lǜ。');
	for (const sign of '䶮𬭎Ω') {
		const code = sign.codePointAt(0) ?? 0;
		expect(asked).toContain(`normal-${sliceOf(code)}`);
		expect(cut.normal.get(sliceOf(code))?.find((letter) => letter.code === code)?.outline.length).toBeGreaterThan(10);
	}
	expect(asked.filter((name) => !name.startsWith('normal'))).toEqual([]);
	expect(asked.length).toBeLessThan(14);
});
