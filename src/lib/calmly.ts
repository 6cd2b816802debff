/**
 * Reads something at once when asked, and once more after all that was asked meanwhile, never twice within `pause`
 * milliseconds: two hundred who come at once are a few readings. `read` deals with its own errors; when it answers
 * false it is tried again. Nothing is read any more once `wanted` says no.
 */
export function calmly(pause: number, read: () => Promise<boolean | void>, wanted: () => boolean = () => true): () => void {
	let reading = false;
	let again = false;
	return function look(): void {
		again = reading;
		if (reading) return;
		reading = true;
		void read()
			.then((done) => (again ||= done === false))
			.finally(() =>
				setTimeout(() => {
					reading = false;
					if (again && wanted()) look();
				}, pause)
			);
	};
}
