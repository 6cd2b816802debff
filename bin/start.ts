import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SignIn } from './servers/demonstration.ts';
import { findLanAddress } from './servers/livekit.ts';
import { isFree } from './servers/ports.ts';
import { startSpace } from './servers/space.ts';
import type { Space } from './servers/space.ts';
import { showSteps } from './servers/steps.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { env } = process;
const dataFolder = resolve(root, env.SPACE_DATA || '.space');
const toolsFolder = resolve(root, env.SPACE_TOOLS || '.space/tools');
const port = Number(env.PORT || 3000);
const host = env.HOST || '127.0.0.1';
const origin = env.ORIGIN || `http://localhost:${port}`;
const lock = join(dataFolder, 'start.pid');

const begun = Date.now();
const steps = showSteps();
const stopping = new AbortController();
let space: Space | undefined;
let ending: Promise<void> | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
// The process that started this one was killed.
process.on('disconnect', () => void stop());

try {
	console.log('杏坛 Xingtan\n');
	await takeLock();
	space = await startSpace({
		root,
		dataFolder,
		toolsFolder,
		parts: ['postgres', 'synapse', 'livekit', 'media', 'web'],
		host,
		port,
		origin,
		existing: existingServers(),
		nodeAddress: env.LIVEKIT_NODE_IP ? { ip: env.LIVEKIT_NODE_IP } : findLanAddress(),
		settings: env.SPACE_SECRET ? { SPACE_SECRET: env.SPACE_SECRET } : {},
		dev: process.argv.includes('--dev'),
		seed: true,
		steps,
		signal: stopping.signal
	});
	if (!stopping.signal.aborted) await greet(space);
} catch (error) {
	steps.close();
	if (!stopping.signal.aborted) {
		console.error(`\n没有启动。It did not start.\n${error instanceof Error ? error.message : String(error)}`);
		process.exitCode = 1;
	}
} finally {
	if (stopping.signal.aborted || !space) await end();
}

async function stop(): Promise<void> {
	if (stopping.signal.aborted) return;
	console.log('\n正在停止，请稍候 Stopping …');
	stopping.abort();
	// While it is still starting, the start itself ends what it had begun.
	if (space) await end();
}

function end(): Promise<void> {
	ending ??= endOnce();
	return ending;
}

async function endOnce(): Promise<void> {
	await space?.stop();
	steps.close();
	if (existsSync(lock) && readFileSync(lock, 'utf8') === String(process.pid)) rmSync(lock);
	if (space) console.log('已停止，内容都已保存。Stopped; everything is saved.');
	process.exit();
}

/** One start per data folder and per port; otherwise a sentence says what is in the way. */
async function takeLock(): Promise<void> {
	const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
	if (pid && pid !== process.pid && isStart(pid)) {
		throw new Error(`杏坛已在运行（进程 ${pid}）。Xingtan is running already (process ${pid}). ${dataFolder}`);
	}
	if (!(await isFree(port, host))) {
		throw new Error(
			`端口 ${port} 已被占用，可以换一个：PORT=3001 npm start。Port ${port} is taken; choose another: PORT=3001 npm start.`
		);
	}
	mkdirSync(dataFolder, { recursive: true });
	writeFileSync(lock, String(process.pid));
}

/** Whether a process is a start of a space; after a crash its number may be another program's. */
function isStart(pid: number): boolean {
	return spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).stdout.includes('start.ts');
}

function existingServers(): Record<string, string> {
	return Object.fromEntries(
		Object.entries(env).flatMap(([name, value]) => (value && /^(DATABASE|LIVEKIT|MATRIX)_/.test(name) ? [[name, value]] : []))
	);
}

async function greet({ url, signIns }: Space): Promise<void> {
	const health = await fetch(`${url}/api/v1/health`).then((response) => response.json());
	for (const [part, state] of Object.entries(health)) {
		if (part !== 'status' && state !== 'ok') steps.warn(`${part}: ${String(state)}`);
	}
	steps.info(`\n用时 ${((Date.now() - begun) / 1000).toFixed(1)} s。在浏览器里打开 Open in a browser: ${origin}\n`);
	if (signIns.length > 0) steps.info(signInTable(signIns));
	steps.info('按 Ctrl-C 停止 Press Ctrl-C to stop.');
}

function signInTable(signIns: SignIn[]): string {
	const rows = signIns.map(({ role, name, login, password }) => `  ${pad(role, 14)}${pad(name, 10)}${pad(login, 22)}${password}`);
	return ['示范学校的账号 Sign-ins of the demonstration school:', ...rows, ''].join('\n');
}

/** Fills with spaces to a number of columns; a Chinese character takes two. */
function pad(text: string, columns: number): string {
	const used = [...text].reduce((sum, character) => sum + (character > '\u2e7f' ? 2 : 1), 0);
	return text + ' '.repeat(Math.max(1, columns - used));
}
