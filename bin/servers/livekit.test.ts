import { RoomServiceClient } from 'livekit-server-sdk';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { useMedia } from '#tests/support/servers.ts';
import { findLanAddress, livekitSettings } from './livekit.ts';
import type { LivekitConfig } from './livekit.ts';
import { keepSecrets } from './secrets.ts';

function config(nodeAddress?: LivekitConfig['nodeAddress']): LivekitConfig {
	const folder = temporaryFolder();
	return {
		program: 'livekit-server',
		folder,
		port: 7880,
		udpPort: 7882,
		tcpPort: 7881,
		nodeAddress,
		secrets: keepSecrets(folder),
		logFile: 'livekit.log',
		log: { info: () => undefined, warn: () => undefined }
	};
}

test('signalling listens on this machine only', () => {
	expect(livekitSettings(config())).toMatchObject({ bind_addresses: ['127.0.0.1'], rtc: { use_external_ip: false } });
});

test('media are offered on loopback, and on the address of the network when there is one', () => {
	expect(livekitSettings(config())).toMatchObject({ rtc: { interfaces: { includes: ['lo'] }, enable_loopback_candidate: true } });
	expect(livekitSettings(config({ ip: '10.1.2.3', interfaceName: 'eth7' }))).toMatchObject({
		rtc: { interfaces: { includes: ['lo', 'eth7'] } }
	});
	expect(livekitSettings(config({ ip: '203.0.113.9' }))).toMatchObject({ rtc: { node_ip: '203.0.113.9' } });
});

test('the address of the network is none of this machine alone', () => {
	expect(findLanAddress()?.ip ?? '').not.toMatch(/^(127|169\.254)\./);
});

test('the server takes its key and refuses another', async () => {
	const { url, apiKey, apiSecret } = await useMedia();
	const rooms = new RoomServiceClient(url.replace('ws', 'http'), apiKey, apiSecret);
	await rooms.createRoom({ name: 'first' });

	const stranger = new RoomServiceClient(url.replace('ws', 'http'), apiKey, 'another secret, long enough to be one');
	await expect(stranger.listRooms()).rejects.toThrow();
});
