import { beforeEach, expect, test } from 'vitest';
import { Ink } from './ink.svelte.ts';

/** A call in which everything that is sent reaches the others, as the media server would hand it on. */
class Call {
	readonly people = new Map<string, Ink>();
	/** Fulfils when the next message has reached the others. */
	next: Promise<void> = Promise.resolve();
	#told: () => void = () => undefined;

	constructor() {
		this.expect();
	}

	expect(): void {
		this.next = new Promise((resolve) => (this.#told = resolve));
	}

	join(name: string): Ink {
		const ink = new Ink({
			send: (bytes, to) => {
				for (const [other, their] of this.people) if (other !== name && (!to || to === other)) their.hear(name, bytes);
				this.#told();
				this.expect();
			},
			clears: (personId) => personId === 'teacher'
		});
		ink.me = name;
		ink.keep(new Set(['TR_a']));
		this.people.set(name, ink);
		return ink;
	}
}

let call: Call;
let teacher: Ink;
let ming: Ink;
beforeEach(() => {
	call = new Call();
	teacher = call.join('teacher');
	ming = call.join('ming');
});

const points = (ink: Ink) => ink.on('TR_a').map(({ stroke }) => stroke.points);

test('what a hand draws is seen by the hand at once and by the others with the next message, whole at its end', async () => {
	ming.begin('TR_a', 'pen', [0, 0]);
	const arrived = call.next;
	ming.move([
		[100, 0],
		[105, 0],
		[200, 100]
	]);
	// What moves by less than a hair is left out.
	expect(points(ming)).toEqual([[0, 0, 100, 0, 200, 100]]);
	await arrived;
	ming.move([[300, 300]]);
	ming.end();
	expect(points(teacher)).toEqual([[0, 0, 100, 0, 200, 100, 300, 300]]);
});

test('an arrow goes from where it began to where the hand is', () => {
	ming.begin('TR_a', 'arrow', [0, 0]);
	ming.move([[500, 500]]);
	ming.move([[900, 100]]);
	ming.end();
	expect(points(teacher)).toEqual([[0, 0, 900, 100]]);
});

test('one takes back one’s own, stroke by stroke, and whoever leads wipes all away; a pupil wipes only their own', () => {
	for (const [ink, at] of [
		[teacher, 10],
		[ming, 20],
		[ming, 30]
	] as const) {
		ink.begin('TR_a', 'pen', [at, at]);
		ink.end();
	}
	ming.undo('TR_a');
	expect(points(teacher)).toEqual([
		[10, 10],
		[20, 20]
	]);
	ming.clear('TR_a');
	expect(points(teacher)).toEqual([[10, 10]]);
	expect(points(ming)).toEqual([[10, 10]]);
	teacher.clear('TR_a');
	expect(points(ming)).toEqual([]);
});

test('whoever comes late, or was away, has what stands; whoever left takes theirs along', () => {
	ming.begin('TR_a', 'pen', [20, 20]);
	ming.end();
	ming.begin('TR_a', 'laser', [40, 40]);
	ming.end();
	const late = call.join('late');
	for (const ink of [teacher, ming]) ink.retell('late');
	expect(points(late)).toEqual([[20, 20]]);
	teacher.forget('ming');
	expect(points(teacher)).toEqual([]);
	ming.retell();
	expect(points(teacher)).toEqual([[20, 20]]);
});

test('nothing is drawn on a share that ended, by one’s own hand or another’s', () => {
	ming.begin('TR_a', 'pen', [0, 0]);
	ming.keep(new Set());
	ming.move([[500, 500]]);
	ming.end();
	expect(points(ming)).toEqual([]);
	teacher.keep(new Set(['TR_b']));
	expect(points(teacher)).toEqual([]);
	teacher.hear('ming', new TextEncoder().encode('{"do":"draw","share":"TR_a","id":1,"tool":"pen","from":0,"points":[1,1]}'));
	teacher.hear('ming', new Uint8Array(100_000));
	expect(points(teacher)).toEqual([]);
});
