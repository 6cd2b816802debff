import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as Y from 'yjs';
import { textOf } from '#lib/writing/document.ts';

type Patch = [position: number, deleted: number, inserted: string];

/**
 * The edits of a long text, one patch each: those of a trace file (JSON of josephg/editing-traces, gzipped), or
 * as many made up: somebody who types, corrects, and goes back.
 */
export function edits(path: string | null, count = 259_778): Patch[] {
	if (path) {
		const { txns } = JSON.parse(gunzipSync(readFileSync(path)).toString()) as { txns: { patches: Patch[] }[] };
		return txns.flatMap(({ patches }) => patches);
	}
	let state = 1;
	const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
	const patches: Patch[] = [];
	let length = 0;
	let caret = 0;
	while (patches.length < count) {
		if (random(60) === 0) caret = random(length + 1);
		const remove = caret > 0 && random(10) < 3;
		if (remove) patches.push([--caret, 1, '']);
		else patches.push([caret++, 0, random(70) === 0 ? '\n' : String.fromCharCode(0x4e00 + random(3000))]);
		length += remove ? -1 : 1;
	}
	return patches;
}

/**
 * Writes edits of a plain text as an editor does it: a paragraph for each line, which Enter parts and Backspace
 * joins. Returns one update for each edit, and the state after the last.
 */
export function updatesOf(patches: readonly Patch[]): { updates: Uint8Array[]; state: Uint8Array } {
	const doc = new Y.Doc();
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	const text = textOf(doc);
	const lines: Y.XmlText[] = [];
	const lengths: number[] = [];
	const makeLine = (index: number, words: string) => {
		const line = new Y.XmlText(words);
		const paragraph = new Y.XmlElement('paragraph');
		paragraph.insert(0, [line]);
		text.insert(index, [paragraph]);
		lines.splice(index, 0, line);
		lengths.splice(index, 0, words.length);
	};
	const find = (position: number): [line: number, offset: number] => {
		let line = 0;
		for (; position > (lengths[line] ?? 0) && line < lengths.length - 1; line++) position -= (lengths[line] ?? 0) + 1;
		return [line, position];
	};
	const remove = (position: number, count: number) => {
		while (count > 0) {
			const [line, offset] = find(position);
			const inLine = Math.min(count, (lengths[line] ?? 0) - offset);
			if (inLine > 0) {
				lines[line]?.delete(offset, inLine);
				lengths[line] = (lengths[line] ?? 0) - inLine;
			} else {
				const tail = lines[line + 1]?.toString() ?? '';
				text.delete(line + 1, 1);
				lines.splice(line + 1, 1);
				lengths.splice(line + 1, 1);
				if (tail) lines[line]?.insert(offset, tail);
				lengths[line] = offset + tail.length;
			}
			count -= Math.max(1, inLine);
		}
	};
	const insert = (position: number, words: string) => {
		for (const [index, part] of words.split('\n').entries()) {
			if (index > 0) {
				const [line, offset] = find(position);
				const tail = lines[line]?.toString().slice(offset) ?? '';
				if (tail) lines[line]?.delete(offset, tail.length);
				lengths[line] = offset;
				makeLine(line + 1, tail);
				position++;
			}
			if (part === '') continue;
			const [line, offset] = find(position);
			lines[line]?.insert(offset, part);
			lengths[line] = (lengths[line] ?? 0) + part.length;
			position += part.length;
		}
	};
	doc.transact(() => makeLine(0, ''));
	for (const [position, deleted, inserted] of patches)
		doc.transact(() => {
			if (deleted > 0) remove(position, deleted);
			if (inserted) insert(position, inserted);
		});
	return { updates, state: Y.encodeStateAsUpdate(doc) };
}
