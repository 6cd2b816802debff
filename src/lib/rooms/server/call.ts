import { idOf } from '#lib/ids.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Unavailable } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { findRoom, placeOf } from './find.ts';

/** A short-lived token for the call of a room, for whoever may enter it. */
export async function joinCall(ctx: Context, input: { roomId: string }): Promise<{ url: string; token: string }> {
	const roomId = idOf('room').parse(input.roomId);
	const { personId, name } = requireActor(ctx);
	await query(ctx, async (ctx) => authorize(ctx, 'room.enter', placeOf(await findRoom(ctx, roomId))));
	const { media } = ctx.services;
	if (!media) throw new Unavailable('rooms.noMedia');
	const state = await media.state();
	if (!state.ok) throw new Unavailable('rooms.noMedia');
	return { url: '/livekit', token: await media.token({ roomId, personId, name, publish: true }) };
}
