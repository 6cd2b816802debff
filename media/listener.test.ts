import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asc, eq } from 'drizzle-orm';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { PersonId } from '#lib/ids.ts';
import { statements } from '#lib/records/server/table.ts';
import { enterRoom, leaveRoom } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { utterances } from '#lib/rooms/server/table.ts';
import { openDatabase } from '#lib/server/db.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { MediaGateway } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { readEnv } from '#src/env.ts';
import { joinCall } from '#tests/support/calls.ts';
import type { Call } from '#tests/support/calls.ts';
import { factories } from '#tests/support/factories.ts';
import { useMedia } from '#tests/support/servers.ts';
import { testLog, toolsFolder } from '#tests/support/settings.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { speak, speechSeconds } from '#tests/support/voices.ts';
import { startLivekit } from '../bin/servers/livekit.ts';
import { freePort } from '../bin/servers/ports.ts';
import { keepSecrets } from '../bin/servers/secrets.ts';
import { openMedia } from './gateway.ts';
import { openLedger } from './ledger.ts';
import { startListener } from './listener.ts';
import type { Listener } from './listener.ts';
import { mediaAddress } from './livekit.ts';
import type { MediaAddress } from './livekit.ts';
import { grace } from './strangers.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

let services: TestServices;
let media: MediaGateway;
let address: MediaAddress;
let settings: Record<string, string>;
let schoolClass: SpaceRow;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
	const server = await useMedia();
	settings = { LIVEKIT_URL: server.url, LIVEKIT_API_KEY: server.apiKey, LIVEKIT_API_SECRET: server.apiSecret };
	services = await openServices();
	const env = readEnv({
		NODE_ENV: 'test',
		SPACE_SECRET: services.env.SPACE_SECRET,
		DATABASE_APP_URL: services.env.DATABASE_APP_URL,
		...settings
	});
	const [gateway, found] = [openMedia(env, services.log), mediaAddress(env)];
	if (!gateway || !found) throw new Error('no media');
	media = gateway;
	address = found;
	const make = factories(services);
	schoolClass = await make.space('class', await make.space('school', await make.space('region')));
});
afterEach(async () => {
	await Promise.all(open.splice(0).map((thing) => thing.close()));
});
afterAll(() => services.close());

interface Somebody {
	personId: PersonId;
	call: Call;
	ctx: Context;
}

async function newRoom(): Promise<RoomRow> {
	// Where everybody speaks: in a lesson a student is invited up first.
	return factories(services).room('group', schoolClass);
}

/** A person of the class who has entered the room and joined its call. */
async function somebodyIn(room: RoomRow, { enter = true } = {}): Promise<Somebody> {
	const make = factories(services);
	const personId = await make.person('小明', [['student', schoolClass]]);
	const ctx = make.as(personId, [['student', schoolClass]]);
	if (enter) await enterRoom(ctx, { roomId: room.id });
	const call = await joinCall(
		address.url,
		await media.token({ roomId: room.id, personId, name: '小明', sends: ['microphone', 'camera', 'screen'] })
	);
	open.push({ close: call.leave });
	return { personId, call, ctx };
}

function listen(): Listener {
	const listener = startListener(services, address);
	open.push(listener);
	return listener;
}

const spokenIn = (room: RoomRow) =>
	query(systemContext(services), (ctx) =>
		ctx.db.select().from(statements).where(eq(statements.roomId, room.id)).orderBy(asc(statements.startedAt))
	).then((rows) => rows.filter(({ verb }) => verb === 'spoke'));
const openIn = (room: RoomRow) =>
	query(systemContext(services), (ctx) => ctx.db.select().from(utterances).where(eq(utterances.roomId, room.id)));
const secondsOf = (rows: { amount: number }[]) => rows.reduce((sum, { amount }) => sum + amount, 0) / 1000;
/** Who listens to a room, unseen by its people. */
async function listenersIn(room: RoomRow, { httpUrl, apiKey, apiSecret } = address): Promise<string[]> {
	const rooms = new RoomServiceClient(httpUrl, apiKey, apiSecret);
	const participants = await rooms.listParticipants(room.id);
	return participants.map(({ identity }) => identity).filter((identity) => identity.startsWith('listener:'));
}
const isHeard = (room: RoomRow, at = address) => eventually(async () => expect(await listenersIn(room, at)).not.toEqual([]));
const eventually = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: 15_000, interval: 100 });

