import { Extension, Mark } from '@tiptap/core';
import type { AnyExtension, Extensions, Node as BlockKit } from '@tiptap/core';
import type { Mark as TextMark, Node, ResolvedPos } from '@tiptap/pm/model';
import type { AuthoredRange } from '#lib/documents/places.ts';
import { isItem } from './structure.ts';
import type { Holder, Plan } from './structure.ts';

/** What was done to text: written, taken away, given another form. */
export const textKinds = ['insertion', 'deletion', 'change'] as const;
export type TextKind = (typeof textKinds)[number];

/**
 * What was done to a block: it begins where a paragraph was parted; it shall be joined to the one before; it was
 * put there as a whole (a table, a row, an image); it shall go as a whole; it was of another kind, or said something
 * else; it shall be of another kind, or stand in a list or a quote or no longer. The last is done only once it is
 * accepted: whoever writes in the block meanwhile writes on in the same one.
 */
export const blockKinds = ['parted', 'joined', 'added', 'removed', 'retyped', 'planned'] as const;
export type BlockKind = (typeof blockKinds)[number];

/** Who suggests what, and when; what belongs together has one id. Written by some client: nothing of it is sure. */
export interface Suggested {
	readonly id: string;
	readonly by: string;
	/** Milliseconds since 1970. */
	readonly at: number;
}
export interface SuggestedBlock extends Suggested {
	readonly kind: BlockKind;
	/** Of a block of another kind: the name and the attributes of what it was. */
	readonly was?: { readonly type: string; readonly attrs: Record<string, unknown> };
	/** Of a block that shall stand otherwise: how. */
	readonly to?: Plan;
}
/** The longest that may be noted about one block, in characters. */
const longestNote = 4_000;
const deepest = 12;

const isTextKind = (name: string): name is TextKind => textKinds.some((kind) => kind === name);
const isBlockKind = (name: unknown): name is BlockKind => blockKinds.some((kind) => kind === name);
const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const shortText = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 64) : '');
const moment = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** The suggestions that text carries. */
export function suggestionsOn(marks: readonly TextMark[]): { kind: TextKind; mark: TextMark; suggested: Suggested }[] {
	return marks.flatMap((mark) => {
		const kind = mark.type.name;
		if (!isTextKind(kind)) return [];
		const { id, by, at } = mark.attrs as Record<string, unknown>;
		return [{ kind, mark, suggested: { id: shortText(id), by: shortText(by), at: moment(at) } }];
	});
}

/** The suggestions that a block, or anything else than text, carries; garbage is none. */
export function blockSuggestions(node: Node): SuggestedBlock[] {
	const written = node.attrs.suggested as unknown;
	if (typeof written !== 'string' || written.length > longestNote) return [];
	try {
		const entries = JSON.parse(written) as unknown;
		return Array.isArray(entries) ? entries.slice(0, 16).flatMap(entryOf) : [];
	} catch {
		return [];
	}
}

function entryOf(entry: unknown): SuggestedBlock[] {
	if (!isRecord(entry) || !isBlockKind(entry.kind)) return [];
	const { kind, id, by, at, was, to } = entry;
	const suggested = { kind, id: shortText(id), by: shortText(by), at: moment(at) };
	if (kind === 'planned') {
		const plan = planOf(to);
		return plan ? [{ ...suggested, to: plan }] : [];
	}
	if (kind !== 'retyped') return [suggested];
	if (!isRecord(was) || typeof was.type !== 'string' || !isRecord(was.attrs)) return [];
	return [{ ...suggested, was: { type: was.type, attrs: was.attrs } }];
}

const holderOf = (holder: unknown): Holder[] =>
	isRecord(holder) && typeof holder.type === 'string' && isRecord(holder.attrs)
		? [{ type: holder.type, attrs: holder.attrs }]
		: [];

function planOf(to: unknown): Plan | null {
	if (!isRecord(to) || typeof to.type !== 'string' || !isRecord(to.attrs) || !Array.isArray(to.within)) return null;
	const within = to.within.slice(0, deepest).flatMap(holderOf);
	const isWell = Number.isInteger(to.shared) && within.length === to.within.length;
	return isWell ? { type: to.type, attrs: to.attrs, within, shared: to.shared as number } : null;
}

