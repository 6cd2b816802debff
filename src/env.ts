import { z } from 'zod';

/** A TURN server that is there already, which carries media where UDP is closed. */
export interface TurnServer {
	host: string;
	port: number;
	protocol: 'udp' | 'tcp' | 'tls';
	username: string;
	credential: string;
}

const port = z.coerce.number('not a port').int('not a port').min(1, 'not a port').max(65535, 'not a port').optional();

const turnServers = z.string().transform((text, ctx): TurnServer[] =>
	text
		.split(/\s+/)
		.filter(Boolean)
		.map((address) => {
			const found = /^(turns?):\/\/([^:@/\s]+):([^@/\s]+)@([a-z0-9.-]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i.exec(address);
			const [, scheme = '', username = '', credential = '', host = '', port, transport] = found ?? [];
			const tls = scheme.toLowerCase() === 'turns';
			const number = Number(port ?? (tls ? 443 : 3478));
			// The address itself is not repeated: it holds a password.
			if (!found || number < 1 || number > 65535 || (tls && transport === 'udp'))
				ctx.addIssue({
					code: 'custom',
					message: 'each server is turn://name:password@host:port, turn://…?transport=tcp or turns://…'
				});
			const protocol = tls ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp';
			return { host, port: number, protocol, username: decoded(username), credential: decoded(credential) };
		})
);

const relayPorts = z.string().transform((text, ctx): { from: number; to: number } => {
	const [, from, to] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
	const right = from !== undefined && to !== undefined && from >= 1024 && to >= from && to <= 65535;
	if (!right) ctx.addIssue({ code: 'custom', message: 'a range of ports such as 30000-30100, none below 1024' });
	return { from: from ?? 0, to: to ?? 0 };
});

/** A part of an address in which special characters may be written as %40. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** How browsers reach the media of calls. The start gives it to LiveKit; the network check tells it to technicians. */
const reach = z.object({
	LIVEKIT_NODE_IP: z
		.string()
		.optional()
		.describe('Address by which browsers reach the media that npm start serves; none: found out.'),
	LIVEKIT_UDP_PORT: port.describe('UDP port of the media; none: chosen at the first start and kept.'),
	LIVEKIT_TCP_PORT: port.describe('TCP port of the media, where UDP is closed; none: chosen at the first start and kept.'),
	LIVEKIT_TURN_DOMAIN: z
		.string()
		.regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/i, 'a domain name such as turn.school.cn')
		.optional()
		.describe('Name by which browsers find LiveKit’s own TURN over TLS.'),
	LIVEKIT_TURN_TLS_PORT: port.describe('Port of LiveKit’s own TURN over TLS, best 443; none: no TURN over TLS.'),
	LIVEKIT_TURN_UDP_PORT: port.describe('Port of LiveKit’s own TURN over UDP, such as 3478; none: no TURN over UDP.'),
	LIVEKIT_TURN_CERT_FILE: z
		.string()
		.optional()
		.describe('Certificate of that domain (PEM); none: a balancer in front ends the TLS and passes on TCP.'),
	LIVEKIT_TURN_KEY_FILE: z.string().optional().describe('Key of that certificate (PEM).'),
	LIVEKIT_TURN_RELAY_PORTS: relayPorts.optional().describe('UDP ports that TURN relays through; none: 30000-40000.'),
	LIVEKIT_TURN_SERVERS: turnServers
		.optional()
		.describe('TURN servers that exist already, with spaces between: turns://name:password@turn.school.cn:443.')
});

export type MediaReach = Readonly<z.infer<typeof reach>>;

/** What of it does not go together, a sentence for each. */
function contradictions(given: MediaReach): string[] {
	const wrong = [
		given.LIVEKIT_TURN_TLS_PORT && !given.LIVEKIT_TURN_DOMAIN && 'LIVEKIT_TURN_DOMAIN: needed for LIVEKIT_TURN_TLS_PORT.',
		given.LIVEKIT_TURN_DOMAIN &&
			!given.LIVEKIT_TURN_TLS_PORT &&
			!given.LIVEKIT_TURN_UDP_PORT &&
			'LIVEKIT_TURN_DOMAIN: set LIVEKIT_TURN_TLS_PORT or LIVEKIT_TURN_UDP_PORT too.',
		Boolean(given.LIVEKIT_TURN_CERT_FILE) !== Boolean(given.LIVEKIT_TURN_KEY_FILE) &&
			'LIVEKIT_TURN_CERT_FILE: set it together with LIVEKIT_TURN_KEY_FILE.',
		given.LIVEKIT_TURN_UDP_PORT &&
			given.LIVEKIT_TURN_UDP_PORT === given.LIVEKIT_UDP_PORT &&
			'LIVEKIT_TURN_UDP_PORT: another port than LIVEKIT_UDP_PORT.',
		given.LIVEKIT_TURN_TLS_PORT &&
			given.LIVEKIT_TURN_TLS_PORT === given.LIVEKIT_TCP_PORT &&
			'LIVEKIT_TURN_TLS_PORT: another port than LIVEKIT_TCP_PORT.'
	];
	return wrong.filter((sentence) => typeof sentence === 'string');
}

