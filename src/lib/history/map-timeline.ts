import * as Y from 'yjs';
import { linksOf, nodesOf, readLayout, readLinks, readRaw, removedOf, settingsOf } from '#lib/maps/document.ts';
import type { Layout, MapLink, Raw } from '#lib/maps/forest.ts';
import { writersOf } from '#lib/maps/writers.ts';
import { compareMaps } from './map-compare.ts';
import type { MapComparison } from './map-compare.ts';
import type { LogEntry } from './log.ts';
import type { Share } from './timeline.ts';

export const mapActs = ['made', 'removed', 'returned', 'moved', 'written', 'changed', 'linked', 'unlinked'] as const;
/** What an update did to a node, or to a relation. */
export interface MapAct {
	readonly kind: (typeof mapActs)[number];
	/** The node, or the one from which the relation leads. */
	readonly id: string;
	readonly text: string;
}

/** A map as it was after an update. */
export interface MapMoment {
	readonly raws: readonly Raw[];
	/** Parents of nodes that are not even written any more. */
	readonly hung: readonly (readonly [id: string, parent: string])[];
	readonly links: readonly MapLink[];
	readonly layout: Layout | null;
	/** Who wrote last in each node, by the place among the people. */
	readonly authors: readonly (readonly [id: string, person: number])[];
	/** What the update itself did. */
	readonly acts: readonly MapAct[];
}

export interface NodeStep {
	readonly id: string;
	readonly before: Raw | null;
	readonly after: Raw | null;
	readonly writtenBefore: Written;
	readonly writtenAfter: Written;
}
/** Who wrote last in a node, and how many of its characters are whose, by the place among the people. */
interface Written {
	readonly last: number | undefined;
	readonly characters: ReadonlyMap<number, number>;
}
const unwritten: Written = { last: undefined, characters: new Map() };
interface Rest {
	readonly links: readonly MapLink[];
	readonly layout: Layout | null;
}
export interface Step extends Pick<LogEntry, 'inserted' | 'deletedOwn' | 'deletedOthers'> {
	readonly person: number;
	readonly nodes: readonly NodeStep[];
	/** When relations or the layout changed. */
	readonly rest: { readonly before: Rest; readonly after: Rest } | null;
}

/** How a map came about: what each update did to which node, so that any moment is found by going there step by step. */
export class MapTimeline {
	readonly #doc = new Y.Doc();
	readonly #steps: Step[] = [];
	readonly #raws = new Map<string, Raw>();
	readonly #written = new Map<string, Written>();
	/** Whose a Yjs client id is. */
	readonly #clients = new Map<number, number>();
	#rest: Rest = { links: [], layout: null };
	/** The moment that `#raws`, `#written` and `#rest` stand at. */
	#at = 0;

