import type { Logger } from 'matrix-js-sdk/lib/logger.js';

const nothing = () => undefined;

/** Of what the library tells the console on its own, only warnings and worse are anybody's business. */
export function hush(logger: Logger): Logger {
	const { getChild } = logger;
	return Object.assign(logger, {
		trace: nothing,
		debug: nothing,
		info: nothing,
		log: nothing,
		getChild: (name: string) => hush(getChild(name))
	});
}
