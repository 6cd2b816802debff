/** Something that counts the changes which the server has not confirmed. */
export interface Unsettled {
	readonly unsaved: number;
}

/** Milliseconds that one waits for the server. */
const patience = 15_000;

/** Resolves when all changes are on the server's disk; rejects when that takes too long. */
export function settled(shared: Unsettled): Promise<void> {
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
