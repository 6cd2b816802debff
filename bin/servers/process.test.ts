import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { isRunning, keepRunning, runCommand, setpriv, until } from './process.ts';
import type { Log, Program } from './process.ts';

/** A program that says when it runs, and takes its time to end. */
function patientProgram(folder: string, name = 'patient'): Program {
	const script = `
		const fs = require('node:fs');
		fs.writeFileSync(process.argv[1], String(process.pid));
		process.on('SIGTERM', () => setTimeout(() => { fs.appendFileSync(process.argv[2], '${name}\\n'); process.exit(); }, 100));
		setInterval(() => {}, 1000);`;
	const marks = [join(folder, `${name}.pid`), join(folder, 'ended')];
	return { name, command: process.execPath, args: ['-e', script, ...marks], logFile: join(folder, `${name}.log`) };
}

function heard(): Log & { warnings: string[] } {
	const warnings: string[] = [];
	return { warnings, info: () => undefined, warn: (sentence) => warnings.push(sentence) };
}

test('a program that ends by itself is started again, and the log says so', async () => {
	const folder = temporaryFolder();
	const log = heard();
	const pidFile = join(folder, 'patient.pid');
	const server = await keepRunning(patientProgram(folder), async () => existsSync(pidFile), { log });
	onTestFinished(() => server.stop());
	const first = server.pid;

	await server.kill('SIGKILL');
	await expect.poll(() => server.pid, { timeout: 10_000 }).toEqual(expect.any(Number));
	expect(server.pid).not.toBe(first);
	expect(log.warnings).toEqual([expect.stringContaining('patient ended (SIGKILL); starting it again in 1 s')]);
});

test('a stopped program had the time to finish, and is not started again', async () => {
	const folder = temporaryFolder();
	const log = heard();
	const server = await keepRunning(patientProgram(folder), async () => existsSync(join(folder, 'patient.pid')), { log });
	await server.stop();
	expect(readFileSync(join(folder, 'ended'), 'utf8')).toBe('patient\n');
	expect(server.pid).toBeUndefined();
	expect(log.warnings).toEqual([]);
});

test('a program that waits for its users to leave is asked once more', async () => {
	const folder = temporaryFolder();
	const script = `
		let asked = 0;
		process.on('SIGTERM', () => { if (++asked === 2) process.exit(); });
		require('node:fs').writeFileSync(process.argv[1], '');
		setInterval(() => {}, 1000);`;
	const mark = join(folder, 'runs');
	const program = {
		name: 'waiting',
		command: process.execPath,
		args: ['-e', script, mark],
		logFile: join(folder, 'waiting.log')
	};
	const server = await keepRunning({ ...program, insistAfter: 50 }, async () => existsSync(mark), { log: heard() });
	await server.stop();
	expect(server.pid).toBeUndefined();
});

test('a program that is stopped while it waits to be started again stays away', async () => {
	const folder = temporaryFolder();
	const server = await keepRunning(patientProgram(folder), async () => existsSync(join(folder, 'patient.pid')), { log: heard() });
	await server.kill('SIGKILL');
	await server.stop();
	expect(await until(async () => server.pid !== undefined, 1500)).toBe(false);
});

test('a program that does not start is an error with its last lines', async () => {
	const logFile = join(temporaryFolder(), 'broken.log');
	const program = {
		name: 'broken',
		command: process.execPath,
		args: ['-e', 'console.error("no configuration"); process.exit(3)'],
		logFile
	};
	await expect(keepRunning(program, async () => false, { log: heard() })).rejects.toThrow(
		`broken: exit 3\nno configuration\n(${logFile})`
	);
});

test('a command that fails is an error with its last lines', async () => {
	const logFile = join(temporaryFolder(), 'command.log');
	const command = { name: 'command', command: 'sh', args: ['-c', 'echo no space left >&2; exit 1'], logFile };
	await expect(runCommand(command)).rejects.toThrow(`command: exit 1\nno space left\n(${logFile})`);
});

test.runIf(setpriv)('a killed keeper leaves no program running', async () => {
	const folder = temporaryFolder();
	const script = `
		import { existsSync } from 'node:fs';
		import { keepRunning } from ${JSON.stringify(join(import.meta.dirname, 'process.ts'))};
		const program = ${JSON.stringify(patientProgram(folder))};
		await keepRunning(program, async () => existsSync(program.args[2]), { log: console });
		process.send('ready');`;
	const keeper = spawn(process.execPath, ['--input-type=module', '-e', script], {
		stdio: ['ignore', 'ignore', 'inherit', 'ipc']
	});
	await new Promise((resolve) => keeper.once('message', resolve));
	const pid = Number(readFileSync(join(folder, 'patient.pid'), 'utf8'));
	expect(isRunning(pid)).toBe(true);
	keeper.kill('SIGKILL');
	await expect.poll(() => existsSync(join(folder, 'ended'))).toBe(true);
});
