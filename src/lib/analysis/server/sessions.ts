import { and, count, desc, eq, lte, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { RoomId, SessionId } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { sessions, visits } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import type { SessionCard } from '../model.ts';

/** How many sessions the list has. */
const newest = 60;

async function cards(ctx: Context, where: SQL | undefined, limit: number): Promise<SessionCard[]> {
	const here = ctx.db
		.select({ people: count(sql`distinct ${visits.personId}`).as('people') })
		.from(visits)
		.where(eq(visits.sessionId, sessions.id));
	const rows = await ctx.db
		.select({ id: sessions.id, startedAt: sessions.startedAt, endedAt: sessions.endedAt, people: sql<number>`(${here})::int` })
		.from(sessions)
		.where(where)
		.orderBy(desc(sessions.startedAt))
		.limit(limit);
	return rows.map(({ startedAt, endedAt, ...session }) => ({
		...session,
		startedAt: startedAt.toISOString(),
		endedAt: endedAt?.toISOString() ?? null
	}));
}

/** One session of a room. */
export async function findSession(ctx: Context, roomId: RoomId, sessionId: SessionId): Promise<SessionCard> {
	const [session] = await cards(ctx, and(eq(sessions.roomId, roomId), eq(sessions.id, sessionId)), 1);
	if (!session) throw new NotFound();
	return session;
}

/** The latest session that had begun by then; null when there was none. */
export async function latestSession(ctx: Context, roomId: RoomId, by: Date): Promise<SessionCard | null> {
	const [session] = await cards(ctx, and(eq(sessions.roomId, roomId), lte(sessions.startedAt, by)), 1);
	return session ?? null;
}

/** The sessions of a room, newest first. */
export async function listSessions(ctx: Context, input: { roomId: string }): Promise<SessionCard[]> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'room.analyse', placeOf(await findRoom(ctx, roomId)));
		return cards(ctx, eq(sessions.roomId, roomId), newest);
	});
}