test(
	'speaking seconds are within a tenth of what was said, one statement for each utterance, and the listener is sent no sound',
	{ timeout: 60_000 },
	async () => {
		const room = await newRoom();
		const listener = listen();
		const [one, two] = [await somebodyIn(room), await somebodyIn(room)];
		await isHeard(room);
		const voices = [
			speak(
				[
					{ silence: 500, speech: 2600 },
					{ silence: 900, speech: 700 },
					{ silence: 1800, speech: 4100 },
					{ silence: 600, speech: 1200 }
				],
				{ seed: 1, pitch: 120 }
			),
			speak(
				[
					{ silence: 2500, speech: 1700 },
					{ silence: 3200, speech: 3000 }
				],
				{ seed: 2, pitch: 210 }
			)
		];
		const sayings = await Promise.all([one, two].map(({ call }, index) => call.say(voices[index]!)));
		await Promise.all(sayings.map(({ done }) => done));
		const spoken = await eventually(async () => {
			const found = await spokenIn(room);
			expect(found).toHaveLength(6);
			return found;
		});

		for (const [index, { personId }] of [one, two].entries()) {
			const voice = voices[index]!;
			const mine = spoken.filter(({ actorId }) => actorId === personId);
			expect(mine).toHaveLength(voice.speech.length);
			const ratio = secondsOf(mine) / speechSeconds(voice);
			expect(ratio).toBeGreaterThan(0.9);
			expect(ratio).toBeLessThan(1.1);
			for (const [number, { from, to }] of voice.speech.entries()) {
				const row = mine[number]!;
				const begunAt = sayings[index]!.begunAt;
				expect(Math.abs(row.startedAt.getTime() - begunAt - from)).toBeLessThan(400);
				expect(Math.abs(row.endedAt.getTime() - begunAt - to)).toBeLessThan(400);
				expect(row).toMatchObject({
					role: 'student',
					spacePath: schoolClass.path,
					amount: row.endedAt.getTime() - row.startedAt.getTime()
				});
				expect(row.sessionId).not.toBeNull();
				expect(row.key).toMatch(/^spoke:/);
			}
		}
		expect(await openIn(room)).toEqual([]);
		// Two voices are some 170,000 bytes; what may come is what was under way before the server held it back.
		expect(await listener.bytesHeard()).toBeLessThan(20_000);
	}
);

test('whoever leaves in the middle of a sentence has spoken until then', async () => {
	const room = await newRoom();
	listen();
	const { call, ctx } = await somebodyIn(room);
	await isHeard(room);
	await call.say(speak([{ silence: 400, speech: 20_000 }]));
	// Long enough to count: whoever leaves with the first sound has said nothing.
	await eventually(async () => {
		const [row] = await openIn(room);
		expect(row && row.lastHeardAt.getTime() - row.startedAt.getTime()).toBeGreaterThan(1_000);
	});
	await call.leave();
	await leaveRoom(ctx, { roomId: room.id });
	await eventually(async () => expect(await spokenIn(room)).toHaveLength(1));
	expect(await openIn(room)).toEqual([]);
});

test('a voice of somebody who has not entered the room is nobody’s', async () => {
	const room = await newRoom();
	listen();
	const [stranger, pupil] = [await somebodyIn(room, { enter: false }), await somebodyIn(room)];
	await isHeard(room);
	const said = await stranger.call.say(speak([{ silence: 400, speech: 1500 }]));
	await said.done;
	await (
		await pupil.call.say(speak([{ silence: 400, speech: 1500 }]))
	).done;
	const rows = await eventually(async () => {
		const found = await spokenIn(room);
		expect(found).toHaveLength(1);
		return found;
	});
	expect(rows[0]?.actorId).toBe(pupil.personId);
});

