import { m } from '#lib/i18n/generated/messages.js';
import { calloutKind } from './blocks/callout.ts';
import type { Piece } from './resolve.ts';
import { isItem } from './structure.ts';
import type { Holder, Plan } from './structure.ts';

/** What a piece of a suggestion changes, in words; null for text that comes or goes, which speaks for itself. */
export function changeOf(piece: Piece): string | null {
	if ('mark' in piece) return piece.kind === 'change' ? m['comments.kind.change']() : null;
	if (piece.kind === 'planned') return piece.entry.to ? plannedWords(piece.entry.to, piece.parent, piece.node.type.name) : null;
	if (piece.kind !== 'added' && piece.kind !== 'removed') return m[`comments.kind.${piece.kind}`]();
	return m[`comments.kind.${piece.kind}`]({ what: thingCalled(piece.node.type.name) });
}

function thingCalled(name: string): string {
	if (name === 'picture') return m['writing.picture']();
	if (name === 'attachment') return m['writing.file']();
	if (name === 'table') return m['writing.tableName']();
	if (name === 'tableRow') return m['comments.what.row']();
	if (name === 'tableCell' || name === 'tableHeader') return m['comments.what.column']();
	if (name === 'formula' || name === 'formulaBlock') return m['comments.what.formula']();
	if (name === 'footnote' || name === 'note') return m['comments.what.note']();
	return m['comments.what.other']();
}

/** Where a block shall stand: of a list or a quote its name, else what becomes of the block. */
export function plannedWords({ type, attrs, within }: Plan, parent: string | null, now: string): string {
	const inner = within.findLast((holder) => !isItem(holder.type));
	const holder = inner && heldBy(inner);
	const isHeld = parent !== null && parent !== 'doc' && !parent.startsWith('table');
	const block = type === now && (holder || isHeld) ? null : lineCalled(type, attrs);
	if (holder) return m['comments.plan.into']({ what: block ? `${holder}·${block}` : holder });
	return block ? m['comments.plan.into']({ what: block }) : m['comments.plan.out']();
}

function heldBy({ type, attrs }: Holder): string | null {
	if (type === 'bulletList') return m['writing.bullets']();
	if (type === 'orderedList') return m['writing.numbers']();
	if (type === 'taskList') return m['writing.tasks']();
	if (type === 'blockquote') return m['writing.quote']();
	return type === 'callout' ? m[`writing.callout.${calloutKind(attrs.kind)}`]() : null;
}

function lineCalled(type: string, attrs: Readonly<Record<string, unknown>>): string {
	if (type === 'heading') return m['writing.heading']({ level: Number(attrs.level) || 1 });
	return type === 'codeBlock' ? m['writing.code']() : m['writing.paragraph']();
}
