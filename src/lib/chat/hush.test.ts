import { logger } from 'matrix-js-sdk/lib/logger.js';
import { expect, test, vi } from 'vitest';
import { hush } from './hush.ts';

test('the library keeps its debugging to itself, and warnings and errors are seen', () => {
	const told: string[] = [];
	for (const level of ['trace', 'debug', 'info', 'log', 'warn', 'error'] as const)
		vi.spyOn(console, level).mockImplementation((...words) => void told.push(`${level}: ${words.join(' ')}`));
	const tell = (one: typeof logger | ReturnType<typeof logger.getChild>) => {
		one.trace('a');
		one.debug('b');
		one.info('c');
		one.warn('d');
		one.error('e');
	};
	hush(logger);
	tell(logger);
	logger.log('f');
	tell(logger.getChild('room').getChild('call'));
	vi.restoreAllMocks();
	expect(told).toEqual(['warn: d', 'error: e', 'warn: roomcall d', 'error: roomcall e']);
});
