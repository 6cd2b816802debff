import { onMount } from 'svelte';
import { invalidate } from '$app/navigation';

/** Keeps what a page shows of others current: read again every few seconds while somebody looks at it. */
export function keepFresh(dependency: string, every = 5_000, wanted: () => boolean = () => true): void {
	onMount(() => {
		const read = () => {
			if (wanted() && document.visibilityState === 'visible') void invalidate(dependency).catch(() => undefined);
		};
		const timer = setInterval(read, every);
		document.addEventListener('visibilitychange', read);
		return () => {
			clearInterval(timer);
			document.removeEventListener('visibilitychange', read);
		};
	});
}
