import type { PersonId, SpaceId } from '#lib/ids.ts';
import { newId } from '#lib/ids.ts';
import { whoAsks } from '#lib/people/server/index.ts';
import { createPasswords } from '#lib/people/server/passwords.ts';
import { accounts, credentials, people } from '#lib/people/server/table.ts';
import { standardRooms } from '#lib/rooms/server/index.ts';
import { api } from '#lib/server/api.ts';
import { requestContext, systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import type { Relation, Role, SpaceKind } from '#lib/spaces/model.ts';
import { insertSpace } from '#lib/spaces/server/index.ts';
import { memberships } from '#lib/spaces/server/table.ts';
import { openServices } from './services.ts';
import type { TestServices } from './services.ts';

export interface Ask {
	method?: string;
	body?: unknown;
	cookie?: string;
	address?: string;
}

export interface Answer {
	status: number;
	body: ReturnType<typeof JSON.parse>;
	/** The whole body, as it was sent. */
	text: string;
	cookie: string;
}

/** Sends one request to the API as a browser at an address would, with the cookie that it holds. */
export async function ask(
	services: Services,
	path: string,
	{ method, body, cookie, address = '10.0.0.1' }: Ask = {}
): Promise<Answer> {
	const headers = new Headers(cookie ? { cookie } : {});
	if (body !== undefined) headers.set('content-type', 'application/json');
	const request = new Request(`http://localhost/api/v1${path}`, {
		method: method ?? (body === undefined ? 'GET' : 'POST'),
		headers,
		body: body === undefined ? undefined : JSON.stringify(body)
	});
	const ctx = requestContext(services, { actor: await whoAsks(services, headers), address, requestId: newId() });
	const response = await api.fetch(request, { ctx, locale: 'zh-CN' });
	const text = await response.text();
	return { status: response.status, text, body: isJson(response) ? JSON.parse(text) : null, cookie: cookiesOf(response) };
}

const isJson = (response: Response) => /json/.test(response.headers.get('content-type') ?? '');
const cookiesOf = (response: Response) =>
	response.headers
		.getSetCookie()
		.map((cookie) => cookie.split(';')[0])
		.filter((cookie) => !cookie?.endsWith('='))
		.join('; ');

/** Signs in for real, and answers the cookie. */
export async function signIn(services: Services, login: string, password: string, address?: string): Promise<string> {
	const answer = await ask(services, '/sign-in', { body: { login, password }, address });
	if (answer.status !== 200) throw new Error(`${login} cannot sign in: ${answer.text}`);
	return answer.cookie;
}

export interface Place {
	key: string;
	id: SpaceId;
	kind: SpaceKind;
	path: string;
	parent: string | null;
}

export interface Someone {
	key: string;
	personId: PersonId;
	/** What the person is in which place. */
	holds: { role: Role; place: string }[];
}

export const worldPassword = 'a-password-of-tests';

/** Two schools of a region with two classes each, a workshop across them, and a person for every role in each. */
export const places: readonly { key: string; kind: SpaceKind; parent: string | null }[] = [
	{ key: 'region', kind: 'region', parent: null },
	...['east', 'west'].flatMap((school) => [
		{ key: school, kind: 'school' as const, parent: 'region' },
		{ key: `${school}1`, kind: 'class' as const, parent: school },
		{ key: `${school}2`, kind: 'class' as const, parent: school }
	]),
	{ key: 'workshop', kind: 'workshop', parent: 'region' },
	{ key: 'own-east', kind: 'personal', parent: 'east' },
	{ key: 'own-west', kind: 'personal', parent: 'west' }
];

export const cast: readonly { key: string; home: string; holds: Someone['holds'] }[] = [
	{ key: 'regionAdmin', home: 'region', holds: [{ role: 'regionAdmin', place: 'region' }] },
	...['east', 'west'].flatMap((school) => [
		{ key: `schoolAdmin-${school}`, home: school, holds: [{ role: 'schoolAdmin' as const, place: school }] },
		...[`${school}1`, `${school}2`].flatMap((room) => [
			{ key: `student-${room}`, home: school, holds: [{ role: 'student' as const, place: room }] },
			{ key: `guardian-${room}`, home: school, holds: [{ role: 'guardian' as const, place: room }] },
			{
				key: `teacher-${room}`,
				home: school,
				holds: [
					{ role: 'teacher' as const, place: room },
					{ role: 'teacher' as const, place: school }
				]
			},
			{
				key: `headTeacher-${room}`,
				home: school,
				holds: [
					{ role: 'headTeacher' as const, place: room },
					{ role: 'teacher' as const, place: school }
				]
			}
		])
	]),
	{
		key: 'teacher-own',
		home: 'east',
		holds: [
			{ role: 'teacher', place: 'east' },
			{ role: 'teacher', place: 'own-east' }
		]
	},
	{
		key: 'student-own',
		home: 'west',
		holds: [
			{ role: 'student', place: 'west1' },
			{ role: 'student', place: 'own-west' }
		]
	},
	{
		key: 'teacher-workshop',
		home: 'east',
		holds: [
			{ role: 'teacher', place: 'east' },
			{ role: 'teacher', place: 'workshop' }
		]
	},
	{
		key: 'host-workshop',
		home: 'west',
		holds: [
			{ role: 'teacher', place: 'west' },
			{ role: 'headTeacher', place: 'workshop' }
		]
	}
];

/** How a membership of one place stands to another place, told from the tree above and not from paths. */
export function relationOf(held: string, place: string): Relation {
	if (held === place) return 'member';
	if (above(place).includes(held)) return 'above';
	if (above(held).includes(place)) return 'below';
	const schools = [held, place].map((key) => [key, ...above(key)].find((one) => kindOf(one) === 'school'));
	return schools[0] && schools[0] === schools[1] ? 'near' : 'none';
}

const kindOf = (key: string): SpaceKind | undefined => places.find((place) => place.key === key)?.kind;
function above(key: string): string[] {
	const parent = places.find((place) => place.key === key)?.parent;
	return parent ? [parent, ...above(parent)] : [];
}

export interface World {
	services: TestServices;
	system: Context;
	places: Map<string, Place>;
	people: Map<string, Someone>;
	/** A real sign-in of somebody, made once. */
	cookieOf(key: string): Promise<string>;
	close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
	const services = await openServices();
	const system = systemContext(services);
	const made = new Map<string, Place>();
	const persons = new Map<string, Someone>();
	const hash = await createPasswords().hash(worldPassword);
	await transaction(system, async (ctx) => {
		for (const { key, kind, parent } of places) {
			const space = await insertSpace(ctx, { parent: parent ? placeIn(made, parent) : null, kind, name: key });
			await standardRooms(ctx, space);
			made.set(key, { key, id: space.id, kind, path: space.path, parent });
		}
		for (const { key, home, holds } of cast) {
			const personId = newId<'person'>();
			await addPerson(ctx, { personId, number: key, name: `名${key}`, homePath: placeIn(made, home).path, hash });
			for (const { role, place } of holds) {
				const { id, path } = placeIn(made, place);
				await ctx.db.insert(memberships).values({ personId, spaceId: id, spacePath: path, role, since: '2026-01-01' });
			}
			persons.set(key, { key, personId, holds });
		}
	});
	const cookies = new Map<string, Promise<string>>();
	return {
		services,
		system,
		places: made,
		people: persons,
		cookieOf(key) {
			const cookie = cookies.get(key) ?? signIn(services, key, worldPassword);
			cookies.set(key, cookie);
			return cookie;
		},
		close: () => services.close()
	};
}

/** A person with an account whose password is no first one. */
export async function addPerson(
	ctx: Context,
	person: {
		personId: PersonId;
		number: string;
		name: string;
		homePath: string;
		hash: string;
		mustChangePassword?: boolean;
		email?: string;
	}
): Promise<void> {
	const { personId, number, name, homePath, hash, mustChangePassword = false, email } = person;
	const accountId = newId();
	const username = number.toLowerCase();
	await ctx.db.insert(people).values({ id: personId, name, number, homePath, email });
	await ctx.db.insert(accounts).values({
		id: accountId,
		personId,
		name: username,
		username,
		email: email ?? `${username}@people.invalid`,
		mustChangePassword
	});
	await ctx.db
		.insert(credentials)
		.values({ id: newId(), accountId, userId: accountId, providerId: 'credential', password: hash });
}

export function placeIn(map: ReadonlyMap<string, Place>, key: string): Place {
	const place = map.get(key);
	if (!place) throw new Error(`no such place: ${key}`);
	return place;
}
