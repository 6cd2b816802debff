import type { Mark, Node, Schema } from '@tiptap/pm/model';
import { ReplaceStep } from '@tiptap/pm/transform';
import type { Transform } from '@tiptap/pm/transform';
import type { AuthoredRange } from '#lib/documents/places.ts';
import { joinBefore } from './join.ts';
import { leavesOf, rebuilt, roomsOf } from './structure.ts';
import type { Leaf } from './structure.ts';
import { blockSuggestions, foreignIn, formOf, suggestionsOn, writtenSuggestions } from './suggestion.ts';
import type { BlockKind, Suggested, SuggestedBlock, TextKind } from './suggestion.ts';

/** A piece of a suggestion in the text. */
export type Piece = Suggested & { from: number; to: number } & (
		{ kind: TextKind; text: string; mark: Mark } | { kind: BlockKind; node: Node; parent: string | null; entry: SuggestedBlock }
	);

/** Every piece of every suggestion, from the beginning of the text to its end. */
export function suggestionPieces(doc: Node): Piece[] {
	const pieces: Piece[] = [];
	doc.descendants((node, pos, parent) => {
		const place = { from: pos, to: pos + node.nodeSize };
		if (node.isText)
			for (const { kind, mark, suggested } of suggestionsOn(node.marks))
				pieces.push({ kind, mark, text: node.text ?? '', ...suggested, ...place });
		else
			for (const entry of blockSuggestions(node))
				pieces.push({ ...entry, node, parent: parent?.type.name ?? null, entry, ...place });
	});
	return pieces;
}

/**
 * Accepts or refuses suggestions. Accepting takes a mark off and what shall go away; the text itself stays as it was
 * written, and so stays its author's. `authored` says who wrote what, as is known for sure: of what is refused, only
 * words of whoever suggested them go, though a mark may have come to lie on others'.
 */
export function resolveSuggestions(
	tr: Transform,
	accept: boolean,
	chosen: (piece: Piece) => boolean = () => true,
	authored: readonly AuthoredRange[] = []
): void {
	const all = suggestionPieces(tr.doc).filter(chosen);
	const planned = all.filter(({ kind }) => kind === 'planned');
	const [meeting, pieces] = [[] as Piece[], [] as Piece[]];
	for (const piece of all)
		if (piece.kind !== 'planned') (piece.kind === 'parted' || piece.kind === 'joined' ? meeting : pieces).push(piece);
	const begun = tr.mapping.maps.length;
	// From the end, so that the places before stay where they are; of one place text and forms before the block.
	for (const piece of pieces.toReversed()) resolvePiece(tr, piece, accept, authored);
	// Paragraphs meet once what stood between them is gone.
	const moved = meeting.map((piece) => ({ ...piece, from: tr.mapping.slice(begun).map(piece.from) }));
	for (const piece of moved.toReversed()) resolvePiece(tr, piece, accept, authored);
	// What shall stand otherwise is put there last, when it is known what there is.
	for (const id of new Set(planned.map((piece) => piece.id))) resolvePlans(tr, id, accept);
}

/** Lets all blocks of one suggestion stand as it says, where that is possible; and says so no longer. */
function resolvePlans(tr: Transform, id: string, accept: boolean): void {
	const planned = ({ node }: Leaf) => {
		const entries = blockSuggestions(node);
		const plan = entries.find((entry) => entry.kind === 'planned' && entry.id === id)?.to;
		return plan ? { plan, suggested: writtenSuggestions(entries.filter((entry) => entry.to !== plan)) } : null;
	};
	for (const room of roomsOf(tr.doc).toReversed()) {
		const leaves = leavesOf(room).filter((leaf) => planned(leaf));
		if (leaves.length === 0) continue;
		const content = accept ? rebuilt(room, planned) : null;
		const from = content && room.node.content.findDiffStart(content);
		if (content && typeof from === 'number') {
			const end = room.node.content.findDiffEnd(content) ?? { a: from, b: from };
			// Where something is repeated, the same part looks unchanged from both sides.
			const overlap = Math.max(0, from - Math.min(end.a, end.b));
			const slice = room.node.copy(content).slice(from, end.b + overlap);
			tr.step(new ReplaceStep(room.start + from, room.start + end.a + overlap, slice));
		} else for (const leaf of leaves) tr.setNodeAttribute(leaf.pos, 'suggested', planned(leaf)?.suggested ?? null);
	}
}

