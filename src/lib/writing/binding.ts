import { Fragment, Slice } from '@tiptap/pm/model';
import type { Node, Schema } from '@tiptap/pm/model';
import type { EditorView } from '@tiptap/pm/view';
import type { Transaction } from '@tiptap/pm/state';
import { ReplaceStep } from '@tiptap/pm/transform';
import { ySyncPluginKey } from '@tiptap/y-tiptap';
import * as Y from 'yjs';
import { followSelection } from '#lib/documents/keeper.ts';

/** What is kept of the selection while an edit of somebody else is shown. */
interface KeptSelection {
	anchor?: Y.RelativePosition | null;
	head?: Y.RelativePosition | null;
	absAnchor?: number | null;
	absHead?: number | null;
}

/** The parts of y-tiptap's binding that are amended here; none has a public name. */
export interface Binding {
	type: Y.XmlFragment;
	mapping: Map<unknown, unknown>;
	prosemirrorView: EditorView | null;
	beforeTransactionSelection: KeptSelection | null;
	_observeFunction: Observer;
	_prosemirrorChanged(doc: Node): void;
	readonly _tr: Transaction;
}
type Observer = (events: Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) => void;

/** Amends the binding between the page and the shared text, once it is bound. */
export function amendBinding(binding: Binding): void {
	trustPositions(binding);
	keepWhatStays(binding);
	beginLines(binding);
}

/**
 * Lets the caret stay where Yjs knows it to be. The binding would rather trust a paragraph that reads like the
 * caret's own, and in a class where everybody writes the same line it finds that of another. A selection that it does
 * not know, as that of cells, moves with the text instead.
 */
function trustPositions(binding: Binding): void {
	let kept = binding.beforeTransactionSelection;
	Object.defineProperty(binding, 'beforeTransactionSelection', {
		get: () => kept,
		set: (selection: KeptSelection | null) => {
			const isOfCells = '$anchorCell' in (binding.prosemirrorView?.state.selection ?? {});
			kept = selection && !isOfCells ? { ...selection, absAnchor: null, absHead: null } : null;
		}
	});
}

/**
 * Makes anew only what an edit of somebody else has changed, and replaces no more than that. The binding would read the
 * whole text again and put it in place of the whole page: in a long text each letter of a class would cost as much as
 * opening it, and whatever hangs on a place would lose it.
 */
function keepWhatStays(binding: Binding): void {
	const observe = binding._observeFunction;
	const { mapping } = binding;
	binding.type.unobserveDeep(observe);
	binding._observeFunction = (events, transaction) => {
		// Of what has changed, and of all that holds it, the binding forgets the picture by itself.
		mapping.clear = () => undefined;
		keepCaretInLine(binding, transaction);
		try {
			observe(events, transaction);
		} finally {
			Reflect.deleteProperty(mapping, 'clear');
		}
		const shown = binding.prosemirrorView?.state.doc;
		if (shown) pair(mapping, binding.type, shown);
	};
	binding.type.observeDeep(binding._observeFunction);
	const begin = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(binding), '_tr')?.get;
	if (!begin) throw new Error('the binding begins its transactions in another way');
	Object.defineProperty(binding, '_tr', {
		get: () => {
			const transaction = begin.call(binding) as Transaction;
			const replace = transaction.replace.bind(transaction);
			transaction.replace = (from, to, slice = Slice.empty) => {
				const isWhole = from === 0 && to === transaction.doc.content.size && slice.openStart + slice.openEnd === 0;
				if (isWhole && narrow(transaction, slice.content)) return transaction;
				return replace(from, to, slice);
			};
			return transaction;
		}
	});
}

/**
 * Ties what is shared to what is shown for it. Where lines read alike, as empty ones do, what was replaced on the page may
 * be another of them than the one that is new: the binding would take those that it does not know again for others, and
 * with the next letter write them anew.
 */
function pair(mapping: Map<unknown, unknown>, type: Y.XmlFragment, node: Node): void {
	const parts = type.toArray().filter((part) => part instanceof Y.XmlElement);
	const shown = node.children.filter((child) => !child.isText);
	if (parts.length !== shown.length) return;
	for (const [index, part] of parts.entries()) {
		const child = shown[index];
		if (!child || mapping.get(part) === child) continue;
		mapping.set(part, child);
		pair(mapping, part, child);
	}
}

/** Who has the caret in a line that somebody else makes a heading of has it in the heading. */
function keepCaretInLine(binding: Binding, transaction: Y.Transaction): void {
	const kept = binding.beforeTransactionSelection;
	if (!kept?.anchor || !kept.head) return;
	const { anchor, head } = kept;
	binding.beforeTransactionSelection = { ...kept, ...followSelection(transaction, { anchor, head }) };
}

/**
 * Gives each new line its text at once, while it is empty. The binding would make one for the first letter: two who
 * begin a line at the same time would make two, and each of their editors would then make one of them, which doubles
 * the words.
 */
function beginLines(binding: Binding): void {
	const changed = binding._prosemirrorChanged.bind(binding);
	binding._prosemirrorChanged = (doc) => {
		const { doc: shared } = binding.type;
		shared?.transact(() => {
			const { clientID, store } = shared;
			const before = Y.getState(store, clientID);
			changed(doc);
			if (Y.getState(store, clientID) === before) return;
			const made = store.clients.get(clientID) ?? [];
			const lines = made.slice(Y.findIndexSS(made, before)).flatMap((item) => emptyLineOf(item, doc.type.schema));
			for (const line of lines) line.insert(0, [new Y.XmlText()]);
		}, ySyncPluginKey);
	};
}

function emptyLineOf(struct: Y.Item | Y.GC, { nodes }: Schema): Y.XmlElement[] {
	if (!(struct instanceof Y.Item) || struct.deleted || !(struct.content instanceof Y.ContentType)) return [];
	const { type } = struct.content;
	return type instanceof Y.XmlElement && type.length === 0 && nodes[type.nodeName]?.inlineContent ? [type] : [];
}

/** Replaces where the content differs; false when that is not possible. */
function narrow(transaction: Transaction, content: Fragment): boolean {
	const { doc } = transaction;
	const step = differenceOf(doc, content);
	if (!step) return true;
	try {
		return transaction.maybeStep(step).failed === null;
	} catch {
		return false;
	}
}

/** The step from a document to one with another content; null when they are the same. */
export function differenceOf(doc: Node, content: Fragment): ReplaceStep | null {
	const start = doc.content.findDiffStart(content);
	const end = doc.content.findDiffEnd(content);
	if (start === null || end === null) return null;
	// Where something is repeated, the same part looks unchanged from both sides.
	const overlap = Math.max(0, start - Math.min(end.a, end.b));
	const { content: between, openStart, openEnd } = doc.copy(content).slice(start, end.b + overlap);
	return new ReplaceStep(start, end.a + overlap, new Slice(fresh(between), openStart, openEnd));
}

/** The same content in nodes of its own: where lines read alike, one of these may be in the document already. */
function fresh(content: Fragment): Fragment {
	const nodes: Node[] = [];
	content.forEach((node) => nodes.push(node.isText ? node : node.type.create(node.attrs, fresh(node.content), node.marks)));
	return Fragment.from(nodes);
}
