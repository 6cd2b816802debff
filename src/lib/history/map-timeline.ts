import * as Y from 'yjs';
import { linksOf, nodesOf, readLayout, readLinks, readRaw, removedOf, settingsOf } from '#lib/maps/document.ts';
import type { Layout, MapLink, Raw } from '#lib/maps/forest.ts';
import type { LogEntry } from './log.ts';

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

interface NodeStep {
	readonly id: string;
	readonly before: Raw | null;
	readonly after: Raw | null;
	readonly authorBefore: number | undefined;
	readonly authorAfter: number | undefined;
}
interface Rest {
	readonly links: readonly MapLink[];
	readonly layout: Layout | null;
}
interface Step {
	readonly nodes: readonly NodeStep[];
	/** When relations or the layout changed. */
	readonly rest: { readonly before: Rest; readonly after: Rest } | null;
}

/** How a map came about: what each update did to which node, so that any moment is found by going there step by step. */
export class MapTimeline {
	readonly #doc = new Y.Doc();
	readonly #steps: Step[] = [];
	readonly #raws = new Map<string, Raw>();
	readonly #authors = new Map<string, number>();
	#rest: Rest = { links: [], layout: null };
	/** The moment that `#raws`, `#authors` and `#rest` stand at. */
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
		nodesOf(this.#doc).observeDeep(onNodes);
		removedOf(this.#doc).observe(onRemoved);
		linksOf(this.#doc).observeDeep(onRest);
		settingsOf(this.#doc).observe(onRest);
		for (const entry of entries) {
			changed.clear();
			rest = false;
			try {
				Y.applyUpdate(this.#doc, entry.update);
			} catch {
				// What cannot be applied did nothing.
			}
			const person = personOf(entry);
			const nodes = [...changed].map((id) => this.#nodeStep(id, person));
			const before = this.#rest;
			const after = rest ? { links: readLinks(this.#doc), layout: readLayout(this.#doc) } : before;
			const step: Step = { nodes, rest: rest ? { before, after } : null };
			this.#steps.push(step);
			this.#take(step);
		}
		this.#at = this.#steps.length;
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
			authors: [...this.#authors],
			acts: this.#actsOf(this.#steps[this.#at - 1])
		};
	}

	/** How many nodes each person made, wrote last in among those that stand, and removed, up to a moment. */
	figures(moment: number, people: readonly number[]): { made: number; standing: number; removed: number }[] {
		const figures = Array.from({ length: Math.max(0, ...people) + 1 }, () => ({ made: 0, standing: 0, removed: 0 }));
		this.#steps.slice(0, moment).forEach(({ nodes }, index) => {
			const own = figures[people[index] ?? -1];
			if (!own) return;
			for (const { before, after } of nodes) {
				if (stands(after) && !before) own.made++;
				if (stands(before) && !stands(after)) own.removed++;
			}
		});
		this.#go(moment);
		for (const [id, raw] of this.#raws) {
			const own = figures[this.#authors.get(id) ?? -1];
			if (own && stands(raw)) own.standing++;
		}
		return figures;
	}

	#nodeStep(id: string, person: number): NodeStep {
		const node = nodesOf(this.#doc).get(id);
		const before = this.#raws.get(id) ?? null;
		const after = node instanceof Y.Map ? readRaw(id, node, removedOf(this.#doc).get(id)) : null;
		const wrote = after !== null && (before === null || before.text !== after.text || before.note !== after.note);
		const authorBefore = this.#authors.get(id);
		return { id, before, after, authorBefore, authorAfter: wrote ? person : authorBefore };
	}

	#go(moment: number): void {
		while (this.#at < moment) this.#take(this.#steps[this.#at++]!);
		while (this.#at > moment) this.#takeBack(this.#steps[--this.#at]!);
	}
	#take({ nodes, rest }: Step): void {
		for (const { id, after, authorAfter } of nodes) this.#put(id, after, authorAfter);
		if (rest) this.#rest = rest.after;
	}
	#takeBack({ nodes, rest }: Step): void {
		for (const { id, before, authorBefore } of nodes) this.#put(id, before, authorBefore);
		if (rest) this.#rest = rest.before;
	}
	#put(id: string, raw: Raw | null, author: number | undefined): void {
		if (raw) this.#raws.set(id, raw);
		else this.#raws.delete(id);
		if (author === undefined) this.#authors.delete(id);
		else this.#authors.set(id, author);
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

const stands = (raw: Raw | null): raw is Raw => raw !== null && !raw.gone;

function kindOf(before: Raw | null, after: Raw | null): MapAct['kind'] | null {
	if (!stands(before)) return stands(after) ? (before ? 'returned' : 'made') : null;
	if (!stands(after)) return 'removed';
	if (before.text !== after.text || before.note !== after.note) return 'written';
	if (before.written !== after.written || before.order !== after.order) return 'moved';
	return JSON.stringify(before) === JSON.stringify(after) ? null : 'changed';
}
