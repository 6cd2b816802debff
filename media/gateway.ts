import { AccessToken, RoomServiceClient, TrackSource } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import type { PartState } from '#lib/server/health.ts';
import type { MediaGateway } from '#lib/server/services.ts';
import type { Env } from '#src/env.ts';
import { isMissing, mediaAddress } from './livekit.ts';

/** How long a token lets in, in seconds. Whoever is in stays in; rejoining asks for a new one. */
const tokenLifetime = 600;
/** How long LiveKit may take to say that it lives, in milliseconds. */
const patience = 1_500;

/** Voice and video on the LiveKit server of the settings; none when no server is set. */
export function openMedia(env: Env, log: Logger): MediaGateway | null {
	const address = mediaAddress(env);
	if (!address) return null;
	const { httpUrl, apiKey, apiSecret } = address;
	const rooms = new RoomServiceClient(httpUrl, apiKey, apiSecret, { requestTimeout: 3 });

	return {
		async token({ roomId, personId, name, publish }) {
			const token = new AccessToken(apiKey, apiSecret, { identity: personId, name, ttl: tokenLifetime });
			token.addGrant({
				roomJoin: true,
				room: roomId,
				canSubscribe: true,
				canPublish: publish,
				canPublishSources: publish
					? [TrackSource.MICROPHONE, TrackSource.CAMERA, TrackSource.SCREEN_SHARE, TrackSource.SCREEN_SHARE_AUDIO]
					: [],
				// Chat, hands and the table have their own ways, which the policy guards.
				canPublishData: false,
				canUpdateOwnMetadata: false
			});
			return token.toJwt();
		},

		async remove(roomId, personId) {
			try {
				await rooms.removeParticipant(roomId, personId);
				log.info({ roomId }, 'a person was taken out of a call');
			} catch (error) {
				// Not in the call, or nobody is: what was wanted.
				if (!isMissing(error)) throw error;
			}
		},

		state: () => stateOf(httpUrl)
	};
}

/** Whether a LiveKit server answers, and if not, a sentence for the administrator. */
async function stateOf(httpUrl: string): Promise<PartState> {
	try {
		const answer = await fetch(httpUrl, { signal: AbortSignal.timeout(patience) });
		await answer.body?.cancel();
		return answer.ok ? { ok: true } : { ok: false, reason: `the media server answers with ${answer.status}` };
	} catch (error) {
		const late = error instanceof Error && error.name === 'TimeoutError';
		return {
			ok: false,
			reason: late ? `the media server does not answer within ${patience / 1000} s` : 'the media server cannot be reached'
		};
	}
}
