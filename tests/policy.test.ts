import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocument } from '#lib/documents/server/index.ts';
import { newId } from '#lib/ids.ts';
import type { PersonId } from '#lib/ids.ts';
import { whoAsks } from '#lib/people/server/index.ts';
import { createPasswords } from '#lib/people/server/passwords.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { roomsIn } from '#lib/rooms/server/index.ts';
import { seeMatrix } from '#lib/roster/server/index.ts';
import { api } from '#lib/server/api.ts';
import { requestContext } from '#lib/server/context.ts';
import { isAppError } from '#lib/server/errors.ts';
import { policy } from '#lib/server/policy.ts';
import type { PolicyVerb } from '#lib/server/policy.ts';
import { grantsFor } from '#lib/server/rule.ts';
import type { Rule } from '#lib/server/rule.ts';
import { transaction } from '#lib/server/transaction.ts';
import { memberships } from '#lib/spaces/server/table.ts';
import { addPerson, ask, cast, openWorld, relationOf, worldPassword } from '#tests/support/world.ts';
import type { Ask, World } from '#tests/support/world.ts';

// Every cell of the policy, tried by real sign-ins through the API: who may is let in, who may not is refused,
// and who may not even see is told that there is nothing.

/** Something that the policy speaks about, in its place. */
interface Thing {
	id: string;
	kind: string;
	place: string;
}

let world: World;
const things: Record<'space' | 'room' | 'document', Thing[]> = { space: [], room: [], document: [] };
/** Somebody in each place who may be named in a request, and whose password may be reset. */
const named = new Map<string, PersonId>();

beforeAll(async () => {
	world = await openWorld();
	const hash = await createPasswords().hash(worldPassword);
	const keyOf = new Map([...world.places.values()].map(({ id, key }) => [id, key]));
	await transaction(world.system, async (ctx) => {
		for (const { id, kind, key } of world.places.values()) things.space.push({ id, kind, place: key });
		for (const room of await ctx.db.select().from(rooms)) {
			const place = keyOf.get(room.spaceId) ?? '';
			things.room.push({ id: room.id, kind: room.kind, place });
			const document = await createDocument(ctx, { roomId: room.id, kind: 'text', title: '提纲' });
			things.document.push({ id: document.id, kind: room.kind, place });
		}
		for (const { key, id, path, kind } of world.places.values()) {
			const personId = newId<'person'>();
			await addPerson(ctx, { personId, number: `named-${key}`, name: '某人', homePath: path, hash });
			await ctx.db
				.insert(memberships)
				.values({ personId, spaceId: id, spacePath: path, role: kind === 'class' ? 'student' : 'teacher', since: '2026-01-01' });
			named.set(key, personId);
		}
	});
}, 120_000);
afterAll(() => world.close());

type Probe = (thing: Thing) => { path: string } & Ask;
/** Into a workshop come teachers of schools. */
const nameIn = (thing: Thing) => named.get(thing.kind === 'workshop' ? 'east' : thing.place) ?? newId();
const roleIn = (thing: Thing) => (thing.kind === 'class' ? 'student' : 'teacher');

/** A comment at the end of an empty text. */
const sampleComment = { anchor: { from: 'AQdkZWZhdWx0AA==', to: 'AQdkZWZhdWx0AA==' }, quote: '', text: '很好' };

/** A plan of one step. */
const samplePlan = { title: '流程', steps: [{ id: 'aaaa', name: '导入', minutes: 5 }] };

