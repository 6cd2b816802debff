import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { Consent } from '../model.ts';
import { goingIn } from './going.ts';
import { recordingConsents } from './table.ts';

/** Say yes or no to being recorded oneself; a no ends what is kept from then on. */
export async function consent(ctx: Context, input: Consent): Promise<void> {
	const { roomId, given } = Consent.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'recording.watch', placeOf(room));
		const going = await goingIn(ctx, roomId);
		if (!going) throw new Conflict('recordings.notGoing');
		const { personId } = requireActor(ctx);
		const said = { given, at: ctx.now() };
		await ctx.db
			.insert(recordingConsents)
			.values({ recordingId: going.id, spacePath: room.spacePath, personId, ...said })
			.onConflictDoUpdate({ target: [recordingConsents.recordingId, recordingConsents.personId], set: said });
		await publish(ctx.db, { kind: 'recording', roomId });
	});
}
