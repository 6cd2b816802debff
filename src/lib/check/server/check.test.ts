import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { MediaGateway } from '#lib/server/services.ts';
import { factories } from '#tests/support/factories.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { openCheckCall, seeWays } from './index.ts';

let services: TestServices;
let teacher: Context;
let nobody: Context;

beforeAll(async () => {
	services = await openServices({
		settings: {
			LIVEKIT_NODE_IP: '10.1.2.3',
			LIVEKIT_UDP_PORT: '7882',
			LIVEKIT_TCP_PORT: '7881',
			LIVEKIT_TURN_DOMAIN: 'turn.school.cn',
			LIVEKIT_TURN_TLS_PORT: '5349',
			LIVEKIT_TURN_SERVERS: 'turn://school:geheim@turn.region.cn:3479?transport=tcp'
		}
	});
	const make = factories(services);
	const school = await make.space('school', await make.space('region'));
	teacher = make.as(await make.person('王老师', [['teacher', school]]), [['teacher', school]], '王老师');
	nobody = requestContext(services, { actor: null, address: null, requestId: null });
});
afterAll(() => services.close());

test('hosts and ports come from the running settings, and no password is among them', async () => {
	const ways = await seeWays(teacher);
	expect(ways).toMatchObject({
		origin: 'http://space.test',
		mediaAddress: '10.1.2.3',
		udpPort: 7882,
		tcpPort: 7881,
		turn: ['turns:turn.school.cn:443', 'turn:turn.region.cn:3479?transport=tcp'],
		hasMedia: false
	});
	expect(JSON.stringify(ways)).not.toContain('geheim');
});

test('is for whoever is signed in, and says so when there is no media server', async () => {
	await expect(seeWays(nobody)).rejects.toMatchObject({ status: 401 });
	await expect(openCheckCall(nobody)).rejects.toMatchObject({ status: 401 });
	await expect(openCheckCall(teacher)).rejects.toMatchObject({ status: 503, key: 'rooms.noMedia' });
});

test('a call with oneself has two ends', async () => {
	const media = { state: async () => ({ ok: true }), loop: async () => ({ sends: 'a', looks: 'b' }) } as unknown as MediaGateway;
	const ctx = { ...teacher, services: { ...services, media } };
	expect(await openCheckCall(ctx)).toEqual({ url: '/livekit', sends: 'a', looks: 'b' });
});
