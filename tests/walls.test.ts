import { getTableColumns, getTableName, is, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as attendance from '#lib/attendance/server/table.ts';
import * as captions from '#lib/captions/server/table.ts';
import * as chat from '#lib/chat/server/table.ts';
import * as comments from '#lib/comments/server/table.ts';
import { createDocument, seedDocument } from '#lib/documents/server/index.ts';
import * as documents from '#lib/documents/server/table.ts';
import * as files from '#lib/files/server/table.ts';
import * as handouts from '#lib/handouts/server/table.ts';
import * as history from '#lib/history/server/table.ts';
import { newId } from '#lib/ids.ts';
import { whoAsks } from '#lib/people/server/index.ts';
import * as people from '#lib/people/server/table.ts';
import { record } from '#lib/records/server/index.ts';
import * as projects from '#lib/projects/server/table.ts';
import * as records from '#lib/records/server/table.ts';
import * as rooms from '#lib/rooms/server/table.ts';
import * as recordings from '#lib/recordings/server/table.ts';
import * as rounds from '#lib/rounds/server/table.ts';
import { requestContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import * as runsheets from '#lib/runsheets/server/table.ts';
import * as slides from '#lib/slides/server/table.ts';
import * as spaces from '#lib/spaces/server/table.ts';
import { textOf } from '#lib/writing/document.ts';
import { ask, openWorld, placeIn } from '#tests/support/world.ts';
import type { World } from '#tests/support/world.ts';

// The second wall: with the policy switched off, the database itself shows nothing of another school.

const tables = [
	people,
	spaces,
	rooms,
	documents,
	projects,
	files,
	comments,
	history,
	records,
	chat,
	rounds,
	attendance,
	handouts,
	recordings,
	slides,
	captions,
	runsheets
]
	.flatMap((module) => Object.values(module))
	.filter((value): value is PgTable => is(value, PgTable));
/** The means to sign in: reached by the id of an account only, and without a name, a text or a space in them. */
const outside = new Set(['accounts', 'sign_ins', 'credentials', 'verifications', 'two_factors', 'limits']);
const walled = tables.filter((table) => !outside.has(getTableName(table)));

let world: World;
let west: string;
/** Ids of rows of the other school, by table. */
const foreign = new Map<string, string[]>();

beforeAll(async () => {
	world = await openWorld();
	west = placeIn(world.places, 'west').path;
	// Something of every kind in both schools, made as the space makes it.
	for (const [person, place] of [
		['teacher-east1', 'east1'],
		['teacher-west1', 'west1']
	] as const) {
		const cookie = await world.cookieOf(person);
		const actor = world.people.get(person);
		if (!actor) throw new Error(person);
		const { body } = await ask(world.services, `/spaces/${placeIn(world.places, place).id}/rooms`, { cookie });
		const room = body.find(({ kind }: { kind: string }) => kind === 'lesson');
		await ask(world.services, `/rooms/${room.id}/enter`, { method: 'POST', cookie });
		await transaction(world.system, async (ctx) => {
			const { path } = placeIn(world.places, place);
			const document = await createDocument(ctx, { roomId: room.id, kind: 'text', title: '提纲' });
			await seedDocument(ctx, document.id, actor.personId, (doc) => textOf(doc));
			await ctx.db
				.insert(documents.documentSnapshots)
				.values({ documentId: document.id, seq: 1, state: new Uint8Array([0, 0]), at: ctx.now() });
			await ctx.db.insert(history.documentVersions).values({
				documentId: document.id,
				seq: 1,
				kind: 'handedIn',
				state: new Uint8Array([0, 0]),
				hash: '00',
				personId: actor.personId,
				at: ctx.now()
			});
			const [thread] = await ctx.db
				.insert(comments.commentThreads)
				.values({ documentId: document.id, from: '', to: '', quote: '' })
				.returning();
			if (thread) {
				await ctx.db.insert(comments.commentReplies).values({
					threadId: thread.id,
					documentId: document.id,
					personId: actor.personId,
					role: 'teacher',
					text: '很好'
				});
			}
			const [milestone] = await ctx.db
				.insert(projects.projectMilestones)
				.values({ roomId: room.id, spacePath: path, title: '汇报', on: '2026-12-01' })
				.returning();
			const [task] = await ctx.db
				.insert(projects.projectTasks)
				.values({ roomId: room.id, spacePath: path, title: '画图', position: 1, milestoneId: milestone?.id })
				.returning();
			if (task) await ctx.db.insert(projects.projectLinks).values({ taskId: task.id, documentId: document.id, spacePath: path });
			await ctx.db
				.insert(files.files)
				.values({ documentId: document.id, personId: actor.personId, name: '图.png', bytes: 1, at: ctx.now() });
			await ctx.db.insert(documents.documentRecorded).values({ documentId: document.id, seq: 1 });
			await ctx.db.insert(chat.chatRooms).values({ roomId: room.id, spacePath: path, matrixRoomId: `!${place}` });
			await ctx.db.insert(chat.chatMembers).values({ roomId: room.id, spacePath: path, personId: actor.personId });
			const child = world.people.get(person.replace('teacher', 'student'))?.personId ?? actor.personId;
			const guardian = world.people.get(person.replace('teacher', 'guardian'))?.personId ?? actor.personId;
			await ctx.db.insert(people.guardianships).values({ guardianId: guardian, childId: child, since: '2026-01-01' });
			await record(ctx, [
				{
					key: `test:${place}`,
					verb: 'posted',
					actorId: actor.personId,
					role: 'teacher',
					spacePath: path,
					roomId: room.id,
					startedAt: ctx.now()
				}
			]);
			const [session] = await ctx.db
				.select({ id: rooms.sessions.id })
				.from(rooms.sessions)
				.where(sql`${rooms.sessions.roomId} = ${room.id}`);
			const [set] = await ctx.db
				.insert(rooms.groupSets)
				.values({ roomId: room.id, spacePath: path, title: '分组', createdBy: actor.personId })
				.returning();
			if (set) {
				await ctx.db.insert(rooms.groupMembers).values({ setId: set.id, groupId: room.id, personId: child, spacePath: path });
			}
			if (session) {
				await ctx.db.insert(attendance.absences).values({
					sessionId: session.id,
					spacePath: path,
					personId: child,
					reason: 'sick',
					notedBy: actor.personId,
					notedAt: ctx.now()
				});
				const [round] = await ctx.db
					.insert(rounds.rounds)
					.values({ roomId: room.id, spacePath: path, kind: 'question', createdBy: actor.personId })
					.returning();
				if (round) {
					await ctx.db.insert(rounds.roundAnswers).values({
						roundId: round.id,
						spacePath: path,
						personId: child,
						role: 'student',
						choice: [0],
						answeredAt: ctx.now()
					});
				}
				const [recording] = await ctx.db
					.insert(recordings.recordings)
					.values({
						roomId: room.id,
						sessionId: session.id,
						spacePath: path,
						title: '课堂',
						startedBy: actor.personId,
						startedAt: ctx.now(),
						expiresAt: ctx.now()
					})
					.returning();
				if (recording) {
					const [of, by] = [{ recordingId: recording.id, spacePath: path }, { personId: child }];
					await ctx.db.insert(recordings.recordingConsents).values({ ...of, ...by, given: true, at: ctx.now() });
					await ctx.db.insert(recordings.recordingTracks).values({ ...of, ...by, kind: 'microphone', startedAt: ctx.now() });
					await ctx.db.insert(recordings.recordingMarks).values({ ...of, ...by, at: 0, text: '好' });
					await ctx.db
						.insert(recordings.recordingFilms)
						.values({ ...of, state: 'waiting', requestedBy: actor.personId, requestedAt: ctx.now() });
				}
				await ctx.db
					.insert(recordings.recordingKeeping)
					.values({ spaceId: placeIn(world.places, place).id, spacePath: path, days: 400 });
				const [handout] = await ctx.db
					.insert(handouts.handouts)
					.values({
						roomId: room.id,
						sessionId: session.id,
						spacePath: path,
						kind: 'document',
						title: '提纲',
						documentId: document.id,
						work: true,
						createdBy: actor.personId,
						createdAt: ctx.now()
					})
					.returning();
				if (handout) {
					await ctx.db
						.insert(handouts.handoutCopies)
						.values({ handoutId: handout.id, spacePath: path, documentId: document.id, personId: child });
				}
				const [file] = await ctx.db
					.insert(files.files)
					.values({ roomId: room.id, personId: actor.personId, name: '课件.pdf', bytes: 1, at: ctx.now() })
					.returning();
				const [deck] = file
					? await ctx.db
							.insert(slides.slideDecks)
							.values({
								roomId: room.id,
								spacePath: path,
								title: '课件',
								fileId: file.id,
								state: 'ready',
								createdBy: actor.personId
							})
							.returning()
					: [];
				if (deck) {
					const shown = { sessionId: session.id, spacePath: path, deckId: deck.id, page: 1 };
					await ctx.db.insert(slides.slideShows).values({ ...shown, roomId: room.id, together: true, turn: 1 });
					await ctx.db.insert(slides.slideTurns).values({ ...shown, at: ctx.now() });
				}
				await ctx.db
					.insert(captions.sessionNotes)
					.values({ sessionId: session.id, roomId: room.id, spacePath: path, documentId: document.id });
				await ctx.db.insert(captions.captions).values({
					sessionId: session.id,
					spacePath: path,
					personId: actor.personId,
					startedAt: ctx.now(),
					endedAt: ctx.now(),
					text: '春天来了'
				});
				const [sheet] = await ctx.db
					.insert(runsheets.runSheets)
					.values({ roomId: room.id, spacePath: path, ownerId: actor.personId, title: '流程', steps: [] })
					.returning();
				const taught = { sessionId: session.id, spacePath: path, startedAt: ctx.now() };
				const [run] = sheet
					? await ctx.db
							.insert(runsheets.sheetRuns)
							.values({ ...taught, sheetId: sheet.id, roomId: room.id, title: '流程', steps: [] })
							.returning()
					: [];
				if (run)
					await ctx.db.insert(runsheets.runSteps).values({ ...taught, runId: run.id, stepId: 'aaaa', name: '导入', minutes: 5 });
				await ctx.db.insert(rooms.utterances).values({
					spacePath: path,
					roomId: room.id,
					sessionId: session.id,
					personId: actor.personId,
					startedAt: ctx.now(),
					lastHeardAt: ctx.now()
				});
			}
		});
		await ask(world.services, `/documents/${await firstDocument(place)}/token`, { method: 'POST', cookie });
	}
	await query(world.system, async (ctx) => {
		for (const table of walled) foreign.set(getTableName(table), await rowsOf(ctx, table, west));
	});
}, 120_000);
afterAll(() => world.close());

async function firstDocument(place: string): Promise<string> {
	const { path } = placeIn(world.places, place);
	const [document] = await query(world.system, ({ db }) =>
		db
			.select({ id: documents.documents.id })
			.from(documents.documents)
			.where(sql`${documents.documents.spacePath} = ${path}::ltree`)
	);
	return document?.id ?? '';
}

/** Rows of a table that belong to a school, each as its text; the tables of a document by the document. */
async function rowsOf(ctx: Context, table: PgTable, path: string): Promise<string[]> {
	const name = getTableName(table);
	const columns = Object.values(getTableColumns(table)).map((column) => column.name);
	const belongs = columns.includes('space_path')
		? sql`t.space_path <@ ${path}::ltree`
		: columns.includes('document_id')
			? sql`t.document_id in (select id from documents where space_path <@ ${path}::ltree)${
					columns.includes('room_id') ? sql` or t.room_id in (select id from rooms where space_path <@ ${path}::ltree)` : sql``
				}`
			: name === 'guardianships'
				? sql`t.child_id in (select id from people where home_path <@ ${path}::ltree)`
				: name === 'people'
					? sql`t.home_path <@ ${path}::ltree`
					: sql`t.path <@ ${path}::ltree`;
	const { rows } = await ctx.db.execute<{ row: string }>(sql`select t::text as row from ${table} t where ${belongs}`);
	return rows.map(({ row }) => row);
}

async function actorContext(key: string): Promise<Context> {
	const actor = await whoAsks(world.services, new Headers({ cookie: await world.cookieOf(key) }));
	return requestContext(world.services, { actor, address: null, requestId: null });
}

describe('with the policy switched off', () => {
	it('there is something foreign in every table that could be seen', () => {
		const empty = [...foreign].filter(([, rows]) => rows.length === 0).map(([name]) => name);
		expect(empty).toEqual([]);
	});

	for (const person of ['teacher-east1', 'student-east1', 'guardian-east1', 'schoolAdmin-east', 'teacher-own']) {
		it(`${person} is shown no row of another school, and all of the own that the work needs`, async () => {
			const ctx = await actorContext(person);
			const shown = await query(ctx, async (ctx) => {
				const all = new Map<string, string[]>();
				for (const table of walled) {
					const { rows } = await ctx.db.execute<{ row: string }>(sql`select t::text as row from ${table} t`);
					all.set(
						getTableName(table),
						rows.map(({ row }) => row)
					);
				}
				return all;
			});
			const seen = [...shown]
				.filter(([name, rows]) => rows.some((row) => foreign.get(name)?.includes(row)))
				.map(([name]) => name);
			expect(seen).toEqual([]);
			expect(shown.get('rooms')?.length).toBeGreaterThan(0);
			expect(shown.get('people')?.length).toBeGreaterThan(0);
		});
	}

	it('a member of a workshop is shown its people of other schools, and nothing else of theirs', async () => {
		const ctx = await actorContext('teacher-workshop');
		const host = world.people.get('host-workshop')?.personId ?? '';
		await query(ctx, async ({ db }) => {
			const seen = await db
				.select({ id: people.people.id })
				.from(people.people)
				.where(sql`${people.people.homePath} <@ ${west}::ltree`);
			expect(seen.map(({ id }) => id)).toEqual([host]);
			expect(
				await db
					.select()
					.from(rooms.rooms)
					.where(sql`${rooms.rooms.spacePath} <@ ${west}::ltree`)
			).toEqual([]);
		});
	});

	it('nobody writes into another school, nor moves anything there', async () => {
		const ctx = await actorContext('schoolAdmin-east');
		const { id, path } = placeIn(world.places, 'west1');
		const own = placeIn(world.places, 'east1');
		const personId = ctx.actor?.personId ?? newId<'person'>();
		const insert = transaction(ctx, ({ db }) =>
			db.insert(spaces.memberships).values({ personId, spaceId: id, spacePath: path, role: 'teacher', since: '2026-01-01' })
		);
		await expect(insert).rejects.toThrow();
		const move = transaction(ctx, ({ db }) =>
			db
				.update(rooms.rooms)
				.set({ spacePath: path })
				.where(sql`${rooms.rooms.spaceId} = ${own.id}`)
		);
		await expect(move).rejects.toThrow();
		const changed = await transaction(ctx, ({ db }) =>
			db
				.update(rooms.rooms)
				.set({ title: '改' })
				.where(sql`${rooms.rooms.spaceId} = ${id}`)
				.returning()
		);
		expect(changed).toEqual([]);
	});

	it('outside a transaction nothing of any space is seen', async () => {
		const { db } = world.services.database;
		for (const table of walled) {
			const { rows } = await db.execute(sql`select 1 from ${table} limit 1`);
			expect([getTableName(table), rows.length]).toEqual([getTableName(table), 0]);
		}
	});
});

describe('the walls themselves', () => {
	const catalog = async <Row extends Record<string, unknown>>(text: string) =>
		(await world.services.database.db.execute<Row>(sql.raw(text))).rows;

	it('stand around every table but those of signing in, also for the owner of the tables', async () => {
		const bare = await catalog<{ relname: string }>(
			`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)`
		);
		expect(bare.map(({ relname }) => relname).filter((name) => !outside.has(name))).toEqual([]);
	});

	it('know every table: a new one is walled or named here as outside', async () => {
		const all = await catalog<{ relname: string }>(
			`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`
		);
		expect(all.map(({ relname }) => relname).sort()).toEqual(tables.map(getTableName).sort());
	});

	it('hold the application, whose role is no superuser, bypasses nothing and owns nothing', async () => {
		const [role] = await catalog(
			`select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user`
		);
		expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false });
		expect(await catalog(`select relname from pg_class where relowner = current_user::regrole`)).toEqual([]);
		expect(
			await catalog(
				`select 1 from pg_roles r where pg_has_role(current_user, r.oid, 'member') and (r.rolsuper or r.rolbypassrls or r.rolname = 'space_owner')`
			)
		).toEqual([]);
	});

	it('let nobody change or take away what is evidence', async () => {
		for (const table of ['audit', 'statements', 'document_updates', 'document_versions']) {
			for (const act of [`update ${table} set space_path = null`, `delete from ${table}`]) {
				const attempt = transaction(world.system, ({ db }) =>
					db.execute(sql.raw(table.startsWith('document_') ? act.replace('space_path = null', 'seq = 0') : act))
				);
				await expect(attempt).rejects.toThrow();
			}
		}
	});

	it('keep names out of the tables of signing in', async () => {
		for (const table of ['accounts', 'sign_ins', 'credentials', 'verifications', 'limits']) {
			const rows = await catalog<{ row: string }>(`select t::text as row from ${table} t`);
			expect(rows.filter(({ row }) => row.includes('名'))).toEqual([]);
		}
	});
});
