import { mount, unmount } from 'svelte';
import type { Component } from 'svelte';

export interface Mounted<Props> {
	/** Shows other values. */
	set(props: Partial<Props>): void;
	destroy(): void;
}

/** A component within a part of the page that the editor builds; its code is loaded when the first of it is shown. */
export function mounted<Props extends Record<string, unknown>>(
	target: HTMLElement,
	load: () => Promise<{ default: Component<Props> }>,
	first: Props
): Mounted<Props> {
	const props = $state<Props>(first);
	let made: Record<string, unknown> | null = null;
	let ended = false;
	load()
		.then(({ default: component }) => {
			if (!ended) made = mount(component, { target, props });
		})
		.catch(() => (target.dataset.failed = ''));
	return {
		set: (next) => void Object.assign(props, next),
		destroy() {
			ended = true;
			if (made) void unmount(made);
		}
	};
}
