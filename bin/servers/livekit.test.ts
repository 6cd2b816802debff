import { join } from 'node:path';
import { RoomServiceClient } from 'livekit-server-sdk';
import { expect, test } from 'vitest';
import { readEnv, readReach } from '#src/env.ts';
import { temporaryFolder } from '#tests/support/folder.ts';
import { useMedia } from '#tests/support/servers.ts';
import { findLanAddress, livekitSettings, startLivekit } from './livekit.ts';
import type { LivekitConfig } from './livekit.ts';
import { freePort, isFree } from './ports.ts';
import { keepSecrets } from './secrets.ts';
import { toolsFolder } from '#tests/support/settings.ts';

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

test('TURN of its own and TURN servers that exist stand in the configuration, and nothing does when none are set', () => {
	const reach = readReach({
		LIVEKIT_TURN_DOMAIN: 'turn.school.cn',
		LIVEKIT_TURN_TLS_PORT: '5349',
		LIVEKIT_TURN_UDP_PORT: '3478',
		LIVEKIT_TURN_CERT_FILE: '/etc/turn/cert.pem',
		LIVEKIT_TURN_KEY_FILE: '/etc/turn/key.pem',
		LIVEKIT_TURN_RELAY_PORTS: '30000-30100',
		LIVEKIT_TURN_SERVERS: 'turns://school:p%40ss@turn.region.cn turn://school:secret@10.0.0.9:3479?transport=tcp'
	});
	expect(livekitSettings({ ...config(), reach })).toMatchObject({
		turn: {
			enabled: true,
			domain: 'turn.school.cn',
			tls_port: 5349,
			udp_port: 3478,
			cert_file: '/etc/turn/cert.pem',
			key_file: '/etc/turn/key.pem',
			relay_range_start: 30000,
			relay_range_end: 30100
		},
		rtc: {
			turn_servers: [
				{ host: 'turn.region.cn', port: 443, protocol: 'tls', username: 'school', credential: 'p@ss' },
				{ host: '10.0.0.9', port: 3479, protocol: 'tcp', username: 'school', credential: 'secret' }
			]
		}
	});
	const behind = readReach({ LIVEKIT_TURN_DOMAIN: 'turn.school.cn', LIVEKIT_TURN_TLS_PORT: '5349' });
	expect(livekitSettings({ ...config(), reach: behind })).toMatchObject({ turn: { external_tls: true } });
	expect(livekitSettings({ ...config(), reach: readReach({}) })).not.toHaveProperty('turn');
	expect(livekitSettings(config()).rtc).not.toHaveProperty('turn_servers');
});

test('a wrong setting of TURN is told in a sentence that names it and no password', () => {
	const wrong: [Record<string, string>, RegExp][] = [
		[{ LIVEKIT_TURN_TLS_PORT: '443' }, /LIVEKIT_TURN_DOMAIN: needed for LIVEKIT_TURN_TLS_PORT/],
		[{ LIVEKIT_TURN_DOMAIN: 'turn.school.cn' }, /set LIVEKIT_TURN_TLS_PORT or LIVEKIT_TURN_UDP_PORT too/],
		[{ LIVEKIT_TURN_DOMAIN: 'not a domain', LIVEKIT_TURN_UDP_PORT: '3478' }, /a domain name such as turn.school.cn/],
		[{ LIVEKIT_TURN_UDP_PORT: '99999' }, /LIVEKIT_TURN_UDP_PORT: not a port/],
		[{ LIVEKIT_TURN_UDP_PORT: 'many' }, /LIVEKIT_TURN_UDP_PORT: not a port/],
		[{ LIVEKIT_TURN_UDP_PORT: '7882', LIVEKIT_UDP_PORT: '7882' }, /another port than LIVEKIT_UDP_PORT/],
		[{ LIVEKIT_TURN_CERT_FILE: 'cert.pem' }, /together with LIVEKIT_TURN_KEY_FILE/],
		[{ LIVEKIT_TURN_RELAY_PORTS: '40000-30000' }, /a range of ports such as 30000-30100/],
		[{ LIVEKIT_TURN_SERVERS: 'turn.school.cn:geheim' }, /each server is turn:\/\/name:password@host:port/],
		[{ LIVEKIT_TURN_SERVERS: 'turns://a:geheim@turn.school.cn?transport=udp' }, /each server is/],
		[{ LIVEKIT_TURN_SERVERS: 'turn://a:geheim@turn.school.cn:0' }, /each server is/]
	];
	for (const [given, sentence] of wrong) {
		expect(() => readReach(given)).toThrow(sentence);
		expect(() => readReach(given)).not.toThrow(/geheim/);
	}
	const server = { SPACE_SECRET: 'x'.repeat(32), DATABASE_APP_URL: 'postgres://', NODE_ENV: 'test' };
	expect(() => readEnv({ ...server, LIVEKIT_TURN_SERVERS: 'nonsense' })).toThrow(/LIVEKIT_TURN_SERVERS/);
});

test('the server starts with a TURN of its own and answers', async () => {
	const given = config();
	const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const;
	const server = await startLivekit({
		...given,
		program: join(toolsFolder, 'livekit-server'),
		logFile: join(given.folder, 'livekit.log'),
		restart: false,
		port: ports[0],
		udpPort: ports[1],
		tcpPort: ports[2],
		reach: readReach({ LIVEKIT_TURN_UDP_PORT: String(ports[3]), LIVEKIT_TURN_RELAY_PORTS: '30000-30010' })
	});
	expect((await fetch(server.url.replace('ws', 'http'))).ok).toBe(true);
	expect(await isFree(ports[3])).toBe(false);
	await server.stop();
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
