import { z } from 'zod';
import { idOf } from '#lib/ids.ts';
import type { PersonId } from '#lib/ids.ts';
import { Role, spaceKinds } from '#lib/spaces/model.ts';

export const JoinChat = z.strictObject({ roomId: idOf('room') });
export type JoinChat = z.input<typeof JoinChat>;

/** What a browser needs to take part in the chat of one room. */
export const ChatSession = z.object({
	userId: z.string(),
	deviceId: z.string(),
	accessToken: z.string().describe('Ends with the sign-in of the space, and after an hour: then join again.'),
	matrixRoomId: z.string(),
	homeserver: z.string().describe('Where Matrix is found, seen from the origin of the space.')
});
export type ChatSession = z.infer<typeof ChatSession>;

/** Who writes in a chat, or wrote, under the names and roles of the roster. */
export const ChatPeople = z.object({
	spaceKind: z.enum(spaceKinds),
	people: z.array(z.object({ personId: z.uuid(), name: z.string(), role: Role }))
});
export type ChatPeople = z.infer<typeof ChatPeople>;

/** The longest message that the composer sends, in characters. */
export const longestMessage = 4_000;

/** The local part of a person's chat account; the namespace belongs to the hub alone. */
export const accountOf = (personId: string): string => `u_${personId.replaceAll('-', '')}`;

/** The person behind a Matrix user id, or null for the hub and strangers. */
export function personOf(userId: string): PersonId | null {
	const parts = /^@u_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12}):/.exec(userId);
	return parts ? (parts.slice(1).join('-') as PersonId) : null;
}

const segment = '[^/]+';
const inRoom = `rooms/${segment}`;

/**
 * What browsers need of Matrix: read the rooms that the hub let them into, write, reply, react, take back.
 * Members, names, rights, rooms and accounts are the hub's. Pictures come with the checks of uploads.
 */
const allowed: readonly (readonly [methods: string, path: string])[] = [
	['GET', 'versions'],
	['GET', 'v3/sync'],
	['GET', 'v3/account/whoami'],
	['GET', 'v3/capabilities'],
	['GET', 'v3/pushrules/(.*)'],
	['GET', 'v3/voip/turnServer'],
	['GET', `v3/profile/${segment}(/${segment})?`],
	['POST', 'v3/logout'],
	['POST', `v3/user/${segment}/filter`],
	['GET', `v3/user/${segment}/filter/${segment}`],
	['GET', `v3/${inRoom}/(messages|members|joined_members|state)`],
	['GET', `v3/${inRoom}/(context|event)/${segment}`],
	['GET', `v3/${inRoom}/state/${segment}(/[^/]*)?`],
	['GET', `v1/${inRoom}/relations/${segment}(/${segment}){0,2}`],
	['PUT', `v3/${inRoom}/send/(m\\.room\\.message|m\\.reaction)/${segment}`],
	['PUT', `v3/${inRoom}/redact/${segment}/${segment}`],
	['PUT', `v3/${inRoom}/typing/${segment}`],
	['POST', `v3/${inRoom}/read_markers`],
	['POST', `v3/${inRoom}/receipt/${segment}/${segment}`],
	['GET', 'v1/media/config'],
	['GET', `v1/media/(download|thumbnail)/${segment}/${segment}(/${segment})?`]
];

const patterns = allowed.map(([method, path]) => ({ method, pattern: new RegExp(`^/_matrix/client/${path}$`) }));

/** Whether a browser may send this to the homeserver. `path` is as it came: still encoded, without its query. */
export function chatPathAllowed(method: string, path: string): boolean {
	// Nothing that one server reads as one path and the next as another.
	if (/\/\/|\/\.{1,2}(\/|$)|\\|;|%(2e|2f|5c|00)|[^\x21-\x7e]/i.test(path)) return false;
	return patterns.some((rule) => rule.method === method && rule.pattern.test(path));
}