/** Reads how browsers reach the media, or throws one sentence per wrong setting. */
export function readReach(source: Record<string, string | undefined>): MediaReach {
	const parsed = reach.safeParse(withoutEmpty(source));
	if (!parsed.success) throw new Error(sentencesOf(parsed.error));
	const wrong = contradictions(parsed.data);
	if (wrong.length > 0) throw new Error(wrong.join('\n'));
	return parsed.data;
}

const withoutEmpty = (source: Record<string, string | undefined>) =>
	Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
const sentencesOf = (error: z.ZodError) => error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n');

/** Every setting of every process: its name in the environment, its default, and one sentence about it. */
const settings = z.object({
	NODE_ENV: z.enum(['production', 'development', 'test']).default('production').describe('How strict the start is.'),
	HOST: z.string().default('127.0.0.1').describe('Address the web server listens on.'),
	PORT: z.coerce.number().int().min(0).max(65535).default(3000).describe('Port of the web server, the one origin.'),
	ORIGIN: z.url().optional().describe('Public address of the space, such as https://space.school.cn; required in production.'),
	TRUST_PROXY: z.stringbool().default(false).describe('Take the client address from the last X-Forwarded-For entry.'),
	SPACE_DATA: z.string().default('.space').describe('Folder of everything that the space makes.'),
	SPACE_TOOLS: z
		.string()
		.default('.space/tools')
		.describe('Folder of the LiveKit server and of Synapse, as npm start builds them.'),
	SPACE_DEMO: z.enum(['yes', 'no']).default('yes').describe('Whether the first start makes the demonstration school.'),
	SPACE_SECRET: z.string().min(32).describe('Signs sign-in cookies; at least 32 characters.'),
	SIGN_IN_IDLE_HOURS: z.coerce
		.number()
		.min(1)
		.max(720)
		.default(12)
		.describe('Hours after which a sign-in that nobody uses ends; 12: over the night.'),
	DATABASE_URL: z.string().optional().describe('PostgreSQL as the owner of the tables; used by migrations only.'),
	DATABASE_APP_URL: z.string().describe('PostgreSQL as a role that row-level security binds.'),
	REDIS_URL: z
		.url({ protocol: /^rediss?$/ })
		.optional()
		.describe('Redis or Valkey, such as redis://127.0.0.1:6379, when several processes serve the documents; none: one does.'),
	LIVEKIT_URL: z.string().optional().describe('LiveKit server, such as ws://127.0.0.1:7880; none: rooms have no voice.'),
	LIVEKIT_API_KEY: z.string().optional().describe('Key of the LiveKit server.'),
	LIVEKIT_API_SECRET: z.string().min(32).optional().describe('Secret of that key.'),
	RECORDER_EGRESS_FOLDER: z
		.string()
		.optional()
		.describe('The data folder as LiveKit Egress sees it, which then records; none: the space records by itself.'),
	FFMPEG: z.string().default('ffmpeg').describe('The ffmpeg program that makes films of recordings.'),
	...reach.shape,
	MATRIX_URL: z.string().optional().describe('Matrix homeserver, such as http://127.0.0.1:8008; none: rooms have no chat.'),
	MATRIX_SERVER_NAME: z.string().default('space.local').describe('Name in Matrix ids.'),
	MATRIX_AS_TOKEN: z.string().optional().describe('Token with which the hub speaks to the homeserver.'),
	MATRIX_HS_TOKEN: z.string().optional().describe('Token with which the homeserver speaks to the hub.'),
	SOFFICE: z
		.string()
		.optional()
		.describe('The program soffice of LibreOffice, which makes pages of PowerPoint files; none: looked for where it usually is.'),
	SPEECH_URL: z
		.url({ protocol: /^https?$/ })
		.optional()
		.describe('Server that turns speech into text as OpenAI does, such as http://127.0.0.1:8000/v1; none: no captions.'),
	SPEECH_KEY: z.string().optional().describe('Key of that server.'),
	SPEECH_MODEL: z.string().default('whisper-1').describe('Model that it uses.'),
	SPEECH_LANGUAGE: z
		.string()
		.regex(/^[a-z]{2,3}$/)
		.default('zh')
		.describe('Language that is spoken, as ISO 639 writes it.'),
	LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info').describe('Least level that is logged.')
});

export type Env = Readonly<z.infer<typeof settings>>;

/** Reads the settings of a process, or throws one sentence per wrong setting. */
export function readEnv(source: Record<string, string | undefined>): Env {
	const parsed = settings.safeParse(withoutEmpty(source));
	if (!parsed.success) throw new Error(sentencesOf(parsed.error));
	if (parsed.data.NODE_ENV === 'production' && !parsed.data.ORIGIN) {
		throw new Error('ORIGIN: the public address of the space is required in production.');
	}
	return Object.freeze(parsed.data);
}

/** The settings' names with their sentences, for the documentation. */
export const settingNames = Object.entries(settings.shape).map(([name, schema]) => ({
	name,
	sentence: schema.description ?? ''
}));

/** SvelteKit looks here for variables that pages import; ours come through the services. */
export const variables = {};
