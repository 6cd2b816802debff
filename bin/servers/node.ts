import { join } from 'node:path';
import { answersHttp, keepRunning } from './process.ts';
import type { Keeping, Server } from './process.ts';

export interface NodeConfig extends Keeping {
	/** Folder of the repository. */
	root: string;
	/** Settings of src/env.ts. */
	settings: Record<string, string>;
	logFile: string;
	args?: string[];
}

/** Starts one of the space's own processes. */
export function keepNodeRunning(
	name: string,
	script: string,
	answers: () => Promise<boolean>,
	config: NodeConfig
): Promise<Server> {
	const { root, settings, logFile, args = [] } = config;
	return keepRunning(
		{
			name,
			command: process.execPath,
			args: ['--disable-warning=ExperimentalWarning', join(root, script), ...args],
			cwd: root,
			env: { ...process.env, ...settings },
			logFile,
			patience: 30_000
		},
		answers,
		config
	);
}

/** Starts the web server: pages, API, shared documents, and the way to LiveKit and Synapse. */
export async function startWeb(config: NodeConfig & { url: string }): Promise<Server & { url: string }> {
	const server = await keepNodeRunning('Web', 'bin/web.ts', () => answersHttp(`${config.url}/api/v1/health`), config);
	return Object.assign(server, { url: config.url });
}
