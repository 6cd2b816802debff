import { createContext } from 'svelte';
import type { MapDesk } from './desk.svelte.ts';

/** The desk of the map that a part of it belongs to. */
export const [getDesk, setDesk] = createContext<MapDesk>();
