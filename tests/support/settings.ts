import type { Log } from '../../bin/servers/process.ts';
import { readStartSettings } from '../../bin/servers/settings.ts';

/** The programs are built once and shared by all runs. */
export const { root, toolsFolder } = readStartSettings(process.env);

/** Warnings of the servers' keeper belong to the run's output. */
export const testLog: Log = { info: () => undefined, warn: (sentence) => process.stderr.write(`${sentence}\n`) };
