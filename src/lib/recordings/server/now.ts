import { and, eq, isNull } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { visits } from '#lib/rooms/server/table.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { InRoom, RecordingNow, Trouble } from '../model.ts';
import type { RecordingRow } from './find.ts';
import { goingIn } from './going.ts';
import { recordingConsents } from './table.ts';

/** A recorder that has not been at work for so long is not there, in milliseconds. */
const absent = 10_000;

const troubleOf = ({ trouble, tendedAt, startedAt }: RecordingRow, now: Date): Trouble | null =>
	now.getTime() - (tendedAt ?? startedAt).getTime() > absent ? 'noRecorder' : trouble;

/** The recording of a room that goes on now, as one of those in it sees it; null when none does. */
export async function recordingNow(ctx: Context, input: InRoom): Promise<RecordingNow | null> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		const place = placeOf(await findRoom(ctx, roomId));
		authorize(ctx, 'recording.watch', place);
		const going = await goingIn(ctx, roomId);
		if (!going) return null;
		const { personId } = requireActor(ctx);
		const said = await ctx.db.select().from(recordingConsents).where(eq(recordingConsents.recordingId, going.id));
		const inside = await ctx.db
			.selectDistinct({ personId: visits.personId })
			.from(visits)
			.where(and(eq(visits.roomId, roomId), isNull(visits.leftAt)));
		const [by] = await ctx.db.select({ name: people.name }).from(people).where(eq(people.id, going.startedBy));
		const yes = new Set(said.filter(({ given }) => given).map((one) => one.personId));
		const leads = may(ctx, 'recording.lead', place);
		return {
			id: going.id,
			since: going.startedAt.toISOString(),
			by: by?.name ?? '',
			consent: said.find((one) => one.personId === personId)?.given ?? null,
			given: leads ? inside.filter((one) => yes.has(one.personId)).length : 0,
			of: leads ? inside.length : 0,
			trouble: troubleOf(going, ctx.now())
		};
	});
}
