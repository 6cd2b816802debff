import { and, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whoAsks } from '#lib/people/server/index.ts';
import { audit } from '#lib/records/server/table.ts';
import { requestContext } from '#lib/server/context.ts';
import { newId } from '#lib/ids.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { addPerson, ask, openWorld, placeIn } from '#tests/support/world.ts';
import type { Answer, World } from '#tests/support/world.ts';
import { findsAnHour } from './find-person.ts';
import { createSpace, regionToFoundIn } from './index.ts';
import { memberships } from './table.ts';

let world: World;
beforeAll(async () => {
	world = await openWorld();
}, 120_000);
afterAll(() => world.close());

const idOf = (key: string) => placeIn(world.places, key).id;
const as = async (key: string, path: string, body?: unknown): Promise<Answer> =>
	ask(world.services, path, { body, cookie: await world.cookieOf(key) });
const make = (key: string, parent: string, kind: string, name: string) =>
	as(key, '/spaces', { parentId: idOf(parent), kind, name });
const find = (key: string, place: string, number: string, role: string) =>
	as(key, `/spaces/${idOf(place)}/members/find`, { number, role });
const join = (key: string, place: string, who: string, role: string) =>
	as(key, `/spaces/${idOf(place)}/members`, { personId: world.people.get(who)?.personId, role });

const contextOf = async (key: string) => {
	const actor = await whoAsks(world.services, new Headers({ cookie: await world.cookieOf(key) }));
	return requestContext(world.services, { actor, address: null, requestId: null });
};
/** How many transactions of this database wait for a row that another one holds. */
const waiting = async (): Promise<number> => {
	const { rows } = await world.services.database.db.execute<{ count: number }>(
		sql`select count(*)::int from pg_locks where not granted`
	);
	return rows[0]?.count ?? 0;
};

describe('a list of spaces', () => {
	test('says of which school a class is, and how many people each has', async () => {
		const mine = (await as('student-own', '/spaces')).body;
		expect(mine).toMatchObject([
			{ name: 'west1', schoolName: 'west', roles: ['student'] },
			{ name: 'own-west', schoolName: 'west' }
		]);
		const under = (await as('schoolAdmin-west', `/spaces/${idOf('west')}/spaces`)).body;
		expect(under).toMatchObject([
			{ name: 'west1', members: 5 },
			{ name: 'west2', members: 4 }
		]);
	});
});

describe('a new space', () => {
	test('is offered by its parent to whom the policy lets make it, by kind', async () => {
		const offered = async (key: string, place: string) => (await as(key, `/spaces/${idOf(place)}`)).body.can.create;
		expect(await offered('regionAdmin', 'region')).toEqual(['school', 'workshop']);
		expect(await offered('teacher-east1', 'region')).toEqual(['workshop']);
		expect(await offered('student-east1', 'region')).toEqual([]);
		expect(await offered('schoolAdmin-east', 'east')).toEqual(['class']);
		expect(await offered('teacher-east1', 'east')).toEqual([]);
		expect(await offered('schoolAdmin-east', 'east1')).toEqual([]);
	});

	test('has a name of its own among its sisters, in whichever case', async () => {
		expect((await make('schoolAdmin-east', 'east', 'class', 'Class 3')).status).toBe(200);
		const again = await make('regionAdmin', 'east', 'class', ' class 3 ');
		expect([again.status, again.body.key]).toEqual([409, 'spaces.nameTaken']);
		expect((await make('schoolAdmin-west', 'west', 'class', 'Class 3')).status).toBe(200);
	});

	test('waits for another of its name that is being made at the same moment', async () => {
		const [one, other] = await Promise.all(['schoolAdmin-east', 'regionAdmin'].map(contextOf));
		const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
		const input = { parentId: idOf('east'), kind: 'class', name: '六年级4班' } as const;
		const first = createSpace(one!, input, async () => {
			begun.resolve();
			await go.promise;
		});
		await begun.promise;
		let passed = false;
		const second = createSpace(other!, input, async () => {
			passed = true;
		});
		second.catch(() => undefined);
		// Either it has come through, which it must not, or it waits at the row of the school.
		await expect.poll(async () => passed || (await waiting()) > 0, { timeout: 10_000 }).toBe(true);
		go.resolve();
		await first;
		await expect(second).rejects.toMatchObject({ status: 409, key: 'spaces.nameTaken' });
	});

	test('needs a name of one line, neither empty nor too long', async () => {
		for (const name of ['', '   ', '班'.repeat(81), 'a\u0000b', 'a\nb'])
			expect([name, (await make('schoolAdmin-east', 'east', 'class', name)).status]).toEqual([name, 422]);
	});
});

describe('a workshop', () => {
	test('is founded in the region of a teacher, who is its host in its standard room', async () => {
		const region = async (key: string) => regionToFoundIn(await contextOf(key));
		expect(await region('teacher-east1')).toBe(idOf('region'));
		for (const key of ['student-east1', 'guardian-east1', 'schoolAdmin-east'])
			expect([key, await region(key)]).toEqual([key, null]);

		const { body: made } = await make('teacher-east1', 'region', 'workshop', '阅读教研');
		expect((await as('teacher-east1', `/spaces/${made.id}`)).body).toMatchObject({
			roles: ['headTeacher'],
			can: { changeMembers: true, openRoom: true }
		});
		expect((await as('teacher-east1', `/spaces/${made.id}/rooms`)).body).toMatchObject([{ kind: 'workshop' }]);
	});

	test('does not tell that somebody else has one of the same name', async () => {
		expect((await make('teacher-east2', 'region', 'workshop', '数学教研')).status).toBe(200);
		expect((await make('teacher-west2', 'region', 'workshop', '数学教研')).status).toBe(200);
		expect((await make('teacher-west2', 'region', 'workshop', '数学教研')).status).toBe(409);
	});
});

