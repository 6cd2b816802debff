import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../bin/servers/ports.ts';
import { root } from '../../bin/servers/settings.ts';
import { startSpace } from '../../bin/servers/space.ts';
import type { Part, Space } from '../../bin/servers/space.ts';
import { silentSteps } from '../../bin/servers/steps.ts';

export interface BenchSpace extends Space {
	port: number;
	dataFolder: string;
}

/** What every figure stands on: processor, memory, versions. */
export function machine(): string {
	const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const gigabytes = Math.round(totalmem() / 2 ** 30);
	return `${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, ${gigabytes} GiB, Node ${process.versions.node}, Xingtan ${version}`;
}

/** Starts a space as `npm start` does, in a folder of its own or in one that an earlier start left. */
export async function openSpace(parts: Part[], kept?: { dataFolder: string; port: number }): Promise<BenchSpace> {
	const dataFolder = kept?.dataFolder ?? mkdtempSync(join(tmpdir(), 'space-bench-'));
	const port = kept?.port ?? (await freePort());
	const space = await startSpace({
		root,
		dataFolder,
		toolsFolder: process.env.SPACE_TOOLS ?? join(root, '.space', 'tools'),
		parts,
		host: '127.0.0.1',
		port,
		origin: `http://localhost:${port}`,
		existing: {},
		settings: { LOG_LEVEL: 'warn' },
		seed: true,
		steps: silentSteps({ info: () => undefined, warn: console.error })
	});
	return { ...space, dataFolder, port };
}

/** Ends it and removes what it made. */
export async function closeSpace(space: BenchSpace): Promise<void> {
	await space.stop();
	rmSync(space.dataFolder, { recursive: true, force: true });
}

/** Seconds that work takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
	const from = performance.now();
	await work();
	return (performance.now() - from) / 1000;
}
