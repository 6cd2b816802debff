import type { Component } from 'svelte';

/** One button of a toolbar. */
export interface Tool {
	label: string;
	icon: Component<{ size?: number | string }>;
	/** A colour that it gives: shown instead of the icon. */
	tint?: string;
	/** The keys that do the same, as people read them. */
	keys?: string;
	run: () => void;
	/** For what can be on or off. */
	pressed?: boolean;
	disabled?: boolean;
	/** Opens these instead of doing something itself. */
	menu?: readonly Tool[];
}