describe('whoever looks after a list', () => {
	test('finds the members by role and then by the sound of their names, also from page to page', async () => {
		const { id: spaceId, path: spacePath } = placeIn(world.places, 'west2');
		await transaction(world.system, async (ctx) => {
			for (const [index, name] of ['郑语桐', '陈一鸣', '林晓', '白露', '周子涵'].entries()) {
				const personId = newId<'person'>();
				await addPerson(ctx, { personId, number: `sound-${index}`, name, homePath: spacePath, hash: '-' });
				await ctx.db.insert(memberships).values({ personId, spaceId, spacePath, role: 'student', since: '2026-01-01' });
			}
		});
		const names: string[] = [];
		let after = '';
		do {
			const page = (
				await as('schoolAdmin-west', `/spaces/${spaceId}/members?limit=2${after && `&after=${encodeURIComponent(after)}`}`)
			).body;
			names.push(...page.members.map(({ name }: { name: string }) => name));
			after = page.next ?? '';
		} while (after);
		expect(names.filter((name) => !name.startsWith('名'))).toEqual(['白露', '陈一鸣', '林晓', '郑语桐', '周子涵']);
		expect(new Set(names).size).toBe(names.length);
	});

	test('takes a teacher of another school into a workshop, found by the whole number, and lets go again', async () => {
		const found = await find('host-workshop', 'workshop', ' Teacher-EAST1 ', 'teacher');
		const personId = world.people.get('teacher-east1')?.personId;
		expect(found.body).toEqual({ personId, name: '名teacher-east1', home: 'east' });
		expect((await join('host-workshop', 'workshop', 'teacher-east1', 'teacher')).status).toBe(200);
		const { members } = (await as('host-workshop', `/spaces/${idOf('workshop')}/members`)).body;
		const removable = Object.fromEntries(
			members.map(({ number, removable }: { number: string; removable: boolean }) => [number, removable])
		);
		expect(removable).toMatchObject({ 'teacher-east1': true, 'host-workshop': false });
		const gone = await as('host-workshop', `/spaces/${idOf('workshop')}/members/remove`, { personId, role: 'teacher' });
		expect(gone.status).toBe(200);
		expect((await as('teacher-east1', `/spaces/${idOf('workshop')}`)).status).toBe(404);
	});

	test('hears of a number that may not be found what is heard of one that nobody has', async () => {
		const nobody = await find('host-workshop', 'workshop', 'nobody', 'teacher');
		expect([nobody.status, nobody.body.key]).toEqual([404, 'spaces.noSuchPerson']);
		for (const number of [
			'student-east1',
			'student-west1',
			'guardian-west1',
			'schoolAdmin-west',
			'teacher-east',
			'teacher%',
			'*'
		]) {
			const { status, text } = await find('host-workshop', 'workshop', number, 'teacher');
			expect([number, status, text]).toEqual([number, nobody.status, nobody.text]);
		}
		for (const number of ['student-west1', 'teacher-west1', 'schoolAdmin-west', 'regionAdmin']) {
			for (const role of ['student', 'teacher', 'guardian']) {
				const { status, text } = await find('headTeacher-east1', 'east1', number, role);
				expect([number, role, status, text]).toEqual([number, role, nobody.status, nobody.text]);
			}
		}
		expect((await find('headTeacher-east1', 'east1', 'student-east2', 'student')).status).toBe(200);
	});

	test('takes in nobody by an id who is not found by a number', async () => {
		expect((await join('host-workshop', 'workshop', 'student-west1', 'teacher')).status).toBe(404);
		expect((await join('host-workshop', 'workshop', 'student-east1', 'teacher')).status).toBe(404);
		expect((await join('headTeacher-east1', 'east1', 'student-east1', 'headTeacher')).status).toBe(404);
		expect((await join('headTeacher-east1', 'east1', 'student-west1', 'student')).status).toBe(404);
		expect((await join('headTeacher-east1', 'east1', 'student-east2', 'student')).status).toBe(200);
	});

	test('asks of roles that the space knows, and of spaces that are theirs', async () => {
		expect((await find('host-workshop', 'workshop', 'teacher-east1', 'student')).status).toBe(422);
		expect((await find('teacher-workshop', 'workshop', 'teacher-east1', 'teacher')).status).toBe(403);
		expect((await find('host-workshop', 'east1', 'teacher-east1', 'teacher')).status).toBe(404);
	});

	test('leaves each look in the audit, without the number, and does not go through the numbers', async () => {
		const personId = world.people.get('headTeacher-west1')?.personId;
		await find('headTeacher-west1', 'west1', 'student-west2', 'student');
		await find('headTeacher-west1', 'west1', 'nobody', 'student');
		const rows = await query(world.system, ({ db }) =>
			db
				.select({ objectId: audit.objectId, outcome: audit.outcome, detail: audit.detail })
				.from(audit)
				.where(and(eq(audit.verb, 'member.find'), eq(audit.personId, personId!)))
				.orderBy(audit.at)
		);
		const detail = { role: 'student', spaceId: idOf('west1') };
		expect(rows).toEqual([
			{ objectId: world.people.get('student-west2')?.personId, outcome: 'done', detail },
			{ objectId: null, outcome: 'refused', detail }
		]);
		for (let times = rows.length; times < findsAnHour; times++) await find('headTeacher-west1', 'west1', 'nobody', 'student');
		expect((await find('headTeacher-west1', 'west1', 'student-west2', 'student')).status).toBe(429);
		expect((await find('headTeacher-west2', 'west2', 'student-west1', 'student')).status).toBe(200);
	});
});
