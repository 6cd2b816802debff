import { and, countDistinct, desc, eq, gt, inArray, isNull, sum } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { InRoom, RecordingCard } from '../model.ts';
import { presentRecording } from './present.ts';
import { recordings, recordingTracks } from './table.ts';

const most = 200;

/** The recordings of a room that one may watch, the newest first. */
export async function listRecordings(ctx: Context, input: InRoom): Promise<RecordingCard[]> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		const place = placeOf(await findRoom(ctx, roomId));
		authorize(ctx, 'recording.watch', place);
		const leads = may(ctx, 'recording.lead', place);
		const rows = await ctx.db
			.select({ recording: recordings, by: people.name })
			.from(recordings)
			.innerJoin(people, eq(people.id, recordings.startedBy))
			.where(
				and(
					eq(recordings.roomId, roomId),
					isNull(recordings.removedAt),
					gt(recordings.expiresAt, ctx.now()),
					leads ? undefined : eq(recordings.audience, 'members')
				)
			)
			.orderBy(desc(recordings.startedAt))
			.limit(most);
		const ids = rows.map(({ recording }) => recording.id);
		const sizes = ids.length
			? await ctx.db
					.select({
						id: recordingTracks.recordingId,
						bytes: sum(recordingTracks.bytes),
						people: countDistinct(recordingTracks.personId)
					})
					.from(recordingTracks)
					.where(inArray(recordingTracks.recordingId, ids))
					.groupBy(recordingTracks.recordingId)
			: [];
		return rows.map(({ recording, by }) => {
			const size = sizes.find(({ id }) => id === recording.id);
			return presentRecording(recording, {
				leads,
				by,
				people: size?.people ?? 0,
				bytes: Number(size?.bytes ?? 0),
				now: ctx.now()
			});
		});
	});
}
