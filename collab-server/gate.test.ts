import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { contentOf } from '#collab/content.ts';
import { judge } from '#collab/gate.ts';
import type { Owner } from '#collab/gate.ts';
import { emptyDocument } from '#collab/replay.ts';
import { Dice, Writer } from '#collab/test/histories.ts';

/** How many random histories and mutated updates are tried, and from which seed on; a long run sets more, and prints its count. */
const scale = Number(process.env.GATE_SCALE ?? 1);
const firstSeed = Number(process.env.GATE_SEED ?? 1);
const patience = 60_000 + scale * 30_000;
const report = (line: string): void => {
	if (scale > 1) process.stdout.write(`${line}\n`);
};

/** A server without network: judges, applies and hands on, and knows whose client ids are whose. */
class Hub {
	readonly doc = emptyDocument('text');
	readonly owners = new Map<number, string>();
	readonly seen: Uint8Array[] = [];
	judged = 0;

	constructor() {
		this.doc.getMap('nodes');
	}

	ownerOf(person: string): (client: number) => Owner {
		return (client) => {
			const owner = this.owners.get(client);
			if (owner === undefined) return 'free';
			return owner === person ? 'own' : 'foreign';
		};
	}

	/** What others are handed; null when it is nothing new. */
	receive(person: string, update: Uint8Array): Uint8Array | null {
		this.judged++;
		const verdict = judge(this.doc, update, this.ownerOf(person));
		if (!verdict.accepted) throw new Error(`an honest update was refused: ${verdict.refusal}`);
		const before = Y.encodeStateAsUpdate(this.doc);
		for (const client of verdict.claims) this.owners.set(client, person);
		Y.applyUpdate(this.doc, verdict.update);
		expect([this.doc.store.pendingStructs, this.doc.store.pendingDs]).toEqual([null, null]);
		if (!verdict.news) expect(Buffer.compare(before, Y.encodeStateAsUpdate(this.doc))).toBe(0);
		if (!verdict.news) return null;
		this.seen.push(update);
		return verdict.update;
	}
}

/** Three people at four devices write at once, lose their lines, come back and reload. */
function playHonestly(seed: number, steps: number): Hub {
	const dice = new Dice(seed);
	const hub = new Hub();
	const writers = ['林一', '陈二', '王三', '林一'].map((person) => new Writer(person, dice));
	const exchange = (from: Writer, update: Uint8Array) => {
		const news = hub.receive(from.person, update);
		if (!news) return;
		for (const other of writers) if (other !== from && other.online) Y.applyUpdate(other.doc, news, 'server');
	};
	const reconnect = (writer: Writer) => {
		writer.online = true;
		writer.takeOutbox();
		// As y-websocket does: our missing part goes out, sometimes before and sometimes after the server's came in.
		const vector = Y.encodeStateVector(hub.doc);
		if (dice.chance(0.5)) Y.applyUpdate(writer.doc, Y.encodeStateAsUpdate(hub.doc, Y.encodeStateVector(writer.doc)), 'server');
		if (dice.chance(0.3)) writer.edit();
		writer.takeOutbox();
		exchange(writer, Y.encodeStateAsUpdate(writer.doc, dice.chance(0.8) ? vector : undefined));
		writer.online = true;
		Y.applyUpdate(writer.doc, Y.encodeStateAsUpdate(hub.doc, Y.encodeStateVector(writer.doc)), 'server');
	};
	for (let step = 0; step < steps; step++) {
		const writer = dice.of(writers);
		if (dice.chance(0.06)) {
			if (writer.online) writer.online = false;
			else reconnect(writer);
		} else if (dice.chance(0.02)) {
			writer.online = false;
			writer.reload();
		} else writer.edit();
		if (writer.online) for (const update of writer.takeOutbox()) exchange(writer, update);
	}
	for (const writer of writers) reconnect(writer);
	// Yjs tidies formats at every device, and tells of it: until nobody has anything to tell.
	for (let told = true; told;) {
		told = false;
		for (const writer of writers) {
			Y.applyUpdate(writer.doc, Y.encodeStateAsUpdate(hub.doc, Y.encodeStateVector(writer.doc)), 'server');
			for (const update of writer.takeOutbox()) told = hub.receive(writer.person, update) !== null || told;
		}
	}
	for (const writer of writers) expect(contentOf(writer.doc)).toBe(contentOf(hub.doc));
	return hub;
}

