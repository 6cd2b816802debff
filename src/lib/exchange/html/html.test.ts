// @vitest-environment jsdom
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitted } from '../fit.ts';
import { WrongFile } from '../formats.ts';
import type { Json, Read } from '../json.ts';
import { allowed, block, normal, schema, src } from '../texts.ts';
import { readHtml } from './read.ts';
import { toHtml } from './write.ts';

const origin = 'https://space.example';
const png =
	'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const read = (html: string) => readHtml(html, schema, origin);

/** Pictures at the place that they had. */
function placed(node: Json): Json {
	const content = node.content?.map(placed);
	return { ...node, ...(node.type === 'picture' ? { attrs: { ...node.attrs, src } } : {}), ...(content ? { content } : {}) };
}
const again = (doc: Json): Json => {
	const found: Read = read(toHtml(doc, '题', new Map([[src, png]]), origin));
	return fitted(schema, placed(found.doc)).toJSON() as Json;
};
/** Spaces at the edges of words are as HTML takes them. */
const told = (doc: Json): string => JSON.stringify(doc).replace(/\s+|\\t/g, '');

test('what is written as a page is read as what it was', () => {
	fc.assert(
		fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), (content) => {
			const doc = normal({ type: 'doc', content });
			fc.pre(allowed(doc) && JSON.stringify(doc).includes('"text"'));
			const once = again(doc);
			expect(again(once)).toEqual(once);
			expect(told(once)).toEqual(told(doc));
		}),
		{ numRuns: 150 }
	);
});

test('nothing of a page runs, and nothing is fetched', () => {
	const { doc, pictures } = read(
		`<p onclick="hack()">好<script>globalThis.hacked = true</script><img src="https://evil.example/a.png" alt="外" onerror="globalThis.hacked = true"><a href="javascript:hack()">点</a><a href="data:text/html,x">再点</a><iframe src="https://evil.example"></iframe></p><style>p{}</style><svg onload="globalThis.hacked = true"></svg><object data="x"></object><form action="https://evil.example"><button>交</button></form>`
	);
	const json = JSON.stringify(doc);
	expect(json).not.toMatch(/javascript:|evil\.example|onerror|onclick|hacked|data:text/);
	expect(json).toContain('［外］');
	expect(pictures).toEqual([]);
	expect('hacked' in globalThis).toBe(false);
});

test('what is deeper or larger than any text ends in a sentence, soon', () => {
	const trouble = (html: string) => {
		const since = Date.now();
		try {
			fitted(schema, read(html).doc).check();
			return Date.now() - since < 10_000 ? 'read' : 'slow';
		} catch (error) {
			return error instanceof WrongFile ? error.trouble : error;
		}
	};
	expect(trouble('<ul><li>'.repeat(3_000) + '深')).toBe('tooLong');
	expect(trouble('<p>一</p>'.repeat(70_000))).toBe('tooLong');
	expect(trouble(`<table>${'<tr><td>一</td><td>二</td></tr>'.repeat(40_000)}</table>`)).toBe('tooLong');
	expect(trouble('<table><tr><td colspan="1000000" rowspan="1000000">一</td></tr></table>')).toBe('read');
	expect(trouble('')).toBe('empty');
}, 60_000);
