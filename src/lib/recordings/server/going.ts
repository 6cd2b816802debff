import { and, eq, isNull } from 'drizzle-orm';
import type { RoomId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import type { RecordingRow } from './find.ts';
import { recordings } from './table.ts';

/** The recording that goes on in a room; null when none does. */
export async function goingIn(ctx: Context, roomId: RoomId): Promise<RecordingRow | null> {
	const [going] = await ctx.db
		.select()
		.from(recordings)
		.where(and(eq(recordings.roomId, roomId), isNull(recordings.stoppedAt), isNull(recordings.removedAt)));
	return going ?? null;
}
