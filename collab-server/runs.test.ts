import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { contentOf } from '#collab/content.ts';
import { judge } from '#collab/gate.ts';
import { syncMessage, syncSteps } from '#collab/protocol.ts';
import { emptyDocument } from '#collab/replay.ts';
import { mergeRun, runOf } from '#collab/runs.ts';
import { Dice, Writer } from '#collab/test/histories.ts';

const message = (update: Uint8Array) => syncMessage(syncSteps.update, update);

/** Takes updates in as a connection does; returns how many entries the log would get. */
function take(doc: Y.Doc, updates: readonly Uint8Array[]): number {
	let inbox = updates.map(message);
	let entries = 0;
	while (inbox.length > 0) {
		const run = runOf(inbox);
		const update = run.length > 1 ? mergeRun(run) : (updates[updates.length - inbox.length] as Uint8Array);
		const verdict = update && judge(doc, update, () => 'own');
		if (!verdict?.accepted) throw new Error(`refused: ${verdict?.refusal ?? 'it cannot be read'}`);
		Y.applyUpdate(doc, verdict.update);
		if (verdict.news) entries++;
		inbox = inbox.slice(Math.max(run.length, 1));
	}
	return entries;
}

test('whatever is written at once, taken together it is what it is one by one, and never refused', () => {
	let [written, entries] = [0, 0];
	for (let seed = 1; seed <= 60; seed++) {
		const dice = new Dice(seed);
		const [together, alone] = [emptyDocument('text'), emptyDocument('text')];
		const writers = ['林一', '陈二'].map((person) => new Writer(person, dice));
		for (let turn = 0; turn < 6; turn++) {
			const writer = dice.of(writers);
			for (let edits = dice.upTo(40); edits >= 0; edits--) writer.edit();
			const updates = writer.takeOutbox();
			written += updates.length;
			entries += take(together, updates);
			for (const update of updates) Y.applyUpdate(alone, update);
			for (const other of writers) Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(together), 'server');
			expect(contentOf(together), `seed ${seed}`).toBe(contentOf(alone));
			expect(Y.encodeStateVector(together)).toEqual(Y.encodeStateVector(alone));
		}
	}
	expect(entries).toBeLessThan(written * 0.7);
});

test('what deletes is never taken together with what writes, and other messages end a run', () => {
	const doc = new Y.Doc();
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	const text = doc.getText('text');
	for (const character of '春眠不觉晓') text.insert(text.length, character);
	text.delete(1, 1);
	text.delete(1, 1);
	text.insert(0, '又');
	const inbox = updates.map(message);
	const lengths: number[] = [];
	for (let left = inbox; left.length > 0; left = left.slice(lengths.at(-1))) lengths.push(runOf(left).length);
	expect(lengths).toEqual([5, 2, 1]);
	expect(runOf([message(updates[0] as Uint8Array), Uint8Array.from([1, 3, 1, 1, 1]), ...inbox])).toHaveLength(1);
	expect(runOf([Uint8Array.from([0, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255]), ...inbox])).toEqual([]);
});
