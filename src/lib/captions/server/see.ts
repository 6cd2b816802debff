import { and, asc, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { documents } from '#lib/documents/server/table.ts';
import { idOf } from '#lib/ids.ts';
import type { RoomId, SessionId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { mostCaptions, mostShown, ReadCaptions } from '../model.ts';
import type { Caption, NotesNow, SessionNotes } from '../model.ts';
import { captions, sessionNotes } from './table.ts';

type SessionRow = typeof sessions.$inferSelect;

/** A session of this room; whoever names another is told so. */
async function findSession(ctx: Context, roomId: RoomId, sessionId: SessionId): Promise<SessionRow> {
	const [session] = await ctx.db
		.select()
		.from(sessions)
		.where(and(eq(sessions.id, sessionId), eq(sessions.roomId, roomId)));
	if (!session) throw new Conflict('captions.noSession');
	return session;
}

/** What the session has, and its text as long as it lies on the table. */
export async function notesOf(
	ctx: Context,
	sessionId: SessionId
): Promise<{ on: boolean; documentId: (typeof documents.$inferSelect)['id'] | null }> {
	const [row] = await ctx.db
		.select({ on: sessionNotes.captions, documentId: documents.id })
		.from(sessionNotes)
		.leftJoin(documents, and(eq(documents.id, sessionNotes.documentId), isNull(documents.archivedAt)))
		.where(eq(sessionNotes.sessionId, sessionId));
	return { on: row?.on ?? false, documentId: row?.documentId ?? null };
}

async function read(ctx: Context, session: SessionRow, where: SQL | undefined, latest: number | null): Promise<Caption[]> {
	const rows = await ctx.db
		.select({
			id: captions.id,
			personId: captions.personId,
			name: people.name,
			startedAt: captions.startedAt,
			endedAt: captions.endedAt,
			text: captions.text
		})
		.from(captions)
		.innerJoin(people, eq(people.id, captions.personId))
		.where(and(eq(captions.sessionId, session.id), where))
		.orderBy(...(latest ? [desc(captions.startedAt), desc(captions.id)] : [asc(captions.startedAt), asc(captions.id)]))
		.limit(latest ?? mostCaptions + 1);
	const seconds = (at: Date) => Math.max(0, (at.getTime() - session.startedAt.getTime()) / 1_000);
	const found = rows.map(({ startedAt, endedAt, ...caption }) => ({
		...caption,
		from: seconds(startedAt),
		to: seconds(endedAt)
	}));
	return latest ? found.reverse() : found;
}

/** The notes and the latest captions of the session that goes on. */
export async function seeNotes(ctx: Context, input: { roomId: string }): Promise<NotesNow> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'caption.see', placeOf(await findRoom(ctx, roomId)));
		const available = ctx.services.env.SPEECH_URL !== undefined;
		const sessionId = await sessionNow(ctx, roomId);
		if (!sessionId) return { documentId: null, available, on: false, captions: [] };
		const session = await findSession(ctx, roomId, sessionId);
		const { on, documentId } = await notesOf(ctx, sessionId);
		return { documentId, available, on: on && available, captions: await read(ctx, session, undefined, mostShown) };
	});
}

/** What was said in one session, by time, and its notes; with words to look for only what holds them. */
export async function readCaptions(ctx: Context, input: ReadCaptions): Promise<SessionNotes> {
	const { roomId, sessionId, q, after } = ReadCaptions.parse(input);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'caption.see', placeOf(await findRoom(ctx, roomId)));
		const session = await findSession(ctx, roomId, sessionId);
		const later = after < 0 ? undefined : gt(captions.startedAt, new Date(session.startedAt.getTime() + after * 1_000));
		// Words as they are: no sign in them means anything else.
		const holds = q === '' ? undefined : sql`position(lower(${q}) in lower(${captions.text})) > 0`;
		const found = await read(ctx, session, and(later, holds), null);
		const { documentId } = await notesOf(ctx, sessionId);
		return { documentId, captions: found.slice(0, mostCaptions), more: found.length > mostCaptions };
	});
}