test('two listeners count no utterance twice, and when one goes the other takes over', { timeout: 60_000 }, async () => {
	const room = await newRoom();
	const first = startListener(services, address);
	const { call } = await somebodyIn(room);
	await isHeard(room);
	const [listener] = await listenersIn(room);
	const voice = speak([{ silence: 400, speech: 1200 }]);
	const saying = await call.say(voice);
	listen();
	await saying.done;
	await eventually(async () => expect(await spokenIn(room)).toHaveLength(1));
	await first.close();
	await isHeard(room);
	expect(await listenersIn(room)).not.toContain(listener);
	await (
		await call.say(voice)
	).done;
	await eventually(async () => expect(await spokenIn(room)).toHaveLength(2));
});

test(
	'a listener that is killed while somebody speaks loses nothing that was heard and doubles nothing',
	{ timeout: 90_000 },
	async () => {
		const room = await newRoom();
		let child = startProcess();
		const { call, personId } = await somebodyIn(room);
		await isHeard(room);
		await call.say(
			speak([
				{ silence: 400, speech: 1500 },
				{ silence: 1500, speech: 6_000 },
				...Array.from({ length: 8 }, () => ({ silence: 600, speech: 3_000 }))
			])
		);
		const heardLong = async () => {
			const [row] = await openIn(room);
			expect(row && row.lastHeardAt.getTime() - row.startedAt.getTime()).toBeGreaterThan(3_000);
			return row!;
		};
		await eventually(heardLong);
		child.kill('SIGKILL');
		await once(child, 'exit');
		const killedAt = Date.now();
		const [left] = await openIn(room);

		child = startProcess();
		const rows = await eventually(async () => {
			const found = await spokenIn(room);
			expect(found).toHaveLength(2);
			return found;
		});
		expect(rows.map(({ actorId }) => actorId)).toEqual([personId, personId]);
		expect(rows[1]?.key).toBe(`spoke:${left?.id}`);
		expect(rows[1]?.endedAt).toEqual(left?.lastHeardAt);
		expect(killedAt - (left?.lastHeardAt.getTime() ?? 0)).toBeLessThan(2_000);

		// The speech goes on and is heard again, as an utterance of its own, which ends in order with the listener.
		await eventually(async () => expect(await openIn(room)).toHaveLength(1));
		child.kill('SIGTERM');
		expect(await once(child, 'exit')).toEqual([0, null]);
		const all = await spokenIn(room);
		expect(all).toHaveLength(3);
		expect(new Set(all.map(({ key }) => key)).size).toBe(3);
		expect(all[2]!.startedAt.getTime()).toBeGreaterThan(all[1]!.endedAt.getTime());
		expect(await openIn(room)).toEqual([]);
	}
);

test('an utterance that ends while the database is away is kept when it is back', { timeout: 60_000 }, async () => {
	const room = await newRoom();
	const line = await openLine(services.env.DATABASE_APP_URL);
	const database = openDatabase(line.url, services.log, 2);
	const ledger = openLedger({ ...services, database });
	open.push({
		close: () =>
			ledger
				.close()
				.then(() => database.close())
				.then(line.close)
	});
	const make = factories(services);
	const personId = await make.person('小明', [['student', schoolClass]]);
	await enterRoom(make.as(personId, [['student', schoolClass]]), { roomId: room.id });

	const begunAt = Date.now();
	const end = ledger.begin(room.id, personId, begunAt);
	await eventually(async () => expect(await openIn(room)).toHaveLength(1));
	line.cut();
	end(begunAt + 2_000);
	const endSecond = ledger.begin(room.id, personId, begunAt + 3_000);
	endSecond(begunAt + 4_500);
	await new Promise((resolve) => setTimeout(resolve, 1_000));
	expect(await spokenIn(room)).toEqual([]);
	line.mend();
	await eventually(async () => expect((await spokenIn(room)).map(({ amount }) => amount)).toEqual([2_000, 1_500]));
	expect(await openIn(room)).toEqual([]);
});

