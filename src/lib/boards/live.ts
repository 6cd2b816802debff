import { isElementId, keptFrom, propertiesOf } from './properties.ts';
import type { Kept } from './properties.ts';
import { same } from './document.ts';
import { packPoints, unpackPoints } from './strokes.ts';
import type { Point } from './strokes.ts';
import { hatOf, roles } from '#lib/spaces/model.ts';
import type { Hat } from '#lib/spaces/model.ts';

/** What one tells the others of oneself while at a board; it is told again whole, so it stays small. */
export interface Telling {
	/** Where one points, and with what. */
	at?: readonly [x: number, y: number];
	laser?: boolean;
	down?: boolean;
	selected?: readonly string[];
	/** What one is drawing or dragging and has not let go of. */
	live?: readonly Live[];
	/** What one sees: left, top, right, bottom. */
	view?: readonly [number, number, number, number];
	/** Whose view one follows: the client. */
	follow?: number;
	/** Since when one asks everybody to look at what one sees. */
	present?: number;
}

/** An element that is not let go of: new ones whole, others where they are now. Of a long stroke only the end. */
export interface Live {
	readonly id: string;
	readonly made?: Readonly<Record<string, unknown>>;
	readonly at?: Kept['at'];
	readonly points?: string;
	/** The place of the first of the points in the stroke. */
	readonly from?: number;
}

/** Characters of JSON that a telling may take, with room for the name that the server adds. */
const largestTelling = 3_200;
/** Points of a stroke that are told again each time: whoever misses a few tellings misses nothing of it. */
const tail = 240;
const mostSelected = 24;

/** What is told of elements under the hand, as far as it fits; `isNew`: nobody else has it. */
export function liveOf(elements: readonly { id: string; kept: Kept; isNew: boolean }[]): Live[] {
	const live: Live[] = [];
	let room = largestTelling - 700;
	for (const { id, kept, isNew } of elements) {
		const told = isNew ? { id, made: compact(kept), ...endOf(kept) } : { id, at: kept.at, ...endOf(kept) };
		room -= JSON.stringify(told).length + 1;
		if (room < 0) break;
		live.push(told);
	}
	return live;
}

/** An element without what everybody assumes, and without its points and words. */
function compact(kept: Kept): Record<string, unknown> {
	const assumed = propertiesOf[kept.type];
	return Object.fromEntries(
		Object.entries(kept).filter(
			([name, value]) => name !== 'points' && name !== 'words' && !(name in assumed && same(value, assumed[name]?.otherwise))
		)
	);
}

function endOf({ points }: Kept): { points?: string; from?: number } {
	if (points === undefined) return {};
	if (points.length < tail * 2) return { points, from: 0 };
	const all = unpackPoints(points)?.points ?? [];
	const from = Math.max(0, all.length - tail);
	return { points: packPoints(all.slice(from)), from };
}

/** What is told fits into what a server takes; otherwise the least important is left out. */
export function fitting(telling: Telling): Telling {
	const selected = telling.selected?.slice(0, mostSelected);
	const whole = { ...telling, ...(selected ? { selected } : {}) };
	if (JSON.stringify(whole).length <= largestTelling) return whole;
	const { live: _live, selected: _selected, ...rest } = whole;
	return rest;
}

/** Someone else at the board, as far as what they tell makes sense. */
export interface Peer {
	readonly client: number;
	readonly id: string;
	readonly name: string;
	readonly hat: Hat;
	readonly telling: Telling;
}

export function peerOf(client: number, state: Record<string, unknown>): Peer | null {
	const user = isObject(state.user) ? state.user : {};
	const told = isObject(state.board) ? state.board : {};
	if (typeof user.id !== 'string' || typeof user.name !== 'string') return null;
	const hat = hatOf(roles.find((role) => role === user.role) ?? 'student');
	return { client, id: user.id, name: user.name, hat, telling: readTelling(told) };
}

function readTelling(told: Record<string, unknown>): Telling {
	const view = numbers(told.view, 4) as Telling['view'];
	return {
		at: numbers(told.at, 2) as Telling['at'],
		laser: told.laser === true,
		down: told.down === true,
		selected: Array.isArray(told.selected) ? told.selected.slice(0, mostSelected).filter(isElementId) : [],
		live: Array.isArray(told.live) ? told.live.slice(0, 100).filter(isLive) : [],
		view: view && view[2] > view[0] && view[3] > view[1] ? view : undefined,
		follow: numberOr(told.follow),
		present: numberOr(told.present)
	};
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isFinite = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) < 1e15;
const numberOr = (value: unknown): number | undefined => (isFinite(value) ? value : undefined);
const numbers = (value: unknown, count: number): readonly number[] | undefined =>
	Array.isArray(value) && value.length === count && value.every(isFinite) ? (value as number[]) : undefined;
const isLive = (value: unknown): value is Live => isObject(value) && isElementId(value.id);

/** Puts together again what others draw, telling by telling. */
export class Strokes {
	readonly #strokes = new Map<string, Point[]>();

	/** The elements that people are at, as they are now; `known`: as the board has them. */
	previews(peers: readonly Peer[], known: (id: string) => Kept | null): Map<string, Kept> {
		const previews = new Map<string, Kept>();
		for (const { telling } of peers) {
			for (const live of telling.live ?? []) {
				const kept = this.#kept(live, known(live.id));
				if (kept) previews.set(live.id, kept);
			}
		}
		for (const id of this.#strokes.keys()) if (!previews.has(id)) this.#strokes.delete(id);
		return previews;
	}

	#kept({ id, made, at, points, from }: Live, known: Kept | null): Kept | null {
		const whole = points === undefined ? undefined : this.#whole(id, points, from);
		if (known) return keptFrom({ ...known, ...(at ? { at } : {}), ...(whole === undefined ? {} : { points: whole }) });
		return isObject(made) ? keptFrom({ ...made, points: whole, words: '' }) : null;
	}

	#whole(id: string, points: string, from: unknown): string | undefined {
		const end = typeof points === 'string' ? unpackPoints(points)?.points : undefined;
		if (!end) return undefined;
		const before = this.#strokes.get(id) ?? [];
		const start = typeof from === 'number' && from >= 0 ? Math.min(Math.floor(from), before.length) : 0;
		const whole = [...before.slice(0, start), ...end];
		this.#strokes.set(id, whole);
		return packPoints(whole);
	}
}
