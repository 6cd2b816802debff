/** Something that counts the changes which the server has not confirmed. */
export interface Unsettled {
	readonly unsaved: number;
}

/** Resolves when all changes are on the server's disk; rejects when that takes longer than `patience`, in milliseconds. */
export function settled(shared: Unsettled, patience = 15_000): Promise<void> {
	return new Promise((resolve, reject) => {
		const stop = $effect.root(() => {
			$effect(() => {
				if (shared.unsaved > 0) return;
				clearTimeout(timer);
				resolve();
				queueMicrotask(() => stop());
			});
		});
		const timer = setTimeout(() => {
			stop();
			reject(new Error('not saved in time'));
		}, patience);
	});
}
