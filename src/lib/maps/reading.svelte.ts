import type { NodeChange, Sheet } from './context.ts';
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

/** Two moments in one, as what differs. */
interface Compared extends Omit<Moment, 'authors' | 'acts'> {
	readonly differences: readonly { readonly id: string; readonly kind: NodeChange; readonly by: readonly number[] }[];
}
const changeColors: Record<NodeChange, string> = { added: 'good', removed: 'bad', moved: 'branch-sky', changed: 'warn' };

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
	#changes = $state.raw<ReadonlyMap<string, NodeChange> | null>(null);

	/** Shows a moment; with the colours of authors, or of one only. */
	show({ raws, hung, links, layout, authors, acts }: Moment, coloured: boolean, only: number | null): void {
		const parents = new Map(hung);
		const known = new Map(raws.map((raw) => [raw.id, raw]));
		this.#changes = null;
		this.#authors = new Map(authors);
		this.#coloured = coloured;
		this.#only = only;
		this.lit = new Set(acts.map(({ id }) => id));
		this.shown = forestOf(known, (id) => parents.get(id) ?? null, links, layout);
	}

	/** Shows what differs, with what went where it was; of one person only, if that is wanted. */
	compare({ raws, hung, links, layout, differences }: Compared, only: number | null): void {
		const parents = new Map(hung);
		// Nothing that differs is hidden under what is folded.
		const known = new Map(raws.map((raw) => [raw.id, raw.collapsed ? { ...raw, collapsed: false } : raw]));
		this.lit = new Set();
		this.#changes = new Map(differences.filter(({ by }) => only === null || by.includes(only)).map(({ id, kind }) => [id, kind]));
		this.shown = forestOf(known, (id) => parents.get(id) ?? null, links, layout);
	}
	changeOf(id: string): NodeChange | null {
		return this.#changes?.get(id) ?? null;
	}

	colorOf(id: string): string {
		return `branch-${branchColorOf(this.shown, id)}`;
	}
	tintOf(id: string): string | null {
		if (this.#changes) {
			const change = this.changeOf(id);
			return change && changeColors[change];
		}
		const author = this.#authors.get(id);
		if (author === undefined || !(this.#coloured || this.#only === author)) return null;
		return this.#only === null || this.#only === author ? (authorColors[author % authorColors.length] ?? null) : null;
	}
	toggleFold(): void {}
}
