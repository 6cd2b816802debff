import type { Component } from 'svelte';

/** One button of a toolbar. */
export interface Tool {
	label: string;
	icon: Component<{ size?: number | string }>;
	/** The keys that do the same, as people read them. */
	keys?: string;
	run: () => void;
	/** For what can be on or off. */
	pressed?: boolean;
	disabled?: boolean;
}
