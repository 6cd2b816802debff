import type { NodeChange } from '#lib/maps/context.ts';
import { forestOf } from '#lib/maps/forest.ts';
import type { Forest, Raw } from '#lib/maps/forest.ts';
import type { MapMoment, Step } from './map-timeline.ts';

export interface MapDifference {
	readonly kind: NodeChange;
	readonly id: string;
	/** Its words at the later moment, or when it was last to be seen. */
	readonly text: string;
	/** What stood there before, if that was something else. */
	readonly before: string | null;
	/** The words of what it hung on and hangs on now, of one that moved; null for one that stands alone. */
	readonly from: string | null;
	readonly to: string | null;
	/** Who did that, by the place among the people. */
	readonly by: readonly number[];
}

/** Two moments of a map in one: the later, in which what went still stands where it was. */
export interface MapComparison {
	readonly raws: readonly Raw[];
	readonly hung: MapMoment['hung'];
	readonly links: MapMoment['links'];
	readonly layout: MapMoment['layout'];
	/** By where they stand in the map. */
	readonly differences: readonly MapDifference[];
	readonly counts: Readonly<Record<NodeChange, number>>;
}

/** Tells two moments apart, with who did it in the steps between them. */
export function compareMaps(before: MapMoment, after: MapMoment, steps: readonly Step[]): MapComparison {
	const [old, fresh] = [forestAt(before), forestAt(after)];
	const removed = [...old.nodes.values()].filter(({ id }) => !fresh.nodes.has(id));
	const isRemoved = new Set(removed.map(({ id }) => id));
	const raws = [
		...after.raws.filter(({ id }) => !isRemoved.has(id)),
		// It stands where everybody saw it, whatever was written.
		...removed.map(({ raw, parent }) => ({ ...raw, gone: false, written: parent }))
	];
	const both = forestAt({ ...after, raws });
	const doers = doersIn(steps);
	const differences: MapDifference[] = [];
	for (const { id } of both.nodes.values()) {
		const [then, now] = [old.nodes.get(id), fresh.nodes.get(id)];
		const node = now ?? then;
		if (!node) continue;
		const tell = (kind: NodeChange) =>
			differences.push({
				kind,
				id,
				text: node.text,
				before: kind === 'changed' && then && then.text !== node.text ? then.text : null,
				from: kind === 'moved' ? wordsOf(old, then?.parent ?? null) : null,
				to: kind === 'moved' ? wordsOf(fresh, now?.parent ?? null) : null,
				by: doers(id, kind)
			});
		if (!then) tell('added');
		else if (!now) tell('removed');
		else {
			if (then.parent !== now.parent || placeOf(then.raw) !== placeOf(now.raw)) tell('moved');
			if (contentOf(then.raw) !== contentOf(now.raw)) tell('changed');
		}
	}
	const counts = { added: 0, removed: 0, moved: 0, changed: 0 };
	for (const { kind } of differences) counts[kind]++;
	return { raws, hung: after.hung, links: after.links, layout: after.layout, differences, counts };
}

export function forestAt({ raws, hung, links, layout }: Pick<MapMoment, 'raws' | 'hung' | 'links' | 'layout'>): Forest {
	const parents = new Map(hung);
	return forestOf(new Map(raws.map((raw) => [raw.id, raw])), (id) => parents.get(id) ?? null, links, layout);
}

const wordsOf = (shown: Forest, id: string | null): string | null => (id === null ? null : (shown.nodes.get(id)?.text ?? ''));
const placeOf = ({ order, at }: Raw): string => JSON.stringify([order, at]);
/** What a node says; whether it is folded is how one looks at it. */
const contentOf = ({ text, note, color, frame, href, image, markers, over }: Raw): string =>
	JSON.stringify([text, note, color, frame, href, image, markers, over]);

/** Who did what kind of thing to which node, each named once, in the order in which they did. */
function doersIn(steps: readonly Step[]): (id: string, kind: NodeChange) => number[] {
	const byNode = new Map<string, Record<NodeChange, Set<number>>>();
	for (const { person, nodes } of steps)
		for (const { id, before, after } of nodes) {
			let doers = byNode.get(id);
			if (!doers) byNode.set(id, (doers = { added: new Set(), removed: new Set(), moved: new Set(), changed: new Set() }));
			const [stood, stands] = [before !== null && !before.gone, after !== null && !after.gone];
			if (stood !== stands) {
				// Looked at backwards, what came is what went.
				doers.added.add(person);
				doers.removed.add(person);
			}
			if (!before || !after) continue;
			if (before.written !== after.written || placeOf(before) !== placeOf(after)) doers.moved.add(person);
			if (contentOf(before) !== contentOf(after)) doers.changed.add(person);
		}
	return (id, kind) => [...(byNode.get(id)?.[kind] ?? [])];
}
