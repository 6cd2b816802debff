import * as Y from 'yjs';
import type { DocumentKind } from '../model.ts';
import type { UpdateEffects } from './table.ts';

/** Code points, so that a Chinese character and an emoji count as one each. */
export const charactersIn = (text: string): number => {
	let count = 0;
	for (const _ of text) count++;
	return count;
};

/**
 * Runs a change of a document and counts what it did. `authorOf` names who wrote under a Yjs client id;
 * text of nobody known counts as deleted from `''`.
 */
export function measure(
	doc: Y.Doc,
	kind: DocumentKind,
	authorOf: (clientId: number) => string | undefined,
	change: () => void
): UpdateEffects {
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
		effects.inserted = inserted(transaction);
		effects.deleted = deleted(transaction, authorOf);
	};
	const stopMap = kind === 'map' ? observeMap(doc, effects) : () => undefined;
	doc.on('afterTransaction', count);
	try {
		change();
	} finally {
		doc.off('afterTransaction', count);
		stopMap();
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

function inserted({ beforeState, afterState, doc }: Y.Transaction): number {
	let characters = 0;
	for (const [client, after] of afterState) {
		const before = beforeState.get(client) ?? 0;
		if (after === before) continue;
		const structs = doc.store.clients.get(client) ?? [];
		for (let index = structs.length - 1; index >= 0; index--) {
			const struct = structs[index];
			if (!struct || struct.id.clock < before) break;
			// What the same change takes back again (letters of a word that an input method composed) was never text.
			if (!struct.deleted) characters += charactersOf(struct);
		}
	}
	return characters;
}

function deleted(transaction: Y.Transaction, authorOf: (clientId: number) => string | undefined): Record<string, number> {
	const characters: Record<string, number> = {};
	Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
		const count = charactersOf(struct);
		const isNew = struct.id.clock >= (transaction.beforeState.get(struct.id.client) ?? 0);
		if (count === 0 || isNew) return;
		const author = authorOf(struct.id.client) ?? '';
		characters[author] = (characters[author] ?? 0) + count;
	});
	return characters;
}

const charactersOf = (struct: Y.Item | Y.GC): number =>
	struct instanceof Y.Item && struct.content instanceof Y.ContentString ? charactersIn(struct.content.str) : 0;

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
	nodes.observeDeep(onNodes);
	links.observe(onLinks);
	return () => {
		nodes.unobserveDeep(onNodes);
		links.unobserve(onLinks);
	};
}

const keysOf = (event: Pick<Y.YEvent<Y.AbstractType<unknown>>, 'changes'>, action: 'add' | 'delete'): string[] =>
	[...event.changes.keys].filter(([, change]) => change.action === action).map(([key]) => key);
