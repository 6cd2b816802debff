import { createContext } from 'svelte';
import type { Hat } from '#lib/spaces/model.ts';
import type { MapDesk } from './desk.svelte.ts';
import type { Forest } from './forest.ts';
import type { Picture } from './layout.ts';
import type { Size } from './size.ts';

/** Someone else on the map, and the node they are at. */
export interface Peer {
	readonly name: string;
	readonly hat: Hat;
	readonly node: string;
}

/** In which ways a node can differ between two moments of a map. */
export const nodeChanges = ['added', 'removed', 'moved', 'changed'] as const;
export type NodeChange = (typeof nodeChanges)[number];

/** What is drawn of a map, and how it stands out; a colour is the name of a CSS variable without its dashes. */
export interface Sheet {
	readonly shown: Forest;
	readonly picture: Picture;
	readonly selected: string | null;
	readonly chosen: ReadonlySet<string>;
	readonly writable: boolean;
	readonly editing: boolean;
	readonly peers: readonly Peer[];
	readonly dragged: string | null;
	readonly drop: { readonly id: string; readonly where: 'into' | 'before' | 'behind' } | null;
	/** Nodes that were found, or that changed in the moment that is shown. */
	readonly lit: ReadonlySet<string>;
	colorOf(id: string): string;
	/** The colour of its author, while authors are shown. */
	tintOf(id: string): string | null;
	/** While two moments are compared: how it differs. */
	changeOf?(id: string): NodeChange | null;
	toggleFold(id: string): void;
	/** What was measured on the page. */
	measured: ReadonlyMap<string, Size>;
}

/** The desk of the map that a part of it belongs to. */
export const [getDesk, setDesk] = createContext<MapDesk>();
/** What the stage draws. */
export const [getSheet, setSheet] = createContext<Sheet>();
