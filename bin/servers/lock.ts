import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Takes a data folder for this process, or throws a sentence that names who has it. Returns what gives it back. */
export function lockDataFolder(dataFolder: string): () => void {
	const lock = join(dataFolder, 'start.pid');
	const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
	if (pid && pid !== process.pid && isOurs(pid)) {
		throw new Error(`杏坛已在运行（进程 ${pid}）。Xingtan is running already (process ${pid}): ${dataFolder}`);
	}
	mkdirSync(dataFolder, { recursive: true });
	writeFileSync(lock, String(process.pid));
	return () => {
		if (existsSync(lock) && readFileSync(lock, 'utf8') === String(process.pid)) rmSync(lock);
	};
}

/** Whether a process keeps a space; after a crash its number may be another program's. */
function isOurs(pid: number): boolean {
	const { stdout } = spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' });
	return /\b(start|space)\.ts\b/.test(stdout ?? '');
}
