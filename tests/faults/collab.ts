import './clock.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeClassroom } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import { migrate } from '../../bin/migrate.ts';
import { prepareSpaceDatabase } from '../../bin/servers/databases.ts';
import { freePort } from '../../bin/servers/ports.ts';
import { startPostgres } from '../../bin/servers/postgres.ts';
import { prepareRedis, startRedis } from '../../bin/servers/redis.ts';
import { keepSecrets } from '../../bin/servers/secrets.ts';
import { Node } from './cluster.ts';
import { runFaults } from './run.ts';

// npm run faults:collab [-- <runs> [<seed>]]: 30 writers, two processes, and every fault there is. Ends with 1 and the
// seed when a confirmed character is lost, one is there twice, or copies differ.

const [runs = 100, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const writers = 30;
// Each client of y-websocket listens for the end of the process.
process.setMaxListeners(0);
const folder = mkdtempSync(join(tmpdir(), 'space-faults-'));
const log = { info: () => undefined, warn: (line: string) => console.error(line) };
const tool = await prepareRedis(join(folder, 'apt.log'));
if ('missing' in tool) throw new Error(tool.missing);
const redisPort = await freePort();
const postgresPort = await freePort([redisPort]);
const secrets = keepSecrets(folder);

const openRedis = () =>
	startRedis({ program: tool.path, folder, port: redisPort, logFile: join(folder, 'redis.log'), log, restart: false });
const openPostgres = () =>
	startPostgres({
		folder: join(folder, 'postgres'),
		port: postgresPort,
		password: secrets.postgresPassword,
		logFile: join(folder, 'postgres.log'),
		log,
		restart: false
	});
let redis = await openRedis();
let postgres = await openPostgres();
const { ownerUrl, appUrl } = await prepareSpaceDatabase(postgres, secrets);
await migrate(ownerUrl);
const direct = await openServices({ databaseUrl: appUrl });
const nodes = await Promise.all([Node.start(appUrl, redis.url), Node.start(appUrl, redis.url)]);

async function restartRedis(): Promise<void> {
	await redis.kill('SIGKILL');
	redis = await openRedis();
}
async function restartDatabase(): Promise<void> {
	await postgres.kill('SIGKILL');
	// The sessions of the one that was killed hold on to its memory for a moment.
	for (let tries = 0; ; tries++) {
		try {
			postgres = await openPostgres();
			return;
		} catch (error) {
			if (tries === 20) throw error;
			await wait(200);
		}
	}
}

console.log(`${runs} runs from seed ${seed}, ${writers} writers`);
const begun = performance.now();
const faults = new Map<string, number>();
let [typed, confirmed, done] = [0, 0, 0];
try {
	const scene = { cluster: { nodes, restartRedis, restartDatabase }, classroom: await makeClassroom(direct), direct };
	for (; done < runs; done++) {
		const result = await runFaults(scene, { seed: seed + done, writers, duration: 1_000, kills: true });
		typed += result.typed;
		confirmed += result.confirmed;
		for (const fault of result.faults) {
			const kind = fault.replace(/,? -?\d+ ms.*/, '');
			faults.set(kind, (faults.get(kind) ?? 0) + 1);
		}
		if (done % 20 === 19) console.log(`${done + 1} runs, ${confirmed} characters confirmed, none lost, none twice`);
	}
} catch (error) {
	console.error(error);
	process.exitCode = 1;
}
const seconds = Math.round((performance.now() - begun) / 1000);
console.log(`${done} of ${runs} runs whole in ${seconds} s from seed ${seed}: ${typed} characters typed, ${confirmed} confirmed`);
for (const [fault, count] of faults) console.log(`  ${fault}: ${count}`);
await Promise.all(nodes.map((node) => node.close()));
await direct.close();
await redis.stop();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
