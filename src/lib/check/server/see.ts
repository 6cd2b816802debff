import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Env } from '#src/env.ts';
import type { Ways } from '../model.ts';

/** How browsers reach the hub and its media, for whoever is signed in; no password is among it. */
export async function seeWays(ctx: Context): Promise<Ways> {
	requireActor(ctx);
	const { env, media } = ctx.services;
	return {
		origin: env.ORIGIN ?? '',
		mediaAddress: env.LIVEKIT_NODE_IP ?? null,
		udpPort: env.LIVEKIT_UDP_PORT ?? null,
		tcpPort: env.LIVEKIT_TCP_PORT ?? null,
		turn: turnOf(env),
		hasMedia: media !== null,
		seenFrom: ctx.address
	};
}

/** TURN as browsers are told of it; LiveKit's own over TLS is always found at 443. */
function turnOf(env: Env): string[] {
	const own = env.LIVEKIT_TURN_DOMAIN ?? env.LIVEKIT_NODE_IP ?? '';
	return [
		...(env.LIVEKIT_TURN_TLS_PORT ? [`turns:${own}:443`] : []),
		...(env.LIVEKIT_TURN_UDP_PORT ? [`turn:${own}:${env.LIVEKIT_TURN_UDP_PORT}`] : []),
		...(env.LIVEKIT_TURN_SERVERS ?? []).map(({ host, port, protocol }) =>
			protocol === 'tls' ? `turns:${host}:${port}` : `turn:${host}:${port}?transport=${protocol}`
		)
	];
}
