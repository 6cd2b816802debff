import { whoAsks } from '#lib/people/server/index.ts';
import type { Behind } from '#lib/server/front.ts';
import type { Services } from '#lib/server/services.ts';

/**
 * What browsers reach of LiveKit: its signalling, and only signed in, so that a token that went astray opens
 * nothing by itself. Media and the listener do not come this way.
 */
export function signalling(services: Services): Behind {
	return {
		prefix: '/livekit',
		target: services.env.LIVEKIT_URL?.replace(/^ws/, 'http') ?? null,
		rewrite: (path) => path.slice('/livekit'.length),
		// The rest of LiveKit's API is for servers.
		allows: (method, path) => method === 'GET' && /^\/livekit\/rtc(\/v1)?(\/validate)?$/.test(path),
		admits: async (headers) => (await whoAsks(services, headers)) !== null
	};
}