function resolvePiece(tr: Transform, piece: Piece, accept: boolean, authored: readonly AuthoredRange[]): void {
	if ('mark' in piece) return resolveText(tr, piece, accept, authored);
	const { from } = piece;
	const node = tr.doc.nodeAt(from);
	const others = node && blockSuggestions(node);
	if (!node || !others?.some(({ kind, id }) => kind === piece.kind && id === piece.id)) return;
	const rest = writtenSuggestions(others.filter(({ kind, id }) => kind !== piece.kind || id !== piece.id));
	tr.setNodeAttribute(from, 'suggested', rest);
	const goes = accept ? piece.kind === 'removed' : piece.kind === 'added';
	const joins = accept ? piece.kind === 'joined' : piece.kind === 'parted';
	if (goes) removeWhole(tr, from);
	else if (joins) joinBefore(tr, from);
	else if (!accept && piece.kind === 'retyped') retypeBack(tr, from, piece.entry, rest);
}

function resolveText(tr: Transform, piece: Piece & { mark: Mark }, accept: boolean, authored: readonly AuthoredRange[]): void {
	// The text may be gone by now, with another suggestion on it.
	const there = tr.doc.nodeAt(piece.from);
	if (!there?.isText || !piece.mark.isInSet(there.marks) || piece.from + there.nodeSize < piece.to) return;
	const { from, to, mark } = piece;
	const goes = accept ? piece.kind === 'deletion' : piece.kind === 'insertion';
	if (goes) return removeText(tr, piece, piece.kind === 'insertion' ? authored : []);
	if (!accept && piece.kind === 'change') {
		const was = marksOf(mark.attrs.was, tr.doc.type.schema);
		for (const one of formOf(there.marks)) if (!one.isInSet(was)) tr.removeMark(from, to, one);
		for (const one of was) tr.addMark(from, to, one);
	}
	tr.removeMark(from, to, mark);
}

/** Takes text away, but for what others wrote: that stays, without the mark. */
function removeText(tr: Transform, { from, to, by, mark }: Piece & { mark: Mark }, authored: readonly AuthoredRange[]): void {
	let end = to;
	for (const foreign of foreignIn(authored, { from, to, by }).toReversed()) {
		if (foreign.to < end) tr.delete(foreign.to, end);
		tr.removeMark(foreign.from, foreign.to, mark);
		end = foreign.from;
	}
	if (from < end) tr.delete(from, end);
}

/** The marks that text had, as far as they make sense: any client may have written them. */
function marksOf(written: unknown, schema: Schema): Mark[] {
	try {
		const named = JSON.parse(String(written)) as unknown;
		if (!Array.isArray(named)) return [];
		return formOf(
			named.slice(0, 20).flatMap((one: unknown) => {
				const [name, attrs] = Array.isArray(one) ? (one as [unknown, unknown]) : [];
				const type = typeof name === 'string' ? schema.marks[name] : undefined;
				return type ? [type.create(attrs as Record<string, unknown> | null)] : [];
			})
		);
	} catch {
		return [];
	}
}

/** Takes a table, a row or an image away, and what held nothing else; a text keeps one paragraph at least. */
function removeWhole(tr: Transform, pos: number): void {
	const node = tr.doc.nodeAt(pos);
	if (!node) return;
	const $pos = tr.doc.resolve(pos);
	if (node.type.spec.tableRole !== 'table' && $pos.parent.type.spec.tableRole && $pos.parent.childCount === 1)
		return removeWhole(tr, $pos.before());
	if ($pos.parent.canReplace($pos.index(), $pos.index() + 1)) tr.delete(pos, pos + node.nodeSize);
	else {
		const paragraph = tr.doc.type.schema.nodes.paragraph?.create();
		if (paragraph) tr.replaceWith(pos, pos + node.nodeSize, paragraph);
	}
}

function retypeBack(tr: Transform, pos: number, { was }: SuggestedBlock, rest: string | null): void {
	const node = tr.doc.nodeAt(pos);
	const type = was && tr.doc.type.schema.nodes[was.type];
	const fits = node && type && type.isTextblock === node.isTextblock && type.validContent(node.content);
	if (!fits) return;
	const $pos = tr.doc.resolve(pos);
	if ($pos.parent.canReplaceWith($pos.index(), $pos.index() + 1, type))
		tr.setNodeMarkup(pos, type, { ...was.attrs, suggested: rest });
}
