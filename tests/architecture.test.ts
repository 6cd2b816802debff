import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const generated = 'src/lib/i18n/generated';

function filesUnder(folder: string): string[] {
	return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(root, join(entry.parentPath, entry.name)))
		.filter((file) => !file.startsWith(generated));
}

const sources = ['src', 'collab-server', 'media', 'bin'].flatMap(filesUnder).filter((file) => /\.(ts|svelte)$/.test(file));
const product = sources.filter((file) => !file.endsWith('.test.ts'));
const text = new Map(sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

const aliases: [string, string][] = [
	['#lib/', 'src/lib/'],
	['#src/', 'src/'],
	['#collab/', 'collab-server/'],
	['#media/', 'media/'],
	['#tests/', 'tests/']
];

interface Import {
	from: string;
	to: string;
	typeOnly: boolean;
}

const imports: Import[] = product.flatMap((from) =>
	[
		...(text.get(from) ?? '').matchAll(
			/(import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|import\s+'([^']+)'/g
		)
	].flatMap((match) => {
		const target = match[3] ?? match[4] ?? match[5] ?? '';
		const alias = aliases.find(([prefix]) => target.startsWith(prefix));
		const to = alias
			? alias[1] + target.slice(alias[0].length)
			: target.startsWith('.')
				? relative(root, resolve(root, dirname(from), target))
				: null;
		return to ? [{ from, to, typeOnly: match[2] !== undefined }] : [];
	})
);

/** Domains from the lowest up; a domain imports those before it only. */
const order = [
	'i18n',
	'ui',
	'people',
	'spaces',
	'records',
	'rooms',
	'rounds',
	'roster',
	'documents',
	'groups',
	'projects',
	'files',
	'chat',
	'comments',
	'writing',
	'maps',
	'boards',
	'slides',
	'captions',
	'runsheets',
	'history',
	'handouts',
	'exchange',
	'analysis',
	'attendance',
	'recordings',
	'check',
	'workshops'
];
const domainOf = (file: string): string | null => /^src\/lib\/([^/]+)\//.exec(file)?.[1] ?? null;
const show = ({ from, to }: Import) => `${from} → ${to}`;
const isServer = (file: string) => /\/server\//.test(file) || file === 'src/hooks.server.ts';

describe('imports', () => {
	test('run one way between domains', () => {
		const wrong = imports.filter(({ from, to }) => {
			const [importer, imported] = [domainOf(from), domainOf(to)];
			if (!importer || !imported || importer === imported || importer === 'server' || imported === 'server') return false;
			return order.indexOf(imported) > order.indexOf(importer);
		});
		// The audit stands below everybody who is audited, the words for roles below all who have one.
		const low = ['src/lib/records/server/audit.ts', 'src/lib/spaces/model.ts'];
		const allowed = wrong.filter(({ to, typeOnly }) => !low.includes(to) && !typeOnly);
		expect(allowed.map(show)).toEqual([]);
	});

	test('enter another domain by its door, its model, its words, its tables or its views', () => {
		const wrong = imports.filter(({ from, to }) => {
			const [importer, imported] = [domainOf(from), domainOf(to)];
			if (!imported || ['ui', 'i18n', 'server'].includes(imported) || imported === importer || importer === 'server')
				return false;
			if (!/\/server\//.test(to)) return false;
			return !/\/server\/(index|table|policy|audit)\.ts$/.test(to);
		});
		// The entries of processes assemble the parts.
		expect(wrong.filter(({ from }) => domainOf(from) !== null).map(show)).toEqual([]);
	});

	test('never lead from the browser to a server folder', () => {
		const browser = imports.filter(({ from, to, typeOnly }) => !typeOnly && !isServer(from) && isServer(to));
		const pages = browser.filter(
			({ from }) => from.startsWith('src/') && !/\.server\.ts$|\+server\.ts$|^src\/env\.ts$/.test(from)
		);
		expect(pages.map(show)).toEqual([]);
	});

	test('keep tables and the database out of routes', () => {
		const wrong = imports.filter(
			({ from, to }) => from.startsWith('src/routes/') && /\/server\/(table|db|transaction)\.ts$/.test(to)
		);
		expect(wrong.map(show)).toEqual([]);
	});

	test('make no circle between files', () => {
		const edges = Map.groupBy(
			imports.filter(({ typeOnly }) => !typeOnly),
			({ from }) => from
		);
		const state = new Map<string, 'open' | 'done'>();
		const circles: string[] = [];
		const visit = (file: string, path: string[]): void => {
			if (state.get(file) === 'done') return;
			if (state.get(file) === 'open') return void circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
			state.set(file, 'open');
			for (const { to } of edges.get(file) ?? []) visit(to, [...path, file]);
			state.set(file, 'done');
		};
		for (const file of product) visit(file, []);
		expect(circles).toEqual([]);
	});

	test('never lead from a domain to the servers that use it', () => {
		const wrong = imports.filter(
			({ from, to, typeOnly }) => from.startsWith('src/') && /^(collab-server|media|bin|tests)\//.test(to) && !typeOnly
		);
		expect(wrong.map(show)).toEqual([]);
	});
});

describe('verbs', () => {
	/** A way in that lasts minutes changes no rights, and its use is recorded; the first text of a document is an edit like any other. */
	const traceless = [
		'src/lib/documents/server/token.ts',
		'src/lib/chat/server/join.ts',
		'src/lib/documents/server/seed.ts',
		// An upload under way is nothing yet; the file that comes of it is audited.
		'src/lib/files/server/begin.ts',
		'src/lib/files/server/drop.ts'
	];
	const verbs = product.filter(
		(file) => /^src\/lib\/(?!server\/)[^/]+\/server\/.*\.ts$/.test(file) && /\btransaction\(ctx,/.test(text.get(file) ?? '')
	);

	test.each(verbs)('%s asks the policy or who acts before it changes anything, and leaves a trace', (file) => {
		const source = text.get(file) ?? '';
		expect(source).toMatch(/authorize\(|requireActor\(|requireSystem\(|ctx\.actor|systemContext\(/);
		if (!traceless.includes(file)) expect(source).toMatch(/audit\w*\(|record\(|publish\(/);
	});
});

describe('messages', () => {
	const folders = filesUnder('src/lib').filter((file) => file.endsWith('messages/zh-CN.json'));
	const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, unknown>;

	test.each(folders)('%s says everything in English too, and nothing is empty', (file) => {
		const [zh, en] = [read(file), read(file.replace('zh-CN.json', 'en.json'))];
		expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
		expect(Object.values(zh).filter((value) => value === '')).toEqual([]);
	});

	test('are all listed for the translation', () => {
		const listed = (
			JSON.parse(readFileSync(join(root, 'project.inlang/settings.json'), 'utf8')) as Record<string, { pathPattern: string[] }>
		)['plugin.inlang.messageFormat']?.pathPattern;
		expect(listed?.map((pattern) => pattern.replace('./', '').replace('{locale}', 'zh-CN')).sort()).toEqual(folders.sort());
	});
});

test('the settings of a process are read in one place', () => {
	const entries = ['src/env.ts', 'media/process.ts', 'collab-server/main.ts'];
	const readers = product.filter(
		(file) => /process\.env\b/.test(text.get(file) ?? '') && !file.startsWith('bin/') && !entries.includes(file)
	);
	expect(readers).toEqual([]);
});
