import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '#tests/support/folder.ts';
import { isFree, keepPort } from './ports.ts';

test('a server keeps its port from start to start', async () => {
	const folder = temporaryFolder();
	const port = await keepPort(folder, 'postgres');
	expect(await keepPort(folder, 'postgres')).toBe(port);
	expect(await keepPort(folder, 'synapse')).not.toBe(port);
});

test('a port that somebody else took is exchanged, and the new one is kept', async () => {
	const folder = temporaryFolder();
	const taken = await keepPort(folder, 'postgres');
	const stranger = createServer();
	await new Promise<void>((resolve) => stranger.listen(taken, '127.0.0.1', resolve));
	const port = await keepPort(folder, 'postgres');
	expect(port).not.toBe(taken);
	await new Promise((resolve) => stranger.close(resolve));
	expect(await keepPort(folder, 'postgres')).toBe(port);
});

test('servers that choose at the same time get different ports, and all are kept', async () => {
	const folder = temporaryFolder();
	const names = ['postgres', 'synapse', 'livekit', 'livekit-udp', 'livekit-tcp'];
	const ports = await Promise.all(names.map((name) => keepPort(folder, name)));
	expect(new Set(ports).size).toBe(names.length);
	expect(await Promise.all(names.map((name) => keepPort(folder, name)))).toEqual(ports);
});

test('a port is not free while UDP uses it', async () => {
	const port = await keepPort(temporaryFolder(), 'livekit-udp');
	const socket = createSocket('udp4');
	onTestFinished(() => void socket.close());
	await new Promise<void>((resolve) => socket.bind(port, '0.0.0.0', resolve));
	expect(await isFree(port)).toBe(false);
});
