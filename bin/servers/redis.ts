import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { keepRunning, until } from './process.ts';
import type { Keeping, Server } from './process.ts';
import { canUseApt, installPackages } from './tools.ts';
import type { Tool } from './tools.ts';

export interface RedisConfig extends Keeping {
	/** The server's program. */
	program: string;
	/** Its working folder; it keeps nothing there. */
	folder: string;
	port: number;
	logFile: string;
}

export interface Redis extends Server {
	/** redis://… */
	readonly url: string;
	/** Resolves when it answers, as after a fault. */
	revived(): Promise<void>;
}

const PROGRAMS = ['valkey-server', 'redis-server'];
const PLACES = ['/usr/bin', '/usr/local/bin'];

/** Redis or Valkey where this machine has it, otherwise Debian's, where it may be installed. */
export async function prepareRedis(logFile: string): Promise<Tool> {
	const found = findRedis();
	if (found) return { path: found, wasReady: true };
	const missing = { missing: '没有 Redis。Redis or Valkey is missing: apt install redis-server.' };
	if (!canUseApt()) return missing;
	await installPackages(['redis-server'], logFile).catch(() => undefined);
	const installed = findRedis();
	return installed ? { path: installed, wasReady: false } : missing;
}

function findRedis(): string | undefined {
	const folders = [...(process.env.PATH ?? '').split(delimiter), ...PLACES];
	return PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Starts a Redis that forgets everything with its end, on this machine's own address only. */
export async function startRedis(config: RedisConfig): Promise<Redis> {
	const { program, folder, port, logFile } = config;
	mkdirSync(folder, { recursive: true });
	const settings = { port: String(port), bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no' };
	const server = await keepRunning(
		{
			name: 'Redis',
			command: program,
			args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
			logFile
		},
		() => answersPing(port),
		config
	);
	return Object.assign(server, {
		url: `redis://127.0.0.1:${port}`,
		async revived() {
			if (!(await until(() => answersPing(port), 30_000))) throw new Error(`Redis is not back. ${logFile}`);
		}
	});
}

function answersPing(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
		const end = (answers: boolean) => {
			socket.destroy();
			resolve(answers);
		};
		socket.setTimeout(1_000, () => end(false));
		socket.once('error', () => end(false));
		socket.once('data', (data) => end(data.toString().startsWith('+PONG')));
	});
}
