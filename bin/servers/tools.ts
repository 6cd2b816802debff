import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from './process.ts';

/** A program that is built or installed here, or one sentence that says why it is not. */
export type Tool = { path: string; wasReady: boolean } | { missing: string };

export interface ToolsConfig {
	/** Folder of the built programs. */
	folder: string;
	logFolder: string;
	signal?: AbortSignal;
	/** Where programs are looked for; PATH of this process unless told otherwise. */
	searchPath?: string;
}

const LIVEKIT = 'github.com/livekit/livekit-server/cmd/server@v1.11.0';
// psycopg2-binary carries its own libpq; the package that Synapse names would need a C compiler and PostgreSQL's headers.
const SYNAPSE = ['matrix-synapse==1.163.2', 'psycopg2-binary==2.9.13', 'authlib==1.9.10'];

/** The program comes inside this package, for every machine on which Python runs. */
const FFMPEG = ['imageio-ffmpeg==0.8.1'];

/** Builds the LiveKit server where this version is not yet built. */
export async function prepareLivekit({ folder, logFolder, signal, searchPath }: ToolsConfig): Promise<Tool> {
	const path = join(folder, 'livekit-server');
	const stamp = join(folder, 'livekit-server.version');
	if (isStamped(stamp, LIVEKIT) && existsSync(path)) return { path, wasReady: true };

	const env = installerEnvironment(searchPath);
	const version = versionOf('go', ['version'], /go(\d+)\.(\d+)/, env.PATH);
	if (!version || isBefore(version, [1, 21])) {
		return {
			missing: '没有 Go 1.21 或更新的版本，房间里没有语音和视频。Go 1.21 or later is missing: rooms have no voice and video.'
		};
	}
	const building = join(folder, 'livekit.new');
	rmSync(building, { recursive: true, force: true });
	mkdirSync(building, { recursive: true });
	await runCommand(
		{
			name: 'go install',
			command: 'go',
			args: ['install', '-trimpath', '-ldflags=-s -w', LIVEKIT],
			cwd: building,
			env: { ...env, GOBIN: building, CGO_ENABLED: '0' },
			logFile: join(logFolder, 'go.log')
		},
		signal
	);
	renameSync(join(building, 'server'), path);
	rmSync(building, { recursive: true, force: true });
	writeFileSync(stamp, LIVEKIT);
	return { path, wasReady: false };
}

/** Installs Synapse into a virtual environment where these versions are not yet installed; the path is its Python. */
export async function prepareSynapse({ folder, logFolder, signal, searchPath }: ToolsConfig): Promise<Tool> {
	const home = join(folder, 'synapse');
	const path = join(home, 'bin', 'python');
	const stamp = join(home, 'versions');
	if (isStamped(stamp, SYNAPSE.join('\n')) && existsSync(path)) return { path, wasReady: true };

	const env = installerEnvironment(searchPath);
	const python = findPython(env.PATH);
	if (!python) {
		return { missing: '没有 Python 3.11 或更新的版本，房间里没有聊天。Python 3.11 or later is missing: rooms have no chat.' };
	}
	if (!(await installPython(home, SYNAPSE, { python, env, logFolder, signal })))
		return { missing: `Python 缺少 venv，房间里没有聊天。Python lacks venv (apt install python3-venv): rooms have no chat.` };
	writeFileSync(stamp, SYNAPSE.join('\n'));
	return { path, wasReady: false };
}

/** The ffmpeg of this machine, or else one of our own. */
export async function prepareFfmpeg({ folder, logFolder, signal, searchPath }: ToolsConfig): Promise<Tool> {
	const env = installerEnvironment(searchPath);
	if (versionOf('ffmpeg', ['-version'], /ffmpeg version n?(\d+)\.(\d+)/, env.PATH)) return { path: 'ffmpeg', wasReady: true };
	const home = join(folder, 'ffmpeg');
	const path = join(home, 'bin', 'ffmpeg');
	const stamp = join(home, 'versions');
	if (isStamped(stamp, FFMPEG.join('\n')) && existsSync(path)) return { path, wasReady: true };
	const python = findPython(env.PATH);
	const installed = python && (await installPython(home, FFMPEG, { python, env, logFolder, signal }));
	if (!installed)
		return { missing: '没有 ffmpeg，录像不能做成 MP4。ffmpeg is missing: recordings cannot be made into MP4 files.' };
	const { stdout } = spawnSync(
		join(home, 'bin', 'python'),
		['-c', 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())'],
		{ encoding: 'utf8' }
	);
	symlinkSync(stdout.trim(), path);
	writeFileSync(stamp, FFMPEG.join('\n'));
	return { path, wasReady: false };
}

/** Packages of Python in a virtual environment of their own, made anew; false when Python cannot make one. */
async function installPython(
	home: string,
	packages: readonly string[],
	{ python, env, logFolder, signal }: Pick<ToolsConfig, 'logFolder' | 'signal'> & { python: string; env: NodeJS.ProcessEnv }
): Promise<boolean> {
	const run = (name: string, command: string, args: string[]) =>
		runCommand({ name, command, args, env, logFile: join(logFolder, 'pip.log') }, signal);
	mkdirSync(dirname(home), { recursive: true });
	const makeHome = async () => {
		rmSync(home, { recursive: true, force: true });
		await run('python -m venv', python, ['-m', 'venv', home]);
	};
	try {
		await makeHome();
	} catch (error) {
		// Debian keeps this module in a package of its own.
		if (!canUseApt()) return false;
		signal?.throwIfAborted();
		await installPackages(['python3-venv'], join(logFolder, 'apt.log'), signal).catch(() => {
			throw error;
		});
		await makeHome();
	}
	const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--only-binary=:all:'];
	await run('pip install', join(home, 'bin', 'python'), [...pip, ...packages]);
	return true;
}

/** Whether Debian's packages can be installed without asking anybody. */
export function canUseApt(): boolean {
	return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
}

/** Installs Debian packages. */
export async function installPackages(packages: string[], logFile: string, signal?: AbortSignal): Promise<void> {
	const env = { ...installerEnvironment(), DEBIAN_FRONTEND: 'noninteractive' };
	const run = (args: string[]) => runCommand({ name: 'apt-get', command: 'apt-get', args, env, logFile }, signal);
	await run(['-qq', 'update']);
	await run(['-qq', 'install', '--yes', '--no-install-recommends', ...packages]);
}

function findPython(searchPath?: string): string | undefined {
	const names = ['python3', 'python3.13', 'python3.12', 'python3.11'];
	return names.find((name) => {
		const version = versionOf(name, ['--version'], /Python (\d+)\.(\d+)/, searchPath);
		return version && !isBefore(version, [3, 11]);
	});
}

/** Major and minor version that a program prints about itself; none when it is not there. */
function versionOf(command: string, args: string[], pattern: RegExp, searchPath?: string): [number, number] | undefined {
	const { stdout } = spawnSync(command, args, { encoding: 'utf8', env: installerEnvironment(searchPath) });
	const [, major, minor] = pattern.exec(stdout ?? '') ?? [];
	return major && minor ? [Number(major), Number(minor)] : undefined;
}

function isBefore([major, minor]: [number, number], [wantedMajor, wantedMinor]: [number, number]): boolean {
	return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

/** Installers get the user's own settings: proxies, mirrors, certificates, caches. */
function installerEnvironment(searchPath = process.env.PATH): NodeJS.ProcessEnv {
	return { ...process.env, PATH: searchPath };
}

function isStamped(file: string, content: string): boolean {
	return existsSync(file) && readFileSync(file, 'utf8') === content;
}
