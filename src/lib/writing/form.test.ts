import { getSchema } from '@tiptap/core';
import { expect, test } from 'vitest';
import { documentForm } from '#lib/documents/model.ts';
import { inLines, insides } from '#lib/documents/stranded.ts';
import { form } from './extensions.ts';

// What a text may hold, by the form that pages must know to open it: nodes and marks with their attributes. Since 2 what
// is suggested of a block may be how it shall stand: a page from before would take that out when it notes its own.
const held: Record<number, readonly string[]> = {
	2: [
		'mark bold',
		'mark change at by id was',
		'mark code',
		'mark deletion at by id',
		'mark highlight colour',
		'mark insertion at by id',
		'mark italic',
		'mark link class href rel target title',
		'mark strike',
		'mark underline',
		'node attachment bytes name src suggested type upload',
		'node blockquote suggested',
		'node bulletList suggested',
		'node callout kind suggested',
		'node codeBlock language suggested',
		'node doc suggested',
		'node footnote id suggested',
		'node formula latex suggested',
		'node formulaBlock latex suggested',
		'node hardBreak suggested',
		'node heading align level suggested',
		'node horizontalRule suggested',
		'node listItem suggested',
		'node mention label person suggested',
		'node note id suggested',
		'node orderedList start suggested type',
		'node paragraph align suggested',
		'node picture alt bytes h name src suggested type upload w width',
		'node reference id label room second suggested target',
		'node table suggested',
		'node tableCell align colspan colwidth rowspan suggested',
		'node tableHeader align colspan colwidth rowspan suggested',
		'node tableRow suggested',
		'node taskItem checked suggested',
		'node taskList suggested',
		'node text'
	]
};

test('whoever lets a text hold something new raises documentForm', () => {
	const { nodes, marks } = getSchema(form());
	const listOf = (kind: string, types: Record<string, { spec: { attrs?: object | null | undefined } }>) =>
		Object.entries(types).map(([name, { spec }]) =>
			`${kind} ${name} ${Object.keys(spec.attrs ?? {})
				.sort()
				.join(' ')}`.trim()
		);
	const list = [...listOf('node', nodes), ...listOf('mark', marks)].sort();
	expect(
		list,
		`A page from before takes what it does not know out of the text, for everybody. Raise documentForm in src/lib/documents/model.ts (now ${documentForm}), and write this list here under its new number.`
	).toEqual(held[documentForm]);
});

test('what stands in a line, and what stands only in something else, is known where stranded words are put back', () => {
	const { nodes, topNodeType } = getSchema(form());
	const named = (is: (type: (typeof nodes)[string]) => boolean) =>
		Object.values(nodes)
			.flatMap((type) => (is(type) ? [type.name] : []))
			.sort();
	expect(named(({ isInline, isText }) => isInline && !isText)).toEqual([...inLines].sort());
	const standsAlone = (type: (typeof nodes)[string]) => topNodeType.contentMatch.matchType(type) !== null;
	expect(named((type) => !type.isInline && type !== topNodeType && !standsAlone(type))).toEqual([...insides].sort());
});