test('when the media server dies, what was said is kept, and who comes back is heard again', { timeout: 90_000 }, async () => {
	const folder = mkdtempSync(join(tmpdir(), 'livekit-'));
	const server = await startLivekit({
		program: join(toolsFolder, 'livekit-server'),
		folder,
		port: await freePort(),
		udpPort: await freePort(),
		tcpPort: await freePort(),
		secrets: keepSecrets(folder),
		log: testLog,
		logFile: join(folder, 'livekit.log')
	});
	open.push({ close: () => server.stop().then(() => rmSync(folder, { recursive: true })) });
	const { livekitKey: apiKey, livekitSecret: apiSecret } = keepSecrets(folder);
	const own = { url: server.url, httpUrl: server.url.replace('ws', 'http'), apiKey, apiSecret };
	const env = { ...services.env, LIVEKIT_URL: own.url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
	const gateway = openMedia(env, services.log)!;
	open.push(startListener(services, own));

	const room = await newRoom();
	const make = factories(services);
	const personId = await make.person('小明', [['student', schoolClass]]);
	await enterRoom(make.as(personId, [['student', schoolClass]]), { roomId: room.id });
	const come = async () => {
		const call = await joinCall(
			own.url,
			await gateway.token({ roomId: room.id, personId, name: '小明', sends: ['microphone', 'camera', 'screen'] })
		);
		open.push({ close: call.leave });
		return call;
	};
	const first = await come();
	await isHeard(room, own);
	await first.say(
		speak([{ silence: 500, speech: 1_500 }, ...Array.from({ length: 10 }, () => ({ silence: 500, speech: 3_000 }))])
	);
	await eventually(async () => {
		expect(await spokenIn(room)).toHaveLength(1);
		expect(await openIn(room)).toHaveLength(1);
	});
	await server.kill('SIGKILL');
	await eventually(async () => expect(await openIn(room)).toEqual([]));
	const before = await spokenIn(room);
	expect(before).toHaveLength(2);

	await first.leave();
	await eventually(async () => expect((await gateway.state()).ok).toBe(true));
	const second = await come();
	await isHeard(room, own);
	await second.say(speak([{ silence: 500, speech: 2_000 }]));
	const after = await eventually(async () => {
		const found = await spokenIn(room);
		expect(found).toHaveLength(3);
		return found;
	});
	expect(Math.abs((after[2]?.amount ?? 0) - 2_000)).toBeLessThan(300);
});

test('whoever is in a call but no longer in its room is taken out of it', { timeout: 60_000 }, async () => {
	const room = await newRoom();
	listen();
	const [pupil, removed] = [await somebodyIn(room), await somebodyIn(room)];
	await leaveRoom(removed.ctx, { roomId: room.id });
	const begun = performance.now();
	await removed.call.ended;
	expect(performance.now() - begun).toBeGreaterThan(grace - 1_000);
	const rooms = new RoomServiceClient(address.httpUrl, address.apiKey, address.apiSecret);
	const left = (await rooms.listParticipants(room.id))
		.map(({ identity }) => identity)
		.filter((identity) => !identity.startsWith('listener:'));
	expect(left).toEqual([pupil.personId]);
});

/** A way to the database that can be cut. */
async function openLine(url: string): Promise<{ url: string; cut(): void; mend(): void; close(): Promise<void> }> {
	const target = new URL(url);
	const sockets = new Set<Socket>();
	let cut = false;
	const server = createServer((socket) => {
		if (cut) return void socket.destroy();
		const through = connect(Number(target.port), target.hostname);
		for (const [one, other] of [
			[socket, through],
			[through, socket]
		] as const) {
			sockets.add(one);
			one.pipe(other);
			one.on('error', () => other.destroy());
			one.on('close', () => sockets.delete(one));
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const through = new URL(url);
	through.hostname = '127.0.0.1';
	through.port = String((server.address() as AddressInfo).port);
	return {
		url: through.href,
		cut() {
			cut = true;
			for (const socket of sockets) socket.destroy();
		},
		mend() {
			cut = false;
		},
		async close() {
			for (const socket of sockets) socket.destroy();
			server.close();
		}
	};
}

function startProcess(): ChildProcess {
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', `${root}/media/main.ts`], {
		cwd: root,
		env: {
			...process.env,
			NODE_ENV: 'test',
			LOG_LEVEL: 'warn',
			SPACE_SECRET: services.env.SPACE_SECRET,
			DATABASE_APP_URL: services.env.DATABASE_APP_URL,
			...settings
		},
		stdio: ['ignore', 'inherit', 'inherit']
	});
	open.push({
		async close() {
			if (child.exitCode !== null || child.signalCode !== null) return;
			child.kill('SIGKILL');
			await once(child, 'exit');
		}
	});
	return child;
}
