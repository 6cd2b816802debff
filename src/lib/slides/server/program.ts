import { spawn } from 'node:child_process';

interface Run {
	command: string;
	args: readonly string[];
	env: Record<string, string>;
	cwd?: string;
	/** Longest run, in milliseconds. */
	patience: number;
}

/** The most of what a program says that is kept, in characters. */
const mostSaid = 64 * 1024;

/** How a program ended: with a code, killed because it took too long, or not begun. */
export interface Ended {
	code: number | null;
	said: string;
	late: boolean;
}

/** Runs a program that is given a foreign file: alone in its process group, which is killed whole when its time is up. */
export function runProgram({ command, args, env, cwd, patience }: Run): Promise<Ended> {
	return new Promise((resolve) => {
		const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
		let said = '';
		let late = false;
		const hear = (chunk: Buffer) => {
			if (said.length < mostSaid) said += chunk.toString();
		};
		child.stdout.on('data', hear);
		child.stderr.on('data', hear);
		const kill = () => {
			try {
				if (child.pid) process.kill(-child.pid, 'SIGKILL');
			} catch {
				// Gone already.
			}
		};
		const timer = setTimeout(() => {
			late = true;
			kill();
		}, patience);
		const end = (code: number | null) => {
			clearTimeout(timer);
			// What it left behind of its group, as a helper that outlives it.
			kill();
			resolve({ code, said, late });
		};
		child.on('error', () => end(null));
		child.on('close', end);
	});
}
