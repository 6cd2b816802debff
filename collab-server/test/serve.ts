import { startCollab } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';

/** A collaboration server in a process of its own, to be killed: `node serve.ts <database url> [<redis url>]`; prints its address. */
const [databaseUrl = '', redisUrl = ''] = process.argv.slice(2);
const { url } = await startCollab(await openServices({ databaseUrl, settings: { REDIS_URL: redisUrl } }));
process.stdout.write(`${url}\n`);
