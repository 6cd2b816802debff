import type { Context } from '#lib/server/context.ts';
import { requireActor, systemContext } from '#lib/server/context.ts';
import { Conflict, Unavailable } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { JoinCall } from '../model.ts';
import { sendsOf } from './enforce.ts';
import { enterRoom } from './enter.ts';
import { stateOf } from './state.ts';

/** A short-lived token for the call of a room, for whoever is in the room, which joining the call is; a companion goes beside their first device. */
export async function joinCall(ctx: Context, input: JoinCall): Promise<{ url: string; token: string }> {
	const { personId, name } = requireActor(ctx);
	const { companion, ...asked } = JoinCall.parse(input);
	const seat = companion ? 'companion' : 'first';
	const { roomId, admission } = await enterRoom(ctx, asked);
	if (admission !== 'in') throw new Conflict('rooms.stillWaiting');
	const { media } = ctx.services;
	if (!media) throw new Unavailable('rooms.noMedia');
	const answers = await media.state();
	if (!answers.ok) throw new Unavailable('rooms.noMedia');
	const state = await query(systemContext(ctx.services), (ctx) => stateOf(ctx, roomId));
	const me = state?.people.find((person) => person.personId === personId);
	if (!me) throw new Conflict('rooms.enterFirst');
	return { url: '/livekit', token: await media.token({ roomId, personId, name, seat, sends: sendsOf(me.can, seat) }) };
}
