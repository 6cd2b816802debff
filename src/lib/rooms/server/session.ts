import { and, eq, isNull } from 'drizzle-orm';
import type { RoomId, SessionId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { sessions } from './table.ts';

/** The session that goes on in a room; null when nobody is inside. */
export async function sessionNow(ctx: Context, roomId: RoomId): Promise<SessionId | null> {
	const [session] = await ctx.db
		.select({ id: sessions.id })
		.from(sessions)
		.where(and(eq(sessions.roomId, roomId), isNull(sessions.endedAt)));
	return session?.id ?? null;
}
