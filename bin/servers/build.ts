import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './process.ts';
import { hashFiles, listFiles } from './sources.ts';

/** What the pages are built from. */
const SOURCES = [
	'src',
	'static',
	'workshops',
	'project.inlang/settings.json',
	'package-lock.json',
	'svelte.config.js',
	'vite.config.ts',
	'paraglide.config.ts',
	'boards.config.ts',
	'fonts.config.ts'
];
const GENERATED = 'src/lib/i18n/generated';

/** Builds the pages when their sources are not those of the last build. Returns whether it had to. */
export async function buildPages(root: string, logFile: string, signal?: AbortSignal): Promise<boolean> {
	const stamp = join(root, 'build', 'sources');
	const sources = hashSources(root);
	const isThere = existsSync(stamp) && existsSync(join(root, GENERATED));
	if (isThere && readFileSync(stamp, 'utf8') === sources) return false;
	await runCommand(
		{
			name: 'vite build',
			command: process.execPath,
			args: [join(root, 'bin/build.ts')],
			cwd: root,
			env: { ...process.env, NODE_ENV: 'production' },
			logFile
		},
		signal
	);
	writeFileSync(stamp, sources);
	return true;
}

/** One hash of everything that pages are built from. */
export function hashSources(root: string): string {
	const files = SOURCES.flatMap((source) => listFiles(root, source));
	return hashFiles(
		root,
		files.filter((file) => !file.startsWith(GENERATED) && !file.endsWith('.test.ts'))
	);
}
