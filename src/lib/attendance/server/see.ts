import { and, asc, desc, eq } from 'drizzle-orm';
import type { RoomId, SessionId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { belongingTo, findRoom, leads, placeOf } from '#lib/rooms/server/index.ts';
import type { Belonging } from '#lib/rooms/server/index.ts';
import { sessions, visits } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import { attended, lessonWindow } from '../attend.ts';
import type { Stay } from '../attend.ts';
import { SeeAttendance } from '../model.ts';
import type { AttendanceRow, AttendanceSheet } from '../model.ts';
import { absences } from './table.ts';

type Session = typeof sessions.$inferSelect;

async function findSession(ctx: Context, roomId: RoomId, sessionId: SessionId | undefined): Promise<Session | null> {
	const [session] = await ctx.db
		.select()
		.from(sessions)
		.where(and(eq(sessions.roomId, roomId), sessionId && eq(sessions.id, sessionId)))
		.orderBy(desc(sessions.startedAt))
		.limit(1);
	if (!session && sessionId) throw new NotFound();
	return session ?? null;
}

async function staysIn(ctx: Context, { id }: Session) {
	return ctx.db
		.select({
			personId: visits.personId,
			name: people.name,
			number: people.number,
			role: visits.role,
			from: visits.joinedAt,
			to: visits.leftAt
		})
		.from(visits)
		.innerJoin(people, eq(people.id, visits.personId))
		.where(eq(visits.sessionId, id))
		.orderBy(asc(visits.joinedAt));
}

/** Who was at a session, when and for how long, and who was missing; the latest session without one. */
export async function seeAttendance(ctx: Context, input: SeeAttendance): Promise<AttendanceSheet> {
	const { roomId, sessionId } = SeeAttendance.parse(input);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'attendance.see', placeOf(room));
		const space = await findSpace(ctx, room.spaceId);
		const about = { id: room.id, title: room.title, space: { name: space.name, kind: space.kind } };
		const session = await findSession(ctx, roomId, sessionId);
		if (!session) return { room: about, session: null, from: null, to: null, rows: [] };

		const came = await staysIn(ctx, session);
		const noted = await ctx.db.select().from(absences).where(eq(absences.sessionId, session.id));
		const persons = new Map<string, Belonging>();
		for (const person of [...(await belongingTo(ctx, room, session.startedAt)), ...came])
			if (!persons.has(person.personId)) persons.set(person.personId, person);
		const stays = came.map(({ personId, from, to }): Stay => ({ personId, from: from.getTime(), to: to?.getTime() ?? null }));
		const leading = new Set(came.filter(({ role }) => leads(room.kind, role)).map(({ personId }) => personId as string));
		const window = lessonWindow(
			{ from: session.startedAt.getTime(), to: session.endedAt?.getTime() ?? null },
			stays.filter(({ personId }) => leading.has(personId))
		);
		const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
		const rows = [...persons.values()].map((person): AttendanceRow => {
			const note = noted.find(({ personId }) => personId === person.personId);
			const reason = note?.reason ?? null;
			const own = stays.filter(({ personId }) => personId === person.personId);
			const { joinedAt, leftAt, ...was } = attended(own, window, { now: ctx.now().getTime(), reason });
			const { personId, name, number, role } = person;
			return {
				personId,
				name,
				number,
				role,
				joinedAt: iso(joinedAt),
				leftAt: iso(leftAt),
				...was,
				reason,
				note: note?.note ?? ''
			};
		});
		const order = (row: AttendanceRow) => (leading.has(row.personId) ? 1 : 0);
		rows.sort((a, b) => order(a) - order(b) || a.number.localeCompare(b.number, 'zh-CN', { numeric: true }));
		const { id, startedAt, endedAt } = session;
		return {
			room: about,
			session: { id, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null },
			from: iso(window.from),
			to: iso(window.to),
			rows
		};
	});
}
