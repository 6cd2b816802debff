import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { freePort } from '../../bin/servers/ports.ts';
import { startSpace } from '../../bin/servers/space.ts';
import type { Part, Space } from '../../bin/servers/space.ts';
import { silentSteps } from '../../bin/servers/steps.ts';
import { ask } from './control.ts';
import { root, testLog, toolsFolder } from './settings.ts';

export interface TestDatabase {
	name: string;
	/** As the owner of the tables. */
	ownerUrl: string;
	/** As the role that row-level security binds. */
	appUrl: string;
}

export interface TestChat {
	url: string;
	serverName: string;
	asToken: string;
	hsToken: string;
}

export interface TestMedia {
	/** ws://… */
	url: string;
	apiKey: string;
	apiSecret: string;
}

export interface TestSpace extends Space {
	dataFolder: string;
	port: number;
}

export interface TestSpaceConfig {
	parts?: Part[];
	/** Folder and port of an earlier start, to start it again; otherwise new ones. */
	dataFolder?: string;
	port?: number;
	/** Make the demonstration school. */
	seed?: boolean;
	/** Start again what ends by itself, as `npm start` does; false lets a test see it down. */
	restart?: boolean;
	settings?: Record<string, string>;
}

/** A new database of the newest shape, empty; PostgreSQL is started when first asked. */
export function createDatabase(): Promise<TestDatabase> {
	return ask(inject('controlUrl'), 'database');
}

/** The run's Synapse, started when first asked; `hub` gets its events too. */
export async function useChat(hub?: string): Promise<TestChat> {
	if (hub) await ask(inject('controlUrl'), 'forward', hub);
	return ask(inject('controlUrl'), 'chat');
}

/** The run's LiveKit server, started when first asked. */
export async function useMedia(): Promise<TestMedia> {
	return ask(inject('controlUrl'), 'media');
}

/** A whole space of its own in a temporary folder, with the very modules of `npm start`. */
export async function startServers(config: TestSpaceConfig = {}): Promise<TestSpace> {
	const { dataFolder = mkdtempSync(join(tmpdir(), 'space-test-')), port = await freePort() } = config;
	const space = await startSpace({
		root,
		dataFolder,
		toolsFolder,
		parts: config.parts ?? ['postgres', 'synapse', 'livekit', 'media', 'recorder', 'web'],
		host: '127.0.0.1',
		port,
		origin: `http://localhost:${port}`,
		existing: {},
		settings: { LOG_LEVEL: 'warn', ...config.settings },
		seed: config.seed,
		restart: config.restart,
		steps: silentSteps(testLog)
	});
	return { ...space, dataFolder, port };
}

/** Ends a space and removes its folder. */
export async function endServers(space: TestSpace): Promise<void> {
	await space.stop();
	rmSync(space.dataFolder, { recursive: true, force: true });
}
