import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../bin/servers/process.ts';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Folder of the LiveKit server and of Synapse; both are built once and shared by all runs. */
export const toolsFolder = resolve(root, process.env.SPACE_TOOLS || '.space/tools');

/** Warnings of the servers' keeper belong to the run's output. */
export const testLog: Log = { info: () => undefined, warn: (sentence) => process.stderr.write(`${sentence}\n`) };
