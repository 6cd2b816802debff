import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { documents } from '#lib/documents/server/table.ts';
import { newId } from '#lib/ids.ts';
import type { DocumentId, PersonId, RoomId, SessionId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { record } from '#lib/records/server/index.ts';
import type { Act } from '#lib/records/server/index.ts';
import { rooms, sessions, visits } from '#lib/rooms/server/table.ts';
import { requestContext, systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { openDatabase } from '#lib/server/db.ts';
import { Forbidden, NotFound } from '#lib/server/errors.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { hatOf } from '#lib/spaces/model.ts';
import type { Role } from '#lib/spaces/model.ts';
import { insertSpace } from '#lib/spaces/server/index.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { createDatabase } from '#tests/support/servers.ts';
import { analyseRoom, exportEvents, listEvents, listSessions } from './index.ts';

const eight = Date.parse('2026-11-24T08:00:00.000Z');
const at = (seconds: number) => new Date(eight + seconds * 1000);
const whole = { from: at(0).toISOString(), to: at(600).toISOString() };

let services: Services;
let classSpace: SpaceRow;
let otherSchool: SpaceRow;
let roomId: RoomId;
let emptyRoomId: RoomId;
let sessionId: SessionId;
let textId: DocumentId;
const teacher = newId<'person'>();
const lin = newId<'person'>();
const chen = newId<'person'>();

/** Someone who is signed in with one membership. */
function as(personId: PersonId, role: Role, space: SpaceRow): Context {
	return requestContext(services, {
		actor: {
			personId,
			accountId: personId,
			signInId: personId,
			name: '',
			hat: hatOf(role),
			hats: [hatOf(role)],
			memberships: [{ spaceId: space.id, path: space.path, role }],
			mustChangePassword: false
		},
		address: null,
		requestId: null
	});
}

function act(verb: Act['verb'], actorId: PersonId, from: number, more: Partial<Act> & { until?: number } = {}): Act {
	const { until, ...rest } = more;
	const role = actorId === teacher ? 'teacher' : 'student';
	const place = { spacePath: classSpace.path, roomId, sessionId };
	return { key: newId(), verb, actorId, role, startedAt: at(from), endedAt: at(until ?? from), ...place, ...rest };
}

beforeAll(async () => {
	const { appUrl } = await createDatabase();
	const log = pino({ level: 'silent' });
	services = { database: openDatabase(appUrl, log, 4), log, now: () => at(700) } as Services;
	await transaction(systemContext(services), async (ctx) => {
		const region = await insertSpace(ctx, { parent: null, kind: 'region', name: '青浦区' });
		const school = await insertSpace(ctx, { parent: region, kind: 'school', name: '实验小学' });
		otherSchool = await insertSpace(ctx, { parent: region, kind: 'school', name: '外校' });
		classSpace = await insertSpace(ctx, { parent: school, kind: 'class', name: '五（2）班' });
		await ctx.db.insert(people).values([
			{ id: teacher, name: '王老师', number: 't1', homePath: school.path },
			{ id: lin, name: '=林晓', number: 's1', homePath: school.path },
			{ id: chen, name: '陈默', number: 's2', homePath: school.path }
		]);
		const room = { spaceId: classSpace.id, spacePath: classSpace.path, kind: 'lesson' as const };
		const opened = await ctx.db
			.insert(rooms)
			.values([
				{ ...room, title: '科学课' },
				{ ...room, title: '空房间' }
			])
			.returning();
		[roomId, emptyRoomId] = opened.map(({ id }) => id) as [RoomId, RoomId];
		const place = { roomId, spacePath: classSpace.path };
		const held = await ctx.db
			.insert(sessions)
			.values([
				{ ...place, startedAt: at(-90_000), endedAt: at(-80_000) },
				{ ...place, startedAt: at(0), endedAt: at(600) }
			])
			.returning();
		sessionId = held[1]!.id;
		await ctx.db.insert(visits).values(
			[teacher, lin, chen].map((personId) => ({
				...place,
				sessionId,
				personId,
				role: 'student' as const,
				joinedAt: at(0),
				lastSeenAt: at(600),
				leftAt: at(600)
			}))
		);
		const [text] = await ctx.db
			.insert(documents)
			.values({ ...place, kind: 'text', title: '观察记录' })
			.returning();
		textId = text!.id;
		await record(ctx, [
			act('joined', teacher, 0),
			act('joined', lin, 1),
			act('joined', chen, 2),
			act('spoke', teacher, 10, { until: 70 }),
			act('spoke', lin, 72, { until: 92 }),
			act('posted', lin, 100, { amount: 12 }),
			act('replied', chen, 110, { amount: 5, targetId: lin }),
			act('edited', chen, 120, {
				until: 130,
				amount: 25,
				documentId: textId,
				figures: { inserted: 20, deleted: { [lin]: 4, [chen]: 1 } }
			}),
			act('left', lin, 590)
		]);
	});
});
afterAll(() => services.database.close());

describe('the analysis of a room', () => {
	it('is of the latest session when none is named', async () => {
		const { room, session, report } = await analyseRoom(as(teacher, 'teacher', classSpace), { roomId });
		expect(room.title).toBe('科学课');
		expect(session).toMatchObject({ id: sessionId, people: 3 });
		expect(report?.window).toEqual(whole);
		expect(report?.people.map(({ name }) => name)).toEqual(['王老师', '=林晓', '陈默']);
		expect(report?.speaking.people.map(({ talk }) => talk)).toEqual([60_000, 20_000, 0]);
		expect(report?.replies.ties).toMatchObject([{ from: chen, to: lin, chat: 1 }]);
		expect(report?.documents).toMatchObject([
			{ title: '观察记录', people: [{ personId: chen, inserted: 20, deletedOwn: 1, deletedOthers: 4 }] }
		]);
	});

	it('is of the window asked for', async () => {
		const { report } = await analyseRoom(as(teacher, 'teacher', classSpace), { roomId, sessionId, to: at(80).toISOString() });
		expect(report?.extent).toEqual(whole);
		expect(report?.speaking.people.map(({ talk }) => talk)).toEqual([60_000, 8_000, 0]);
		expect(report?.documents).toEqual([]);
	});

	it('counts as answers what is asked for', async () => {
		const { report } = await analyseRoom(as(teacher, 'teacher', classSpace), { roomId, ties: 'speech,doc' });
		expect(report?.replies.ties).toMatchObject([
			{ from: lin, to: teacher, speech: 1 },
			{ from: chen, to: lin, doc: 4 }
		]);
	});

	it('has no report where nobody has been', async () => {
		expect(await analyseRoom(as(teacher, 'teacher', classSpace), { roomId: emptyRoomId })).toMatchObject({
			session: null,
			report: null
		});
	});

	it('refuses a window that ends before it begins', async () => {
		const backwards = { roomId, from: whole.to, to: whole.from };
		await expect(analyseRoom(as(teacher, 'teacher', classSpace), backwards)).rejects.toMatchObject({
			key: 'analysis.windowBackwards'
		});
	});

	it('refuses moments that no record can have', async () => {
		for (const from of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00', 'yesterday']) {
			await expect(analyseRoom(as(teacher, 'teacher', classSpace), { roomId, from })).rejects.toBeInstanceOf(ZodError);
		}
	});

	it('is for those who teach there: students are refused, a foreign room is not there', async () => {
		const reads = [
			(ctx: Context) => analyseRoom(ctx, { roomId }),
			(ctx: Context) => listSessions(ctx, { roomId }),
			(ctx: Context) => listEvents(ctx, { roomId, ...whole }),
			(ctx: Context) => exportEvents(ctx, { roomId, ...whole })
		];
		for (const read of reads) {
			await expect(read(as(lin, 'student', classSpace))).rejects.toBeInstanceOf(Forbidden);
			await expect(read(as(teacher, 'teacher', otherSchool))).rejects.toBeInstanceOf(NotFound);
		}
	});
});

describe('the sessions of a room', () => {
	it('are listed newest first with how many people came', async () => {
		const list = await listSessions(as(teacher, 'teacher', classSpace), { roomId });
		expect(list.map(({ startedAt, people }) => [startedAt, people])).toEqual([
			[at(0).toISOString(), 3],
			[at(-90_000).toISOString(), 0]
		]);
	});
});

describe('the events behind a number', () => {
	const list = (filter: object) => listEvents(as(teacher, 'teacher', classSpace), { roomId, ...whole, ...filter });
	const kinds = async (filter: object) => (await list(filter)).events.map(({ verb }) => verb);

	it('are those of one person, kind, document or pair', async () => {
		expect(await kinds({ person: lin, verbs: 'posted,replied' })).toEqual(['posted']);
		expect(await kinds({ documentId: textId })).toEqual(['edited']);
		expect(await kinds({ person: chen, target: lin })).toEqual(['replied', 'edited']);
		expect(await kinds({ person: chen, target: teacher })).toEqual([]);
		const answers = { figure: 'answers', ties: 'speech' };
		expect(await kinds({ person: lin, ...answers, target: teacher })).toEqual(['spoke']);
		expect(await kinds({ person: teacher, ...answers, target: lin })).toEqual([]);
	});

	it('say who did what, when and how much', async () => {
		const { events, total } = await list({ verbs: 'edited' });
		expect(total).toBe(1);
		expect(events[0]).toMatchObject({
			startedAt: at(120).toISOString(),
			person: { name: '陈默' },
			document: { title: '观察记录' },
			inserted: 20,
			deletedOwn: 1,
			deletedOthers: 4
		});
	});

	it('include speech that began before the window', async () => {
		expect(await kinds({ from: at(60).toISOString(), to: at(65).toISOString() })).toEqual(['spoke']);
	});

	it('come page by page, each once', async () => {
		await transaction(systemContext(services), (ctx) =>
			record(
				ctx,
				Array.from({ length: 120 }, () => act('posted', teacher, 5, { roomId: emptyRoomId, sessionId: null, amount: 1 }))
			)
		);
		const ids = new Set<string>();
		let after: string | null = null;
		let pages = 0;
		do {
			const page = await listEvents(as(teacher, 'teacher', classSpace), {
				roomId: emptyRoomId,
				...whole,
				...(after ? { after } : {})
			});
			expect(page.total).toBe(120);
			for (const { id } of page.events) ids.add(id);
			after = page.next;
			pages += 1;
		} while (after);
		expect([ids.size, pages]).toEqual([120, 3]);
	});

	it('answer a place that is none with a refusal, not a fault', async () => {
		for (const after of ["x'_--", `2026_${newId()}`, `${whole.from}_${'-'.repeat(36)}`, whole.from]) {
			await expect(list({ after })).rejects.toMatchObject({ status: 422 });
		}
	});

	it('are exported without formulas, in the columns of the event table', async () => {
		const csv = await exportEvents(as(teacher, 'teacher', classSpace), { roomId, ...whole, person: lin });
		const [heading, ...lines] = csv.trim().split('\r\n');
		expect(heading).toContain('event,start,end,actor,actor_name,role,modality,action,target_actor');
		expect(lines).toHaveLength(4);
		expect(lines[0]).toContain(`,"'=林晓",student,presence,joined,`);
	});
});
