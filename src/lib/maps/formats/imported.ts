import type { NodeContent, Sprout } from '../document.ts';
import type { Layout } from '../forest.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { deepest, mostNodes } from '../branches.ts';

/** A branch out of a file; its picture is still a file, too. */
export interface Imported extends Sprout {
	picture?: { bytes: Uint8Array<ArrayBuffer>; name: string; type: string };
	children?: Imported[];
}
export interface ImportedMap {
	branches: Imported[];
	relations: { from: string; to: string; text: string }[];
	layout: Layout | null;
}

export type Wrong = 'unknown' | 'garbage' | 'tooLarge' | 'tooMany' | 'empty';

/** Why a file cannot be brought in, in a sentence. */
export class WrongFile extends Error {
	readonly wrong: Wrong;
	constructor(wrong: Wrong) {
		super(wrong === 'tooMany' ? m['maps.wrong.tooMany']({ count: mostNodes }) : m[`maps.wrong.${wrong}`]());
		this.wrong = wrong;
	}
}

/**
 * Makes branches of the items of a file, however deep they lie: what is deeper than a map goes hangs on the last
 * level. Throws when there are more than a map takes.
 */
export function branchesOf<Item>(
	tops: readonly Item[],
	read: (item: Item) => Omit<Imported, 'children'>,
	childrenOf: (item: Item) => readonly Item[]
): Imported[] {
	const roots: Imported[] = [];
	const open = tops.map((item) => ({ item, into: roots, depth: 0 })).reverse();
	let count = 0;
	for (let next = open.pop(); next; next = open.pop()) {
		if (++count > mostNodes) throw new WrongFile('tooMany');
		const children: Imported[] = [];
		next.into.push({ ...read(next.item), children });
		const below = next.depth < deepest ? { into: children, depth: next.depth + 1 } : { into: next.into, depth: next.depth };
		for (const item of childrenOf(next.item).toReversed()) open.push({ item, ...below });
	}
	return roots;
}

/** Every branch and what is below it. */
export function* everyBranch<Branch extends NodeContent & { children?: readonly Branch[] }>(
	branches: readonly Branch[]
): Generator<Branch> {
	const open = branches.toReversed();
	for (let next = open.pop(); next; next = open.pop()) {
		yield next;
		open.push(...(next.children ?? []).toReversed());
	}
}
