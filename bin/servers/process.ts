import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Where the sentences of the servers' keeper go. */
export interface Log {
	info(sentence: string): void;
	warn(sentence: string): void;
}

export interface Program {
	name: string;
	command: string;
	args: string[];
	env?: Record<string, string | undefined>;
	cwd?: string;
	/** Options of setpriv(1) that take rights away from it. */
	privileges?: string[];
	/** File that takes everything it prints. */
	logFile: string;
	/** Signal that asks it to finish. */
	stopSignal?: NodeJS.Signals;
	/** Milliseconds after which it is asked once more, for a program that otherwise waits for its users to leave. */
	insistAfter?: number;
	/** Milliseconds it may take to finish before it is killed; 20 seconds unless told otherwise. */
	patience?: number;
}

export interface Server {
	/** Process id of the moment; none while it is down. */
	readonly pid: number | undefined;
	/** Ends it as a fault would: the keeper starts it again unless told otherwise. */
	kill(signal: NodeJS.Signals): Promise<void>;
	stop(): Promise<void>;
}

export interface Keeping {
	log: Log;
	/** Start it again when it ends by itself; true unless told otherwise. */
	restart?: boolean;
	/** Milliseconds the first start may take. */
	startTimeout?: number;
}

interface Child {
	process: ChildProcess;
	ended: Promise<string>;
	isAlive(): boolean;
}

const LOG_FILE_LIMIT = 20 * 1024 * 1024;
const LONGEST_PAUSE = 30_000;
const STABLE_AFTER = 60_000;
/** On Linux a child gets its stop signal when this process is killed, so nothing is left running. */
export const setpriv = process.platform === 'linux' && spawnSync('setpriv', ['--version']).status === 0 ? 'setpriv' : undefined;

/** Starts a program, waits until it answers, and keeps it running until it is stopped. */
export async function keepRunning(program: Program, answers: () => Promise<boolean>, keeping: Keeping): Promise<Server> {
	const { log, restart = true, startTimeout = 180_000 } = keeping;
	let child = launch(program);
	let stopping = false;

	await answering(program, child, answers, startTimeout);
	void watch();

	async function watch(): Promise<void> {
		let pause = 1000;
		for (;;) {
			const begun = Date.now();
			const reason = await child.ended;
			if (stopping || !restart) return;
			pause = Date.now() - begun > STABLE_AFTER ? 1000 : pause;
			log.warn(
				`${program.name} 意外停止（${reason}），${pause / 1000} 秒后重新启动。${program.name} ended (${reason}); starting it again in ${pause / 1000} s. ${program.logFile}`
			);
			await wait(pause);
			pause = Math.min(pause * 2, LONGEST_PAUSE);
			if (stopping) return;
			child = launch(program);
		}
	}

	return {
		get pid() {
			return child.isAlive() ? child.process.pid : undefined;
		},
		async kill(signal) {
			child.process.kill(signal);
			await child.ended;
		},
		async stop() {
			stopping = true;
			await endChild(program, child);
		}
	};
}

/** Runs a command to its end; rejects with its last lines when it fails. */
export async function runCommand(program: Omit<Program, 'stopSignal' | 'patience'>, signal?: AbortSignal): Promise<void> {
	const child = launch({ ...program, stopSignal: 'SIGTERM' });
	// The whole group: installers and compilers work through processes of their own.
	const abort = () => child.process.pid && process.kill(-child.process.pid, 'SIGTERM');
	signal?.addEventListener('abort', abort, { once: true });
	const end = await child.ended;
	signal?.removeEventListener('abort', abort);
	if (end !== 'exit 0') throw new Error(`${program.name}: ${end}\n${lastLines(program.logFile)}`);
}

/** Repeats a question until it is answered with yes. */
export async function until(isTrue: () => Promise<boolean>, timeout: number, every = 50): Promise<boolean> {
	const end = Date.now() + timeout;
	while (Date.now() < end) {
		if (await isTrue()) return true;
		await wait(every);
	}
	return false;
}

/** Whether an address answers HTTP at all, whatever it says. */
export async function answersHttp(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
		await response.arrayBuffer();
		return response.status < 500 || response.headers.get('content-type')?.includes('json') === true;
	} catch {
		return false;
	}
}

/** The environment of a program that is not ours: nothing secret comes along. */
export function plainEnvironment(): Record<string, string> {
	const kept = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'USER'];
	return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function launch(program: Program): Child {
	const output = openLog(program.logFile);
	const { stopSignal = 'SIGTERM' } = program;
	const guard = setpriv ? [setpriv, '--pdeathsig', stopSignal.replace('SIG', ''), ...(program.privileges ?? [])] : [];
	const [command = '', ...args] = [...guard, program.command, ...program.args];
	const child = spawn(command, args, {
		cwd: program.cwd,
		env: program.env ?? plainEnvironment(),
		stdio: ['ignore', output, output],
		// Its own process group: Ctrl-C reaches only the keeper, which ends all in order.
		detached: true
	});
	closeSync(output);
	let alive = true;
	const ended = new Promise<string>((resolve) => {
		child.once('error', (error) => resolve(error.message));
		child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
	}).finally(() => (alive = false));
	return { process: child, ended, isAlive: () => alive };
}

async function answering(program: Program, child: Child, answers: () => Promise<boolean>, timeout: number): Promise<void> {
	const answered = await until(async () => !child.isAlive() || (await answers()), timeout);
	if (answered && child.isAlive()) return;
	const reason = child.isAlive() ? `no answer in ${timeout / 1000} s` : await child.ended;
	await endChild(program, child);
	throw new Error(`${program.name}: ${reason}\n${lastLines(program.logFile)}`);
}

async function endChild(program: Program, child: Child): Promise<void> {
	const { stopSignal = 'SIGTERM', insistAfter, patience = 20_000 } = program;
	if (!child.isAlive()) return;
	child.process.kill(stopSignal);
	const timers = [setTimeout(() => child.process.kill('SIGKILL'), patience)];
	if (insistAfter) timers.push(setTimeout(() => child.process.kill(stopSignal), insistAfter));
	await child.ended;
	timers.forEach(clearTimeout);
}

function openLog(file: string): number {
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_FILE_LIMIT) renameSync(file, `${file}.1`);
	return openSync(file, 'a', 0o600);
}

/** The end of what a program printed, without the lines of its stack. */
function lastLines(file: string): string {
	const printed = readFileSync(file, 'utf8').trimEnd().split('\n');
	const lines = printed.filter((line) => !/^\s+at /.test(line)).slice(-12);
	return [...lines, `(${file})`].join('\n');
}

/** Whether a process lives. */
export function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
