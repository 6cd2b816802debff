import { Extension, Mark } from '@tiptap/core';
import type { AnyExtension, Extensions, Node as BlockKit } from '@tiptap/core';
import type { Mark as TextMark, Node } from '@tiptap/pm/model';
import type { AuthoredRange } from '#lib/documents/places.ts';

/** What was done to text: written, taken away, given another form. */
export const textKinds = ['insertion', 'deletion', 'change'] as const;
export type TextKind = (typeof textKinds)[number];

/**
 * What was done to a block: it begins where a paragraph was parted; it shall be joined to the one before; it was
 * put there as a whole (a table, a line, an image); it shall go as a whole; it was of another kind.
 */
export const blockKinds = ['parted', 'joined', 'added', 'removed', 'retyped'] as const;
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
}

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
	if (typeof written !== 'string' || written.length > 4_000) return [];
	try {
		const entries = JSON.parse(written) as unknown;
		return Array.isArray(entries) ? entries.slice(0, blockKinds.length).flatMap(entryOf) : [];
	} catch {
		return [];
	}
}

function entryOf(entry: unknown): SuggestedBlock[] {
	if (!isRecord(entry) || !isBlockKind(entry.kind)) return [];
	const { kind, id, by, at, was } = entry;
	const suggested = { kind, id: shortText(id), by: shortText(by), at: moment(at) };
	if (kind !== 'retyped') return [suggested];
	if (!isRecord(was) || typeof was.type !== 'string' || !isRecord(was.attrs)) return [];
	return [{ ...suggested, was: { type: was.type, attrs: was.attrs } }];
}

/** As it is kept in the attribute of a block. */
export const writtenSuggestions = (entries: readonly SuggestedBlock[]): string | null =>
	entries.length > 0 ? JSON.stringify(entries) : null;

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
