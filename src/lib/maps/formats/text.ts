import type { Cutting } from '../branches.ts';
import type { Sprout } from '../document.ts';
import { safeHref } from '../links.ts';
import { branchesOf } from './imported.ts';
import type { Imported, ImportedMap } from './imported.ts';

/** Lines with as many tabs before them as they lie deep: what any text takes. */
export function textOfCutting({ branches }: Pick<Cutting, 'branches'>): string {
	const lines: string[] = [];
	walk(branches, (branch, depth) => lines.push('\t'.repeat(depth) + (branch.text ?? '').replaceAll('\n', ' ')));
	return lines.join('\n');
}

function walk(branches: readonly Sprout[], visit: (branch: Sprout, depth: number) => void): void {
	const open = branches.map((branch) => ({ branch, depth: 0 })).reverse();
	for (let next = open.pop(); next; next = open.pop()) {
		visit(next.branch, next.depth);
		for (const branch of (next.branch.children ?? []).toReversed()) open.push({ branch, depth: next.depth + 1 });
	}
}

/** Headings for the first level, lists for what is below; notes as quotes. */
export function toMarkdown(branches: readonly Sprout[]): string {
	const lines: string[] = [];
	walk(branches, (branch, depth) => {
		const text = inline(branch);
		const indent = depth === 0 ? '' : '  '.repeat(depth - 1);
		if (depth === 0) lines.push(...(lines.length > 0 ? [''] : []), `# ${text}`, '');
		else lines.push(`${indent}- ${text}`);
		const inner = depth === 0 ? '' : `${indent}  `;
		if (branch.note) lines.push(...branch.note.split('\n').map((line) => `${inner}> ${line}`), ...(depth === 0 ? [''] : []));
	});
	return `${lines
		.join('\n')
		.replace(/\n{3,}/g, '\n\n')
		.trim()}\n`;
}

function inline({ text = '', href, image }: Sprout): string {
	const words = text.replaceAll('\\', '\\\\').replaceAll('[', '\\[').replaceAll(']', '\\]').replace(/\n/g, '<br>');
	const picture = image ? `![${image.name.replace(/[[\]]/g, '')}](${image.src})` : '';
	return [href ? `[${words || href}](${href})` : words, picture].filter((part) => part !== '').join(' ');
}

const plain = (text: string): string =>
	text
		.replace(/<br\s*\/?>/gi, '\n')
		.replace(/\\([\\[\]#*_`>-])/g, '$1')
		.trim();

interface Line {
	level: number;
	text: string;
	note: string[];
	below: Line[];
}

/** Headings and nested lists; a quote or a paragraph below one is its note. */
export function fromMarkdown(text: string): ImportedMap {
	return { branches: branchesOf(linesOf(text, true), branchOf, ({ below }) => below), relations: [], layout: null };
}

/** Lines from the clipboard: a list, or lines that are set in. */
export function cuttingOfText(text: string): Cutting | null {
	if (text.trim() === '') return null;
	const markdown = /^\s*([-*+]|\d+[.)]|#{1,6})\s/m.test(text);
	const branches = branchesOf(linesOf(text.slice(0, 2_000_000), markdown), branchOf, ({ below }) => below);
	return branches.length === 0 ? null : { branches, relations: [] };
}

function branchOf({ text, note }: Line): Omit<Imported, 'children'> {
	const link = /^\[((?:[^\]\\]|\\.)*)\]\(([^()\s]+)\)$/.exec(text.replace(/\s*!\[[^\]]*\]\([^)]*\)\s*/g, ' ').trim());
	const href = link ? safeHref(link[2]) : null;
	const words = href ? link![1]! : text.replace(/!\[([^\]]*)\]\([^)]*\)/g, '$1');
	return { text: plain(words), note: note.join('\n').trim(), href: href ?? undefined };
}

function linesOf(text: string, markdown: boolean): Line[] {
	const top: Line = { level: -1, text: '', note: [], below: [] };
	let open = [top];
	let heading = 0;
	let last: Line | null = null;
	let fenced = false;
	const put = (level: number, text: string): void => {
		open = open.filter((line) => line.level < level);
		last = { level, text, note: [], below: [] };
		open.at(-1)!.below.push(last);
		open.push(last);
	};
	for (const raw of text.replace(/^\ufeff/, '').split(/\r\n?|\n/)) {
		const line = raw.replaceAll('\t', markdown ? '    ' : '\t');
		if (markdown && /^\s*(```|~~~)/.test(line)) fenced = !fenced;
		if (line.trim() === '') {
			if (last && (last as Line).note.length > 0) (last as Line).note.push('');
			continue;
		}
		if (!markdown) {
			const [, indent = '', words = ''] = /^(\s*)(.*)$/.exec(line) ?? [];
			put(indent.replaceAll('\t', '    ').length, words);
			continue;
		}
		const title = fenced ? null : /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line);
		const item = fenced ? null : /^(\s*)(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?(.*)$/.exec(line);
		if (title) put((heading = title[1]!.length), title[2]!);
		else if (item) put(100 + item[1]!.length, item[2]!);
		else if (last) (last as Line).note.push(line.trim().replace(/^>\s?/, ''));
		else put(heading + 1, line.trim());
	}
	return top.below;
}
