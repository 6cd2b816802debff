import type { Sheet } from './context.ts';
import { branchColorOf } from './desk.svelte.ts';
import { forestOf, noForest } from './forest.ts';
import type { Forest, Layout, MapLink, Raw } from './forest.ts';
import { picture } from './layout.ts';
import { authorColors } from './palette.ts';
import { measurer } from './size.ts';
import type { Size } from './size.ts';

/** A map of some moment, to look at only. */
interface Moment {
	readonly raws: readonly Raw[];
	readonly hung: readonly (readonly [id: string, parent: string])[];
	readonly links: readonly MapLink[];
	readonly layout: Layout | null;
	readonly authors: readonly (readonly [id: string, person: number])[];
	readonly acts: readonly { readonly id: string }[];
}

/** A map that one looks at, such as it was once. */
export class MapReading implements Sheet {
	shown = $state.raw<Forest>(noForest);
	lit = $state.raw<ReadonlySet<string>>(new Set());
	selected = null;
	dragged = null;
	drop = null;
	readonly chosen: ReadonlySet<string> = new Set();
	readonly writable = false;
	readonly editing = false;
	readonly peers = [];
	measured = $state.raw<ReadonlyMap<string, Size>>(new Map());
	readonly #size = $derived(measurer(this.measured));
	readonly picture = $derived(picture(this.shown, this.shown.layout ?? 'both', this.#size));
	#authors = $state.raw<ReadonlyMap<string, number>>(new Map());
	#coloured = $state(true);
	#only = $state<number | null>(null);

	/** Shows a moment; with the colours of authors, or of one only. */
	show({ raws, hung, links, layout, authors, acts }: Moment, coloured: boolean, only: number | null): void {
		const parents = new Map(hung);
		const known = new Map(raws.map((raw) => [raw.id, raw]));
		this.#authors = new Map(authors);
		this.#coloured = coloured;
		this.#only = only;
		this.lit = new Set(acts.map(({ id }) => id));
		this.shown = forestOf(known, (id) => parents.get(id) ?? null, links, layout);
	}

	colorOf(id: string): string {
		return `branch-${branchColorOf(this.shown, id)}`;
	}
	tintOf(id: string): string | null {
		const author = this.#authors.get(id);
		if (author === undefined || !(this.#coloured || this.#only === author)) return null;
		return this.#only === null || this.#only === author ? (authorColors[author % authorColors.length] ?? null) : null;
	}
	toggleFold(): void {}
}
