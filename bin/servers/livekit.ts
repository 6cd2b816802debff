import { mkdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { answersHttp, keepRunning } from './process.ts';
import type { MediaReach } from '../../src/env.ts';
import type { Keeping, Server } from './process.ts';
import { writeSecret } from './secrets.ts';
import type { Secrets } from './secrets.ts';

export interface LivekitConfig extends Keeping {
	/** The server's program. */
	program: string;
	/** Folder of its configuration. */
	folder: string;
	/** Port of signalling; only this machine reaches it. */
	port: number;
	/** Port of media over UDP, and of media over TCP where UDP is closed; browsers reach these. */
	udpPort: number;
	tcpPort: number;
	/** Where browsers on other machines find the media; none: only browsers on this machine do. */
	nodeAddress?: NodeAddress;
	/** TURN of its own, and TURN servers that exist already. */
	reach?: MediaReach;
	/** `host:port` of the Redis by which several nodes share the rooms; none: this node is alone. */
	redis?: string;
	secrets: Secrets;
	logFile: string;
}

export interface NodeAddress {
	ip: string;
	/** Network interface of that address on this machine; none: the address is in front of it. */
	interfaceName?: string;
}

export interface Livekit extends Server {
	/** Signalling, ws://… */
	url: string;
}

/** Starts the LiveKit server of the rooms' voice and video. */
export async function startLivekit(config: LivekitConfig): Promise<Livekit> {
	const { program, folder, port, logFile } = config;
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const file = join(folder, 'livekit.yaml');
	writeSecret(file, JSON.stringify(livekitSettings(config), null, 2));
	const server = await keepRunning(
		{
			name: 'LiveKit',
			command: program,
			args: ['--config', file],
			cwd: folder,
			logFile,
			// Asked once it waits until every call is over; asked twice it ends them.
			insistAfter: 500
		},
		() => answersHttp(`http://127.0.0.1:${port}/`),
		config
	);
	return Object.assign(server, { url: `ws://127.0.0.1:${port}` });
}

/** The content of livekit.yaml. */
export function livekitSettings({
	port,
	udpPort,
	tcpPort,
	nodeAddress,
	reach: asked = {},
	redis,
	secrets
}: LivekitConfig): Record<string, unknown> {
	return {
		port,
		bind_addresses: ['127.0.0.1'],
		keys: { [secrets.livekitKey]: secrets.livekitSecret },
		rtc: { udp_port: udpPort, tcp_port: tcpPort, use_external_ip: false, ...reach(nodeAddress), ...otherTurn(asked) },
		...(redis && { redis: { address: redis } }),
		...ownTurn(asked),
		room: { auto_create: true, empty_timeout: 300, departure_timeout: 20, max_participants: 520 },
		// Short windows and no smoothing, so that speaking time is true: media/hearing.ts knows the lag of these values.
		audio: { active_level: 38, min_percentile: 40, update_interval: 100, smooth_intervals: 0 },
		logging: { level: 'warn', json: true }
	};
}

/** LiveKit's own TURN, which only relays for those in a call: over UDP, and over TLS for networks that pass HTTPS alone. */
function ownTurn(asked: MediaReach): Record<string, unknown> {
	const { LIVEKIT_TURN_TLS_PORT: tls, LIVEKIT_TURN_UDP_PORT: udp, LIVEKIT_TURN_RELAY_PORTS: relay } = asked;
	if (!tls && !udp) return {};
	const certificate = asked.LIVEKIT_TURN_CERT_FILE
		? { cert_file: resolve(asked.LIVEKIT_TURN_CERT_FILE), key_file: resolve(asked.LIVEKIT_TURN_KEY_FILE ?? '') }
		: { external_tls: true };
	return {
		turn: {
			enabled: true,
			...(asked.LIVEKIT_TURN_DOMAIN && { domain: asked.LIVEKIT_TURN_DOMAIN }),
			...(tls && { tls_port: tls, ...certificate }),
			...(udp && { udp_port: udp }),
			...(relay && { relay_range_start: relay.from, relay_range_end: relay.to })
		}
	};
}

const otherTurn = ({ LIVEKIT_TURN_SERVERS: servers = [] }: MediaReach): Record<string, unknown> =>
	servers.length > 0 ? { turn_servers: servers } : {};

/** The address by which machines of the same network reach this one. */
export function findLanAddress(): NodeAddress | undefined {
	const virtual = /^(docker|br-|veth|virbr|vmnet|utun|tun|tap|tailscale|wg)/;
	for (const [interfaceName, addresses] of Object.entries(networkInterfaces())) {
		if (virtual.test(interfaceName)) continue;
		const found = addresses?.find(
			({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.')
		);
		if (found) return { ip: found.address, interfaceName };
	}
	return undefined;
}

function reach(nodeAddress?: NodeAddress): Record<string, unknown> {
	const loopback =
		Object.entries(networkInterfaces()).find(([, addresses]) => addresses?.some(({ internal }) => internal))?.[0] ?? 'lo';
	if (!nodeAddress) return { interfaces: { includes: [loopback] }, enable_loopback_candidate: true };
	if (!nodeAddress.interfaceName) return { node_ip: nodeAddress.ip };
	return { interfaces: { includes: [loopback, nodeAddress.interfaceName] }, enable_loopback_candidate: true };
}
