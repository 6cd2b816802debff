import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './process.ts';

/** What the pages are built from. */
const SOURCES = [
	'src',
	'static',
	'workshops',
	'project.inlang',
	'package-lock.json',
	'svelte.config.js',
	'vite.config.ts',
	'paraglide.config.ts'
];
const GENERATED = 'src/lib/i18n/generated';

/** Builds the pages when their sources are not those of the last build. Returns whether it had to. */
export async function buildPages(root: string, logFile: string, signal?: AbortSignal): Promise<boolean> {
	const stamp = join(root, 'build', 'sources');
	const sources = hashSources(root);
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return false;
	await runCommand(
		{
			name: 'vite build',
			command: process.execPath,
			args: [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'],
			cwd: root,
			env: { ...process.env, NODE_ENV: 'production' },
			logFile
		},
		signal
	);
	writeFileSync(stamp, sources);
	return true;
}

/** One hash of every source's path and content. */
export function hashSources(root: string): string {
	const hash = createHash('sha256');
	for (const path of SOURCES.flatMap((source) => listFiles(root, source)).sort()) {
		hash
			.update(path)
			.update('\0')
			.update(readFileSync(join(root, path)))
			.update('\0');
	}
	return hash.digest('hex');
}

function listFiles(root: string, source: string): string[] {
	const path = join(root, source);
	if (!existsSync(path)) return [];
	if (statSync(path).isFile()) return [source];
	return readdirSync(path, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
		.filter((file) => !file.startsWith(GENERATED) && !file.endsWith('.test.ts'));
}