test(
	'no honest update is refused: typing, formats, moves, undo, offline batches, merges, reloads',
	() => {
		let updates = 0;
		let seed = firstSeed;
		for (; updates < 6_000 * scale; seed++) {
			try {
				updates += playHonestly(seed, 120).judged;
			} catch (error) {
				throw new Error(`seed ${seed}`, { cause: error });
			}
		}
		report(`${updates} honest updates of the seeds ${firstSeed} to ${seed - 1}: none refused`);
	},
	patience
);

function mutate(dice: Dice, update: Uint8Array, other: Uint8Array): Uint8Array {
	const bytes = [...update];
	for (let changes = 1 + dice.upTo(3); changes > 0; changes--) {
		const at = dice.upTo(bytes.length);
		const kind = dice.upTo(6);
		if (kind === 0) bytes[at] = dice.upTo(256);
		else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.upTo(8));
		else if (kind === 2) bytes.splice(at, 1);
		else if (kind === 3) bytes.splice(at, 0, dice.upTo(256));
		else if (kind === 4) bytes[at] = Math.max(0, (bytes[at] ?? 0) + (dice.chance(0.5) ? 1 : -1));
		else bytes.splice(at, dice.upTo(4), ...other.slice(dice.upTo(other.length)).slice(0, dice.upTo(8)));
	}
	return Uint8Array.from(bytes);
}

/** Tries an update on a copy; `harm` says what an accepted one broke, of all that it must leave whole. */
function attempt(hub: Hub, update: Uint8Array): { passed: boolean; harm: string | null } {
	const copy = emptyDocument('text');
	copy.getMap('nodes');
	Y.applyUpdate(copy, Y.encodeStateAsUpdate(hub.doc));
	const verdict = judge(copy, update, () => 'own');
	return verdict.accepted ? { passed: true, harm: harmOf(copy, verdict.update) } : { passed: false, harm: null };
}

function harmOf(copy: Y.Doc, update: Uint8Array): string | null {
	try {
		Y.applyUpdate(copy, update);
	} catch (error) {
		return `applying throws ${String(error)}`;
	}
	if (copy.store.pendingStructs || copy.store.pendingDs) return 'something is kept back';
	const again = emptyDocument('text');
	again.getMap('nodes');
	try {
		Y.applyUpdate(again, Y.encodeStateAsUpdate(copy));
		return contentOf(again) === contentOf(copy) ? null : 'reads back as something else';
	} catch (error) {
		return `reading back throws ${String(error)}`;
	}
}

test(
	'no mutated update that passes harms the document, even in the name of its own author',
	() => {
		let [tried, passed] = [0, 0];
		for (let seed = 76 + firstSeed; tried < 4_000 * scale; seed++) {
			const dice = new Dice(20_260_901 + seed);
			const hub = playHonestly(seed, 150);
			// Some histories send little, as everybody is without a line for long.
			if (hub.seen.length < 60) continue;
			// The last updates meet the document as it was before them, so that they are news.
			const late = new Hub();
			const cut = hub.seen.length - 40;
			for (const update of hub.seen.slice(0, cut)) Y.applyUpdate(late.doc, update);
			for (let round = 0; round < 2_000; round++, tried++) {
				const update = mutate(dice, hub.seen[cut + dice.upTo(20)] as Uint8Array, dice.of(hub.seen));
				const outcome = attempt(late, update);
				if (outcome.harm) expect.fail(`seed ${seed}, round ${round}: ${outcome.harm} ${Buffer.from(update).toString('base64')}`);
				if (outcome.passed) passed++;
			}
		}
		// A gate that lets nothing through would prove nothing.
		expect(passed).toBeGreaterThan(0);
		report(`${tried} mutated updates: ${passed} passed, none of them did harm`);
	},
	patience
);
