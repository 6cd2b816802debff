import * as Y from 'yjs';

/** The name of the shared fragment that holds the text; fixed for good, every client and the server read it. */
export const fragmentName = 'default';

export const textOf = (doc: Y.Doc): Y.XmlFragment => doc.getXmlFragment(fragmentName);

/** Elements that hold a line of text of their own. */
const lines = new Set(['paragraph', 'heading', 'codeBlock', 'picture', 'note']);

/** The text without its form, a line for each paragraph. */
export function plainText(doc: Y.Doc): string {
	return lineElements(textOf(doc)).map(lineOf).join('\n');
}

/** The elements that hold a line each, in their order. */
export function lineElements(text: Y.XmlFragment): Y.XmlElement[] {
	const found: Y.XmlElement[] = [];
	for (const node of text.toArray()) collect(node, found);
	return found;
}

function collect(node: unknown, found: Y.XmlElement[]): void {
	if (!(node instanceof Y.XmlElement)) return;
	if (lines.has(node.nodeName)) found.push(node);
	else for (const child of node.toArray()) collect(child, found);
}

/** The words of a line, without their form. */
export const lineOf = (node: Y.XmlElement): string => node.toArray().map(wordsOf).join('');

function wordsOf(node: unknown): string {
	if (node instanceof Y.XmlText)
		return (node.toDelta() as { insert: unknown }[]).map(({ insert }) => (typeof insert === 'string' ? insert : '')).join('');
	return node instanceof Y.XmlElement && node.nodeName === 'hardBreak' ? '\n' : '';
}

export interface TextStatistics {
	/** Characters without white space, as Chinese schools count the length of an essay. */
	characters: number;
	/** Chinese characters, plus every other word. */
	words: number;
	paragraphs: number;
}

const oneWord = /\p{Script=Han}|[\p{L}\p{N}]+?(?=\p{Script=Han})|[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;

/** Chinese characters, plus every other word. */
export const wordsIn = (text: string): number => text.match(oneWord)?.length ?? 0;

export function statistics(doc: Y.Doc): TextStatistics {
	const text = plainText(doc);
	return {
		characters: [...text.replace(/\s/gu, '')].length,
		words: wordsIn(text),
		paragraphs: text.split('\n').filter((line) => line.trim() !== '').length
	};
}
