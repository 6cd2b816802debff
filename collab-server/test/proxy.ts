import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Proxy {
	/** The address of the database through this proxy. */
	url: string;
	/** Lets nothing through any more, without a word: what is sent waits. */
	hold(): void;
	/** Lets through what waited and all that follows. */
	release(): void;
	/** Cuts every connection and takes no new one. */
	cut(): void;
	/** Takes connections again. */
	mend(): Promise<void>;
	close(): void;
}

/** A stretch of line to a database that can be held up and cut. */
export async function openProxy(databaseUrl: string): Promise<Proxy> {
	const target = new URL(databaseUrl);
	const pairs = new Set<[Socket, Socket]>();
	let held = false;
	const server = createServer((near) => {
		const far = connect(Number(target.port), target.hostname);
		const pair: [Socket, Socket] = [near, far];
		pairs.add(pair);
		for (const [from, to] of [pair, [far, near] as const]) {
			from.pipe(to);
			from.on('error', () => to.destroy());
			from.on('close', () => {
				to.destroy();
				pairs.delete(pair);
			});
		}
		if (held) holdPair(pair);
	});
	const holdPair = ([near, far]: [Socket, Socket]) => {
		near.unpipe(far);
		far.unpipe(near);
		near.pause();
		far.pause();
	};
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const url = new URL(databaseUrl);
	url.port = String(port);
	const cut = () => {
		server.close();
		for (const pair of pairs) for (const socket of pair) socket.destroy();
	};
	return {
		url: url.href,
		hold() {
			held = true;
			for (const pair of pairs) holdPair(pair);
		},
		release() {
			if (!held) return;
			held = false;
			for (const [near, far] of pairs) {
				near.pipe(far);
				far.pipe(near);
			}
		},
		cut,
		async mend() {
			if (server.listening) return;
			server.listen(port, '127.0.0.1');
			await once(server, 'listening');
		},
		close: cut
	};
}
