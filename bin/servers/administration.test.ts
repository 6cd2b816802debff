import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { startServers } from '#tests/support/servers.ts';
import { lockDataFolder } from './lock.ts';

/** Runs a count of the migrations as an administrator's command does, in a process of its own. */
async function countMigrations(dataFolder: string): Promise<number> {
	const script = `
		import { withSpace } from ${JSON.stringify(join(import.meta.dirname, 'administration.ts'))};
		import { withClient } from ${JSON.stringify(join(import.meta.dirname, 'postgres.ts'))};
		const counted = await withSpace({ info() {}, warn: console.error }, ({ DATABASE_URL }) =>
			withClient(DATABASE_URL, (client) => client.query('SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations')));
		console.log(counted.rows[0].n);`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
		cwd: join(import.meta.dirname, '../..'),
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { PATH: process.env.PATH, HOME: process.env.HOME, SPACE_DATA: dataFolder }
	});
	let output = '';
	for await (const part of child.stdout) output += String(part);
	return Number(output);
}

test(
	"an administrator's command works while the space runs, and starts the database by itself when it does not",
	{
		timeout: 90_000
	},
	async () => {
		const dataFolder = temporaryFolder();
		const withoutSpace = await countMigrations(dataFolder);
		expect(withoutSpace).toBeGreaterThan(0);
		const space = await startServers({ dataFolder, parts: ['postgres'] });
		onTestFinished(() => space.stop());
		const before = space.servers.postgres?.pid;
		expect(await countMigrations(dataFolder)).toBe(withoutSpace);
		expect(space.servers.postgres?.pid).toBe(before);
	}
);

test('a data folder has one keeper at a time, and a dead one does not count', async () => {
	const folder = temporaryFolder();
	const keeper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'start.ts']);
	await new Promise((resolve) => keeper.once('spawn', resolve));
	writeFileSync(join(folder, 'start.pid'), String(keeper.pid));
	expect(() => lockDataFolder(folder)).toThrow(`Xingtan is running already (process ${keeper.pid})`);
	keeper.kill('SIGKILL');
	await new Promise((resolve) => keeper.once('exit', resolve));
	const unlock = lockDataFolder(folder);
	unlock();
});
