import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { prepareSpaceDatabase, prepareSynapseDatabase, spaceDatabase } from '../../bin/servers/databases.ts';
import { startLivekit } from '../../bin/servers/livekit.ts';
import { freePort } from '../../bin/servers/ports.ts';
import { startPostgres, withClient } from '../../bin/servers/postgres.ts';
import type { Server } from '../../bin/servers/process.ts';
import { keepSecrets } from '../../bin/servers/secrets.ts';
import { startSynapse } from '../../bin/servers/synapse.ts';
import { prepareLivekit, prepareSynapse } from '../../bin/servers/tools.ts';
import { migrate } from '../../bin/migrate.ts';
import { serveControl } from './control.ts';
import type { TestChat, TestMedia } from './servers.ts';
import { testLog, toolsFolder } from './settings.ts';

declare module 'vitest' {
	interface ProvidedContext {
		controlUrl: string;
	}
}

const TEMPLATE = 'migrated';

/** Keeps the servers of one vitest run: each is started when a test first asks for it, and ended with the run. */
export default async function keepServers(project: TestProject): Promise<() => Promise<void>> {
	const folder = mkdtempSync(join(tmpdir(), 'space-test-'));
	const secrets = keepSecrets(folder);
	const tools = { folder: toolsFolder, logFolder: folder };
	const started: Server[] = [];
	const keeping = (name: string) => ({ log: testLog, logFile: join(folder, `${name}.log`) });
	let databases = 0;

	const postgres = once(async () => {
		const server = await startPostgres({
			folder: join(folder, 'postgres'),
			port: await freePort(),
			password: secrets.postgresPassword,
			// Hundreds of databases would be written out at the end of the run, to be removed.
			fleeting: true,
			...keeping('postgres')
		});
		started.push(server);
		return server;
	});

	const template = once(async () => {
		const { ownerUrl } = await prepareSpaceDatabase(await postgres(), secrets, TEMPLATE);
		await migrate(ownerUrl);
	});

	const control = await serveControl({
		async database() {
			await template();
			const server = await postgres();
			const name = `test_${++databases}`;
			await withClient(server.url('postgres'), async (client) => {
				await client.query(`CREATE DATABASE ${name} OWNER space_owner TEMPLATE ${TEMPLATE} STRATEGY wal_log`);
				await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
				await client.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO space_app`);
			});
			return { name, ...spaceDatabase(server.port, secrets, name) };
		},

		chat: once(async (): Promise<TestChat> => {
			const server = await postgres();
			await prepareSynapseDatabase(server, secrets);
			const tool = await prepareSynapse(tools);
			if ('missing' in tool) throw new Error(tool.missing);
			const serverName = 'space.test';
			const synapse = await startSynapse({
				python: tool.path,
				folder: join(folder, 'synapse'),
				port: await freePort(),
				databasePort: server.port,
				serverName,
				hubUrl: control.hooksUrl,
				origin: 'http://localhost:3000',
				secrets,
				...keeping('synapse')
			});
			started.push(synapse);
			return { url: synapse.url, serverName, asToken: secrets.matrixAsToken, hsToken: secrets.matrixHsToken };
		}),

		media: once(async (): Promise<TestMedia> => {
			const tool = await prepareLivekit(tools);
			if ('missing' in tool) throw new Error(tool.missing);
			const livekit = await startLivekit({
				program: tool.path,
				folder: join(folder, 'livekit'),
				port: await freePort(),
				udpPort: await freePort(),
				tcpPort: await freePort(),
				secrets,
				...keeping('livekit')
			});
			started.push(livekit);
			return { url: livekit.url, apiKey: secrets.livekitKey, apiSecret: secrets.livekitSecret };
		})
	});
	project.provide('controlUrl', control.url);

	return async () => {
		for (const server of started.toReversed()) await server.stop();
		await control.close();
		rmSync(folder, { recursive: true, force: true });
	};
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
	let running: Promise<T> | undefined;
	return () => (running ??= work());
}
