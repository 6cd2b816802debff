import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readReach } from '../../src/env.ts';
import { migrate } from '../migrate.ts';
import { buildPages } from './build.ts';
import { existingDatabase, prepareExistingDatabase, prepareSpaceDatabase, prepareSynapseDatabase } from './databases.ts';
import type { SpaceDatabase } from './databases.ts';
import { seedOnce } from './demonstration.ts';
import type { SignIn } from './demonstration.ts';
import { startLivekit } from './livekit.ts';
import type { NodeAddress } from './livekit.ts';
import { compileMessages } from './messages.ts';
import { keepNodeRunning, startWeb } from './node.ts';
import { keepPort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';
import type { Server } from './process.ts';
import { keepSecrets } from './secrets.ts';
import type { Secrets } from './secrets.ts';
import type { StepEnd, Steps } from './steps.ts';
import { startSynapse } from './synapse.ts';
import { prepareFfmpeg, prepareLivekit, prepareSynapse } from './tools.ts';
import type { Tool } from './tools.ts';

export type Part = 'postgres' | 'synapse' | 'livekit' | 'media' | 'recorder' | 'web';

export interface SpaceConfig {
	/** Folder of the repository. */
	root: string;
	/** Folder of everything the space makes. */
	dataFolder: string;
	/** Folder of the programs it builds. */
	toolsFolder: string;
	/** The parts to start; PostgreSQL is started whenever another needs it. */
	parts: readonly Part[];
	host: string;
	port: number;
	/** Address by which browsers reach the web server. */
	origin: string;
	/** Settings of servers that exist already: they are used instead of starting one. */
	existing: ExistingServers;
	/** Where browsers of other machines find the media. */
	nodeAddress?: NodeAddress;
	/** Further settings for the web server and the media listener. */
	settings?: Record<string, string>;
	/** Pages come from their sources and change with them. */
	dev?: boolean;
	/** Make the demonstration school at the first start. */
	seed?: boolean;
	/** Start again what ends by itself; true unless told otherwise. */
	restart?: boolean;
	steps: Steps;
	/** Gives up starting. */
	signal?: AbortSignal;
}

export interface ExistingServers {
	DATABASE_URL?: string;
	DATABASE_APP_URL?: string;
	LIVEKIT_URL?: string;
	LIVEKIT_API_KEY?: string;
	LIVEKIT_API_SECRET?: string;
	LIVEKIT_NODE_IP?: string;
	LIVEKIT_UDP_PORT?: string;
	LIVEKIT_TCP_PORT?: string;
	LIVEKIT_TURN_DOMAIN?: string;
	LIVEKIT_TURN_TLS_PORT?: string;
	LIVEKIT_TURN_UDP_PORT?: string;
	LIVEKIT_TURN_CERT_FILE?: string;
	LIVEKIT_TURN_KEY_FILE?: string;
	LIVEKIT_TURN_RELAY_PORTS?: string;
	LIVEKIT_TURN_SERVERS?: string;
	MATRIX_URL?: string;
	MATRIX_SERVER_NAME?: string;
	MATRIX_AS_TOKEN?: string;
	MATRIX_HS_TOKEN?: string;
}

/** A running space. */
export interface Space {
	url: string;
	/** What the web server and the media listener were started with. */
	settings: Record<string, string>;
	secrets: Secrets;
	database?: SpaceDatabase;
	servers: Partial<Record<Part, Server>>;
	postgres?: Postgres;
	signIns: SignIn[];
	/** Ends every part in order: first who writes, last who keeps. */
	stop(): Promise<void>;
}

const STOP_ORDER: readonly Part[] = ['web', 'media', 'recorder', 'livekit', 'synapse', 'postgres'];

/** Starts the parts of a space, each as soon as what it needs is there, and waits until every one answers. */
export async function startSpace(config: SpaceConfig): Promise<Space> {
	const servers: Partial<Record<Part, Server>> = {};
	const stop = async () => {
		for (const part of STOP_ORDER) await servers[part]?.stop();
	};
	try {
		return { ...(await startParts(config, servers)), servers, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

async function startParts(config: SpaceConfig, servers: Partial<Record<Part, Server>>): Promise<Omit<Space, 'servers' | 'stop'>> {
	const { root, dataFolder, parts, port, host, origin, existing, steps } = config;
	// What fails ends what others are still building.
	const failed = new AbortController();
	const signal = AbortSignal.any([failed.signal, ...(config.signal ? [config.signal] : [])]);
	const wants = (part: Part) => parts.includes(part);
	const logFile = (name: string) => join(dataFolder, 'logs', `${name}.log`);
	const keeping = { log: steps, restart: config.restart };
	const secrets = keepSecrets(dataFolder);
	const webUrl = `http://127.0.0.1:${port}`;
	const ownsChat = wants('synapse') && !existing.MATRIX_URL;
	const ownsMedia = wants('livekit') && !existing.LIVEKIT_URL;
	// Wrong settings are told before anything is started.
	const reach = readReach({ ...existing });
	const given = reachGiven(existing);
	const tools = { folder: config.toolsFolder, logFolder: join(dataFolder, 'logs'), signal };
	/** Starting one part; the others go on meanwhile, and what was started is known even when one fails. */
	const add = async <T extends Server>(part: Part, starting: Promise<T>): Promise<T> => {
		const server = await starting;
		servers[part] = server;
		return server;
	};

	const databases = once(async () => {
		const embedded = !existing.DATABASE_URL || ownsChat;
		const postgres = embedded
			? await steps.step('数据库', 'PostgreSQL', async () =>
					add(
						'postgres',
						startPostgres({
							folder: join(dataFolder, 'postgres'),
							port: await keepPort(dataFolder, 'postgres'),
							password: secrets.postgresPassword,
							logFile: logFile('postgres'),
							...keeping
						})
					)
				)
			: undefined;
		const database = await findDatabase(existing, secrets, postgres);
		await steps.step(
			'表',
			'Migrations',
			() => migrate(database.ownerUrl),
			(count) => doneIf(count > 0)
		);
		return { postgres, database };
	});

	const chat = async () => {
		if (!ownsChat) return existingChat(existing);
		const tool = await prepareTool(steps, signal, '聊天程序', 'Synapse', () => prepareSynapse(tools));
		const { postgres } = await databases();
		signal.throwIfAborted();
		if ('missing' in tool || !postgres) return {};
		const serverName = existing.MATRIX_SERVER_NAME ?? 'space.local';
		const synapse = await steps.step('聊天服务', 'Chat', async () => {
			await prepareSynapseDatabase(postgres, secrets);
			return add(
				'synapse',
				startSynapse({
					python: tool.path,
					folder: join(dataFolder, 'synapse'),
					port: await keepPort(dataFolder, 'synapse'),
					databasePort: postgres.port,
					serverName,
					hubUrl: webUrl,
					origin,
					secrets,
					logFile: logFile('synapse'),
					...keeping
				})
			);
		});
		return {
			MATRIX_URL: synapse.url,
			MATRIX_SERVER_NAME: serverName,
			MATRIX_AS_TOKEN: secrets.matrixAsToken,
			MATRIX_HS_TOKEN: secrets.matrixHsToken
		};
	};

	const media = async () => {
		if (!ownsMedia) return existing.LIVEKIT_URL ? { ...existingMedia(existing), ...given } : {};
		const tool = await prepareTool(steps, signal, '音视频程序', 'LiveKit', () => prepareLivekit(tools));
		signal.throwIfAborted();
		if ('missing' in tool) return {};
		const udpPort = reach.LIVEKIT_UDP_PORT ?? (await keepPort(dataFolder, 'livekit-udp'));
		const tcpPort = reach.LIVEKIT_TCP_PORT ?? (await keepPort(dataFolder, 'livekit-tcp'));
		const livekit = await steps.step('音视频服务', 'Voice and video', async () =>
			add(
				'livekit',
				startLivekit({
					program: tool.path,
					folder: join(dataFolder, 'livekit'),
					port: await keepPort(dataFolder, 'livekit'),
					udpPort,
					tcpPort,
					nodeAddress: config.nodeAddress,
					reach,
					secrets,
					logFile: logFile('livekit'),
					...keeping
				})
			)
		);
		return {
			LIVEKIT_URL: livekit.url,
			LIVEKIT_API_KEY: secrets.livekitKey,
			LIVEKIT_API_SECRET: secrets.livekitSecret,
			...given,
			...(config.nodeAddress && { LIVEKIT_NODE_IP: config.nodeAddress.ip }),
			LIVEKIT_UDP_PORT: String(udpPort),
			LIVEKIT_TCP_PORT: String(tcpPort)
		};
	};

	const pages = async () => {
		if (!wants('web')) return;
		if (config.dev) await steps.step('文字', 'Messages', () => compileMessages(root, logFile('build')), doneIf);
		else await steps.step('页面', 'Pages', () => buildPages(root, logFile('build'), signal), doneIf);
	};

	const films = async (): Promise<Record<string, string>> => {
		if (!wants('recorder')) return {};
		const tool = await prepareTool(steps, signal, '影片程序', 'ffmpeg', () => prepareFfmpeg(tools));
		return 'missing' in tool ? {} : { FFMPEG: tool.path };
	};

	const needsDatabase = !parts.every((part) => part === 'livekit') || config.seed;
	const [stored, chatSettings, mediaSettings, filmSettings] = await allOrFirstError(failed, [
		needsDatabase ? databases() : undefined,
		chat(),
		media(),
		films(),
		pages()
	]);
	signal.throwIfAborted();

	const settings: Record<string, string> = {
		NODE_ENV: config.dev ? 'development' : 'production',
		HOST: host,
		PORT: String(port),
		ORIGIN: origin,
		SPACE_DATA: dataFolder,
		SPACE_SECRET: secrets.spaceSecret,
		...(stored && { DATABASE_APP_URL: stored.database.appUrl }),
		...chatSettings,
		...mediaSettings,
		...filmSettings,
		...config.settings
	};
	const signIns =
		stored && config.seed ? await seedOnce({ root, dataFolder, settings, ownerUrl: stored.database.ownerUrl, steps }) : [];
	const nodeConfig = { root, settings, ...keeping };
	if (wants('web')) {
		await steps.step('网页服务', 'Web', () =>
			add('web', startWeb({ ...nodeConfig, url: webUrl, logFile: logFile('web'), args: config.dev ? ['--dev'] : [] }))
		);
	}
	// Each of the media processes is one of its own: whatever happens to it, the others go on.
	const mediaProcesses = [
		{ part: 'media', zh: '房间旁听', en: 'Room listener', script: 'media/main.ts' },
		{ part: 'recorder', zh: '录制', en: 'Recorder', script: 'media/recorder/main.ts' }
	] as const;
	for (const { part, zh, en, script } of mediaProcesses) {
		if (!wants(part) || !settings.LIVEKIT_URL || !existsSync(join(root, script))) continue;
		await steps.step(zh, en, () =>
			add(
				part,
				keepNodeRunning(en, script, async () => true, { ...nodeConfig, logFile: logFile(part) })
			)
		);
	}
	return { url: webUrl, settings, secrets, signIns, postgres: stored?.postgres, database: stored?.database };
}

/** A program that is missing or does not build leaves its part out; the rest goes on. */
async function prepareTool(
	steps: Steps,
	signal: AbortSignal,
	zh: string,
	en: string,
	prepare: () => Promise<Tool>
): Promise<Tool> {
	try {
		const tool = await steps.step(zh, en, prepare, (found) => ('missing' in found ? 'missing' : doneIf(!found.wasReady)));
		if ('missing' in tool) steps.warn(tool.missing);
		return tool;
	} catch (error) {
		signal.throwIfAborted();
		const missing = `${zh}没有装上，其余照常启动。${en} could not be installed; the rest starts. ${error instanceof Error ? error.message : ''}`;
		steps.warn(missing);
		return { missing };
	}
}

async function findDatabase(existing: ExistingServers, secrets: Secrets, postgres?: Postgres): Promise<SpaceDatabase> {
	const { DATABASE_URL, DATABASE_APP_URL } = existing;
	if (DATABASE_URL) {
		const database = existingDatabase(DATABASE_URL, DATABASE_APP_URL, secrets);
		await prepareExistingDatabase(database, secrets, !DATABASE_APP_URL);
		return database;
	}
	if (!postgres) throw new Error('no database');
	return prepareSpaceDatabase(postgres, secrets);
}

function existingChat({
	MATRIX_URL,
	MATRIX_SERVER_NAME,
	MATRIX_AS_TOKEN,
	MATRIX_HS_TOKEN
}: ExistingServers): Record<string, string> {
	if (!MATRIX_URL) return {};
	return given('MATRIX_URL', { MATRIX_URL, MATRIX_SERVER_NAME, MATRIX_AS_TOKEN, MATRIX_HS_TOKEN });
}

function existingMedia({ LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET }: ExistingServers): Record<string, string> {
	if (!LIVEKIT_URL) return {};
	return given('LIVEKIT_URL', { LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET });
}

/** How browsers reach the media, for the page that checks the network; LiveKit alone needs the certificate. */
function reachGiven(existing: ExistingServers): Record<string, string> {
	const told = /^LIVEKIT_(NODE_IP|UDP_PORT|TCP_PORT|TURN_DOMAIN|TURN_TLS_PORT|TURN_UDP_PORT|TURN_RELAY_PORTS|TURN_SERVERS)$/;
	return Object.fromEntries(Object.entries(existing).filter(([name]) => told.test(name)));
}

function given(reason: string, settings: Record<string, string | undefined>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(settings).map(([name, value]) => {
			if (!value) throw new Error(`设了 ${reason} 就要设 ${name}。${reason} is set, so ${name} is needed.`);
			return [name, value];
		})
	);
}

function doneIf(worked: boolean): StepEnd {
	return worked ? 'done' : 'already done';
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
	let running: Promise<T> | undefined;
	return () => (running ??= work());
}

/** Waits for all, so that nothing is still starting when the first error is thrown; that error tells the others to give up. */
async function allOrFirstError<T extends readonly unknown[]>(
	failed: AbortController,
	work: readonly [...T]
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
	const first = Promise.all(work);
	first.catch((error) => failed.abort(error));
	await Promise.allSettled(work);
	return first as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
}
