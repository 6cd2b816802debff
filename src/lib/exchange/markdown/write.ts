import { attachmentIn } from '#lib/writing/blocks/attachment.ts';
import { languageIn } from '#lib/writing/blocks/colour-code.ts';
import { latexIn } from '#lib/writing/blocks/formula.ts';
import { mentionLabel } from '#lib/writing/blocks/mention.ts';
import { pictureIn } from '#lib/writing/blocks/picture.ts';
import { addressOf, referenceIn } from '#lib/writing/blocks/reference.ts';
import { hrefIn, nameIn, numberIn } from '#lib/writing/blocks/values.ts';
import { gridOf } from '../grid.ts';
import { attrsOf, children, wordsOf } from '../json.ts';
import type { Json } from '../json.ts';

const signs: Record<string, string> = { bold: '**', italic: '*', strike: '~~' };
const calloutWords: Record<string, string> = { tip: 'TIP', attention: 'WARNING', key: 'IMPORTANT' };

/** Writes a text in Markdown as GitHub reads it: with tables, tasks, notes and formulas. */
export const toMarkdown = (doc: Json, origin: string): string => `${blocks(children(doc), origin)}\n`;

const blocks = (nodes: readonly Json[], origin: string): string => {
	let all = '';
	let before: Json | undefined;
	for (const node of nodes) {
		const written = block(node, origin);
		if (written === '') continue;
		// Two lists, or two quotations, in a row would become one.
		const apart = before && before.type === node.type && /List$|blockquote|callout/.test(node.type);
		all += (before ? (apart ? '\n\n<!-- -->\n\n' : '\n\n') : '') + written;
		before = node;
	}
	return all;
};
const indented = (text: string, by: string): string =>
	text
		.split('\n')
		.map((line, at) => (at === 0 || line === '' ? line : by + line))
		.join('\n');
const quoted = (text: string): string =>
	text
		.split('\n')
		.map((line) => (line === '' ? '>' : `> ${line}`))
		.join('\n');

function block(node: Json, origin: string): string {
	const attrs = attrsOf(node);
	const line = () => lineOf(children(node), origin);
	switch (node.type) {
		case 'paragraph':
			return startSafe(line());
		case 'heading':
			return `${'#'.repeat(numberIn(attrs.level, 1, 3) ?? 1)} ${line().replace(/\\?\n/g, ' ')}`;
		case 'bulletList':
		case 'orderedList':
		case 'taskList':
			return children(node)
				.map((item, at) => {
					const number = (numberIn(attrs.start, 0, 30_000) ?? 1) + at;
					const mark =
						node.type === 'orderedList'
							? `${number}. `
							: node.type === 'taskList'
								? `- [${attrsOf(item).checked === true ? 'x' : ' '}] `
								: '- ';
					return mark + indented(blocks(children(item), origin), ' '.repeat(node.type === 'taskList' ? 2 : mark.length));
				})
				.join('\n');
		case 'blockquote':
			return quoted(blocks(children(node), origin));
		case 'callout':
			return quoted(`[!${calloutWords[String(attrs.kind)] ?? 'TIP'}]\n${blocks(children(node), origin)}`);
		case 'codeBlock': {
			const code = wordsOf(node);
			const fence = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([run]) => run.length + 1)));
			return `${fence}${languageIn(attrs.language) ?? ''}\n${code}\n${fence}`;
		}
		case 'horizontalRule':
			// Three hyphens at the beginning would begin a preamble, and what follows up to the next be taken for it.
			return '***';
		case 'picture': {
			const { src, alt, name } = pictureIn(attrs);
			if (!src) return '';
			const caption = startSafe(line());
			return `![${escape(alt || name)}](${origin}${src})${caption ? `\n\n${caption}` : ''}`;
		}
		case 'attachment': {
			const { src, name } = attachmentIn(attrs);
			return src ? `[${escape(name)}](${origin}${src}?download=1)` : escape(name);
		}
		case 'formulaBlock':
			return `$$\n${latexIn(attrs.latex)}\n$$`;
		case 'note':
			return `[^${nameIn(attrs.id) ?? 'n'}]: ${line().replace(/\\?\n/g, ' ')}`;
		case 'table':
			return table(node, origin);
		default:
			return children(node).some(({ type }) => type === 'text') ? startSafe(line()) : blocks(children(node), origin);
	}
}

