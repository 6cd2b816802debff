import * as Y from 'yjs';
import { linksOf, nodesOf, origin, removedOf, setNote, setText, settingsOf, wordsOf } from './document.ts';
import { forest } from './document.ts';
import { markerKinds } from './forest.ts';
import type { Forest, MapNode } from './forest.ts';

/** Makes a map what it was at another moment, in one act; every node keeps its id, and its words what they have in common. */
export function replaceMap(doc: Y.Doc, wanted: Forest): void {
	const now = forest(doc);
	doc.transact(() => {
		for (const [id, node] of now.nodes)
			if (!wanted.nodes.has(id)) removedOf(doc).set(id, { seen: wordsOf(node.text, node.note) });
		for (const node of wanted.nodes.values()) bringBack(doc, node);
		for (const id of [...linksOf(doc).keys()]) if (!wanted.links.some((link) => link.id === id)) linksOf(doc).delete(id);
		for (const { id, from, to, text } of wanted.links) {
			const known = linksOf(doc).get(id);
			if (!(known instanceof Y.Map)) linksOf(doc).set(id, new Y.Map(Object.entries({ from, to, text })));
			else if (known.get('text') !== text) known.set('text', text);
		}
		if (wanted.layout !== null && settingsOf(doc).get('layout') !== wanted.layout) settingsOf(doc).set('layout', wanted.layout);
	}, origin);
}

function bringBack(doc: Y.Doc, wanted: MapNode): void {
	const { id } = wanted;
	let node = nodesOf(doc).get(id);
	if (!(node instanceof Y.Map) || !(node.get('text') instanceof Y.Text)) {
		nodesOf(doc).set(id, (node = new Y.Map<unknown>()));
		node.set('text', new Y.Text(wanted.text));
		node.set('note', new Y.Text(wanted.note));
	}
	if (removedOf(doc).has(id)) removedOf(doc).delete(id);
	setText(doc, id, wanted.text);
	if (wanted.note !== '' || node.get('note') instanceof Y.Text) setNote(doc, id, wanted.note);
	const { parent, order, color, collapsed, at, frame, href, image } = wanted;
	const over = wanted.raw.over;
	const fields: Record<string, unknown> = { order, color, collapsed: collapsed || null, at, over, frame, href, image };
	for (const kind of markerKinds) fields[kind] = wanted.markers[kind] ?? null;
	if ((node.get('parent') ?? null) !== parent) node.set('parent', parent);
	for (const [key, value] of Object.entries(fields)) {
		const known = node.get(key) ?? null;
		if (JSON.stringify(known) === JSON.stringify(value)) continue;
		if (value === null) node.delete(key);
		else node.set(key, value);
	}
}
