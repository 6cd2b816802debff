import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { answersHttp, keepRunning, plainEnvironment } from './process.ts';
import type { Keeping, Server } from './process.ts';
import { writeSecret } from './secrets.ts';
import type { Secrets } from './secrets.ts';

export interface SynapseConfig extends Keeping {
	/** Python of the virtual environment that has Synapse. */
	python: string;
	/** Folder of its configuration, keys and media. */
	folder: string;
	port: number;
	/** PostgreSQL on this machine that has the database `synapse`. */
	databasePort: number;
	/** Name in Matrix ids. */
	serverName: string;
	/** Where the hub, our application service, takes events: the web server. */
	hubUrl: string;
	/** Public address of the space, through which browsers reach it. */
	origin: string;
	secrets: Secrets;
	logFile: string;
}

export interface Synapse extends Server {
	url: string;
}

/** Starts the Matrix homeserver of the rooms' chat, on this machine's own address only. */
export async function startSynapse(config: SynapseConfig): Promise<Synapse> {
	const { folder, python, port, logFile } = config;
	mkdirSync(join(folder, 'media'), { recursive: true, mode: 0o700 });
	// JSON is YAML, and needs no further library.
	for (const [name, content] of Object.entries(synapseFiles(config))) {
		writeSecret(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
	}
	const url = `http://127.0.0.1:${port}`;
	const server = await keepRunning(
		{
			name: 'Synapse',
			command: python,
			args: ['-m', 'synapse.app.homeserver', '--config-path', join(folder, 'homeserver.yaml')],
			cwd: folder,
			env: plainEnvironment(),
			logFile
		},
		() => answersHttp(`${url}/health`),
		config
	);
	return Object.assign(server, { url });
}

/** Synapse's files by name. */
export function synapseFiles(config: SynapseConfig): Record<string, unknown> {
	const seed = config.secrets.matrixSigningSeed;
	const keyId = createHash('sha256').update(seed).digest('hex').slice(0, 6);
	return {
		'homeserver.yaml': homeserver(config),
		'hub.yaml': hub(config),
		'log.yaml': logging,
		'signing.key': `ed25519 a_${keyId} ${seed}\n`
	};
}

function homeserver({ folder, port, databasePort, serverName, origin, secrets }: SynapseConfig): Record<string, unknown> {
	return {
		server_name: serverName,
		public_baseurl: `${origin.replace(/\/$/, '')}/`,
		serve_server_wellknown: false,
		report_stats: false,
		listeners: [
			{
				port,
				type: 'http',
				bind_addresses: ['127.0.0.1'],
				x_forwarded: true,
				resources: [{ names: ['client'], compress: false }]
			}
		],
		database: {
			name: 'psycopg2',
			args: {
				user: 'synapse',
				password: secrets.synapsePassword,
				dbname: 'synapse',
				host: '127.0.0.1',
				port: databasePort,
				cp_min: 2,
				cp_max: 10
			}
		},
		app_service_config_files: [join(folder, 'hub.yaml')],
		log_config: join(folder, 'log.yaml'),
		media_store_path: join(folder, 'media'),
		signing_key_path: join(folder, 'signing.key'),
		macaroon_secret_key: secrets.matrixMacaroonKey,
		form_secret: secrets.matrixFormSecret,
		...alone,
		...closed,
		...limits
	};
}

/** No federation: the server speaks with no other, asks no key server, fetches no page. */
const alone = {
	federation_domain_whitelist: [],
	trusted_key_servers: [],
	suppress_key_server_warning: true,
	allow_public_rooms_over_federation: false,
	allow_profile_lookup_over_federation: false,
	url_preview_enabled: false
};

/** People, names, rooms and their members come from the space through the hub; here nobody makes any. */
const closed = {
	enable_registration: false,
	allow_guest_access: false,
	password_config: { enabled: false },
	enable_3pid_changes: false,
	enable_set_displayname: false,
	enable_set_avatar_url: false,
	allow_per_room_profiles: false,
	require_auth_for_profile_requests: true,
	limit_profile_requests_to_users_who_share_rooms: true,
	user_directory: { enabled: false },
	enable_room_list_search: false,
	allow_public_rooms_without_auth: false,
	room_list_publication_rules: [{ user_id: '*', alias: '*', room_id: '*', action: 'deny' }],
	alias_creation_rules: [
		// One name for each room of the space, so that the hub never makes two Matrix rooms of one.
		{ user_id: '@hub:*', alias: '#r_*', room_id: '*', action: 'allow' },
		{ user_id: '*', alias: '*', room_id: '*', action: 'deny' }
	],
	encryption_enabled_by_default_for_room_type: 'off',
	enable_authenticated_media: true,
	presence: { enabled: false },
	push: { enabled: false }
};

/** The hub has no limits (`rate_limited: false`); these bind people. A school is one address, so addresses get plenty. */
const limits = {
	// A page that is opened again begins with now, not with the answer of two minutes ago.
	caches: { sync_response_cache_duration: '0s' },
	// A browser whose token ends asks the hub again, which looks at its rights again.
	nonrefreshable_access_token_lifetime: '1h',
	max_upload_size: '20M',
	rc_message: { per_second: 5, burst_count: 30 },
	rc_login: {
		address: { per_second: 20, burst_count: 400 },
		account: { per_second: 0.2, burst_count: 20 },
		failed_attempts: { per_second: 0.1, burst_count: 10 }
	},
	rc_joins: { local: { per_second: 1, burst_count: 40 }, remote: { per_second: 0.001, burst_count: 0 } },
	rc_room_creation: { per_second: 0.001, burst_count: 0 },
	rc_invites: { per_issuer: { per_second: 0.001, burst_count: 0 } }
};

function hub({ hubUrl, secrets, serverName }: SynapseConfig): Record<string, unknown> {
	const server = serverName.replaceAll(/[.\\+*?[^\]$(){}|]/g, '\\$&');
	return {
		id: 'xingtan',
		url: `${hubUrl}/api/v1/hooks/matrix`,
		as_token: secrets.matrixAsToken,
		hs_token: secrets.matrixHsToken,
		sender_localpart: 'hub',
		rate_limited: false,
		receive_ephemeral: false,
		namespaces: {
			users: [{ exclusive: true, regex: `@u_.*:${server}` }],
			aliases: [{ exclusive: true, regex: `#r_.*:${server}` }],
			rooms: []
		}
	};
}

/** Warnings only, without access lines: those carry addresses of people. */
const logging = {
	version: 1,
	formatters: { plain: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } },
	handlers: { console: { class: 'logging.StreamHandler', formatter: 'plain' } },
	root: { level: 'WARNING', handlers: ['console'] },
	disable_existing_loggers: false
};
