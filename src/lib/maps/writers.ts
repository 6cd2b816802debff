import * as Y from 'yjs';
import { charactersIn } from '#lib/documents/characters.ts';

/** How many characters each Yjs client id has in a node, in its text and in its note. */
export function writersOf(node: Y.Map<unknown>): Map<number, number> {
	const clients = new Map<number, number>();
	for (const text of [node.get('text'), node.get('note')]) {
		if (!(text instanceof Y.Text)) continue;
		for (let item = text._start; item; item = item.right)
			if (!item.deleted && item.content instanceof Y.ContentString)
				clients.set(item.id.client, (clients.get(item.id.client) ?? 0) + charactersIn(item.content.str));
	}
	return clients;
}
