import type { Logger } from 'pino';

/** A last resort: what nobody caught is told, and the process goes on. */
export function outlive(log: Logger): void {
	process.on('uncaughtException', (error) => log.error({ err: error }, 'nobody caught this'));
	process.on('unhandledRejection', (error) => log.error({ err: error }, 'nobody awaited this'));
}

/** Ends the process on SIGINT and SIGTERM, once, after `stop` has put everything in order. */
export function endInOrder(log: Logger, stop: () => Promise<void>): void {
	let ending: Promise<void> | null = null;
	const end = () => {
		ending ??= stop().then(
			() => process.exit(0),
			(error: unknown) => {
				log.error({ err: error }, 'the process did not end in order');
				process.exit(1);
			}
		);
	};
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
}
