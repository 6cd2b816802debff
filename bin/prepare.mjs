import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node24 = join(root, 'node_modules/node/bin/node');

/** Installs the packages when they are not those of package-lock.json, then runs a script of this folder by Node 24. */
export function prepareAndRun(script) {
	const [major] = process.versions.node.split('.');
	if (Number(major) < 20) {
		fail(
			`这里的 Node 是 ${process.versions.node}，需要 20 或更新。Node ${process.versions.node} is too old: 20 or later is needed.`
		);
	}
	if (!packagesMatch()) installPackages();
	hand(script);
}

/** Whether what npm last installed is what the lock file asks for. */
function packagesMatch() {
	if (!existsSync(node24)) return false;
	try {
		const wanted = readPackages('package-lock.json');
		const installed = readPackages('node_modules/.package-lock.json');
		return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
			if (path === '') return true;
			// A package for another system, or one that only some other package could use, may be absent.
			if (!installed[path]) return Boolean(optional || devOptional || peer);
			return installed[path].version === version;
		});
	} catch {
		return false;
	}
}

function readPackages(file) {
	return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
}

function installPackages() {
	const begun = Date.now();
	console.log('… 安装程序包 · Installing packages');
	// npm ci refuses a lock file that lacks optional packages for other systems, which registries do not always have.
	const { status, stdout, stderr } = spawnSync('npm', ['install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error'], {
		cwd: root,
		encoding: 'utf8',
		// Development tools are a part: the pages are built here.
		env: { ...process.env, NODE_ENV: 'development' }
	});
	if (status !== 0)
		fail(`${stdout ?? ''}${stderr ?? ''}\n程序包没有装上。The packages could not be installed: npm install failed.`);
	console.log(`✓ 程序包 · Packages  ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

/** The script takes this process's place as far as Node lets it: same terminal, its signals, its exit code. */
function hand(script) {
	const child = spawn(node24, ['--disable-warning=ExperimentalWarning', join(root, 'bin', script), ...process.argv.slice(2)], {
		cwd: root,
		// The channel tells the script when this process is killed.
		stdio: ['inherit', 'inherit', 'inherit', 'ipc']
	});
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
	if (process.env.npm_lifecycle_event) endWith(process.ppid, child);
	child.on('error', (error) => fail(`Node 24: ${error.message}`));
	child.on('exit', (code, signal) => process.exit(signal ? 1 : code));
}

/** npm ends the shell between itself and this process, which tells nobody: the script ends with that shell. */
function endWith(parent, child) {
	setInterval(() => {
		if (process.ppid !== parent) child.kill('SIGTERM');
	}, 500).unref();
}

function fail(sentence) {
	console.error(sentence);
	process.exit(1);
}
