import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import './clock.ts';
import { makeClassroom } from '#collab/test/support.ts';
import { createDatabase } from '#tests/support/servers.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { testLog } from '#tests/support/settings.ts';
import { freePort } from '../../bin/servers/ports.ts';
import { prepareRedis, startRedis } from '../../bin/servers/redis.ts';
import type { Redis } from '../../bin/servers/redis.ts';
import { Node } from './cluster.ts';
import { runFaults } from './run.ts';
import type { Scene } from './run.ts';

// The short fault run: two processes, one Redis, one database; `npm run faults:collab` is the long one.

const folder = mkdtempSync(join(tmpdir(), 'space-faults-'));
const tool = await prepareRedis(join(folder, 'apt.log'));
if ('missing' in tool) process.stdout.write(`${tool.missing}\n`);
const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000);

let direct: TestServices;
let redis: Redis;
let scene: Scene;

beforeAll(async () => {
	if ('missing' in tool) return;
	const { appUrl } = await createDatabase();
	direct = await openServices({ databaseUrl: appUrl });
	const port = await freePort();
	const start = () =>
		startRedis({ program: tool.path, folder, port, logFile: join(folder, 'redis.log'), log: testLog, restart: false });
	redis = await start();
	const nodes = await Promise.all([Node.start(appUrl, redis.url), Node.start(appUrl, redis.url)]);
	const restartRedis = async () => {
		await redis.kill('SIGKILL');
		redis = await start();
	};
	scene = { cluster: { nodes, restartRedis }, classroom: await makeClassroom(direct), direct };
});
afterAll(async () => {
	await Promise.all(scene?.cluster.nodes.map((node) => node.close()) ?? []);
	await redis?.stop();
	await direct?.close();
	rmSync(folder, { recursive: true, force: true });
});

test.skipIf('missing' in tool)(
	'50 random runs of cuts, silent lines, closed screens, wrong clocks and restarts: nothing confirmed is lost, nothing doubled',
	async () => {
		process.stdout.write(`fault runs from seed ${seed}\n`);
		let confirmed = 0;
		for (let run = 0; run < 50; run++) {
			const kills = run % 10 === 9;
			confirmed += (await runFaults(scene, { seed: seed + run, writers: 4, duration: kills ? 500 : 250, kills })).confirmed;
		}
		expect(confirmed).toBeGreaterThan(500);
	},
	180_000
);
