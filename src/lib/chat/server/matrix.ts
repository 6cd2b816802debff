import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Logger } from 'pino';
import { Unavailable } from '#lib/server/errors.ts';
import type { ChatGateway } from '#lib/server/services.ts';
import type { Env } from '#src/env.ts';
import { accountOf } from '../model.ts';

/** What the homeserver refused, by its code. */
class MatrixRefused extends Error {
	readonly status: number;
	readonly code: string;

	constructor(status: number, code: string, sentence: string) {
		super(`${code}: ${sentence}`);
		this.name = 'MatrixRefused';
		this.status = status;
		this.code = code;
	}
}

interface Request<Answer> {
	method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
	body?: unknown;
	/** On behalf of this account; the hub itself without one. */
	as?: string;
	/** Of a person's device, instead of the hub's. */
	token?: string;
	answer?: z.ZodType<Answer>;
	/** Milliseconds to wait. */
	patience?: number;
	search?: Record<string, string | undefined>;
	signal?: AbortSignal;
}

const Refusal = z.object({ errcode: z.string(), error: z.string().default('') });
const RoomIs = z.object({ room_id: z.string() });
const SignedIn = z.object({ user_id: z.string(), device_id: z.string(), access_token: z.string() });
const Member = z.object({ membership: z.string() });
const Page = z.object({ chunk: z.array(z.object({ origin_server_ts: z.number() }).loose()), end: z.string().optional() });
const Heard = z.object({ next_batch: z.string() });

const hub = 'hub';
/** An account without rooms, to which nothing ever happens: whoever listens for it hears only whether the homeserver is there. */
const quiet = 'u_quiet';
const enough = 5_000;
/** How long the homeserver lets a listener wait, in milliseconds. */
const held = 30_000;
const messagesOnly = JSON.stringify({ types: ['m.room.message'] });

/** People post, reply, react and take back their own; everything else is the hub's. */
const powers = (hubId: string) => ({
	users: { [hubId]: 100 },
	users_default: 0,
	events: { 'm.room.message': 0, 'm.reaction': 0, 'm.room.redaction': 0 },
	events_default: 100,
	state_default: 100,
	invite: 100,
	kick: 100,
	ban: 100,
	redact: 100,
	notifications: { room: 100 }
});

/** The power of whoever leads, while a chat is closed to the others. */
const leading = 50;

/** One device for each sign-in of the space; its name tells nobody which. */
const deviceOf = (signInId: string): string => createHash('sha256').update(signInId).digest('base64url').slice(0, 20);

/** A path with its parts encoded. */
const path = (strings: TemplateStringsArray, ...parts: string[]): string =>
	String.raw({ raw: strings }, ...parts.map(encodeURIComponent));

const isRefused = (thrown: unknown, ...codes: string[]): thrown is MatrixRefused =>
	thrown instanceof MatrixRefused && (codes.length === 0 || codes.includes(thrown.code));

/** What the administrator reads when the homeserver does not serve the hub. */
function whyNot(error: unknown): string {
	if (isRefused(error)) return error.message;
	const wrongToken = error instanceof Unavailable && error.cause === 'M_UNKNOWN_TOKEN';
	return wrongToken
		? 'the homeserver does not know MATRIX_AS_TOKEN: is our application service registered there?'
		: 'the homeserver does not answer';
}

