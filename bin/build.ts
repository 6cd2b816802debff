import { build } from 'vite';

// Builds the pages. The compiler of the messages leaves timers behind that would keep this process for half a minute.
try {
	await build({ logLevel: 'warn' });
	process.exit();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
}
