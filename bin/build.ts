import { build } from 'vite';

// Builds the pages. The compiler of the messages leaves timers behind that would keep this process for half a minute.
await build({ logLevel: 'warn' });
process.exit();
