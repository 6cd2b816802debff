import { getSchema } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { prosemirrorJSONToYXmlFragment, yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { judge } from '#collab/gate.ts';
import { emptyDocument } from '#collab/replay.ts';
import { Authorship, measure } from '#lib/documents/server/index.ts';
import { plainText, textOf } from '../document.ts';
import { form } from '../extensions.ts';

const schema = getSchema(form());
const id = '01980000-0000-7000-8000-000000000000';
const said = (text: string) => ({ type: 'text', text });

/** One of every kind of block, with words of its own where it has any. */
const rich = [
	{ type: 'picture', attrs: { src: `/api/v1/files/${id}`, alt: '玉兰', width: 50, w: 800, h: 500 }, content: [said('图注四字')] },
	{ type: 'picture', attrs: { upload: 'abc123', name: '照片.jpg', bytes: 5 } },
	{ type: 'attachment', attrs: { src: `/api/v1/files/${id}`, name: '数据.xlsx', bytes: 2048 } },
	{ type: 'formulaBlock', attrs: { latex: '\\frac{1}{2}' } },
	{ type: 'callout', attrs: { kind: 'attention' }, content: [{ type: 'paragraph', content: [said('小心')] }] },
	{ type: 'codeBlock', attrs: { language: 'python' }, content: [said('print(1)')] },
	{
		type: 'paragraph',
		attrs: { align: 'center' },
		content: [
			said('和'),
			{ type: 'mention', attrs: { person: id, label: '林一' } },
			{ type: 'formula', attrs: { latex: 'x^2' } },
			{ type: 'footnote', attrs: { id: 'n1' } },
			{ type: 'reference', attrs: { target: 'recording', id, second: 754 } },
			{ type: 'reference', attrs: { target: 'document', id, room: id, label: '导图' } },
			{ type: 'text', text: '重点', marks: [{ type: 'highlight', attrs: { colour: 'pink' } }] }
		]
	},
	{ type: 'note', attrs: { id: 'n1' }, content: [said('注释')] }
];
const words = '图注四字小心print(1)和重点注释';

function written(): { doc: Y.Doc; updates: Uint8Array[] } {
	const doc = new Y.Doc();
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	doc.transact(() => prosemirrorJSONToYXmlFragment(schema, { type: 'doc', content: rich }, textOf(doc)));
	return { doc, updates };
}

test('the server takes in every kind of block, and counts the words that people wrote in it', () => {
	const { doc, updates } = written();
	const server = emptyDocument('text');
	let inserted = 0;
	for (const update of updates) {
		const verdict = judge(server, update, () => 'free');
		if (!verdict.accepted) throw new Error(verdict.refusal);
		inserted += measure(server, 'text', new Authorship(), () => Y.applyUpdate(server, verdict.update)).inserted;
	}
	expect(inserted).toBe([...words].length);
	expect(plainText(server).replaceAll('\n', '')).toBe(words);
	const read = yXmlFragmentToProseMirrorRootNode(textOf(server), schema);
	read.check();
	expect(read.toJSON()).toEqual(yXmlFragmentToProseMirrorRootNode(textOf(doc), schema).toJSON());
	expect(read.childCount).toBe(rich.length);
});

test('whatever somebody writes into the attributes, a block is shown and leads nowhere bad', () => {
	const garbage = fc.oneof(
		fc.constantFrom(
			'javascript:alert(1)',
			'data:text/html,x',
			'//evil.example/x.png',
			'https://evil.example/x.png',
			'"><script>',
			''
		),
		fc.string(),
		fc.integer(),
		fc.double(),
		fc.boolean(),
		fc.constant(null),
		fc.array(fc.string()),
		fc.object()
	);
	const names = [
		'picture',
		'attachment',
		'formula',
		'formulaBlock',
		'callout',
		'footnote',
		'note',
		'mention',
		'reference',
		'paragraph'
	];
	fc.assert(
		fc.property(fc.constantFrom(...names), fc.array(garbage, { minLength: 20, maxLength: 20 }), (name, values) => {
			const type = schema.nodes[name];
			if (!type) throw new Error(name);
			const attrs = Object.fromEntries(Object.keys(type.spec.attrs ?? {}).map((key, index) => [key, values[index]]));
			const node = type.create(attrs, type.inlineContent ? null : type.contentMatch.defaultType?.createAndFill());
			for (const [key, value] of addresses(type.spec.toDOM?.(node))) {
				if (key === 'src' || key === 'href')
					expect(String(value ?? '')).toMatch(/^($|#$|\/api\/v1\/files\/|\/rooms\/|\/recordings\/)/);
				if (key === 'style') expect(value).toMatch(/^text-align: (center|end)$/);
				expect(key).not.toMatch(/^on/);
			}
			expect(() => asText(node)).not.toThrow();
		}),
		{ numRuns: 2000 }
	);
});

const asText = (node: Node): string => node.type.spec.leafText?.(node) ?? node.textContent;

/** Every attribute in what is shown of a node. */
function addresses(spec: unknown): [string, unknown][] {
	if (!Array.isArray(spec)) return [];
	return spec.slice(1).flatMap((part: unknown): [string, unknown][] => {
		if (Array.isArray(part)) return addresses(part);
		return typeof part === 'object' && part !== null ? Object.entries(part) : [];
	});
}
