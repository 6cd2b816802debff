import { z } from 'zod';

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
	LIVEKIT_NODE_IP: z
		.string()
		.optional()
		.describe('Address by which browsers reach the media that npm start serves; none: found out.'),
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
	const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
	const parsed = settings.safeParse(given);
	if (!parsed.success) {
		throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
	}
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
