import { Fragment, Mark } from '@tiptap/pm/model';
import type { Node, Schema } from '@tiptap/pm/model';
import { attrsOf, children, wordsOf } from './json.ts';
import type { Json } from './json.ts';

/** A text as the editor can hold it: what does not fit where it stands is made to, or keeps its words only. */
export function fitted(schema: Schema, doc: Json): Node {
	const content = children(doc).flatMap((node) => fit(schema, node));
	const made = schema.topNodeType.createAndFill(null, Fragment.fromArray(content.filter(({ isBlock }) => isBlock)));
	return made ?? (schema.topNodeType.createAndFill() as Node);
}

function fit(schema: Schema, node: Json): Node[] {
	if (node.type === 'text') {
		if (!node.text) return [];
		let marks: readonly Mark[] = Mark.none;
		for (const { type, attrs } of node.marks ?? [])
			if (schema.marks[type]) marks = schema.marks[type].create(attrs).addToSet(marks);
		return [schema.text(node.text, marks)];
	}
	const type = schema.nodes[node.type];
	const content = children(node).flatMap((child) => fit(schema, child));
	if (!type) return content;
	const made = type.validContent(Fragment.fromArray(content))
		? type.create(attrsOf(node), content)
		: type.createAndFill(attrsOf(node), content);
	if (made) return [made];
	const blocks = content.filter(({ isBlock }) => isBlock);
	if (blocks.length > 0) return blocks;
	const words = wordsOf(node);
	return words ? [schema.nodes.paragraph?.create(null, schema.text(words))].filter((each) => each !== undefined) : [];
}