/** For each verb of the policy the requests that need it. */
const probes: Record<Exclude<PolicyVerb, 'policy.see'>, Probe[]> = {
	'space.see': [
		({ id }) => ({ path: `/spaces/${id}` }),
		({ id }) => ({ path: `/spaces/${id}/spaces` }),
		({ id }) => ({ path: `/spaces/${id}/rooms` })
	],
	'space.create': [
		({ id, kind }) => ({ path: '/spaces', body: { parentId: id, kind: kind === 'region' ? 'school' : 'class', name: '新的' } })
	],
	'workshop.create': [({ id }) => ({ path: '/spaces', body: { parentId: id, kind: 'workshop', name: '新的' } })],
	'member.list': [({ id }) => ({ path: `/spaces/${id}/members` })],
	'member.find': [
		(thing) => ({
			path: `/spaces/${thing.id}/members/find`,
			body: { number: `named-${thing.kind === 'workshop' ? 'east' : thing.place}`, role: roleIn(thing) }
		})
	],
	'member.change': [(thing) => ({ path: `/spaces/${thing.id}/members`, body: { personId: nameIn(thing), role: roleIn(thing) } })],
	'roster.import': [
		({ id }) => ({ path: `/spaces/${id}/people` }),
		({ id }) => ({
			path: `/spaces/${id}/roster`,
			body: { file: Buffer.from('学号,姓名,角色\nX1,新人,教师').toString('base64'), dryRun: true }
		})
	],
	'password.reset': [(thing) => ({ path: `/spaces/${thing.id}/people/${nameIn(thing)}/password`, method: 'POST' })],
	'audit.see': [({ id }) => ({ path: `/spaces/${id}/audit` })],
	'room.see': [({ id }) => ({ path: `/rooms/${id}` })],
	'room.enter': [
		({ id }) => ({ path: `/rooms/${id}/enter`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/signal`, body: { hand: true } }),
		({ id }) => ({ path: `/rooms/${id}/call`, method: 'POST' })
	],
	'room.open': [
		({ id, kind }) => ({ path: '/rooms', body: { spaceId: id, kind: roomsIn[kind as keyof typeof roomsIn][0], title: '新的' } })
	],
	'room.change': [({ id }) => ({ path: `/rooms/${id}`, method: 'PATCH', body: { title: '改名' } })],
	'room.lead': [
		({ id }) => ({ path: `/rooms/${id}/rules`, body: { locked: false } }),
		({ id }) => ({ path: `/rooms/${id}/admit`, method: 'POST' }),
		(thing) => ({ path: `/rooms/${thing.id}/people/${nameIn(thing)}/admit`, method: 'POST' }),
		(thing) => ({ path: `/rooms/${thing.id}/people/${nameIn(thing)}/permit`, body: { stage: true } }),
		(thing) => ({ path: `/rooms/${thing.id}/people/${nameIn(thing)}/lobby`, body: { message: '请等一下' } }),
		(thing) => ({ path: `/rooms/${thing.id}/people/${nameIn(thing)}/turn-out`, body: {} }),
		({ id }) => ({ path: `/rooms/${id}/hands/lower`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/hands/next`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/spotlight`, body: { spotlight: null } }),
		({ id }) => ({ path: `/rooms/${id}/end`, method: 'POST' })
	],
	'round.answer': [
		({ id }) => ({ path: `/rooms/${id}/rounds` }),
		({ id }) => ({ path: `/rooms/${id}/rounds/${newId()}/answer`, body: { choice: [0] } })
	],
	'round.lead': [
		({ id }) => ({ path: `/rooms/${id}/rounds`, body: { kind: 'buzzer' } }),
		...['ask', 'close', 'dismiss'].map((act): Probe => ({ id }) => ({
			path: `/rooms/${id}/rounds/${newId()}/${act}`,
			method: 'POST'
		})),
		({ id }) => ({ path: `/rooms/${id}/rounds/${newId()}`, method: 'DELETE' })
	],
	'slide.see': [
		({ id }) => ({ path: `/rooms/${id}/slides` }),
		// Of no session of this room: whoever may is told so.
		({ id }) => ({ path: `/rooms/${id}/sessions/${newId()}/turns` })
	],
	'slide.lead': [
		({ id }) => ({ path: `/rooms/${id}/slides`, body: { fileId: newId() } }),
		({ id }) => ({ path: `/rooms/${id}/slides/${newId()}/show`, body: { page: 1, together: true } }),
		({ id }) => ({ path: `/rooms/${id}/slides/${newId()}/retry`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/slides/hide`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/slides/${newId()}`, method: 'DELETE' })
	],
	'caption.see': [
		({ id }) => ({ path: `/rooms/${id}/captions` }),
		({ id }) => ({ path: `/rooms/${id}/sessions/${newId()}/captions` })
	],
	// Where no recogniser is set, whoever may is told so.
	'caption.lead': [({ id }) => ({ path: `/rooms/${id}/captions/switch`, body: { on: false } })],
	'sheet.see': [
		({ id }) => ({ path: `/rooms/${id}/run-sheets` }),
		({ id }) => ({ path: `/rooms/${id}/sessions/${newId()}/steps` })
	],
	'sheet.lead': [
		({ id }) => ({ path: `/rooms/${id}/run-sheets`, body: samplePlan }),
		({ id }) => ({ path: `/rooms/${id}/run-sheets/${newId()}`, method: 'PUT', body: samplePlan }),
		({ id }) => ({ path: `/rooms/${id}/run-sheets/${newId()}`, method: 'DELETE' }),
		...['copy', 'run'].map((act): Probe => ({ id }) => ({ path: `/rooms/${id}/run-sheets/${newId()}/${act}`, method: 'POST' })),
		({ id }) => ({ path: `/rooms/${id}/run/step`, body: { stepId: 'aaaa' } }),
		({ id }) => ({ path: `/rooms/${id}/run/order`, body: { order: ['aaaa'] } }),
		({ id }) => ({ path: `/rooms/${id}/run/end`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/run-report` }),
		({ id }) => ({ path: `/rooms/${id}/run-report.xlsx` })
	],
	'group.see': [
		({ id }) => ({ path: `/rooms/${id}/groups` }),
		// Of no set: whoever may is told so.
		({ id }) => ({ path: `/rooms/${id}/groups/${newId()}/choose`, body: { groupId: newId() } })
	],
	'group.lead': [
		({ id }) => ({ path: `/rooms/${id}/groups`, body: { title: '新的', way: 'hand', count: 2 } }),
		({ id }) => ({ path: `/rooms/${id}/groups/${newId()}/open`, body: {} }),
		({ id }) => ({ path: `/rooms/${id}/groups/${newId()}/call-back`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/groups/${newId()}/voice`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/groups/${newId()}/names`, body: { groupId: newId(), title: '飞鸟组' } }),
		({ id }) => ({ path: `/rooms/${id}/groups/${newId()}/tell`, body: { text: '还有两分钟' } }),
		({ id }) => ({ path: `/rooms/${id}/groups/${newId()}/members`, body: { personId: newId(), groupId: null } }),
		({ id }) => ({ path: `/rooms/${id}/groups/${newId()}`, method: 'DELETE' })
	],
	'handout.see': [
		({ id }) => ({ path: `/rooms/${id}/handouts` }),
		// Of no handout: whoever may is told so.
		({ id }) => ({ path: `/rooms/${id}/copies/${newId()}/open`, method: 'POST' })
	],
	'handout.lead': [
		({ id }) => ({
			path: `/rooms/${id}/handouts`,
			body: { what: { kind: 'page', path: '/spaces', title: '看这里' }, to: { kind: 'all' } }
		}),
		({ id }) => ({ path: `/rooms/${id}/handouts/${newId()}/collect`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/copies/${newId()}/return`, method: 'POST' })
	],
	'attendance.see': [({ id }) => ({ path: `/rooms/${id}/attendance` }), ({ id }) => ({ path: `/rooms/${id}/attendance.xlsx` })],
	'attendance.note': [
		// Of no session of this room: whoever may is told so.
		({ id }) => ({ path: `/rooms/${id}/attendance/notes`, body: { sessionId: newId(), personId: newId(), reason: 'sick' } })
	],
	'recording.watch': [
		({ id }) => ({ path: `/rooms/${id}/recordings` }),
		({ id }) => ({ path: `/rooms/${id}/recording` }),
		// Nothing is recorded: whoever may is told so.
		({ id }) => ({ path: `/rooms/${id}/recording/consent`, method: 'PUT', body: { given: true } })
	],
	'recording.lead': [
		({ id }) => ({ path: `/rooms/${id}/recording`, method: 'POST' }),
		({ id }) => ({ path: `/rooms/${id}/recording`, method: 'DELETE' })
	],
	'recording.keep': [
		({ id }) => ({ path: `/spaces/${id}/recordings/keeping` }),
		({ id }) => ({ path: `/spaces/${id}/recordings/keeping`, method: 'PUT', body: { days: 400 } })
	],
	'project.see': [({ id }) => ({ path: `/rooms/${id}/project` }), ({ id }) => ({ path: `/rooms/${id}/project/progress` })],
	'project.change': [
		({ id }) => ({ path: `/rooms/${id}/project/tasks`, body: { title: '画图' } }),
		({ id }) => ({ path: `/rooms/${id}/project/milestones`, body: { title: '汇报', on: '2026-12-01' } })
	],
	'room.analyse': [
		({ id }) => ({ path: `/rooms/${id}/analysis` }),
		({ id }) => ({ path: `/rooms/${id}/analysis/sessions` }),
		({ id }) => ({ path: `/rooms/${id}/analysis/events?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z` })
	],
	'document.read': [({ id }) => ({ path: `/documents/${id}/token`, method: 'POST' })],
	'document.comment': [({ id }) => ({ path: `/documents/${id}/token`, method: 'POST' })],
	'document.write': [({ id }) => ({ path: `/documents/${id}/token`, method: 'POST' })],
	'document.create': [({ id }) => ({ path: `/rooms/${id}/documents`, body: { kind: 'text', title: '新的' } })],
	'document.change': [({ id }) => ({ path: `/documents/${id}`, method: 'PATCH', body: { title: '改名' } })],
	'history.see': [({ id }) => ({ path: `/documents/${id}/history` }), ({ id }) => ({ path: `/documents/${id}/log?after=0` })],
	'comment.see': [({ id }) => ({ path: `/documents/${id}/comments` })],
	'comment.write': [({ id }) => ({ path: `/documents/${id}/comments`, body: sampleComment })],
	// Nothing is written in these documents: who may is told so.
	'history.keep': [
		({ id }) => ({ path: `/documents/${id}/versions`, body: { seq: 1, name: '第一稿' } }),
		({ id }) => ({ path: `/documents/${id}/restores`, body: { seq: 1 } })
	],
	'history.handIn': [({ id }) => ({ path: `/documents/${id}/hand-ins`, method: 'POST' })],
	'history.lock': [({ id }) => ({ path: `/documents/${id}/lock`, method: 'PATCH', body: { onHandIn: false } })],
	'chat.join': [({ id }) => ({ path: `/rooms/${id}/chat`, method: 'POST' })]
};

/** Which things a verb is tried upon. A record is of a room. */
function thingsOf({ object }: Rule): Thing[] {
	if (object === 'record') return things.room;
	return object === 'room' || object === 'document' ? things[object] : things.space;
}

const allows = (verb: PolicyVerb, thing: Thing, holds: (typeof cast)[number]['holds']): boolean => {
	const grants = grantsFor(policy[verb], thing.kind);
	return holds.some(({ role, place }) => grants[role]?.includes(relationOf(place, thing.place)));
};
/** The verb by which a thing is seen at all. */
const seeing = {
	space: 'space.see',
	person: 'space.see',
	audit: 'space.see',
	policy: 'space.see',
	room: 'room.see',
	record: 'room.see',
	document: 'document.read'
} as const;

let cells = 0;
describe('the policy, cell by cell', () => {
	for (const verb of Object.keys(probes) as (keyof typeof probes)[]) {
		it(`lets do “${verb}” whom it lets, and nobody else`, async () => {
			const rule: Rule = policy[verb];
			const tried = new Set<string>();
			const wrong: string[] = [];
			for (const thing of thingsOf(rule)) {
				for (const { key, holds } of cast) {
					const cell = `${thing.kind}: ${[...new Set(holds.map(({ role, place }) => `${role} ${relationOf(place, thing.place)}`))].sort().join(' + ')}`;
					if (tried.has(cell)) continue;
					tried.add(cell);
					const may = allows(verb, thing, holds);
					const sees = allows(seeing[rule.object], thing, holds);
					for (const probe of probes[verb]) {
						const { path, ...request } = probe(thing);
						const { status, text } = await ask(world.services, path, { ...request, cookie: await world.cookieOf(key) });
						const right = may ? ![401, 403, 404, 500].includes(status) : status === (sees ? 403 : 404);
						if (!right)
							wrong.push(
								`${cell} (${key}, ${thing.place}) ${path.replace(/[0-9a-f-]{36}/g, '…')}: ${may ? 'may' : sees ? 'may not' : 'does not see'}, was answered ${status} ${text.slice(0, 120)}`
							);
					}
				}
			}
			cells += tried.size;
			expect(wrong).toEqual([]);
		}, 120_000);
	}

	it('shows itself to those who lead, and to nobody else', async () => {
		for (const { key, holds } of cast) {
			const actor = await whoAsks(world.services, new Headers({ cookie: await world.cookieOf(key) }));
			const seen = await seeMatrix(requestContext(world.services, { actor, address: null, requestId: null })).then(
				() => true,
				(error: unknown) => !isAppError(error)
			);
			expect([key, seen]).toEqual([key, holds.some(({ role }) => role === 'schoolAdmin' || role === 'regionAdmin')]);
		}
	});

	it('has a probe for every verb and was tried in many cells', () => {
		expect(Object.keys(probes).sort()).toEqual(
			Object.keys(policy)
				.filter((verb) => verb !== 'policy.see')
				.sort()
		);
		process.stderr.write(`${cells} cells of the policy tried\n`);
		expect(cells).toBeGreaterThan(400);
	});
});

interface Described {
	method: string;
	path: string;
	policy: string | undefined;
	body: unknown;
}

async function describedRoutes(): Promise<Described[]> {
	const response = await api.fetch(new Request('http://localhost/api/v1/openapi.json'), { ctx: world.system, locale: 'zh-CN' });
	const { paths } = (await response.json()) as {
		paths: Record<string, Record<string, { 'x-policy'?: string; requestBody?: unknown }>>;
	};
	return Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({
			method: method.toUpperCase(),
			path: path.replace('/api/v1', ''),
			policy: operation['x-policy'],
			body: operation.requestBody
		}))
	);
}

describe('every route', () => {
	it('names the row of the policy that guards it, or that it is public, about oneself or for a peer', async () => {
		const known = [...Object.keys(policy), 'self', 'public', 'peer'];
		expect((await describedRoutes()).filter((route) => !known.includes(route.policy ?? ''))).toEqual([]);
	});

	it('answers nobody who is not signed in, unless it is public or for a peer', async () => {
		const open: string[] = [];
		for (const { method, path, policy, body } of await describedRoutes()) {
			if (policy === 'public' || policy === 'peer') continue;
			const { status } = await ask(
				world.services,
				filled(path, () => newId()),
				{ method, body: body ? sample(path) : undefined }
			);
			if (status !== 401 && status !== 422 && status !== 404) open.push(`${method} ${path}: ${status}`);
		}
		expect(open).toEqual([]);
	});

	it('answers the id of something foreign exactly like an id of nothing', async () => {
		const differ: string[] = [];
		const cookie = await world.cookieOf('teacher-west1');
		const foreign = (name: string) => {
			const kind = ({ spaceId: 'space', roomId: 'room', documentId: 'document' } as const)[name];
			if (!kind) return named.get('east1') ?? '';
			return things[kind].find(({ place, kind }) => place === 'east1' && kind !== 'homeSchool')?.id ?? '';
		};
		for (const { method, path, policy, body } of await describedRoutes()) {
			if (policy === 'public' || policy === 'peer' || !path.includes('{')) continue;
			const request = { method, body: body ? sample(path) : undefined, cookie };
			const there = await ask(world.services, filled(path, foreign), request);
			const missing = await ask(
				world.services,
				filled(path, () => newId()),
				request
			);
			if (there.status !== missing.status || there.text !== missing.text || (there.status < 400 && policy !== 'self')) {
				differ.push(
					`${method} ${path}: ${there.status} ${there.text.slice(0, 100)} | ${missing.status} ${missing.text.slice(0, 100)}`
				);
			}
		}
		expect(differ).toEqual([]);
	});
});

const filled = (path: string, value: (name: string) => string): string =>
	path.replace(/\{(\w+)\}/g, (_, name: string) => value(name));

/** A body that every route with this path takes. */
function sample(path: string): unknown {
	if (path.endsWith('/groups')) return { title: '新的', way: 'hand', count: 2 };
	if (path.endsWith('/run-sheets') || path.endsWith('/run-sheets/{sheetId}')) return samplePlan;
	if (path.endsWith('/step')) return { stepId: 'aaaa' };
	if (path.endsWith('/order')) return { order: ['aaaa'] };
	if (path.endsWith('/switch')) return { on: false };
	if (path.endsWith('/slides')) return { fileId: newId() };
	if (path.endsWith('/show')) return { page: 1, together: true };
	if (path.endsWith('/open')) return {};
	if (path.endsWith('/tell')) return { text: '还有两分钟' };
	if (path.endsWith('/choose')) return { groupId: newId() };
	if (path.includes('/groups/')) return { personId: named.get('east1'), groupId: null };
	if (path.endsWith('/members') || path.endsWith('/remove')) return { personId: named.get('east1'), role: 'student' };
	if (path.endsWith('/find')) return { number: 'named-east1', role: 'student' };
	if (path.endsWith('/roster')) return { file: Buffer.from('a').toString('base64'), dryRun: true };
	if (path.endsWith('/comments')) return sampleComment;
	if (path.includes('/replies')) return { text: '好' };
	if (path.endsWith('}') && path.includes('/comments/')) return { resolved: true };
	if (path.endsWith('/versions')) return { seq: 1, name: '第一稿' };
	if (path.endsWith('/restores')) return { seq: 1 };
	if (path.endsWith('/lock')) return { onHandIn: true };
	if (path.endsWith('/move')) return { state: 'done', beforeId: null };
	if (path.endsWith('/milestones')) return { title: '汇报', on: '2026-12-01' };
	if (path.endsWith('/rules')) return { locked: false };
	if (path.endsWith('/permit')) return { stage: true };
	if (path.endsWith('/lobby') || path.endsWith('/turn-out')) return { message: '请等一下' };
	if (path.endsWith('/notes')) return { sessionId: newId(), personId: newId(), reason: 'sick' };
	if (path.endsWith('/rounds')) return { kind: 'buzzer' };
	if (path.endsWith('/handouts')) return { what: { kind: 'page', path: '/spaces', title: '看这里' }, to: { kind: 'all' } };
	if (path.endsWith('/answer')) return { choice: [0] };
	if (path.endsWith('/consent')) return { given: true };
	if (path.endsWith('/keeping')) return { days: 400 };
	if (path.endsWith('/marks')) return { at: 0, text: '好' };
	if (path.endsWith('/signal')) return { hand: true };
	if (path.endsWith('/documents')) return { kind: 'text', title: '新的' };
	return { title: '新的' };
}
