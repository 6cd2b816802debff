import type { SignIn } from './servers/demonstration.ts';
import { lockDataFolder } from './servers/lock.ts';
import { isFree } from './servers/ports.ts';
import { readStartSettings } from './servers/settings.ts';
import { startSpace } from './servers/space.ts';
import type { Space } from './servers/space.ts';
import { showSteps } from './servers/steps.ts';

const settings = readStartSettings(process.env);
const begun = Date.now();
const steps = showSteps();
const stopping = new AbortController();
let unlock: (() => void) | undefined;
let space: Space | undefined;
let ending: Promise<void> | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
// The process that started this one was killed.
process.on('disconnect', () => void stop());

try {
	steps.info('杏坛 Xingtan\n');
	unlock = lockDataFolder(settings.dataFolder);
	await expectFreePort(settings.port, settings.host);
	space = await startSpace({
		...settings,
		parts: ['postgres', 'synapse', 'livekit', 'media', 'recorder', 'web'],
		dev: process.argv.includes('--dev'),
		steps,
		signal: stopping.signal
	});
	if (!stopping.signal.aborted) await greet(space);
} catch (error) {
	if (!stopping.signal.aborted) {
		steps.warn(`没有启动。It did not start.\n${error instanceof Error ? error.message : String(error)}`);
		process.exitCode = 1;
	}
} finally {
	if (stopping.signal.aborted || !space) await end();
}

async function stop(): Promise<void> {
	if (stopping.signal.aborted) return;
	steps.info('\n正在停止，请稍候。Stopping …');
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
	unlock?.();
	if (space) console.log('已停止，内容都已保存。Stopped; everything is saved.');
	process.exit();
}

async function expectFreePort(port: number, host: string): Promise<void> {
	if (await isFree(port, host)) return;
	throw new Error(
		`端口 ${port} 已被占用，可以换一个：PORT=3001 npm start。Port ${port} is taken; choose another: PORT=3001 npm start.`
	);
}

async function greet({ url, signIns }: Space): Promise<void> {
	const health: Record<string, string> = await fetch(`${url}/api/v1/health`).then((response) => response.json());
	for (const [part, state] of Object.entries(health)) {
		if (part !== 'status' && state !== 'ok') steps.warn(`${part}: ${state}`);
	}
	const seconds = ((Date.now() - begun) / 1000).toFixed(1);
	steps.info(`\n用时 ${seconds} s。在浏览器里打开 Open in a browser: ${settings.origin}\n`);
	if (signIns.length > 0) steps.info(signInTable(signIns));
	steps.info('按 Ctrl-C 停止。Press Ctrl-C to stop.');
}

function signInTable(signIns: SignIn[]): string {
	const rows = signIns.map(({ role, name, login, password }) => `  ${pad(role, 16)}${pad(name, 10)}${pad(login, 22)}${password}`);
	return ['示范学校的账号 Sign-ins of the demonstration school:', ...rows, ''].join('\n');
}

/** Fills with spaces to a number of columns; a Chinese character takes two. */
function pad(text: string, columns: number): string {
	const used = [...text].reduce((sum, character) => sum + (character > '\u2e7f' ? 2 : 1), 0);
	return text + ' '.repeat(Math.max(1, columns - used));
}
