import { AccessToken, ServerError } from 'livekit-server-sdk';
import type { Env } from '#src/env.ts';

/** Where the LiveKit server is and the key that it knows us by. */
export interface MediaAddress {
	/** Signalling, ws://… */
	url: string;
	/** The same server's API, http://… */
	httpUrl: string;
	apiKey: string;
	apiSecret: string;
}

/** The LiveKit server of the settings; none when rooms have no voice. */
export function mediaAddress({ LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET }: Env): MediaAddress | null {
	if (!LIVEKIT_URL || !LIVEKIT_API_KEY || !LIVEKIT_API_SECRET) return null;
	return {
		url: LIVEKIT_URL.replace(/^http/, 'ws'),
		httpUrl: LIVEKIT_URL.replace(/^ws/, 'http'),
		apiKey: LIVEKIT_API_KEY,
		apiSecret: LIVEKIT_API_SECRET
	};
}

/** A token of the space's own listener: seen by nobody, sends nothing. */
export function listenerToken({ apiKey, apiSecret }: MediaAddress, roomId: string, identity: string): Promise<string> {
	const token = new AccessToken(apiKey, apiSecret, { identity, ttl: 60 });
	token.addGrant({ roomJoin: true, room: roomId, hidden: true, canPublish: false, canPublishData: false, canSubscribe: true });
	return token.toJwt();
}

/** Whether LiveKit refused because the room or the person is not there. */
export const isMissing = (error: unknown): boolean => error instanceof ServerError && error.code === 'not_found';
