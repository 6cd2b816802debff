import * as Y from 'yjs';

/**
 * What a reader of a document sees, whatever the types of its roots: for every root its list, texts joined
 * and with their formats, and its keys. Two documents with the same content have the same JSON.
 */
export function contentOf(doc: Y.Doc): string {
	const roots = [...doc.share.keys()].sort().map((name) => [name, typeContent(doc.share.get(name) as Y.AbstractType<unknown>)]);
	return JSON.stringify(roots.filter(([, content]) => content !== null));
}

type Content = { name?: string; list?: unknown[]; keys?: [string, unknown][] } | null;

function typeContent(type: Y.AbstractType<unknown>): Content {
	const list = listContent(type._start);
	const keys = [...type._map.keys()].sort().flatMap((key): [string, unknown][] => {
		const item = type._map.get(key);
		return item && !item.deleted ? [[key, itemContent(item).at(-1)]] : [];
	});
	const name = type instanceof Y.XmlElement ? type.nodeName : undefined;
	if (list.length === 0 && keys.length === 0 && name === undefined) return null;
	return { name, list, keys };
}

function listContent(first: Y.Item | null): unknown[] {
	const list: unknown[] = [];
	const format = new Map<string, unknown>();
	let text = '';
	const endText = () => {
		if (text) list.push([text, [...format].sort(([a], [b]) => (a < b ? -1 : 1))]);
		text = '';
	};
	for (let item = first; item; item = item.right) {
		if (item.deleted) continue;
		const { content } = item;
		if (content instanceof Y.ContentString) text += content.str;
		else if (content instanceof Y.ContentFormat) {
			// A format that changes nothing may be there in one replica and tidied away in another.
			if (JSON.stringify(format.get(content.key) ?? null) === JSON.stringify(content.value)) continue;
			endText();
			if (content.value === null) format.delete(content.key);
			else format.set(content.key, content.value);
		} else {
			endText();
			list.push(...itemContent(item));
		}
	}
	endText();
	return list;
}

const itemContent = (item: Y.Item): unknown[] =>
	item.content
		.getContent()
		.map((value: unknown) => (value instanceof Y.AbstractType ? (typeContent(value) ?? {}) : (value ?? null)));
