import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { paraglide } from '../../paraglide.config.ts';
import { runCommand } from './process.ts';
import { hashFiles, listFiles } from './sources.ts';

/** Makes code of the messages for processes that run without a build. Returns whether it had to. */
export async function compileMessages(root: string, logFile: string): Promise<boolean> {
	const stamp = join(root, '.svelte-kit', 'messages');
	const files = [
		...listFiles(root, 'src').filter((file) => /\/messages\/[^/]+\.json$/.test(file)),
		...listFiles(root, 'project.inlang')
	];
	const sources = hashFiles(root, files);
	if (existsSync(join(root, paraglide.outdir)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return false;
	const args = ['--disable-warning=ExperimentalWarning', join(root, 'bin/messages.ts')];
	await runCommand({ name: 'messages', command: process.execPath, args, cwd: root, logFile });
	mkdirSync(dirname(stamp), { recursive: true });
	writeFileSync(stamp, sources);
	return true;
}
