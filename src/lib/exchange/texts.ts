import { getSchema } from '@tiptap/core';
import fc from 'fast-check';
import { form } from '#lib/writing/extensions.ts';
import type { Json } from './json.ts';

// Texts of every kind, for the tests of what is written and read again.
export const schema = getSchema(form());
export const src = '/api/v1/files/00000000-0000-4000-8000-000000000001';

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
export const { block } = fc.letrec<{ block: Json; list: Json; inItem: Json }>((tie) => ({
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
export const normal = (doc: Json): Json => {
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
export const allowed = (doc: Json): boolean => {
	try {
		schema.nodeFromJSON(doc).check();
		return true;
	} catch {
		return false;
	}
};
