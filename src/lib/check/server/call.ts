import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Unavailable } from '#lib/server/errors.ts';

/** The two ends of a call with oneself: what one sends comes back, and is heard by nobody else. */
export interface CheckCall {
	url: string;
	sends: string;
	looks: string;
}

/** A call of whoever asks with themselves, for as long as a check takes. */
export async function openCheckCall(ctx: Context): Promise<CheckCall> {
	requireActor(ctx);
	const { media } = ctx.services;
	if (!media || !(await media.state()).ok) throw new Unavailable('rooms.noMedia');
	return { url: '/livekit', ...(await media.loop()) };
}
