import { RoomServiceClient } from 'livekit-server-sdk';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
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
		webhookUrl: 'http://127.0.0.1:3000/api/v1/hooks/livekit',
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

test('the server takes its key, refuses another, and tells the hub about a new room', async () => {
	const told = Promise.withResolvers<{ body: string; authorization: string }>();
	const hub = createServer(async (request, response) => {
		let body = '';
		for await (const part of request) body += part;
		told.resolve({ body, authorization: request.headers.authorization ?? '' });
		response.end();
	});
	await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => void hub.close());

	const { url, apiKey, apiSecret } = await useMedia(`http://127.0.0.1:${(hub.address() as AddressInfo).port}`);
	const rooms = new RoomServiceClient(url.replace('ws', 'http'), apiKey, apiSecret);
	await rooms.createRoom({ name: 'first' });
	const { body, authorization } = await told.promise;
	expect(JSON.parse(body)).toMatchObject({ event: 'room_started', room: { name: 'first' } });
	expect(authorization).not.toBe('');

	const stranger = new RoomServiceClient(url.replace('ws', 'http'), apiKey, 'another secret, long enough to be one');
	await expect(stranger.listRooms()).rejects.toThrow();
});