/** As it is kept in the attribute of a block. */
export const writtenSuggestions = (entries: readonly SuggestedBlock[]): string | null =>
	entries.length > 0 ? JSON.stringify(entries) : null;

/** Whether so much can be noted about one block. */
export const canBeNoted = (entries: readonly SuggestedBlock[]): boolean =>
	entries.length <= 16 &&
	(writtenSuggestions(entries)?.length ?? 0) <= longestNote &&
	entries.every(({ to }) => !to || to.within.length <= deepest);

/** What a line takes along that is parted off another: where that one shall stand, it shall stand, too. */
export function carriedOn($at: ResolvedPos, by: string): SuggestedBlock[] {
	const line = $at.parent;
	const holders: string[] = [];
	for (let depth = $at.depth - 1; depth > 0 && !$at.node(depth).type.spec.isolating; depth--)
		holders.unshift($at.node(depth).type.name);
	return blockSuggestions(line).flatMap((entry) => {
		if (entry.kind !== 'planned' || entry.by !== by || !entry.to) return [];
		const { within } = entry.to;
		if (holders.length === within.length && within.every(({ type }, level) => type === holders[level])) return [];
		const item = within.findLastIndex(({ type }) => isItem(type));
		const { suggested: _, ...attrs } = line.attrs;
		return [{ ...entry, to: { type: line.type.name, attrs, within, shared: item < 0 ? within.length : item } }];
	});
}

/** What text was before its form was changed: the marks, as JSON. */
export const writtenMarks = (marks: readonly TextMark[]): string =>
	JSON.stringify(formOf(marks).map(({ type, attrs }) => [type.name, attrs]));

/** Marks that give a form, without those of suggestions. */
export const formOf = (marks: readonly TextMark[]): TextMark[] => marks.filter(({ type }) => !isTextKind(type.name));

/** Marks of suggestions carry no form of their own into what is pasted, so they are read from no HTML. */
const suggestionMark = (name: TextKind, tag: string, more: Record<string, { default: unknown; rendered: false }> = {}) =>
	Mark.create({
		name,
		// What is written beside it is no part of it.
		inclusive: false,
		priority: 2_000,
		addAttributes: () => ({
			id: { default: '', rendered: false },
			by: { default: '', rendered: false },
			at: { default: 0, rendered: false },
			...more
		}),
		renderHTML: ({ mark }) => [tag, { class: `suggested ${name}`, 'data-suggestion': suggestionsOn([mark])[0]?.suggested.id }, 0]
	});

const SuggestedBlocks = Extension.create({
	name: 'suggestedBlocks',
	addGlobalAttributes: () => [
		{
			types: 'nodes',
			attributes: {
				suggested: { default: null, rendered: false, keepOnSplit: false, parseHTML: () => null }
			}
		}
	]
});

/** What a text with suggestions may hold beside its own. */
export const suggestionForm = (): Extensions => [
	suggestionMark('insertion', 'ins'),
	suggestionMark('deletion', 'del'),
	suggestionMark('change', 'span', { was: { default: '[]', rendered: false } }),
	SuggestedBlocks
];

/** Lets code, which by itself takes no marks, be suggested upon: words in a line, and blocks. */
export const withSuggestions = <Kit extends Extension>(kit: Kit): Kit =>
	kit.extend({
		addExtensions() {
			const parts = (this.parent as (() => AnyExtension[]) | undefined)?.() ?? [];
			return parts.map((part) => {
				if (part.name === 'code') return (part as Mark).extend({ excludes: 'code bold italic strike underline link' });
				return part.name === 'codeBlock' ? (part as BlockKit).extend({ marks: 'insertion deletion' }) : part;
			});
		}
	}) as Kit;

/**
 * Stretches of a range that somebody else wrote, as is known for sure: a mark may have come to lie on others' words
 * where two changed its edge at once.
 */
export function foreignIn(
	authored: readonly AuthoredRange[],
	{ from, to, by }: { from: number; to: number; by: string }
): { from: number; to: number }[] {
	return authored
		.filter((range) => range.from < to && range.to > from && range.personId !== '' && range.personId !== by)
		.map((range) => ({ from: Math.max(from, range.from), to: Math.min(to, range.to) }));
}
