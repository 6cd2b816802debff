import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findLanAddress } from './livekit.ts';
import type { SpaceConfig } from './space.ts';

/** Folder of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

type Environment = Record<string, string | undefined>;

/** What a start reads from its environment; the settings' names and sentences are in src/env.ts. */
export function readStartSettings(
	env: Environment
): Pick<
	SpaceConfig,
	'root' | 'seed' | 'dataFolder' | 'toolsFolder' | 'host' | 'port' | 'origin' | 'existing' | 'nodeAddress' | 'settings'
> {
	const port = Number(env.PORT || 3000);
	return {
		root,
		seed: env.SPACE_DEMO !== 'no',
		dataFolder: resolve(root, env.SPACE_DATA || '.space'),
		toolsFolder: resolve(root, env.SPACE_TOOLS || '.space/tools'),
		host: env.HOST || '127.0.0.1',
		port,
		origin: env.ORIGIN || `http://localhost:${port}`,
		existing: existingServers(env),
		nodeAddress: env.LIVEKIT_NODE_IP ? { ip: env.LIVEKIT_NODE_IP } : findLanAddress(),
		settings: env.SPACE_SECRET ? { SPACE_SECRET: env.SPACE_SECRET } : {}
	};
}

function existingServers(env: Environment): Record<string, string> {
	const given = Object.entries(env).filter(([name, value]) => value && /^(DATABASE|LIVEKIT|MATRIX)_/.test(name));
	return Object.fromEntries(given.map(([name, value]) => [name, value ?? '']));
}
