import * as Y from 'yjs';

/**
 * Lets what is written by undoing name its true neighbours. Where a parent was made anew, Yjs takes them from the old
 * one, and once in thousands of histories they stand in the new one the other way round, or are one and the same: then
 * devices that hear of the change in another order show another text.
 */
export function keepUndoneInPlace(doc: Y.Doc): void {
	doc.on('beforeObserverCalls', (transaction: Y.Transaction) => {
		if (!(transaction.origin instanceof Y.UndoManager)) return;
		const own = doc.clientID;
		const from = transaction.beforeState.get(own) ?? 0;
		const structs = doc.store.clients.get(own);
		if (!structs || Y.getState(doc.store, own) === from) return;
		for (let index = Y.findIndexSS(structs, from); index < structs.length; index++) {
			const item = structs[index];
			if (item instanceof Y.Item && item.parentSub === null) nameNeighbours(item);
		}
	});
}

function nameNeighbours(item: Y.Item): void {
	const isLater = ({ id }: Y.Item) => id.client === item.id.client && id.clock > item.id.clock;
	let { left, right } = item;
	while (left && isLater(left)) left = left.left;
	while (right && isLater(right)) right = right.right;
	item.origin = left && left.lastId;
	item.rightOrigin = right && right.id;
}
