import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part, Space } from '../../bin/servers/space.ts';
import { startSpace } from '../../bin/servers/space.ts';
import { silentSteps } from '../../bin/servers/steps.ts';
import { serveControl } from './control.ts';
import { root, testLog, toolsFolder } from './settings.ts';

/** Keeps one whole space with the demonstration school for all journeys. */
export default async function keepSpace(): Promise<() => Promise<void>> {
	const dataFolder = mkdtempSync(join(tmpdir(), 'space-journeys-'));
	const port = Number(process.env.SPACE_TEST_PORT);
	const start = () =>
		startSpace({
			root,
			dataFolder,
			toolsFolder,
			parts: ['postgres', 'synapse', 'livekit', 'media', 'recorder', 'web'],
			host: '127.0.0.1',
			port,
			origin: `http://localhost:${port}`,
			existing: {},
			settings: { LOG_LEVEL: 'warn' },
			seed: true,
			steps: silentSteps(testLog)
		});

	let space: Space = await start();
	const control = await serveControl({
		signIns: async () => space.signIns,
		databaseUrl: async () => space.database?.ownerUrl,
		// Everything is ended in order and started again, as an administrator would.
		async restart() {
			await space.stop();
			space = await start();
		},
		// One part is lost as by a fault; its keeper starts it again.
		kill: async (part) => space.servers[part as Part]?.kill('SIGKILL'),
		// One part is ended and stays away until `restart`.
		stop: async (part) => space.servers[part as Part]?.stop()
	});
	process.env.SPACE_TEST_CONTROL = control.url;

	return async () => {
		await control.close();
		await space.stop();
		if (process.env.SPACE_TEST_KEEP) process.stderr.write(`${dataFolder}\n`);
		else rmSync(dataFolder, { recursive: true, force: true });
	};
}
