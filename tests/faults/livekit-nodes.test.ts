import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AudioStream, Room, RoomEvent, TrackKind } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readEnv } from '#src/env.ts';
import { openMedia } from '#media/gateway.ts';
import { joinCall } from '#tests/support/calls.ts';
import { testLog, toolsFolder } from '#tests/support/settings.ts';
import { speak } from '#tests/support/voices.ts';
import { startLivekit } from '../../bin/servers/livekit.ts';
import type { Livekit } from '../../bin/servers/livekit.ts';
import { freePort } from '../../bin/servers/ports.ts';
import { prepareRedis, startRedis } from '../../bin/servers/redis.ts';
import type { Redis } from '../../bin/servers/redis.ts';
import { keepSecrets } from '../../bin/servers/secrets.ts';

// Two LiveKit nodes with one Redis between them are one media server: people of one room come in at either, and when a
// node ends, those whose call was there are in it again at the other.

const home = mkdtempSync(join(tmpdir(), 'space-nodes-'));
const secrets = keepSecrets(home);
let redis: Redis;
const nodes: Livekit[] = [];

beforeAll(async () => {
	const tool = await prepareRedis(join(home, 'apt.log'));
	if ('missing' in tool) throw new Error(tool.missing);
	const port = await freePort();
	redis = await startRedis({
		program: tool.path,
		folder: home,
		port,
		logFile: join(home, 'redis.log'),
		log: testLog,
		restart: false
	});
	for (const name of ['one', 'two']) {
		nodes.push(
			await startLivekit({
				program: join(toolsFolder, 'livekit-server'),
				folder: join(home, name),
				port: await freePort(),
				udpPort: await freePort(),
				tcpPort: await freePort(),
				redis: `127.0.0.1:${port}`,
				secrets,
				log: testLog,
				restart: false,
				logFile: join(home, `${name}.log`)
			})
		);
	}
}, 120_000);
afterAll(async () => {
	await Promise.all(nodes.map((node) => node.stop()));
	await redis?.stop();
	rmSync(home, { recursive: true, force: true });
});

const gateway = (node: Livekit) => {
	const media = openMedia(
		readEnv({
			NODE_ENV: 'test',
			SPACE_SECRET: 'a secret of the tests, thirty-two and more',
			DATABASE_APP_URL: 'postgres://none',
			LIVEKIT_URL: node.url,
			LIVEKIT_API_KEY: secrets.livekitKey,
			LIVEKIT_API_SECRET: secrets.livekitSecret
		}),
		pino({ level: 'silent' })
	);
	if (!media) throw new Error('no media');
	return media;
};
const api = (node: Livekit) => new RoomServiceClient(node.url.replace('ws', 'http'), secrets.livekitKey, secrets.livekitSecret);
const tokenOf = (roomId: string, personId: string) =>
	gateway(nodes[0]!).token({ roomId, personId, name: personId, sends: ['microphone'] });

/** Somebody who listens at a node; resolves with when they first heard something, and how to leave. */
async function listen(node: Livekit, roomId: string, personId: string) {
	const room = new Room();
	const heard = new Promise<void>((resolve) =>
		room.on(RoomEvent.TrackSubscribed, (track) => {
			if (track.kind !== TrackKind.KIND_AUDIO) return;
			void (async () => {
				for await (const { data } of new AudioStream(track, { sampleRate: 48_000, numChannels: 1 }))
					if (data.some((sample) => Math.abs(sample) > 1_500)) return resolve();
			})();
		})
	);
	await room.connect(node.url, await tokenOf(roomId, personId), { autoSubscribe: true, dynacast: false });
	return { heard, leave: () => room.disconnect() };
}

test(
	'people of one room come in at different nodes and hear each other; both nodes tell of both',
	{ timeout: 60_000 },
	async () => {
		const roomId = crypto.randomUUID();
		const [one, two] = nodes as [Livekit, Livekit];
		const speaker = await joinCall(one.url, await tokenOf(roomId, 'speaker'));
		const listener = await listen(two, roomId, 'listener');
		void speaker.say(speak([{ silence: 100, speech: 8_000 }], { seed: 1 }));
		await listener.heard;
		for (const node of nodes)
			expect((await gateway(node).senders(roomId)).map(({ personId }) => personId).toSorted()).toEqual(['listener', 'speaker']);
		// What is forbidden at one node holds at the other.
		await gateway(two).permit(roomId, 'speaker', []);
		await vi.waitFor(async () =>
			expect((await gateway(one).senders(roomId)).find(({ personId }) => personId === 'speaker')?.sends).toEqual([])
		);
		await speaker.leave();
		await listener.leave();
	}
);

test(
	'when a node is killed its people are in the call again at the other node, within ten seconds',
	{ timeout: 120_000 },
	async () => {
		const roomId = crypto.randomUUID();
		const [one, two] = nodes as [Livekit, Livekit];
		const speaker = await joinCall(one.url, await tokenOf(roomId, 'speaker'));
		const first = await listen(two, roomId, 'listener');
		void speaker.say(speak([{ silence: 100, speech: 3_000 }], { seed: 2 }));
		await first.heard;
		await one.kill('SIGKILL');
		const killedAt = performance.now();
		// As a browser does that finds its server gone: it asks for a new way in, and the proxy leads to the node that is there.
		const again = await vi.waitFor(
			async () => {
				const call = await joinCall(two.url, await tokenOf(roomId, 'speaker'));
				const back = await listen(two, roomId, 'listener').catch(async (error: unknown) => {
					await call.leave();
					throw error;
				});
				void call.say(speak([{ silence: 0, speech: 8_000 }], { seed: 3 }));
				await Promise.race([back.heard, new Promise((_, reject) => setTimeout(() => reject(new Error('nothing heard')), 4_000))]);
				return { call, back };
			},
			{ timeout: 60_000, interval: 250 }
		);
		const took = performance.now() - killedAt;
		expect(took).toBeLessThan(10_000);
		expect((await api(two).listRooms()).map(({ name }) => name)).toContain(roomId);
		await again.call.leave();
		await again.back.leave();
		await first.leave();
	}
);