function table(node: Json, origin: string): string {
	const grid = gridOf(children(node));
	const columns = Math.max(0, ...grid.map((row) => row.length));
	if (columns === 0) return '';
	const lines = grid.map((row, y) =>
		Array.from({ length: columns }, (_, x) => {
			const slot = row[x];
			// Of merged cells the first holds the words.
			if (!slot || slot.row !== y || row[x - 1] === slot) return '';
			return children(slot.cell)
				.map((child) => block(child, origin))
				.join('\n')
				.replace(/\\?\n+/g, '<br>')
				.replace(/(?<!\\)\|/g, '\\|');
		})
	);
	const isHeaded = grid[0]?.every((slot) => slot?.cell.type === 'tableHeader');
	const head = isHeaded ? (lines.shift() ?? []) : Array.from({ length: columns }, () => '');
	return [head, Array.from({ length: columns }, () => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What would begin a list, a heading or the like is only words. */
const startSafe = (text: string): string =>
	text
		.split('\n')
		.map((line) =>
			line
				.replace(/^(\s*)(#{1,6}|[-+>]|={2,}|-{2,})(?=\s|$)/, '$1\\$2')
				.replace(/^(\s*)>/, '$1\\>')
				.replace(/^(\s*\d{1,9})([.)])(?=\s|$)/, '$1\\$2')
				.replace(/^\s+/, (space) => space.replace(/[ \t]/g, '&#32;'))
		)
		.join('\n');

const escape = (text: string): string => text.replace(/[\\`*_[\]<>$~|&]/g, (sign) => `\\${sign}`);

function lineOf(nodes: readonly Json[], origin: string): string {
	let all = '';
	let before: Json | undefined;
	for (const node of nodes) {
		const written = inline(node, origin);
		const clash =
			(before && isMarked(before) && endsBadly(all, written)) ||
			(isMarked(node) && beginsBadly(all, written)) ||
			(node.type === 'formula' && all.endsWith('$'));
		all += (clash ? nothing : '') + written;
		before = node;
	}
	return all;
}

/** A comment, which says nothing: signs that meet would be read as one, and beside it they are read whatever they hold. */
const nothing = '<!-- -->';
/** Signs around a punctuation mark count only where a space or another one is on their other side, which Chinese has not. */
const beginsBadly = (before: string, written: string): boolean =>
	/[*~`]$/.test(before)
		? /^[*~`]/.test(written)
		: /[^\s\p{P}\p{S}]$/u.test(before) && /^[*~]+(?![*~])[\p{P}\p{S}]/u.test(written);
const endsBadly = (before: string, written: string): boolean =>
	/[\p{P}\p{S}](?<![*~])[*~]+$/u.test(before) && /^[^\s\p{P}\p{S}]/u.test(written);

const isMarked = ({ marks }: Json): boolean => Array.isArray(marks) && marks.length > 0;

function inline(node: Json, origin: string): string {
	const attrs = attrsOf(node);
	if (node.type === 'hardBreak') return '\\\n';
	if (node.type === 'formula') return `$${latexIn(attrs.latex)}$`;
	if (node.type === 'footnote') return `[^${nameIn(attrs.id) ?? 'n'}]`;
	if (node.type === 'mention') return escape(`@${mentionLabel(attrs.label)}`);
	if (node.type === 'reference') {
		const reference = referenceIn(attrs);
		return reference ? `[${escape(reference.label)}](${origin}${addressOf(reference)})` : '';
	}
	return marked(node, origin);
}

function marked(node: Json, origin: string): string {
	const marks = Array.isArray(node.marks) ? node.marks : [];
	const text = wordsOf(node).replace(/\n/g, ' ');
	// Signs stand at words, not at spaces.
	const [, before = '', words = '', after = ''] = /^(\s*)([^]*?)(\s*)$/.exec(text) ?? [];
	if (words === '') return text;
	let all = escape(words);
	if (marks.some(({ type }) => type === 'code')) {
		const fence = '`'.repeat(Math.max(1, ...[...words.matchAll(/`+/g)].map(([run]) => run.length + 1)));
		const pad = /^`|`$/.test(words) ? ' ' : '';
		all = fence + pad + words + pad + fence;
	}
	for (const { type } of marks) {
		if (type === 'underline') all = `<u>${all}</u>`;
		else if (type === 'highlight') all = `<mark>${all}</mark>`;
		else if (signs[type]) all = signs[type] + all + signs[type];
	}
	const href = hrefIn(marks.find(({ type }) => type === 'link')?.attrs?.href);
	if (href) all = `[${all}](<${(href.startsWith('/') ? origin + href : href).replace(/[<>]/g, encodeURIComponent)}>)`;
	return before + all + after;
}
