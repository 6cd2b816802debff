import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitted } from '../fit.ts';
import { WrongFile } from '../formats.ts';
import type { Json } from '../json.ts';
import { wordsOf } from '../json.ts';
import { allowed, block, normal, schema } from '../texts.ts';
import { readMarkdown } from './read.ts';
import { toMarkdown } from './write.ts';

const origin = 'https://space.example';
const names = () => {
	let count = 0;
	return () => `n${++count}`;
};
const read = (text: string): Json => fitted(schema, readMarkdown(text, { origin, newName: names() }).doc).toJSON() as Json;
const again = (doc: Json): Json => read(toMarkdown(doc, origin));
const letters = (doc: Json) => wordsOf(doc).replace(/[\s\ufffc]+/g, '');

const exact: [string, string][] = [
	['headings and paragraphs', '# 春\n\n## 夏\n\n### 秋\n\n一行\\\n两行\n'],
	['lists in lists', '- 一\n\n  1. 甲\n  2. 乙\n- 二\n'],
	['tasks', '- [x] 浇水\n- [ ] 除草\n'],
	['marks', '**粗** *斜* ~~删~~ <u>线</u> <mark>亮</mark> `a*b` [去](<https://example.com/a>)\n'],
	['code', '````python\nprint("```")\n````\n'],
	['formulas', '设 $x^2$ 则\n\n$$\n\\frac{a}{b}\n$$\n'],
	['tables', '| 名 | 数 |\n| --- | --- |\n| 一\\|二 | 三 |\n'],
	['quotes and boxes', '> 光\n>\n> 影\n\n> [!WARNING]\n> 小心\n'],
	['signs that meet, and signs around punctuation,', '~~春~~<!-- -->~~**夏**~~ 他说<!-- -->**“好”**<!-- -->了\n'],
	['notes', '文[^n1]\n\n[^n1]: 注\n'],
	['what only looks like signs', '\\# 不是标题\n\n1\\. 不是列表\n\n\\*不斜\\*\n'],
	['two lists in a row', '- 一\n\n<!-- -->\n\n- 二\n']
];
for (const [name, text] of exact)
	test(`${name} of Markdown are written as they were read`, () => {
		expect(toMarkdown(read(text), origin)).toBe(text);
	});

test('a text that went through Markdown once goes through it again unchanged, and no word is lost', () => {
	fc.assert(
		fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), (content) => {
			const doc = normal({ type: 'doc', content });
			fc.pre(allowed(doc) && letters(doc) !== '');
			const once = again(doc);
			expect(letters(once)).toContain(letters(doc).slice(0, 1));
			const twice = again(once);
			expect(letters(twice)).toBe(letters(once));
			// A cell holds one line: what was more becomes words, and its spaces and marks may come to lie otherwise.
			if (!JSON.stringify(once).includes('"type":"table"')) expect(twice).toEqual(once);
		}),
		{ numRuns: 150 }
	);
});

test('what means harm is read as words, or refused, soon', () => {
	const trouble = (text: string) => {
		const since = Date.now();
		try {
			const json = JSON.stringify(read(text));
			if (Date.now() - since > 10_000) return 'slow';
			return /javascript:|onerror|"data:text/.test(json) ? json : 'read';
		} catch (error) {
			return error instanceof WrongFile ? error.trouble : error;
		}
	};
	expect(trouble('[点](javascript:alert(1)) <img src=x onerror=alert(1)> <script>alert(1)</script>')).toBe('read');
	expect(trouble(`${'> '.repeat(20_000)}深`)).toMatch(/^(read|tooLong)$/);
	expect(trouble(Array.from({ length: 1_000 }, (_, at) => `${' '.repeat(at * 2)}- 一`).join('\n'))).toMatch(/^(read|tooLong)$/);
	expect(trouble('一\n\n'.repeat(70_000))).toBe('tooLong');
	expect(trouble('*'.repeat(5_000))).toMatch(/^(read|tooLong)$/);
	expect(trouble('['.repeat(2_000))).toMatch(/^(read|tooLong)$/);
	expect(trouble('   \n')).toBe('empty');
}, 90_000);
