import { idOf } from '#lib/ids.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { leading } from './lead.ts';
import { endVisitsWithin } from './leave.ts';

/** End the session that goes on, for all who are in it. */
export async function endSession(ctx: Context, input: { roomId: string }): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	const { media, log } = ctx.services;
	await leading(ctx, roomId, async (ctx) => {
		await endVisitsWithin(ctx, { roomId });
		await publish(ctx.db, { kind: 'ended', roomId });
		return { verb: 'room.end' };
	});
	await media?.end(roomId).catch((error: unknown) => log.warn({ err: error, roomId }, 'a call could not be ended for all'));
}
