import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';

/** Below the range from which systems take ports for outgoing connections, so a kept port stays free. */
const FIRST = 20_000;
const LAST = 32_000;

/** Gives each server the port it had at the last start, or another free one when that is taken. */
export async function keepPort(dataFolder: string, name: string): Promise<number> {
	const kept = readPorts(dataFolder);
	if (kept[name] && (await isFree(kept[name]))) return kept[name];
	const port = await freePort(Object.values(kept));
	mkdirSync(dataFolder, { recursive: true });
	writeFileSync(file(dataFolder), JSON.stringify({ ...readPorts(dataFolder), [name]: port }, null, '\t'));
	return port;
}

/** A port that nobody uses, for TCP and UDP. */
export async function freePort(except: number[] = []): Promise<number> {
	for (;;) {
		const port = randomInt(FIRST, LAST);
		if (!except.includes(port) && (await isFree(port))) return port;
	}
}

/** Whether a port can be taken on this machine, by TCP and by UDP. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
	const tcp = await new Promise<boolean>((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
	});
	if (!tcp) return false;
	return new Promise((resolve) => {
		const socket = createSocket('udp4');
		socket.once('error', () => resolve(false));
		socket.bind({ port, address: '0.0.0.0', exclusive: true }, () => socket.close(() => resolve(true)));
	});
}

/** Ports of the last start, by server. */
export function readPorts(dataFolder: string): Record<string, number> {
	try {
		return JSON.parse(readFileSync(file(dataFolder), 'utf8'));
	} catch {
		return {};
	}
}

function file(dataFolder: string): string {
	return join(dataFolder, 'ports.json');
}
