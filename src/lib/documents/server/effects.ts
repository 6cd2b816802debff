import * as Y from 'yjs';
import { movedText } from '../authorship.ts';
import type { Authorship } from '../authorship.ts';
import { charactersIn } from '../characters.ts';
import type { DocumentKind } from '../model.ts';
import { changedText } from '../moved.ts';
import type { Run } from '../moved.ts';
import type { UpdateEffects } from './table.ts';

/**
 * Runs a change of a document and counts what it did. `authors` knows who wrote what before; text of nobody
 * known counts as deleted from `''`. Text that the change only moves is neither inserted nor deleted.
 */
export function measure(doc: Y.Doc, kind: DocumentKind, authors: Authorship, change: () => void): UpdateEffects {
	const effects: UpdateEffects = {
		inserted: 0,
		deleted: {},
		nodesCreated: [],
		nodesMoved: [],
		nodesLinked: [],
		nodesDeleted: []
	};
	let counted = false;
	const count = (transaction: Y.Transaction) => {
		// Only the change itself: Yjs may tidy up formats in a transaction that follows.
		if (counted) return;
		counted = true;
		const { inserted, deleted, moves } = changedText(transaction);
		effects.inserted = inserted.reduce((sum, { text }) => sum + charactersIn(text), 0);
		effects.deleted = byAuthor(deleted, authors);
		const moved = moves.flatMap((move) => movedText(move, authors));
		if (moved.length > 0) effects.moved = moved;
	};
	const stop = kind === 'map' ? observeMap(doc, effects) : kind === 'board' ? observeBoard(doc, effects) : () => undefined;
	doc.on('afterTransaction', count);
	try {
		change();
	} finally {
		doc.off('afterTransaction', count);
		stop();
	}
	return effects;
}

/** Whether anything was counted. */
export const hasEffects = (effects: UpdateEffects): boolean =>
	effects.inserted > 0 || [effects.deleted, ...nodeLists(effects)].some((part) => Object.keys(part).length > 0);

const nodeLists = (effects: UpdateEffects): string[][] => [
	effects.nodesCreated,
	effects.nodesMoved,
	effects.nodesLinked,
	effects.nodesDeleted
];

function byAuthor(runs: readonly Run[], authors: Authorship): Record<string, number> {
	const characters: Record<string, number> = {};
	for (const { text, pieces } of runs) {
		let at = 0;
		for (const { length, personId } of pieces.flatMap((piece) => authors.of(piece))) {
			characters[personId] = (characters[personId] ?? 0) + charactersIn(text.slice(at, (at += length)));
		}
	}
	return characters;
}

/** A map is `nodes` (node id → Y.Map with text, parent, order …) and `links`; see `maps/document.ts`. */
function observeMap(doc: Y.Doc, effects: UpdateEffects): () => void {
	const nodes = doc.getMap('nodes');
	const links = doc.getMap('links');
	const onNodes = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
		for (const event of events) {
			if (event.target === nodes) {
				effects.nodesCreated.push(...keysOf(event, 'add'));
				effects.nodesDeleted.push(...keysOf(event, 'delete'));
			} else if (event.target.parent === nodes && (event.keys.has('parent') || event.keys.has('order'))) {
				effects.nodesMoved.push(String(event.path[0]));
			}
		}
		const created = new Set(effects.nodesCreated);
		effects.nodesMoved = effects.nodesMoved.filter((node) => !created.has(node));
	};
	const onLinks = (event: Y.YMapEvent<unknown>) => effects.nodesLinked.push(...keysOf(event, 'add'));
	// A node that is removed keeps its words, and comes back when the mark is taken away.
	const onRemoved = (event: Y.YMapEvent<unknown>) => {
		effects.nodesDeleted.push(...keysOf(event, 'add').filter((key) => nodes.has(key)));
		effects.nodesCreated.push(...keysOf(event, 'delete').filter((key) => nodes.has(key)));
	};
	const removed = doc.getMap('removed');
	nodes.observeDeep(onNodes);
	links.observe(onLinks);
	removed.observe(onRemoved);
	return () => {
		nodes.unobserveDeep(onNodes);
		links.unobserve(onLinks);
		removed.unobserve(onRemoved);
	};
}

/** A board is `elements` (element id → Y.Map); see `boards/document.ts`. */
function observeBoard(doc: Y.Doc, effects: UpdateEffects): () => void {
	const elements = doc.getMap('elements');
	const onElements = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
		const own = events.find(({ target }) => target === elements);
		if (own) {
			effects.nodesCreated.push(...keysOf(own, 'add'));
			effects.nodesDeleted.push(...keysOf(own, 'delete'));
		}
		const changed = new Set(events.filter((event) => event !== own).map(({ path }) => String(path[0])));
		effects.nodesMoved.push(...changed, ...(own ? keysOf(own, 'update') : []));
	};
	elements.observeDeep(onElements);
	return () => elements.unobserveDeep(onElements);
}

const keysOf = (event: Pick<Y.YEvent<Y.AbstractType<unknown>>, 'changes'>, action: 'add' | 'delete' | 'update'): string[] =>
	[...event.changes.keys].filter(([, change]) => change.action === action).map(([key]) => key);
