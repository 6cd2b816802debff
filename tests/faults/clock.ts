// Imported before anything else of Yjs: its clock in this process, which is that of the clients, can then jump.

const trueNow = Date.now;
let offset = 0;
Date.now = () => trueNow() + offset;
// Keeps the function that it finds.
await import('lib0/time');
Date.now = trueNow;

/** From now on the clients' clocks are wrong by so many milliseconds. */
export function jumpClock(milliseconds: number): void {
	offset = milliseconds;
}
