import { compare } from './compare.ts';
import type { Comparison } from './compare.ts';
import { decodeLog } from './log.ts';
import type { MapComparison } from './map-compare.ts';
import { MapTimeline } from './map-timeline.ts';
import type { MapMoment } from './map-timeline.ts';
import { Timeline } from './timeline.ts';
import type { Share, ShownNode, Sitting } from './timeline.ts';

// Runs beside the page, so that a long history freezes nothing.

/** What the page knows of the whole history. */
export interface Overview {
	people: string[];
	blocks: number;
	sittings: Sitting[];
	bursts: number[];
	/** By update: when, in milliseconds, and the place of who. */
	times: Float64Array;
	writers: Uint16Array;
	/** Updates that could not be applied. */
	skipped: number;
}
/** Blocks that differ from what the page shows; null for one that is not there. */
export interface Shown {
	blocks: [index: number, node: ShownNode | null][];
	shares: Share[];
	/** The map of that moment, when it is one. */
	map: MapMoment | null;
}

/** What the page may ask. */
export interface Questions {
	read: { ask: { documentId: string; map: boolean }; answer: Overview };
	/** From one moment to another; from nothing when `from` is null. */
	show: { ask: { from: number | null; to: number; withDeleted: boolean }; answer: Shown };
	compare: { ask: { before: number; after: number }; answer: Comparison };
	compareMaps: { ask: { before: number; after: number }; answer: MapComparison | null };
	text: { ask: { moment: number }; answer: ShownNode[] };
}
export type Question = { [Name in keyof Questions]: { id: number; name: Name; ask: Questions[Name]['ask'] } }[keyof Questions];
export type Answer = { id: number; answer: unknown } | { id: number; error: { status: number } } | { progress: number };

const timeline = new Timeline();
let map: MapTimeline | null = null;

const answers: { [Name in keyof Questions]: (ask: Questions[Name]['ask']) => Promise<Questions[Name]['answer']> } = {
	async read({ documentId, map: isMap }) {
		if (isMap) map ??= new MapTimeline();
		const known = timeline.length;
		let page = fetchPage(documentId, known);
		for (let entries = decodeLog(await page); entries.length > 0; entries = decodeLog(await page)) {
			// The next page is on its way while this one is taken in.
			page = fetchPage(documentId, entries.at(-1)?.seq ?? 0);
			timeline.add(entries);
			map?.add(entries, ({ personId }) => timeline.people.indexOf(personId));
			postMessage({ progress: timeline.length } satisfies Answer);
		}
		if (timeline.length > known || known === 0) timeline.arrange();
		return {
			people: timeline.people,
			blocks: timeline.blocks,
			sittings: timeline.sittings(),
			bursts: timeline.bursts(),
			times: Float64Array.from(timeline.entries, ({ at }) => at),
			writers: Uint16Array.from(timeline.entries, ({ person }) => person),
			skipped: timeline.skipped.length
		};
	},
	async show({ from, to, withDeleted }) {
		if (map) return { blocks: [], shares: map.shares(to, timeline.people), map: map.show(to) };
		const changed = timeline.changed(from, to);
		return {
			blocks: changed.map((index) => [index, timeline.show(index, to, withDeleted)]),
			shares: timeline.shares(to),
			map: null
		};
	},
	compare: async ({ before, after }) => compare(timeline.textAt(before), timeline.textAt(after)),
	compareMaps: async ({ before, after }) => map?.compare(before, after) ?? null,
	text: async ({ moment }) => timeline.textAt(moment)
};

class Refused extends Error {
	readonly status: number;
	constructor(status: number) {
		super(`HTTP ${status}`);
		this.status = status;
	}
}

async function fetchPage(documentId: string, after: number): Promise<Uint8Array> {
	const response = await fetch(`/api/v1/documents/${documentId}/log?after=${after}`);
	if (!response.ok) throw new Refused(response.status);
	return new Uint8Array(await response.arrayBuffer());
}

addEventListener('message', async ({ data }: MessageEvent<Question>) => {
	const { id, name, ask } = data;
	try {
		const answer = await (answers[name] as (ask: unknown) => Promise<unknown>)(ask);
		postMessage({ id, answer } satisfies Answer);
	} catch (error) {
		postMessage({ id, error: { status: error instanceof Refused ? error.status : 0 } } satisfies Answer);
	}
});
