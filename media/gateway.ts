import { randomUUID } from 'node:crypto';
import { AccessToken, RoomServiceClient, TrackSource } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import { identityOf, seatOf, seats } from '#lib/rooms/model.ts';
import type { PartState } from '#lib/server/health.ts';
import type { MediaGateway, Sent } from '#lib/server/services.ts';
import type { Env } from '#src/env.ts';
import { isMissing, mediaAddress } from './livekit.ts';

/** How long a token lets in, in seconds. Whoever is in stays in; rejoining asks for a new one. */
const tokenLifetime = 600;
/** The same for a check of the network. */
const loopLifetime = 120;
/** How long LiveKit may take to say that it lives, in milliseconds. */
const patience = 1_500;

/** Voice and video on the LiveKit server of the settings; none when no server is set. */
export function openMedia(env: Env, log: Logger): MediaGateway | null {
	const address = mediaAddress(env);
	if (!address) return null;
	const { httpUrl, apiKey, apiSecret } = address;
	const rooms = new RoomServiceClient(httpUrl, apiKey, apiSecret, { requestTimeout: 3 });

	return {
		async token({ roomId, personId, name, sends, seat }) {
			const token = new AccessToken(apiKey, apiSecret, { identity: identityOf(personId, seat), name, ttl: tokenLifetime });
			token.addGrant({
				roomJoin: true,
				room: roomId,
				canUpdateOwnMetadata: false,
				...sending(sends),
				canSubscribe: seat !== 'outside'
			});
			return token.toJwt();
		},

		async remove(roomId, personId, only) {
			for (const seat of only ? [only] : seats) {
				try {
					await rooms.removeParticipant(roomId, identityOf(personId, seat));
					log.info({ roomId }, 'a person was taken out of a call');
				} catch (error) {
					// Not in the call, or nobody is: what was wanted.
					if (!isMissing(error)) throw error;
				}
			}
		},

		async senders(roomId) {
			const present = await rooms.listParticipants(roomId).catch((error: unknown) => {
				if (isMissing(error)) return [];
				throw error;
			});
			return present
				.filter(({ permission: given }) => !given?.hidden)
				.map(({ identity, permission: given }) => ({
					...seatOf(identity),
					sends: [
						...(given?.canPublish
							? sources.filter(([, source]) => given.canPublishSources.includes(source)).map(([sent]) => sent)
							: []),
						...(given?.canPublishData ? (['draw'] as const) : [])
					]
				}));
		},

		async permit(roomId, personId, sends, seat) {
			try {
				await rooms.updateParticipant(roomId, identityOf(personId, seat), {
					permission: { ...sending(sends), canUpdateMetadata: false }
				});
			} catch (error) {
				// Not in the call any more: the next token says the same.
				if (!isMissing(error)) throw error;
			}
		},

		async end(roomId) {
			try {
				await rooms.deleteRoom(roomId);
			} catch (error) {
				if (!isMissing(error)) throw error;
			}
		},

		async loop() {
			// No room of the space has such a name: nobody listens, and nothing is kept.
			const room = `check-${randomUUID()}`;
			const end = (identity: string, sends: readonly Sent[]) => {
				const token = new AccessToken(apiKey, apiSecret, { identity, ttl: loopLifetime });
				token.addGrant({ roomJoin: true, room, canUpdateOwnMetadata: false, ...sending(sends) });
				return token.toJwt();
			};
			return { sends: await end('sends', ['camera']), looks: await end('looks', []) };
		},

		state: () => stateOf(httpUrl)
	};
}

/** What is sent, as LiveKit calls it; the sound of a shared screen goes with it. */
const sources: readonly (readonly [Sent, TrackSource])[] = [
	['microphone', TrackSource.MICROPHONE],
	['camera', TrackSource.CAMERA],
	['screen', TrackSource.SCREEN_SHARE]
];

/** What LiveKit lets somebody do who may send this. Data are strokes on a
 * shared screen; chat, hands and the table have their own ways, which the policy guards. */
const sending = (sends: readonly Sent[]) => ({
	canSubscribe: true,
	// For LiveKit no source is every source.
	canPublish: sources.some(([sent]) => sends.includes(sent)),
	canPublishSources: sources
		.filter(([sent]) => sends.includes(sent))
		.flatMap(([sent, source]) => (sent === 'screen' ? [source, TrackSource.SCREEN_SHARE_AUDIO] : [source])),
	canPublishData: sends.includes('draw')
});

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
