import type { Logger } from 'pino';

/** Does something again and again, one at a time, until stopped; what fails is told and tried the next time. */
export function repeat(log: Logger, every: number, what: string, run: () => Promise<unknown>): () => void {
	let running = false;
	const timer = setInterval(() => {
		if (running) return;
		running = true;
		run()
			.catch((error: unknown) => log.warn({ err: error }, `${what} failed; it is tried again`))
			.finally(() => (running = false));
	}, every);
	return () => clearInterval(timer);
}