/** Synapse, through its client API, as the application service that owns every account and room. None without settings. */
export function openChat(env: Env, log: Logger): ChatGateway | null {
	const { MATRIX_URL: homeserver, MATRIX_AS_TOKEN: hubToken, MATRIX_SERVER_NAME: serverName } = env;
	if (!homeserver || !hubToken) return null;
	const userIdOf = (account: string) => `@${account}:${serverName}`;
	/** Accounts known to exist; only saves asking again. */
	const known = new Set<string>();

	async function ask<Answer = unknown>(route: string, request: Request<Answer> = {}): Promise<Answer> {
		const { method = 'GET', body, as, token = hubToken, answer, patience = enough, search = {}, signal } = request;
		const url = new URL(`/_matrix/client/v3/${route}`, homeserver);
		for (const [name, value] of Object.entries(search)) if (value !== undefined) url.searchParams.set(name, value);
		if (as) url.searchParams.set('user_id', userIdOf(as));
		const response = await fetch(url, {
			method,
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
			body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
			signal: AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])])
		}).catch((error: unknown) => {
			if (!signal?.aborted) log.warn({ err: error }, 'the homeserver does not answer');
			throw new Unavailable('chat.unavailable');
		});
		const said: unknown = await response.json().catch(() => null);
		if (response.ok) return answer ? answer.parse(said) : (said as Answer);
		const refusal = Refusal.safeParse(said);
		if (response.status >= 500 || response.status === 429 || !refusal.success || refusal.data.errcode === 'M_UNKNOWN_TOKEN') {
			log.warn({ status: response.status, code: refusal.data?.errcode }, 'the homeserver is in trouble');
			throw Object.assign(new Unavailable('chat.unavailable'), { cause: refusal.data?.errcode });
		}
		throw new MatrixRefused(response.status, refusal.data.errcode, refusal.data.error);
	}

	async function register(account: string): Promise<string> {
		if (!known.has(account)) {
			const body = { type: 'm.login.application_service', username: account, inhibit_login: true };
			await ask('register', { method: 'POST', body }).catch((error: unknown) => {
				if (!isRefused(error, 'M_USER_IN_USE')) throw error;
			});
			known.add(account);
		}
		return userIdOf(account);
	}

	const login = (account: string, deviceId: string) =>
		ask('login', {
			method: 'POST',
			body: { type: 'm.login.application_service', identifier: { type: 'm.id.user', user: account }, device_id: deviceId },
			answer: SignedIn
		});

	const join = (matrixRoomId: string, account: string) => ask(path`rooms/${matrixRoomId}/join`, { method: 'POST', as: account });

	/** The room behind an alias, once it is whole: its name comes last. One whose making was cut short is given up. */
	async function madeByAnother(aliasPath: string): Promise<string> {
		const { room_id: matrixRoomId } = await ask(aliasPath, { answer: RoomIs });
		for (const end = Date.now() + enough; Date.now() < end; await wait(100)) {
			const whole = await ask(path`rooms/${matrixRoomId}/state/m.room.name`).then(
				() => true,
				(error: unknown) => {
					if (isRefused(error)) return false;
					throw error;
				}
			);
			if (whole) return matrixRoomId;
		}
		await ask(aliasPath, { method: 'DELETE' });
		throw new Unavailable('chat.unavailable');
	}

	async function membership(matrixRoomId: string, userId: string): Promise<string> {
		return ask(path`rooms/${matrixRoomId}/state/m.room.member/${userId}`, { answer: Member }).then(
			(member) => member.membership,
			(error: unknown) => {
				if (isRefused(error, 'M_NOT_FOUND')) return 'none';
				throw error;
			}
		);
	}

	return {
		async createRoom({ id, title }) {
			const hubId = await register(hub);
			// The alias makes it one room, whoever else makes it at the same time or made it before a crash.
			const alias = `r_${id.replaceAll('-', '')}`;
			const body = {
				room_alias_name: alias,
				name: title,
				preset: 'private_chat',
				visibility: 'private',
				room_version: '11',
				creation_content: { 'm.federate': false },
				power_level_content_override: powers(hubId),
				initial_state: [
					{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'invite' } },
					{ type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'shared' } },
					{ type: 'm.room.guest_access', state_key: '', content: { guest_access: 'forbidden' } }
				]
			};
			const made = await ask('createRoom', { method: 'POST', body, answer: RoomIs, patience: 15_000 }).catch((error: unknown) => {
				if (isRefused(error, 'M_ROOM_IN_USE', 'M_UNKNOWN')) return null;
				throw error;
			});
			return made?.room_id ?? (await madeByAnother(path`directory/room/${`#${alias}:${serverName}`}`));
		},

		async admit(matrixRoomId, personId) {
			const account = accountOf(personId);
			const userId = await register(account);
			const joined = await join(matrixRoomId, account).then(
				() => true,
				(error: unknown) => {
					if (isRefused(error, 'M_FORBIDDEN')) return false;
					throw error;
				}
			);
			if (joined) return;
			await ask(path`rooms/${matrixRoomId}/invite`, { method: 'POST', body: { user_id: userId } }).catch((error: unknown) => {
				// In already, through another screen of the same person: the join below tells.
				if (!isRefused(error, 'M_FORBIDDEN')) throw error;
			});
			await join(matrixRoomId, account);
		},

		async remove(matrixRoomId, personId) {
			const account = accountOf(personId);
			const userId = userIdOf(account);
			await ask(path`rooms/${matrixRoomId}/kick`, { method: 'POST', body: { user_id: userId } }).catch(async (error: unknown) => {
				if (!isRefused(error)) throw error;
				if (['join', 'invite'].includes(await membership(matrixRoomId, userId))) throw error;
			});
		},

		async allow(matrixRoomId, { closed, voices, silent }) {
			const level = (people: readonly string[], power: number) =>
				Object.fromEntries(people.map((personId) => [userIdOf(accountOf(personId)), power]));
			const now = powers(userIdOf(hub));
			const said = closed ? leading : 0;
			const wanted = {
				...now,
				users: { ...level(silent, -1), ...(closed ? level(voices, leading) : {}), ...now.users },
				events: { ...now.events, 'm.room.message': said, 'm.reaction': said }
			};
			await ask(path`rooms/${matrixRoomId}/state/m.room.power_levels`, { method: 'PUT', body: wanted });
		},

		async forget(matrixRoomId, personId) {
			await ask(path`rooms/${matrixRoomId}/forget`, { method: 'POST', as: accountOf(personId) }).catch((error: unknown) => {
				if (!isRefused(error)) throw error;
			});
		},

		async messages(matrixRoomId, before) {
			const search = { dir: 'b', limit: '50', filter: messagesOnly, from: before };
			const page = await ask(path`rooms/${matrixRoomId}/messages`, { search, answer: Page }).catch((error: unknown) => {
				if (!isRefused(error)) throw error;
				log.warn({ err: error, matrixRoomId }, 'the homeserver does not let the hub read a chat');
				return { chunk: [], end: undefined };
			});
			return { events: page.chunk, before: page.end ?? null };
		},

		async hold(signal) {
			const listen = (since: string | undefined, timeout: number) =>
				ask('sync', {
					as: quiet,
					search: { set_presence: 'offline', since, timeout: String(timeout) },
					answer: Heard,
					patience: timeout + enough,
					signal
				});
			await register(quiet);
			const first = await listen(undefined, 0);
			const hear = async () => {
				for (let since = first.next_batch; ;) since = (await listen(since, held)).next_batch;
			};
			return { lost: hear().catch(() => undefined) };
		},

		async signIn(personId, signInId) {
			const account = accountOf(personId);
			await register(account);
			const device = await login(account, deviceOf(signInId));
			return { userId: device.user_id, deviceId: device.device_id, accessToken: device.access_token };
		},

		async signOut(personId, signInId) {
			const account = accountOf(personId);
			try {
				if (signInId === null) {
					await ask('logout/all', { method: 'POST', as: account });
					return;
				}
				const deviceId = deviceOf(signInId);
				await ask(path`devices/${deviceId}`, { as: account });
				const { access_token: token } = await login(account, deviceId);
				await ask('logout', { method: 'POST', token });
			} catch (error) {
				// No such account, or no such device: nobody to sign out.
				if (!isRefused(error, 'M_FORBIDDEN', 'M_NOT_FOUND')) throw error;
			}
		},

		async state() {
			try {
				await ask('account/whoami', { patience: 1_800 });
				return { ok: true };
			} catch (error) {
				return { ok: false, reason: whyNot(error) };
			}
		}
	};
}
