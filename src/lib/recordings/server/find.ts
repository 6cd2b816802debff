import { and, eq, isNull } from 'drizzle-orm';
import type { Id } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Placed } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { recordings } from './table.ts';

export type RecordingRow = typeof recordings.$inferSelect;

export interface Found {
	recording: RecordingRow;
	room: RoomRow;
	place: Placed;
	/** Whether the actor leads the room. */
	leads: boolean;
}

/** A recording for whoever may watch it. What is not for one is not there. */
export async function findRecording(ctx: Context, id: Id<'recording'>): Promise<Found> {
	const [recording] = await ctx.db
		.select()
		.from(recordings)
		.where(and(eq(recordings.id, id), isNull(recordings.removedAt)));
	if (!recording || recording.expiresAt <= ctx.now()) throw new NotFound();
	const room = await findRoom(ctx, recording.roomId);
	const place = placeOf(room);
	const leads = may(ctx, 'recording.lead', place);
	if (recording.audience === 'leads' && !leads) throw new NotFound();
	authorize(ctx, 'recording.watch', place);
	return { recording, room, place, leads };
}