	/** Takes the next updates in; `personOf` tells the place of who wrote one. */
	add(entries: readonly LogEntry[], personOf: (entry: LogEntry) => number): void {
		this.#go(this.#steps.length);
		const changed = new Set<string>();
		let rest = false;
		const onNodes = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
			for (const event of events) {
				if (event.path.length === 0) for (const key of event.keys.keys()) changed.add(key);
				else changed.add(String(event.path[0]));
			}
		};
		const onRemoved = (event: Y.YMapEvent<unknown>) => event.keysChanged.forEach((key) => changed.add(String(key)));
		const onRest = () => (rest = true);
		let person = 0;
		const onTransaction = ({ beforeState, afterState }: Y.Transaction) => {
			for (const [client, clock] of afterState)
				if (clock > (beforeState.get(client) ?? 0) && !this.#clients.has(client)) this.#clients.set(client, person);
		};
		this.#doc.on('afterTransaction', onTransaction);
		nodesOf(this.#doc).observeDeep(onNodes);
		removedOf(this.#doc).observe(onRemoved);
		linksOf(this.#doc).observeDeep(onRest);
		settingsOf(this.#doc).observe(onRest);
		for (const entry of entries) {
			changed.clear();
			rest = false;
			person = personOf(entry);
			try {
				Y.applyUpdate(this.#doc, entry.update);
			} catch {
				// What cannot be applied did nothing.
			}
			const { inserted, deletedOwn, deletedOthers } = entry;
			const nodes = [...changed].map((id) => this.#nodeStep(id, person));
			const before = this.#rest;
			const after = rest ? { links: readLinks(this.#doc), layout: readLayout(this.#doc) } : before;
			const step: Step = { person, inserted, deletedOwn, deletedOthers, nodes, rest: rest ? { before, after } : null };
			this.#steps.push(step);
			this.#take(step);
		}
		this.#at = this.#steps.length;
		this.#doc.off('afterTransaction', onTransaction);
		nodesOf(this.#doc).unobserveDeep(onNodes);
		removedOf(this.#doc).unobserve(onRemoved);
		linksOf(this.#doc).unobserveDeep(onRest);
		settingsOf(this.#doc).unobserve(onRest);
	}

	get length(): number {
		return this.#steps.length;
	}

	/** The map after update `moment`. */
	show(moment: number): MapMoment {
		this.#go(Math.min(Math.max(moment, 0), this.#steps.length));
		const hung = [...removedOf(this.#doc)].flatMap(([id, parent]) => (typeof parent === 'string' ? [[id, parent] as const] : []));
		return {
			raws: [...this.#raws.values()],
			hung,
			...this.#rest,
			authors: [...this.#written].flatMap(([id, { last }]) => (last === undefined ? [] : [[id, last] as const])),
			acts: this.#actsOf(this.#steps[this.#at - 1])
		};
	}

	/** What came, went, moved and changed from one moment to another, and by whom. */
	compare(before: number, after: number): MapComparison {
		const [first, last] = [this.show(before), this.show(after)];
		return compareMaps(first, last, this.#steps.slice(Math.min(before, after), Math.max(before, after)));
	}

	/**
	 * Who has how many characters in the nodes that stand at a moment, and wrote and took away how many until then, as of a
	 * text; a node that is removed takes its characters along.
	 */
	shares(moment: number, people: readonly string[]): Share[] {
		const shares = people.map((personId) => ({ personId, standing: 0, inserted: 0, deletedOwn: 0, deletedOthers: 0, nodes: 0 }));
		for (const { person, inserted, deletedOwn, deletedOthers, nodes } of this.#steps.slice(0, moment)) {
			const own = shares[person];
			if (!own) continue;
			own.inserted += inserted;
			own.deletedOwn += deletedOwn;
			own.deletedOthers += deletedOthers;
			for (const { before, after, writtenBefore } of nodes) {
				// The words of a node that is marked as removed stay in the document: nobody has counted them yet.
				if (!stands(before) || after?.gone !== true) continue;
				for (const [author, characters] of writtenBefore.characters)
					if (author === person) own.deletedOwn += characters;
					else own.deletedOthers += characters;
			}
		}
		this.#go(moment);
		for (const [id, { last, characters }] of this.#written) {
			if (!stands(this.#raws.get(id) ?? null)) continue;
			const lastly = shares[last ?? -1];
			if (lastly) lastly.nodes++;
			for (const [author, count] of characters) {
				const own = shares[author];
				if (own) own.standing += count;
			}
		}
		return shares;
	}

	#nodeStep(id: string, person: number): NodeStep {
		const node = nodesOf(this.#doc).get(id);
		const before = this.#raws.get(id) ?? null;
		const after = node instanceof Y.Map ? readRaw(id, node, removedOf(this.#doc).get(id)) : null;
		const wrote = after !== null && (before === null || before.text !== after.text || before.note !== after.note);
		const writtenBefore = this.#written.get(id) ?? unwritten;
		if (!wrote) return { id, before, after, writtenBefore, writtenAfter: writtenBefore };
		const characters = new Map<number, number>();
		for (const [client, count] of node instanceof Y.Map ? writersOf(node) : []) {
			const author = this.#clients.get(client) ?? person;
			characters.set(author, (characters.get(author) ?? 0) + count);
		}
		return { id, before, after, writtenBefore, writtenAfter: { last: person, characters } };
	}

	#go(moment: number): void {
		while (this.#at < moment) this.#take(this.#steps[this.#at++]!);
		while (this.#at > moment) this.#takeBack(this.#steps[--this.#at]!);
	}
	#take({ nodes, rest }: Step): void {
		for (const { id, after, writtenAfter } of nodes) this.#put(id, after, writtenAfter);
		if (rest) this.#rest = rest.after;
	}
	#takeBack({ nodes, rest }: Step): void {
		for (const { id, before, writtenBefore } of nodes) this.#put(id, before, writtenBefore);
		if (rest) this.#rest = rest.before;
	}
	#put(id: string, raw: Raw | null, written: Written): void {
		if (raw) this.#raws.set(id, raw);
		else this.#raws.delete(id);
		if (written === unwritten) this.#written.delete(id);
		else this.#written.set(id, written);
	}

	#actsOf(step: Step | undefined): MapAct[] {
		if (!step) return [];
		const acts = step.nodes.flatMap(({ id, before, after }): MapAct[] => {
			const kind = kindOf(before, after);
			return kind ? [{ kind, id, text: (stands(after) ? after : before)?.text ?? '' }] : [];
		});
		if (!step.rest) return acts;
		const { before, after } = step.rest;
		const text = (id: string) => this.#raws.get(id)?.text ?? '';
		const missing = (from: readonly MapLink[], there: readonly MapLink[]) =>
			from.filter(({ id }) => !there.some((link) => link.id === id));
		for (const link of missing(after.links, before.links)) acts.push({ kind: 'linked', id: link.from, text: text(link.from) });
		for (const link of missing(before.links, after.links)) acts.push({ kind: 'unlinked', id: link.from, text: text(link.from) });
		return acts;
	}
}

export const stands = (raw: Raw | null): raw is Raw => raw !== null && !raw.gone;

function kindOf(before: Raw | null, after: Raw | null): MapAct['kind'] | null {
	if (!stands(before)) return stands(after) ? (before ? 'returned' : 'made') : null;
	if (!stands(after)) return 'removed';
	if (before.text !== after.text || before.note !== after.note) return 'written';
	if (before.written !== after.written || before.order !== after.order) return 'moved';
	return JSON.stringify(before) === JSON.stringify(after) ? null : 'changed';
}
